"""What a terminal sees of work that takes a while, and a file or pipe does not."""

from __future__ import annotations

import io

import compare
import pytest
import synthetic
from blocks import Blocks
from progress import Steps
from pathlib import Path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def taken(stream: io.StringIO) -> str:
    steps = Steps(2, stream)
    for told in ("reading run\x1b[31m", "writing"):
        steps.begin(told)
    steps.close()
    return stream.getvalue()


def test_a_terminal_sees_each_step_and_nothing_that_it_would_obey() -> None:
    drawn = taken(Terminal())
    assert "\rreading run\\x1b[31m |" in drawn and "0 of 2" in drawn
    assert "\rwriting |" in drawn and "1 of 2" in drawn
    assert drawn.endswith("\r"), "written over at the end"


def test_elsewhere_nothing_is_written() -> None:
    assert taken(io.StringIO()) == ""


def two_runs(tmp_path: Path) -> list[str]:
    folders = [tmp_path / name for name in ("before", "after")]
    for seed, folder in enumerate(folders):
        folder.mkdir()
        text = synthetic.samples_text({"scenarios": ["throughput"], "shapes": [[1, 1]]}, 7, seed)
        (folder / "samples.csv").write_text(text, encoding="utf-8")
    return list(map(str, folders))


def test_compare_names_the_run_that_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    assert compare.main(two_runs(tmp_path)) == 0
    assert [word in screen.getvalue() for word in ("reading before", "reading after", "comparing")] == [True] * 3
    assert "withheld" in capsys.readouterr().out


def test_compare_takes_each_run_apart_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0})
    made: list[int] = []
    of = Blocks.of

    def counted(*arguments: object) -> Blocks:
        made.append(1)
        return of(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Blocks, "of", staticmethod(counted))
    assert compare.main(two_runs(tmp_path)) == 0
    assert len(made) == 2
