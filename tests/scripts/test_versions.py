"""A changed meaning is a new schema: older runs are read as what they were, and nothing is mixed with them."""

from __future__ import annotations

from pathlib import Path

import compare
import plot
import pytest
import schema
import summarize
import synthetic
from conftest import ROOT, Bench
from failures import UserError
from progress import Steps

MATRIX = {"scenarios": ["throughput"], "shapes": [[2, 2]], "backends": ["mutex_condvar", "tbb_bounded"]}


def run_of(folder: Path, version: int) -> Path:
    folder.mkdir()
    rows = synthetic.samples_text(MATRIX, 7).replace(f"\n{schema.VERSION},", f"\n{version},")
    (folder / "samples.csv").write_text(rows, encoding="utf-8")
    return folder


@pytest.mark.parametrize("version", schema.READABLE)
def test_runs_of_every_readable_schema_are_summarised_and_drawn(tmp_path: Path, version: int) -> None:
    folder = run_of(tmp_path / "run", version)
    samples, summary, _ = summarize.summarize(folder, Steps(summarize.STEPS))
    assert schema.version_of(samples) == version and (summary["n"] == 7).all()
    assert plot.main([str(folder)]) == 0


def test_the_report_says_what_was_checked_of_an_order_when_it_was_measured(tmp_path: Path) -> None:
    texts = []
    for version in schema.READABLE:
        summarize.summarize(run_of(tmp_path / str(version), version), Steps(summarize.STEPS))
        texts.append(" ".join((tmp_path / str(version) / "report.txt").read_text().split()))
    old, new = texts
    assert "in full for fifo on one thread" in new and "what another producer had pushed" in new
    assert "another producer" not in old
    assert "Checked in the sample: each producer's order" in old


def test_runs_of_one_schema_are_compared_and_of_two_are_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, older, new = run_of(tmp_path / "a", 1), run_of(tmp_path / "b", 1), run_of(tmp_path / "c", 2)
    assert compare.main([str(old), str(older)]) == 0
    assert "withheld" in capsys.readouterr().out
    for before, after in ((old, new), (new, old)):
        with pytest.raises(UserError) as caught:
            compare.main([str(before), str(after)])
        assert "has schema 1" in str(caught.value) or "schema 1:" in str(caught.value)
        assert "their figures do not mean the same" in str(caught.value) and caught.value.status == 2
    assert capsys.readouterr().out == ""


def test_a_run_of_an_older_schema_does_not_go_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bench.run() == 0
    path = bench.out / "samples.csv"
    whole = path.read_text().replace(f"\n{schema.VERSION},", "\n1,")
    path.write_text(whole)
    assert bench.resume() == 0, "nothing is left of it, and it is read"
    cut = whole[: whole.rindex("\n", 0, -1) + 1]
    path.write_text(cut)
    with pytest.raises(
        UserError, match=rf"its rows have schema 1, and new ones would have {schema.VERSION}, so it cannot be resumed"
    ):
        bench.resume()
    assert path.read_text() == cut


def test_a_program_of_another_schema_than_the_scripts_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_SCHEMA", "1")
    with pytest.raises(
        UserError,
        match=rf"handoff-bench writes schema 1 and scripts/bench schema {schema.VERSION}; build both from one commit",
    ):
        bench.run()
    assert (bench.out / "samples.csv").read_text() == schema.header() + "\n"


def test_the_program_and_the_documentation_have_the_version_of_the_scripts() -> None:
    assert f"schema_version = {schema.VERSION};" in (ROOT / "bench" / "rows" / "columns.hpp").read_text()
    text = (ROOT / "docs" / "results-schema.md").read_text()
    assert f"This is schema version **{schema.VERSION}**" in text
