"""scripts/compare: a change is found, none is none, and the machine's mood is told apart."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import compare
import pandas as pd
import pytest
import report
import synthetic
from failures import UserError

MATRIX = {"scenarios": ["throughput", "ping_pong"], "shapes": [[1, 1]], "noise": 0.01}


def run(folder: Path, seed: int, blocks: int = 7, mood: float = 1.0, slower: str | None = None) -> Path:
    folder.mkdir()
    text = synthetic.samples_text(MATRIX, blocks, seed)
    frame = pd.read_csv(io.StringIO(text), keep_default_na=False)
    speed = frame["items_per_second"].replace("", math.nan).astype(float) * mood
    trip = frame["seconds"].astype(float)
    trip = trip.where(frame["scenario"] != "ping_pong", trip / mood)
    if slower is not None:
        hit = frame["backend"] == slower
        speed = speed.where(~hit, speed * 0.8)
        trip = trip.where(~hit | (frame["scenario"] != "ping_pong"), trip / 0.8)
    frame["items_per_second"], frame["seconds"] = speed, trip
    frame.to_csv(folder / "samples.csv", index=False)
    return folder


def changes_between(before: Path, after: Path) -> pd.DataFrame:
    return compare.compare(compare.Measured.of(before), compare.Measured.of(after))


def test_a_contender_that_became_slower_is_found_in_every_scenario(tmp_path: Path) -> None:
    found = changes_between(run(tmp_path / "a", 1), run(tmp_path / "b", 2, slower="tbb_bounded"))
    slower = found[found["verdict"] == "slower"]
    assert set(slower["backend"]) == {"tbb_bounded"}
    assert set(slower["scenario"]) == {"throughput", "ping_pong"}
    assert len(slower) == 8
    assert slower["change"].between(0.77, 0.83).all(), "more than 1 is better for latencies as well"


def test_two_runs_of_the_same_hold_few_differences(tmp_path: Path) -> None:
    found = changes_between(run(tmp_path / "a", 3), run(tmp_path / "b", 4))
    assert (found["verdict"] == "within noise").mean() >= 0.9


def test_the_mood_of_the_machine_shows_in_the_reference_and_not_beside_it(tmp_path: Path) -> None:
    found = changes_between(run(tmp_path / "a", 5), run(tmp_path / "b", 6, mood=0.85))
    assert (found["verdict"] == "slower").mean() > 0.9
    assert found["beside"].dropna().between(0.96, 1.04).all()


def test_too_few_blocks_cannot_tell(tmp_path: Path) -> None:
    found = changes_between(run(tmp_path / "a", 7, blocks=3), run(tmp_path / "b", 8, blocks=3, slower="tbb_bounded"))
    assert set(found["verdict"]) == {"cannot tell"}


def test_the_page_counts_first_and_fits_100_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = run(tmp_path / "a", 1), run(tmp_path / "b", 2, slower="tbb_bounded")
    for folder, kernel in ((before, "6.1"), (after, "6.2")):
        (folder / "environment.json").write_text(json.dumps({"host": {"kernel": kernel, "cores": 2}}))
    assert compare.main([str(before), str(after), "--all"]) == 0
    text = capsys.readouterr().out
    assert "0 faster, 8 slower" in text
    assert "host kernel: 6.1 -> 6.2" in text
    assert max(map(len, text.splitlines()[1:])) <= report.WIDTH, "beside the line that names the folders"


def test_runs_without_a_common_cell_are_refused(tmp_path: Path) -> None:
    before = run(tmp_path / "a", 1)
    other = tmp_path / "b"
    other.mkdir()
    (other / "samples.csv").write_text(synthetic.samples_text({"scenarios": ["join"]}, 6))
    with pytest.raises(UserError, match="no measured cell in common"):
        compare.main([str(before), str(other)])
