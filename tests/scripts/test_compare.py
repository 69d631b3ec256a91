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


def run(
    folder: Path,
    seed: int,
    blocks: int = 7,
    mood: float = 1.0,
    slower: str | None = None,
    moods: dict[str, float] | None = None,
    backends: list[str] | None = None,
) -> Path:
    """A run on a machine that is `mood` times as fast, for the backends of `moods` so many times beside; those of `slower`
    have lost a fifth."""
    folder.mkdir()
    text = synthetic.samples_text(MATRIX | ({} if backends is None else {"backends": backends}), blocks, seed)
    frame = pd.read_csv(io.StringIO(text), keep_default_na=False)
    factor = mood * frame["backend"].map(moods or {}).fillna(1.0) * np.where(frame["backend"] == slower, 0.8, 1.0)
    frame["items_per_second"] = frame["items_per_second"].replace("", math.nan).astype(float) * factor
    trip = frame["seconds"].astype(float)
    frame["seconds"] = trip.where(frame["scenario"] != "ping_pong", trip / factor)
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


def test_two_runs_of_the_same_are_the_same(tmp_path: Path) -> None:
    found = changes_between(run(tmp_path / "a", 3), run(tmp_path / "b", 4))
    judged = found.loc[found["verdict"] != "reference", "verdict"]
    assert (judged == "same").mean() >= 0.9 and not judged.isin(("faster", "slower")).any()


def test_the_mood_of_the_machine_shows_in_every_figure_and_is_not_judged(tmp_path: Path) -> None:
    found = changes_between(run(tmp_path / "a", 5), run(tmp_path / "b", 6, mood=0.85))
    assert (found["change_high"] < 1).mean() > 0.9
    assert not (found["verdict"] == "slower").any()
    assert found["beside"].dropna().between(0.96, 1.04).all()


def test_a_machine_that_is_two_and_a_half_times_slower_makes_no_contender_slower(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = run(tmp_path / "a", 7, blocks=11), run(tmp_path / "b", 8, blocks=11, mood=0.4)
    assert compare.main([str(before), str(after), "--all"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert ": 0 faster, 0 slower, 25 same, 0 cannot tell, 0 withheld" in text
    assert "change of the references themselves: 1/2.51 to 1/2.48, median 1/2.49." in text
    assert "mutex_condvar native 5.51 µs 13.7 µs 1/2.49 1 reference" in text, "the figures are told"


def test_on_a_slower_machine_the_one_that_lost_a_fifth_beside_its_reference_is_found(tmp_path: Path) -> None:
    found = changes_between(run(tmp_path / "a", 9), run(tmp_path / "b", 10, mood=0.4, slower="tbb_bounded"))
    slower = found[found["verdict"] == "slower"]
    assert set(slower["backend"]) == {"tbb_bounded"} and len(slower) == 8
    assert not (found["verdict"] == "faster").any()
    assert slower["beside"].between(0.77, 0.83).all() and slower["change"].between(0.31, 0.33).all()


UNEVEN = {"coroutine": 1.6, "moodycamel": 0.75, "moodycamel_blocking": 1.25, "tbb_bounded": 0.85, "python_asyncio": 1.9}


def test_a_machine_that_moved_contenders_unevenly_withholds_what_it_can_have_caused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = run(tmp_path / "a", 11, blocks=11), run(tmp_path / "b", 12, blocks=11, mood=0.4, moods=UNEVEN)
    found = changes_between(before, after)
    assert set(found["verdict"]) == {"reference", "withheld"}
    assert (found["uneven"].dropna() > 2).all()
    assert compare.main([str(before), str(after)]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert ": 0 faster, 0 slower, 0 same, 0 cannot tell, 25 withheld" in text
    assert "withheld: the machine, or the reference, can be the cause." in text and "(throughput ×/÷ " in text


def test_a_reference_that_alone_changed_makes_no_contender_faster(tmp_path: Path) -> None:
    moods = {"mutex_condvar": 0.7, "coroutine": 1.0}
    found = changes_between(run(tmp_path / "a", 13), run(tmp_path / "b", 14, moods=moods))
    beside_it = found[found["reference"].str.contains("mutex_condvar")]
    assert set(beside_it["verdict"]) == {"reference", "withheld"}


def test_so_many_times_slower_is_beyond_what_an_uneven_machine_does(tmp_path: Path) -> None:
    slight = {name: factor**0.1 for name, factor in UNEVEN.items()}
    found = changes_between(
        run(tmp_path / "a", 15), run(tmp_path / "b", 16, mood=0.4, moods={**slight, "tbb_bounded": 0.5})
    )
    assert set(found.loc[found["verdict"] == "slower", "backend"]) == {"tbb_bounded"}
    assert not (found["verdict"] == "faster").any()


def test_with_too_few_others_the_move_of_the_reference_is_what_the_machine_can_do(tmp_path: Path) -> None:
    only = ["mutex_condvar", "tbb_bounded"]
    still = changes_between(
        run(tmp_path / "a", 17, backends=only), run(tmp_path / "b", 18, slower="tbb_bounded", backends=only)
    )
    assert (still["verdict"] == "slower").sum() == 8 and still["uneven"].dropna().between(1, 1.05).all()
    moved = changes_between(tmp_path / "a", run(tmp_path / "c", 18, slower="tbb_bounded", mood=0.4, backends=only))
    assert (moved["verdict"] == "withheld").sum() == 8 and moved["uneven"].dropna().between(2.4, 2.7).all()


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
    """The share of verdicts between two such runs, and what judging the figures themselves by their intervals would have
    said."""
    seed = round(1000 * noise)  # another luck for each
    found = changes_between(moody(folder / "a", seed, noise, answer), moody(folder / "b", seed + 1, noise, answer))
    found = found[found["verdict"] != "reference"]
    assert len(found) == 150
    plain = (found["change_low"] > 1) | (found["change_high"] < 1)
    beside, alone = found["verdict"].isin(("faster", "slower")).mean(), plain.mean()
    print(f"noise {noise}, answer {answer}: {beside:.1%} beside the reference, {alone:.1%} of the figures alone")
    return beside, alone


@pytest.mark.parametrize("noise", [0.03, 0.1, 0.3])
def test_a_mood_between_runs_gives_at_most_five_percent_of_false_verdicts(tmp_path: Path, noise: float) -> None:
    beside, alone = false_verdicts(tmp_path, noise)
    assert beside <= 0.05
    assert alone > beside or noise > 0.1


def test_a_mood_that_the_reference_alone_feels_is_not_taken_for_a_change(tmp_path: Path) -> None:
    beside, _ = false_verdicts(tmp_path, 0.03, answer=0.0)
    assert beside <= 0.05


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
