"""Runs whose cells take turns in one process: their rounds, and what happens when one of them ends the process."""

from __future__ import annotations

from collections import Counter

import pytest
import run_matrix
from conftest import Bench, cell_name

ROUNDS = 4
CELLS = {cell_name("mutex_condvar", "native"), cell_name("mutex_condvar", "native") + "/control:1"} | {
    cell_name("tbb_bounded", wait) for wait in ("native", "spin", "yield", "park")
}
SPIN = cell_name("tbb_bounded", "spin")


@pytest.fixture
def rounds(bench: Bench) -> Bench:
    bench.matrix(rounds=ROUNDS)
    return bench


def counts(bench: Bench, block: int) -> Counter[str]:
    rows = bench.samples
    return Counter(rows.loc[(rows["block"] == block) & (rows["status"] == "ok"), "cell"])


def statuses(bench: Bench, block: int, cell: str) -> list[str]:
    rows = bench.samples
    return rows.loc[(rows["block"] == block) & (rows["cell"] == cell), "status"].tolist()


def test_every_cell_has_a_sample_in_every_round(rounds: Bench) -> None:
    assert rounds.run() == 0
    rows = rounds.samples
    for block in (1, 2):
        assert counts(rounds, block) == dict.fromkeys(CELLS, ROUNDS)
        numbers = rows.loc[rows["block"] == block, "sample"].tolist()
        assert numbers == sorted(numbers), "round by round"
    orders = {
        tuple(rows.loc[(rows["block"] == b) & (rows["sample"] == s), "cell"]) for b in (1, 2) for s in range(1, 5)
    }
    assert len(orders) > 4, "each in an order of its own"


@pytest.mark.parametrize("deed", ["crash", "watchdog"])
@pytest.mark.parametrize("number", [1, 3])
def test_who_ends_the_process_has_the_row_and_the_others_all_of_theirs(rounds: Bench, deed: str, number: int) -> None:
    rounds.behave(spin={"do": deed, "round": number, "block": 1})
    assert rounds.run() == 1
    failure = "crashed" if deed == "crash" else "timeout"
    assert statuses(rounds, 1, SPIN) == ["ok"] * (number - 1) + [failure]
    assert counts(rounds, 1) == {**dict.fromkeys(CELLS - {SPIN}, ROUNDS), **({SPIN: number - 1} if number > 1 else {})}
    assert counts(rounds, 2) == dict.fromkeys(CELLS, ROUNDS)


def test_a_hang_is_killed_and_is_the_fault_of_who_was_at_work(rounds: Bench) -> None:
    rounds.behave(spin={"do": "hang", "round": 2, "block": 1})
    assert rounds.run() == 1
    assert statuses(rounds, 1, SPIN) == ["ok", "timeout"]
    assert counts(rounds, 1) == {**dict.fromkeys(CELLS - {SPIN}, ROUNDS), SPIN: 1}


def test_two_that_end_the_process_cost_the_others_nothing(rounds: Bench) -> None:
    rounds.behave(spin={"do": "crash", "round": 2}, park={"do": "crash", "round": 3})
    assert rounds.run() == 1
    others = CELLS - {SPIN, cell_name("tbb_bounded", "park")}
    for block in (1, 2):
        assert {cell: count for cell, count in counts(rounds, block).items() if cell in others} == dict.fromkeys(
            others, ROUNDS
        )
        assert statuses(rounds, block, SPIN)[-1] == "crashed"


def test_a_wrong_sample_ends_the_cells_part_and_nothing_else(rounds: Bench) -> None:
    rounds.behave(spin={"do": "corrupt", "round": 2, "block": 1})
    assert rounds.run() == 1
    assert statuses(rounds, 1, SPIN) == ["ok", "corrupt"]
    assert counts(rounds, 1) == {**dict.fromkeys(CELLS - {SPIN}, ROUNDS), SPIN: 1}
    assert counts(rounds, 2) == dict.fromkeys(CELLS, ROUNDS)


def test_a_crash_at_the_very_end_is_told_beside_all_samples(rounds: Bench) -> None:
    rounds.behave(spin={"do": "late_crash", "block": 1})
    assert rounds.run() == 1
    assert statuses(rounds, 1, SPIN) == ["ok"] * ROUNDS + ["crashed"]
    assert counts(rounds, 1) == dict.fromkeys(CELLS, ROUNDS)


def test_a_run_cut_off_inside_a_launch_repeats_that_launch(rounds: Bench) -> None:
    assert rounds.run() == 0
    file = rounds.out / "samples.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[: 1 + ROUNDS * len(CELLS) + 10]), encoding="utf-8")
    assert rounds.resume() == 0
    for block in (1, 2):
        assert counts(rounds, block) == dict.fromkeys(CELLS, ROUNDS)


def test_who_ended_a_process_runs_alone_from_then_on(rounds: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    launched: list[list[str]] = []
    real = run_matrix.Run._launch

    def noted(run, cells, block, progress):  # type: ignore[no-untyped-def]
        launched.append([cell.name for cell in cells])
        return real(run, cells, block, progress)

    monkeypatch.setattr(run_matrix.Run, "_launch", noted)
    rounds.behave(spin={"do": "crash", "block": 1})
    assert rounds.run() == 1
    first, again, *second = launched
    assert (set(first), set(again)) == (CELLS, CELLS - {SPIN})
    assert sorted(map(len, second)) == [1, len(CELLS) - 1] and [SPIN] in second
