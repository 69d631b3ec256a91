"""Figures that several processes draw at once: their order, and what becomes of a process that fails."""

from __future__ import annotations

import errno
import os
import signal
import time
from functools import partial
from pathlib import Path

import drawing
import pytest
import worker_pool
from matplotlib import pyplot
from matplotlib.figure import Figure

LONG_S = 60


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def beside(mine: Path, others: Path) -> Figure:
    """A figure that is made only while another process makes its own."""
    mine.touch()
    deadline = time.monotonic() + LONG_S
    while not others.exists():
        assert time.monotonic() < deadline, "the other figure is not begun before this one ends"
        time.sleep(0.01)
    return pyplot.figure(figsize=(1, 1))


def nothing() -> None:
    return None


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_figures_are_drawn_at_once_and_answered_in_order(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    jobs: list[drawing.Job] = [
        ("a", partial(beside, first, second)),
        ("b", partial(beside, second, first)),
        ("none", nothing),
    ]
    assert list(drawing.in_processes(tmp_path, jobs)) == [True, True, False]
    assert {path.name for path in tmp_path.glob("*.*")} == {"a.svg", "a.png", "b.svg", "b.png"}


def test_a_process_that_is_killed_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="a process that drew was killed") as caught:
        list(drawing.in_processes(tmp_path, [("a", nothing), ("b", killed)]))
    assert caught.value.filename == str(tmp_path)


def test_without_semaphores_one_process_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise FileNotFoundError("no /dev/shm")

    monkeypatch.setattr(worker_pool, "ProcessPoolExecutor", refused)
    assert list(drawing.in_processes(tmp_path, [("a", partial(pyplot.figure, figsize=(1, 1))), ("b", nothing)])) == [
        True,
        False,
    ]


def test_a_plot_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", full)
    with pytest.raises(OSError, match="No space left on device") as caught:
        list(drawing.in_processes(tmp_path, [("a", partial(pyplot.figure, figsize=(1, 1))), ("b", nothing)]))
    assert caught.value.filename == str(tmp_path / "a.svg")


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_plot_is_replaced_as_a_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    before = tmp_path / f"a.{ending}"
    before.write_text("an earlier one")
    whole = Figure.savefig

    def full(figure: Figure, path: Path, **how: object) -> None:
        whole(figure, path, **how)
        if how["format"] == ending:
            os.truncate(path, 100)
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", full)
    with pytest.raises(OSError, match="No space left on device"):
        list(drawing.in_processes(tmp_path, [("a", partial(pyplot.figure, figsize=(1, 1))), ("b", nothing)]))
    assert before.read_text() == "an earlier one"
    assert {path.name for path in tmp_path.iterdir()} == {before.name, *(["a.svg"] if ending == "png" else [])}
