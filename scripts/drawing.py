"""Figures made and saved by a few processes at once: matplotlib takes most of a second for each."""

from __future__ import annotations

import errno
import gc
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Callable, Iterator, Sequence

from matplotlib import pyplot
from matplotlib.figure import Figure

import files
import processes
from plot_style import SETTINGS

#: A figure's name, and what makes it (None: it has nothing to show).
Job = tuple[str, Callable[[], Figure | None]]


def in_processes(plots: Path, jobs: Sequence[Job]) -> Iterator[bool]:
    """Saves each figure as svg and png; whether there was one, job by job. What fails there is raised here."""
    pool = _pool(min(len(jobs), len(os.sched_getaffinity(0))))
    if pool is None:
        yield from (_save(plots, job) for job in jobs)
        return
    with pool:
        # The workers are started here and never see a Ctrl-C: this process says what there is to say, once.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            there = pool.map(partial(_save, plots), jobs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        try:
            yield from there
        except BrokenProcessPool:
            raise ChildProcessError(errno.ECHILD, "a process that drew was killed", str(plots)) from None


def _pool(workers: int) -> ProcessPoolExecutor | None:
    """None where one process is as good, or where the system has no semaphores to share (no /dev/shm)."""
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
    # A quarter of a figure's time would go into looking for garbage among what all figures need.
    gc.disable()
    gc.freeze()


def _save(plots: Path, job: Job) -> bool:
    name, make = job
    with pyplot.rc_context(SETTINGS):
        figure = make()
        if figure is None:
            return False
        for ending, extra in (("svg", {"metadata": {"Date": None}}), ("png", {"dpi": 130})):
            path = plots / f"{name}.{ending}"
            with files.named(path):
                figure.savefig(path, **extra)
        pyplot.close(figure)
    if not gc.isenabled():
        gc.collect()
    return True
