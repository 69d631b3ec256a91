"""Runs one measuring process: starts it, waits without polling, and kills it with its children if it hangs."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import time
from dataclasses import dataclass
from functools import partial
from typing import Callable, Iterator, Sequence

#: How often a waiting script wakes to draw its progress. Rarely: it shares the cores with what is measured.
REFRESH_S = 2.0
LOOK_S = 0.02


@dataclass(frozen=True)
class Ending:
    """How a process ended: its exit status (negative: the signal), None if it had to be killed."""

    status: int | None
    last_words: str

    @property
    def signal_name(self) -> str | None:
        if self.status is None or self.status >= 0:
            return None
        try:
            return signal.Signals(-self.status).name
        except ValueError:
            return f"signal {-self.status}"


class MemoryFile:
    """A file that is on no disk, so that a full disk loses nothing that a process writes."""

    def __init__(self, name: str) -> None:
        self.descriptor = os.memfd_create(name)

    @property
    def path(self) -> str:
        """The path by which a process that has inherited the descriptor opens it."""
        return f"/proc/self/fd/{self.descriptor}"

    def read(self, last: int | None = None) -> bytes:
        """What was written to it, or its last so many bytes."""
        size = os.fstat(self.descriptor).st_size
        begin = 0 if last is None else max(0, size - last)
        return os.pread(self.descriptor, size - begin, begin)

    def __enter__(self) -> "MemoryFile":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)


def run_process(
    command: Sequence[str], timeout_s: float, tick: Callable[[], None], inherited: Sequence[int] = ()
) -> Ending:
    """Runs `command` in a process group of its own; `tick` is called now and then while it runs.

    The group is killed when the time is over, and when the script itself is interrupted; if the script is killed, the
    process goes with it. `inherited` are descriptors that it keeps.
    """
    with MemoryFile("stderr") as words, _signals_held() as let_through:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=words.descriptor,
            start_new_session=True,
            pass_fds=tuple(inherited),
            preexec_fn=_in_order(dies_with(os.getpid()), let_through),
        )
        try:
            let_through()
            ended = _wait(process, timeout_s, tick)
        finally:
            _kill_group(process)
        return Ending(process.returncode if ended else None, _last_line(words.read(4096)))


@contextlib.contextmanager
def _signals_held() -> Iterator[Callable[[], object]]:
    """What ends the script waits until the yielded function is called, or the end: an exception between a fork and the
    name of the child would leave it to itself, and one inside of Python's own work around a fork is lost."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    let_through = partial(signal.pthread_sigmask, signal.SIG_SETMASK, before)
    try:
        yield let_through
    finally:
        let_through()


def _in_order(*steps: Callable[[], object]) -> Callable[[], None]:
    def take() -> None:
        for step in steps:
            step()

    return take


_C_LIBRARY = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def dies_with(parent: int) -> Callable[[], None]:
    """Run in a child before its program: left alone, it would continue beside the resumed run."""

    def arrange() -> None:
        _C_LIBRARY.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # the script was killed before this took hold

    return arrange


class _Patience:
    """A limit that is looked at often. Of a longer gap, in which the machine slept or had no core to spare, little counts:
    the process had no more time in it than the script."""

    def __init__(self, limit_s: float) -> None:
        self._left = limit_s
        self._last = time.monotonic()

    def left(self) -> float:
        now = time.monotonic()
        self._left -= min(now - self._last, 2 * REFRESH_S)
        self._last = now
        return self._left


def _wait(process: subprocess.Popen[bytes], timeout_s: float, tick: Callable[[], None]) -> bool:
    """Whether the process ended in time. It is not reaped here."""
    patience = _Patience(timeout_s)
    try:
        descriptor = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        return _wait_by_looking(process, patience, tick)
    try:
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        while (left := patience.left()) > 0:
            if poller.poll(min(left, REFRESH_S) * 1000):
                return True
            tick()
        return False
    finally:
        os.close(descriptor)


def _wait_by_looking(process: subprocess.Popen[bytes], patience: _Patience, tick: Callable[[], None]) -> bool:
    """For kernels and containers without pidfd_open."""
    next_tick = time.monotonic() + REFRESH_S
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if patience.left() <= 0:
            return False
        if (now := time.monotonic()) >= next_tick:
            tick()
            next_tick = now + REFRESH_S
        time.sleep(LOOK_S)
    return True


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Ends whatever is left of the group: a hung process, or the children of one that died.

    The process is reaped last: until then no other process can get its number.
    """
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()


def _last_line(words: bytes) -> str:
    lines = [line.strip() for line in words.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""
