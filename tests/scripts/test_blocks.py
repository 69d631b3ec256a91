"""Blocks in which a contender failed: what they do to its interval, and how often anything is estimated for them."""

from __future__ import annotations

from typing import Any, Iterator

import blocks
import changes
import figures
import handoff_stats as hs
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

COUNT = 40
OTHERS = [name for name in figures.FIGURES if name != "items_per_second"]


def random_pairs(seed: int, figures_of_failed: bool) -> blocks.Pairs:
    """Some twelve blocks an owner, a third of them failed or beaten."""
    rng = np.random.default_rng(seed)
    owner = np.sort(rng.integers(0, COUNT, size=12 * COUNT))
    difference = rng.normal(size=len(owner))
    fate = rng.random(len(owner))
    failed, beaten = fate < 0.2, fate > 0.85
    lost = (failed | beaten) & (rng.random(len(owner)) < (0.5 if figures_of_failed else 2))
    difference[lost] = np.nan
    return blocks.Pairs(COUNT, owner, difference, failed, beaten)


def written_out(pairs: blocks.Pairs, which: NDArray[np.bool_], worth: float) -> hs.Floats:
    return np.where(which, worth, pairs.difference)


@pytest.mark.parametrize("figures_of_failed", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_a_failed_block_counts_as_the_worst_that_can_happen(seed: int, figures_of_failed: bool) -> None:
    pairs = random_pairs(seed, figures_of_failed)

    def estimates(values: hs.Floats) -> hs.Estimates:
        return hs.hodges_lehmann_of_each(values, pairs.owner, COUNT)

    found, alone = pairs.ratios(), estimates(pairs.difference)
    enough = ~np.isnan(alone.low)
    assert 0 < enough.sum()
    low = np.where(enough, estimates(written_out(pairs, pairs.failed, -np.inf)).low, np.nan)
    high = np.where(enough, estimates(written_out(pairs, pairs.beaten, np.inf)).high, np.nan)
    np.testing.assert_array_equal(found.low, np.exp(low))
    np.testing.assert_array_equal(found.high, np.exp(high))
    np.testing.assert_array_equal(found.value, np.exp(alone.value))


@pytest.mark.parametrize("figures_of_failed", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_in_two_runs_it_is_the_worst_of_either(seed: int, figures_of_failed: bool) -> None:
    before, after = (random_pairs(2 * seed + other, figures_of_failed) for other in (10, 11))

    def shifts(old: hs.Floats, new: hs.Floats) -> hs.Estimates:
        return hs.shifts_of_each(old, before.owner, new, after.owner, COUNT)

    found, alone = changes.beside_reference(before, after).ratio, shifts(before.difference, after.difference)
    enough = ~np.isnan(alone.low)
    assert 0 < enough.sum()
    low = shifts(before.difference, written_out(after, after.failed, -np.inf)).low
    high = shifts(written_out(before, before.failed, -np.inf), after.difference).high
    np.testing.assert_array_equal(found.low, np.exp(np.where(enough, low, np.nan)))
    np.testing.assert_array_equal(found.high, np.exp(np.where(enough, high, np.nan)))
    np.testing.assert_array_equal(found.value, np.exp(alone.value))


@pytest.fixture
def estimated(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many owners each call of the estimator was about."""
    counts: list[int] = []
    fill = hs._fill

    def counted(found: hs.Estimates, who: Any, *others: Any) -> None:
        counts.append(len(who))
        fill(found, who, *others)

    monkeypatch.setattr(hs, "_fill", counted)
    yield counts


def test_everyone_is_estimated_once_however_many_failed(estimated: list[int]) -> None:
    before, after = random_pairs(20, False), random_pairs(21, False)
    assert before.failed.any() and before.beaten.any() and after.failed.any()
    before.ratios()
    assert sum(estimated) == COUNT
    changes.beside_reference(before, after)
    assert sum(estimated) == (1 + 2) * COUNT, "with two intervals"


def taken_in_rounds(disturbed: NDArray[np.float64]) -> tuple[blocks.Blocks, list[str]]:
    """Two cells whose samples, a row per block and a column per round, are slower by a factor that both share; the second
    is 1.25 times as fast in each, and has missed the second round of the first block."""
    names = ["reference", "faster"]
    rows = [
        {"cell": cell, "block": block + 1, "sample": round_ + 1, "items_per_second": speed / factor}
        for block, factors in enumerate(disturbed)
        for round_, factor in enumerate(factors)
        for cell, speed in zip(names, (1e6, 1.25e6))
        if (cell, block, round_) != ("faster", 0, 1)
    ]
    frame = pd.DataFrame(rows).assign(scenario="throughput", status="ok", steal_sure=0.0)
    return blocks.Blocks.of(frame.reindex(columns=[*frame.columns, *OTHERS]), None), names


def test_a_disturbance_that_a_round_shares_is_in_no_ratio() -> None:
    disturbed = np.exp(np.random.default_rng(5).normal(0, 1, size=(8, 11)))
    found, (reference, faster) = taken_in_rounds(disturbed)
    ratio = found.pairs(found.codes([faster]), found.codes([reference])).ratios().of(0)
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((1.25, 1.25, 1.25), rel=1e-9)
    assert ratio.n == 8


def test_a_block_counts_once_however_many_rounds_it_has() -> None:
    """Within a process, samples are alike; the next process may differ."""
    found, (reference, faster) = taken_in_rounds(np.ones((5, 100)))
    ratio = found.pairs(found.codes([faster]), found.codes([reference])).ratios().of(0)
    assert ratio.n == 5 and not ratio.has_interval


def test_cells_without_a_common_round_are_compared_by_their_medians() -> None:
    """One that had to run alone, and has given fewer samples."""
    frame = pd.DataFrame(
        [
            {"cell": cell, "block": block, "sample": sample, "items_per_second": speed}
            for block in range(1, 8)
            for cell, sample, speed in (("a", 1, 1e6), ("a", 2, 1e6), ("b", 3, 2e6))
        ]
    ).assign(scenario="throughput", status="ok", steal_sure=0.0)
    found = blocks.Blocks.of(frame.reindex(columns=[*frame.columns, *OTHERS]), None)
    ratio = found.pairs(found.codes(["b"]), found.codes(["a"])).ratios().of(0)
    assert ratio.value == pytest.approx(2)
    assert ratio.n == 7
