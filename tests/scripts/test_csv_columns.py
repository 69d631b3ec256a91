"""Columns of numbers: exact to the last digit, whatever way they are written, and without a look at every row."""

from __future__ import annotations

import cProfile
import io
import math
import pstats
import random
from pathlib import Path
from threading import Barrier

import csv_columns
import handoff_stats as hs
import numpy as np
import pandas as pd
import pytest
import schema
import synthetic
import threads

TYPES = {"a": str, "x": float, "y": float}


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})


def text_of(rows: list[tuple[str, str, str]]) -> str:
    return "a,x,y\n" + "".join(",".join(row) + "\n" for row in rows)


def spelled(draw: random.Random) -> str:
    """A number of 1 to 20 digits, with and without a point, a sign and an exponent."""
    digits = "".join(draw.choice("0123456789") for _ in range(draw.randint(1, 20)))
    point = draw.randint(0, len(digits))
    text = draw.choice(["", "", "-"]) + (f"{digits[:point]}.{digits[point:]}" if draw.random() < 0.8 else digits)
    return text + (f"e{draw.randint(-40, 40)}" if draw.random() < 0.2 else "")


def test_every_number_is_the_nearest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_columns, "PART", 1000)
    draw = random.Random(1)
    texts = [spelled(draw) for _ in range(20_000)]
    rows = [(draw.choice(["t", "", '"a,""b"""']), text, repr(draw.random())) for text in texts]
    frame = csv_columns.read(text_of(rows), TYPES)
    assert frame is not None
    assert frame["x"].tolist() == [float(text) for text in texts]
    assert frame["y"].tolist() == [float(row[2]) for row in rows]
    assert set(frame["a"]) == {"t", "", 'a,"b"'}


def test_the_fast_conversion_alone_would_miss_some() -> None:
    """Else the test above would show nothing."""
    texts = [repr(random.Random(seed).random()) for seed in range(1000)]
    quick = pd.read_csv(io.StringIO("\n".join(["x", *texts])), float_precision="high")["x"]
    assert (quick != [float(text) for text in texts]).any()


def test_an_empty_field_is_no_number_and_a_word_is_refused() -> None:
    frame = csv_columns.read(text_of([("t", "", "1"), ('"t"', "2", "")]), TYPES)
    assert frame is not None and np.array_equal(frame[["x", "y"]], [[math.nan, 1], [2, math.nan]], equal_nan=True)
    for word in ("soon", "nan", "1_0", "0x10", "1e", "1.2.3"):
        with pytest.raises(ValueError):
            csv_columns.read(text_of([("t", "1", word)]), TYPES)


UNEVEN = {
    "a field too few": "a,x,y\nt,1\n",
    "a field too many": "a,x,y\nt,1,2,3\n",
    "both": "a,x,y\nt,1\nt,1,2,3\n",
    "an empty line": "a,x,y\n\nt,1,2\n",
    "a cut last line": "a,x,y\nt,1,2",
    "a carriage return": "a,x,y\r\nt,1,2\r\n",
    "a field of two lines": 'a,x,y\n"t\nu",1,2\n',
    "a torn quote": 'a,x,y\n"t,1,2\n',
}


@pytest.mark.parametrize("what", UNEVEN)
def test_what_only_a_reader_can_take_apart_is_left_to_it(what: str) -> None:
    assert csv_columns.read(UNEVEN[what], TYPES) is None


def test_the_cores_read_parts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_columns, "PART", 100)
    rows = [("t", str(number), repr(number / 7)) for number in range(101)]
    both, read = Barrier(2), csv_columns._read
    text = text_of(rows)

    def beside(*arguments: object, **how: object) -> pd.DataFrame:
        both.wait(60)
        return read(*arguments, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(csv_columns, "_read", beside)
    frame = csv_columns.read(text, TYPES)
    monkeypatch.undo()
    assert frame is not None
    pd.testing.assert_frame_equal(frame, csv_columns.read_slowly(text, TYPES), check_exact=True)


def test_the_cores_estimate_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each owner is a part: its pairs are as many as fit."""
    monkeypatch.setattr(hs, "AT_ONCE", 55)
    values, owners = np.random.default_rng(1).normal(size=20), np.repeat([0, 1], 10)
    alone = hs.hodges_lehmann_of_each(values, owners, 2)
    both, fill = Barrier(2), hs._fill

    def beside(*arguments: object) -> None:
        both.wait(60)
        fill(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(hs, "_fill", beside)
    assert np.array_equal(hs.hodges_lehmann_of_each(values, owners, 2), alone)
    monkeypatch.setattr(hs, "AT_ONCE", 100)
    hs.shifts_of_each(values, owners, values, owners, 2)


def test_one_core_does_all_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0})
    monkeypatch.setattr(threads, "ThreadPoolExecutor", None)
    assert threads.of_each(str, range(3)) == ["0", "1", "2"]


def test_no_row_is_visited_by_python(tmp_path: Path) -> None:
    """Counted in calls of functions, which no busy machine changes."""

    def calls(blocks: int) -> int:
        (tmp_path / "samples.csv").write_text(
            synthetic.samples_text({"scenarios": ["throughput"], "shapes": [[1, 1]]}, blocks)
        )
        profile = cProfile.Profile()
        samples = profile.runcall(schema.read_samples, tmp_path / "samples.csv")
        assert len(samples) == blocks * samples["cell"].nunique()
        return pstats.Stats(profile).total_calls  # type: ignore[attr-defined]

    calls(1)  # what is done once in a process
    few, many = calls(10), calls(200)
    assert many - few < 190, "less than one a block, which has a row of each cell"
