"""A measuring process: how it is started, and what comes in between."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Callable

import processes
import pytest

#: What happens in this process after each fork.
at_fork: list[Callable[[], None]] = []
os.register_at_fork(after_in_parent=lambda: [each() for each in at_fork])


def test_an_interrupt_between_a_fork_and_its_child_is_kept() -> None:
    """Python throws away what is raised there."""

    def interrupt() -> None:
        at_fork.clear()
        os.kill(os.getpid(), signal.SIGINT)

    at_fork.append(interrupt)
    with pytest.raises(KeyboardInterrupt):
        processes.run_process(["sleep", "600"], 5.0, lambda: None)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


def test_a_process_is_started_with_no_signal_held_back(tmp_path: Path) -> None:
    told = tmp_path / "told"
    ended = processes.run_process(["sh", "-c", f"grep SigBlk /proc/self/status > {told}"], 60.0, lambda: None)
    assert ended.status == 0 and int(told.read_text().split()[1], 16) == 0


@pytest.mark.parametrize("has_pidfd", [True, False])
def test_a_machine_that_slept_does_not_end_a_process(has_pidfd: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its clock has moved on by an hour when the script looks for the first time."""
    begun: list[None] = []
    real = time.monotonic

    def slept() -> float:
        begun.append(None)
        return real() + (3600 if len(begun) > 1 else 0)

    if not has_pidfd:
        monkeypatch.delattr(os, "pidfd_open")
    monkeypatch.setattr(time, "monotonic", slept)
    assert processes.run_process(["sleep", "0.2"], 600.0, lambda: None).status == 0
