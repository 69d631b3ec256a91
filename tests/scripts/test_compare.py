"""scripts/compare: a change is found, none is none, and the machine's mood is told apart."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any

import compare
import handoff_stats as hs
import numpy as np
import pandas as pd
import pytest
import report
import surroundings
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
    judged = found.loc[found["verdict"] != "reference", "verdict"]
    assert (judged == "within noise").mean() >= 0.9


def test_the_mood_of_the_machine_shows_in_every_figure_and_is_not_judged(tmp_path: Path) -> None:
    found = changes_between(run(tmp_path / "a", 5), run(tmp_path / "b", 6, mood=0.85))
    assert (found["change_high"] < 1).mean() > 0.9
    assert not (found["verdict"] == "slower").any()
    assert found["beside"].dropna().between(0.96, 1.04).all()


def moody(folder: Path, seed: int, noise: float, answer: float = 1.0) -> Path:
    """A run of 150 groups, each of which meets the machine in another mood. It is a tenth up or down for the run, and wanders
    from block to block; a contender and its reference, in processes of their own, add their noise. If `answer` is not 1,
    the contender takes so much more or less notice of the mood than the reference. Nothing differs between seeds but luck.
    """
    folder.mkdir()
    matrix = {"scenarios": ["throughput"], "shapes": [[n, 1] for n in range(1, 151)], "noise": noise}
    text = synthetic.samples_text({**matrix, "backends": ["mutex_condvar", "moodycamel_blocking"]}, 11, seed)
    frame = pd.read_csv(io.StringIO(text), keep_default_na=False)
    draw = np.random.default_rng(seed)
    moods = draw.normal(scale=0.1, size=(151, 1)) + draw.normal(scale=0.03, size=(151, 12)).cumsum(axis=1)
    felt = moods[frame["producers"], frame["block"]] * np.where(frame["backend"] == "mutex_condvar", 1.0, answer)
    frame["items_per_second"] = frame["items_per_second"].astype(float) * np.exp(felt)
    frame.to_csv(folder / "samples.csv", index=False)
    return folder


def false_verdicts(folder: Path, noise: float, answer: float = 1.0) -> tuple[float, float]:
    """The share of verdicts between two such runs, and what judging the figures themselves would have said, with the same
    intervals and floors."""
    seed = round(1000 * noise)  # another luck for each
    found = changes_between(moody(folder / "a", seed, noise, answer), moody(folder / "b", seed + 1, noise, answer))
    found = found[found["verdict"] != "reference"]
    assert len(found) == 150
    plain = [
        compare.verdict(hs.Estimate(row["change"], row["change_low"], row["change_high"], 11), row["larger_floor"])
        for _, row in found.iterrows()
    ]
    judged = [sum(word in ("faster", "slower") for word in words) / 150 for words in (found["verdict"].tolist(), plain)]
    print(f"noise {noise}, answer {answer}: {judged[0]:.1%} beside the reference, {judged[1]:.1%} of the figures alone")
    return judged[0], judged[1]


@pytest.mark.parametrize("noise", [0.03, 0.1, 0.3])
def test_a_mood_between_runs_gives_at_most_five_percent_of_false_verdicts(tmp_path: Path, noise: float) -> None:
    beside, alone = false_verdicts(tmp_path, noise)
    assert beside <= 0.05
    assert alone > beside or noise > 0.1


def test_a_mood_that_one_contender_alone_feels_is_taken_for_a_change(tmp_path: Path) -> None:
    """Which is why the page does not claim otherwise."""
    beside, _ = false_verdicts(tmp_path, 0.03, answer=0.0)
    assert beside > 0.3


def test_blocks_in_which_a_contender_failed_count_against_it_in_both_runs(tmp_path: Path) -> None:
    whole, broken = run(tmp_path / "a", 1, slower="tbb_bounded", blocks=11), run(tmp_path / "b", 2, blocks=11)
    assert (verdicts := changes_between(whole, broken).set_index("cell")["verdict"]).str.contains("faster").sum() == 8
    path = broken / "samples.csv"
    frame = pd.read_csv(path, keep_default_na=False)
    frame.loc[(frame["backend"] == "tbb_bounded") & (frame["block"] > 6), "status"] = "crashed"
    frame.to_csv(path, index=False)
    found = changes_between(whole, broken).set_index("cell")
    assert not (found["verdict"] == "faster").any() and (found.loc[verdicts == "faster", "beside_low"] == 0).all()
    found = changes_between(broken, whole).set_index("cell")
    assert not (found["verdict"] == "slower").any() and (found["beside_high"] == math.inf).sum() == 8


def test_too_few_blocks_cannot_tell(tmp_path: Path) -> None:
    found = changes_between(run(tmp_path / "a", 7, blocks=3), run(tmp_path / "b", 8, blocks=3, slower="tbb_bounded"))
    assert set(found["verdict"]) == {"cannot tell", "reference"}


def test_the_page_counts_first_and_fits_100_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = run(tmp_path / "a", 1), run(tmp_path / "b", 2, slower="tbb_bounded")
    for folder, kernel in ((before, "6.1"), (after, "6.2")):
        record(folder, host={"kernel": kernel, "cores": 2})
    assert compare.main([str(before), str(after), "--all"]) == 0
    text = capsys.readouterr().out
    assert "0 faster, 8 slower" in text
    assert "The runs differ in\n  host kernel: 6.1 -> 6.2\n" in text
    assert max(map(len, text.splitlines()[1:])) <= report.WIDTH, "beside the line that names the folders"


def record(folder: Path, **entries: object) -> None:
    (folder / "environment.json").write_text(json.dumps(entries))


DIFFERENCES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "the cores that it may use": (
        {"host": {"cores_allowed": 2}},
        {"host": {"cores_allowed": 1}},
        "host cores_allowed: 2 -> 1",
    ),
    "the compiler": (
        {"machine": {"compiler": "GNU 12"}},
        {"machine": {"compiler": "GNU 13"}},
        "machine compiler: GNU 12 -> GNU 13",
    ),
    "flags": ({"machine": {"flags": "-O2"}}, {"machine": {"flags": "-O3"}}, "machine flags: -O2 -> -O3"),
    "the build": (
        {"machine": {"build_type": "Release"}},
        {"machine": {"build_type": "Debug"}},
        "build_type: Release -> Debug",
    ),
    "the processor": ({"machine": {"cpu_model": "A"}}, {"machine": {"cpu_model": "B"}}, "machine cpu_model: A -> B"),
    "a library": (
        {"machine": {"libraries": {"TBB": "1"}}},
        {"machine": {"libraries": {"TBB": "2"}}},
        "libraries TBB: 1 -> 2",
    ),
    "what only one of them recorded": ({"host": {}}, {"host": {"quota": 0.5}}, "host quota: not recorded -> 0.5"),
    "what nobody has thought of yet": (
        {"weather": {"rain": True}},
        {"weather": {"rain": False}},
        "weather rain: true -> false",
    ),
    "the program": (
        {"program": {"sha256": "a"}},
        {"program": {"sha256": "b"}},
        "another build of handoff-bench measured",
    ),
    "an escape sequence": ({"host": {"name": "a"}}, {"host": {"name": "\x1b[2J"}}, r"host name: a -> \x1b[2J"),
}


@pytest.mark.parametrize("what", DIFFERENCES)
def test_every_difference_of_the_surroundings_is_told(what: str) -> None:
    before, after, told = DIFFERENCES[what]
    heading, *lines = surroundings.differences(before, after)
    assert heading == "The runs differ in" and len(lines) == 1 and lines[0].startswith("  ") and lines[0].endswith(told)


def test_what_differs_between_any_two_runs_is_not_told() -> None:
    known = json.loads((Path(__file__).parents[2] / "results" / "sample" / "environment.json").read_text())
    later = json.loads(json.dumps(known))
    later |= {"run": "another", "started": "later", "seed": 7}
    later["host"]["load_before"], later["machine"]["clock_ns"] = [0, 0, 0], 22.0
    assert surroundings.differences(known, later) == ["The records of both runs agree on everything that is compared."]
    assert surroundings.differences({}, {}) == []


def test_runs_without_a_common_cell_are_refused(tmp_path: Path) -> None:
    before = run(tmp_path / "a", 1)
    other = tmp_path / "b"
    other.mkdir()
    (other / "samples.csv").write_text(synthetic.samples_text({"scenarios": ["join"]}, 6))
    with pytest.raises(UserError, match="no measured cell in common"):
        compare.main([str(before), str(other)])
