"""samples.csv: the list of its columns, and what is said of files that are not it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Callable

import columns
import pytest
import schema
import summarize
import synthetic
from conftest import ROOT
from failures import UserError
from progress import Steps

SMALL = {"scenarios": ["throughput", "paced"], "shapes": [[1, 1]], "backends": ["mutex_condvar", "tbb_bounded"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "samples.csv").write_text(synthetic.samples_text(SMALL, 2), encoding="utf-8")
    schema.describe(tmp_path)
    return tmp_path


def edited(folder: Path, change: Callable[[str], str]) -> Path:
    path = folder / "samples.csv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    return path


def replaced(line: int, old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        lines = text.splitlines(keepends=True)
        assert old in lines[line - 1]
        lines[line - 1] = lines[line - 1].replace(old, new, 1)
        return "".join(lines)

    return change


def test_the_documentation_explains_the_list_of_columns() -> None:
    text = (ROOT / "docs" / "results-schema.md").read_text()
    section = text[text.index("columns are\n\n| column") : text.index("A name is")]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(columns.FIELDS)
    for column in columns.COLUMNS:
        assert column.meaning, column.name
        for page in re.findall(r"[\w-]+\.md\b", column.meaning):
            assert (ROOT / "docs" / page).is_file(), column.name


def test_a_column_of_some_scenarios_is_empty_in_the_rows_of_the_others() -> None:
    path = ROOT / "results" / "sample" / "samples.csv"
    samples, header = schema.read_samples(path), path.read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    measured = set(samples["scenario"])
    for column in columns.COLUMNS:
        if column.scenarios and column.name in header:  # a run is older than a column that was added after it
            there = samples[column.name] != "" if column.is_text else samples[column.name].notna()
            assert set(samples.loc[there, "scenario"]) == measured & set(column.scenarios), column.name


def test_what_a_column_can_be_is_said_in_known_words() -> None:
    known = {
        "part": {"origin", "cell", "measured", "derived", "plan"},
        "type": {"text", "number", "whole", "positive", "flag"},
        "figure": {"", "value", "single_time", "difference"},
    }
    for column in columns.COLUMNS:
        for entry, words in known.items():
            assert getattr(column, entry) in words, column
    assert len(columns.BY_NAME) == len(columns.COLUMNS)
    assert columns.PATH.read_text().splitlines()[0] == ",".join(columns.FIELDS)
    ranks = [column.axis for column in columns.COLUMNS if column.axis is not None]
    assert sorted(ranks) == list(range(1, len(ranks) + 1))


def test_a_good_file_is_read_with_its_numbers(folder: Path) -> None:
    samples = schema.read_samples(folder / "samples.csv")
    assert len(samples) == 48
    assert samples["items_per_second"].dropna().gt(0).all()
    assert samples["join_ns"].isna().all()
    assert samples["wait"].dtype == object


WIDTH = len(schema.SAMPLES)
CHANGES = {
    "a column renamed": (replaced(1, ",seconds,", ",time,"), rf"line 1: column {schema.SAMPLES.index('seconds') + 1} is 'time' and must be 'seconds'"),
    "a column lost": (replaced(1, ",item\n", "\n"), r"line 1: the column item is missing"),
    "no header": (lambda text: text[text.index("\n") + 1 :], r"line 1: column 1 is '2' and must be 'schema'"),
    "nothing at all": (lambda text: "", r"line 1: empty; the first line must be the header"),
    "a field too many": (replaced(4, ",trivial", ",trivial,extra"), rf"line 4: {WIDTH + 1} fields where the header has {WIDTH}"),
    "a word for a number": (replaced(5, ",0.05,", ",soon,"), r"line 5: seconds is 'soon' and must be a number"),
    "infinity": (replaced(5, ",0.05,", ",inf,"), r"line 5: seconds is 'inf' and must be a number"),
    "an unknown status": (replaced(6, ",ok,", ",fine,"), r"line 6: status is 'fine' and must be one of: ok, corrupt"),
    "an unknown scenario": (replaced(7, ",throughput,", ",juggling,"), r"line 7: scenario is 'juggling' and must be one of"),
    "a schema that nobody knows": (replaced(8, "2,synthetic", "3,synthetic"), r"line 8: schema is 3 and must be one of: 1, 2"),
    "two schemas": (replaced(8, "2,synthetic", "1,synthetic"), r"line 8: schema is 1 where the rows above have 2: all rows of a file have the same"),
    "a block lost": (replaced(9, "synthetic,1,", "synthetic,,"), r"line 9: block is empty"),
    "half a block": (replaced(4, "synthetic,1,", "synthetic,1.5,"), r"line 4: block is 1\.5 and must be a whole number, at least 1"),
    "a block before the first": (replaced(4, "synthetic,1,", "synthetic,-1,"), r"line 4: block is -1 and must be a whole number"),
    "a block beyond all": (replaced(4, "synthetic,1,", "synthetic,1e300,"), r"line 4: block is 10+ and must be a whole number"),
    "a flag that is none": (replaced(2, "mutex_condvar,0,fifo", "mutex_condvar,2,fifo"), r"line 2: control is 2 and must be 0 or 1"),
    "another shape than the cell's": (
        replaced(4, ",native,,1,1,", ",native,,1,7,"), r"line 4: consumers is 7, and the cell's name .*/c:1/.* says otherwise"),
    "another backend than the cell's": (replaced(2, ",mutex_condvar,", ",coroutine,"), r"line 2: backend is coroutine, and the cell's name"),
    "bounded by its name only": (replaced(4, ",1,1,1024,8,", ",1,1,,8,"), r"line 4: capacity is empty, and the cell's name"),
    "a word in place of another": (replaced(4, ",native,", ",naive,"), r"line 4: wait is 'naive' and must be one of: loop, native"),
    "no name of a cell": (replaced(4, ",throughput/tbb_bounded/p:1/c:1/cap:1024/bytes:8/wait:native,", ",,"), r"line 4: cell is empty"),
    "a line doubled": (lambda text: text + text.splitlines()[-1] + "\n", r"line 50: block 2, sample 1 of .* appears twice"),
    "a torn quote": (replaced(10, ",ok,", ',ok,"'), r"line \d+: not CSV: "),
    "a field too few": (lambda text: text.replace(",trivial\n", "\n", 1), rf"line 2: {WIDTH - 1} fields where the header has {WIDTH}"),
    "an empty line": (lambda text: text.replace("\n", "\n\n", 1), rf"line 2: 0 fields where the header has {WIDTH}"),
    "a quote that lasts to another line": (
        lambda text: replaced(4, ",ok,", ',ok,x"",""')(replaced(8, ",ok,", ',ok,"x')(text)), r"line \d+: "),
    "a cut last line": (lambda text: text[:-30], r"line 49: the last line is cut off; `scripts/bench --resume .*` repairs it"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_damaged_file_ends_with_one_sentence_naming_file_and_line(folder: Path, what: str) -> None:
    change, sentence = CHANGES[what]
    path = edited(folder, change)
    damaged = path.read_bytes()
    with pytest.raises(UserError) as caught:
        summarize.summarize(folder, Steps(summarize.STEPS))
    assert re.search(f"^{re.escape(str(path))}, {sentence}", str(caught.value))
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == damaged, "nothing is lost by looking"


def test_text_that_is_not_utf8_is_named_by_line(folder: Path) -> None:
    path = folder / "samples.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[4] = lines[4].replace(b"synthetic", b"synth\xfftic")
    path.write_bytes(b"".join(lines))
    with pytest.raises(UserError, match="line 5: not UTF-8"):
        schema.read_samples(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="samples.csv: no such file"):
        summarize.summarize(tmp_path, Steps(summarize.STEPS))


def test_new_columns_at_the_end_are_read_over(folder: Path) -> None:
    edited(folder, lambda text: "".join(line + ",7\n" for line in text.splitlines()).replace(",item,7", ",item,moons"))
    assert len(schema.read_samples(folder / "samples.csv")) == 48


def test_a_backend_that_is_not_there_has_no_wait_in_its_row_and_its_name(folder: Path) -> None:
    def unavailable(text: str) -> str:
        line = text.splitlines()[3]
        values = dict(zip(schema.SAMPLES, line.split(",")))
        values |= {"cell": values["cell"].replace("wait:native", "wait:-"), "wait": "", "status": "unavailable"}
        return text.replace(line, schema.format_row(values).rstrip())

    path = edited(folder, unavailable)
    assert schema.read_samples(path)["wait"].iat[2] == ""


def test_written_rows_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "samples.csv"
    values = {
        "schema": 2,
        "run": "r",
        "block": 1,
        "sample": 1,
        "seed": 3,
        "cell": "join/b",
        "scenario": "join",
        "item": "trivial",
    }
    values |= {"producers": 1, "consumers": 1, "control": 0, "oversubscribed": 0, "status": "crashed"}
    values |= {"backend": "b", **{column.name: column.unsaid for column in columns.COLUMNS if column.unsaid}}
    said = 'said "no", twice\rand again\nand\r\nagain'
    path.write_bytes((schema.header() + "\n" + schema.format_row({**values, "detail": said})).encode())
    assert schema.read_samples(path)["detail"].iloc[0] == said


def test_numbers_are_written_as_plain_decimals() -> None:
    assert [schema.plain(value) for value in (0.0000001, 12.0, 1e21, float("nan"))] == [
        "0.0000001",
        "12",
        "1" + "0" * 21,
        "",
    ]
