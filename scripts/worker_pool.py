"""Work shared by a few processes, if the machine has the cores for it."""

from __future__ import annotations

import errno
import gc
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Callable, Iterator, Sequence, TypeVar

import processes
import threads

Task = TypeVar("Task")
Result = TypeVar("Result")


def in_processes(work: Callable[[Task], Result], tasks: Sequence[Task], doing: str, place: str) -> Iterator[Result]:
    """`work` of each task, in their order. What fails there is raised here.

    Of a process that is killed, `doing` says what it did, and `place` is the file or folder that it was about.
    """
    pool = _pool(min(len(tasks), threads.cores()))
    if pool is None:
        yield from map(work, tasks)
        return
    with pool:
        # The workers are started here and never see a Ctrl-C: this process says what there is to say, once.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            results = pool.map(work, tasks)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        try:
            yield from results
        except BrokenProcessPool:
            raise ChildProcessError(errno.ECHILD, f"a process that {doing} was killed", place) from None


def _pool(workers: int) -> ProcessPoolExecutor | None:
    """None if one process is as fast, or if the system has no shared semaphores (no /dev/shm)."""
    if workers < 2:
        return None
    context = multiprocessing.get_context("fork")
    try:
        return ProcessPoolExecutor(workers, context, _begin, (os.getpid(),))
    except (ImportError, NotImplementedError, OSError):
        return None


def _begin(parent: int) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    processes.dies_with(parent)()
    # Much time would go into searching for garbage in what the processes share.
    gc.disable()
    gc.freeze()
