"""Runs with fewer columns than today's, or with more: every script reads them, and nothing is mixed with them."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import columns
import compare
import plot
import pytest
import samples_file
import schema
import summarize
import synthetic
from conftest import ROOT, Bench
from failures import UserError
from progress import Steps

MATRIX = {"scenarios": ["throughput", "paced"], "shapes": [[2, 2]], "backends": ["mutex_condvar", "tbb_bounded"]}
#: What a run can do without: figures at the end and in the middle, and axes that had one value.
MISSING = ("item", "peak_rss_bytes", "pinning", "latency_p90_ns", "fairness_consumers")


def without(text: str, *names: str) -> str:
    """A samples.csv of before there were these columns."""
    rows = list(csv.DictReader(io.StringIO(text)))
    left = [name for name in rows[0] if name not in names]
    out = io.StringIO()
    writer = csv.DictWriter(out, left, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def with_moons(text: str, place: int) -> str:
    """A samples.csv with a column that nobody knows."""
    rows = list(csv.reader(io.StringIO(text)))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([*row[:place], "7" if line else "moons", *row[place:]] for line, row in enumerate(rows))
    return out.getvalue()


def run_of(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "samples.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(name="whole", scope="module")
def rows_with_todays_columns() -> str:
    return synthetic.samples_text(MATRIX, 7)


def read_by_every_script(folder: Path, other: Path) -> None:
    for main, words in (
        (summarize.main, [folder]),
        (plot.main, [folder]),
        (compare.main, [folder, other]),
        (compare.main, [other, folder]),
    ):
        assert main([str(word) for word in words]) == 0


def test_a_run_with_fewer_columns_is_read_by_every_script(tmp_path: Path, whole: str) -> None:
    old, new = run_of(tmp_path / "old", without(whole, *MISSING)), run_of(tmp_path / "new", whole)
    read_by_every_script(old, new)
    (_, before, _), (_, after, _) = (summarize.summarize(folder, Steps(summarize.STEPS)) for folder in (old, new))
    lost = [f"{name}{end}" for name in MISSING for end in ("", "_low", "_high") if f"{name}{end}" in after]
    assert before[[name for name in lost if name in columns.figures()]].isna().all(axis=None)
    kept = [name for name in after if name not in lost or name in columns.axes()]
    assert before[kept].equals(after[kept]), "an axis has the value that names do not mention"


@pytest.mark.parametrize("name", [column.name for column in columns.COLUMNS if column.part == "measured"])
def test_each_measured_column_but_the_status_can_be_newer_than_a_run(tmp_path: Path, whole: str, name: str) -> None:
    folder = run_of(tmp_path / "run", without(whole, name))
    if name == "status":
        with pytest.raises(UserError, match="samples.csv, line 1: the column status is missing"):
            schema.read_samples(folder / "samples.csv")
        return
    samples = schema.read_samples(folder / "samples.csv")
    assert (samples[name] == "").all() if name in schema.TEXT else samples[name].isna().all()
    assert list(samples["cell"]) == list(schema.read_samples(run_of(tmp_path / "all", whole) / "samples.csv")["cell"])


@pytest.mark.parametrize("place", [0, 20, len(schema.SAMPLES)])
def test_a_run_with_a_column_that_nobody_knows_is_read_by_every_script(tmp_path: Path, whole: str, place: int) -> None:
    newer, new = run_of(tmp_path / "newer", with_moons(whole, place)), run_of(tmp_path / "new", whole)
    read_by_every_script(newer, new)
    summarize.summarize(new, Steps(summarize.STEPS))
    assert (newer / "summary.csv").read_text() == (new / "summary.csv").read_text()


def test_the_sample_is_read_by_every_script(tmp_path: Path) -> None:
    one, other = (tmp_path / name for name in ("one", "other"))
    for folder in (one, other):
        shutil.copytree(ROOT / "results" / "sample", folder, ignore=shutil.ignore_patterns("plots"))
    assert summarize.main([str(one)]) == 0 and compare.main([str(one), str(other)]) == 0


def test_a_run_keeps_the_list_that_it_was_begun_with_and_its_header_must_agree(bench: Bench) -> None:
    assert bench.run() == 0
    kept = bench.out / "columns.csv"
    assert kept.read_bytes() == columns.PATH.read_bytes()
    # A run of a program with a column more: its own list says so.
    (bench.out / "samples.csv").write_text(with_moons((bench.out / "samples.csv").read_text(), 3))
    with pytest.raises(UserError, match="line 1: column 4 is 'moons' and must be 'sample'"):
        schema.read_samples(bench.out / "samples.csv")
    kept.write_text(kept.read_text().replace("\nsample,", "\nmoons,origin,number,,,,,,,,,\nsample,", 1))
    assert len(schema.read_samples(bench.out / "samples.csv")) == 12


@pytest.mark.parametrize("listed", ["a,b\n1,2\n", "\xff", 'name,part\n"a,b'])
def test_a_list_of_columns_that_is_none_is_named(tmp_path: Path, whole: str, listed: str) -> None:
    folder = run_of(tmp_path / "run", whole)
    (folder / "columns.csv").write_bytes(listed.encode("latin-1"))
    with pytest.raises(UserError, match=r"/columns\.csv: not a list of columns"):
        schema.read_samples(folder / "samples.csv")


@pytest.mark.parametrize("change", [lambda text: without(text, "peak_rss_bytes"), lambda text: with_moons(text, 20)])
def test_a_run_with_other_columns_does_not_go_on(bench: Bench, change: object) -> None:
    assert callable(change) and bench.run() == 0
    path = bench.out / "samples.csv"
    text = change("".join(path.read_text().splitlines(keepends=True)[:-1]))
    path.write_text(text[:-5])  # its last line is cut, too
    with pytest.raises(
        UserError, match="line 1: its columns are not those that this version writes, so the run cannot be resumed"
    ):
        bench.resume()
    assert path.read_text() == text[:-5]


def test_a_cut_number_at_the_end_of_a_row_is_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the last column is: 41 is not what is left of 4096."""
    monkeypatch.setattr(schema, "SAMPLES", ("status", "block", "cell", "peak_rss_bytes"))
    monkeypatch.setattr(samples_file, "HEADER", b"status,block,cell,peak_rss_bytes\n")
    path = tmp_path / "samples.csv"
    for left in range(len("ok,2,a/b,4096\n")):
        path.write_text("status,block,cell,peak_rss_bytes\nok,1,a/b,4096\n" + "ok,2,a/b,4096\n"[:left])
        samples, said = samples_file.SamplesFile.reopen(tmp_path)
        samples.close()
        assert (said is None) == (left == 0)
        assert path.read_text() == "status,block,cell,peak_rss_bytes\nok,1,a/b,4096\n"
