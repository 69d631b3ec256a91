"""Estimates and intervals on made-up data whose answers are known. Every draw has a fixed seed."""

from __future__ import annotations

import math
from itertools import product

import handoff_stats as hs
import numpy as np
import pytest
from scipy import stats

BLOCKS = (6, 7, 10, 20)


def exact_coverage(n: int) -> float:
    """What the signed-rank interval covers for continuous symmetric differences."""
    tail = hs.signed_rank_tail(n)
    return 1 - 2 * max(probability for probability in tail if probability <= 0.025)


def test_signed_rank_probabilities_are_those_of_all_sign_patterns() -> None:
    n = 8
    sums = [sum(rank for rank, sign in enumerate(signs, 1) if sign) for signs in product((0, 1), repeat=n)]
    expected = np.cumsum(np.bincount(sums)) / 2**n
    np.testing.assert_allclose(hs.signed_rank_tail(n), expected)


def test_signed_rank_probabilities_agree_with_scipy() -> None:
    differences = np.array([1.1, -2.3, 3.7, 4.2, -5.9, 6.1, 7.4])
    statistic = stats.wilcoxon(differences, mode="exact", alternative="less")
    # The sum of the ranks of the positive differences.
    assert hs.signed_rank_tail(7)[int(statistic.statistic)] == pytest.approx(statistic.pvalue)


def test_rank_sum_probabilities_agree_with_scipy() -> None:
    rng = np.random.default_rng(3)
    for m, n in ((4, 7), (7, 7), (11, 6)):
        x, y = rng.normal(size=m), rng.normal(size=n)
        found = stats.mannwhitneyu(x, y, method="exact", alternative="less")
        assert hs.rank_sum_tail(m, n)[int(found.statistic)] == pytest.approx(found.pvalue)


def test_six_differences_give_the_whole_span_and_cover_97_percent() -> None:
    estimate = hs.hodges_lehmann([3.0, 1.0, 2.0, 6.0, 5.0, 4.0])
    assert (estimate.value, estimate.low, estimate.high, estimate.n) == (3.5, 1.0, 6.0, 6)
    assert exact_coverage(6) == pytest.approx(0.96875)


def test_many_at_once_are_what_each_is_alone() -> None:
    rng = np.random.default_rng(11)
    owners = rng.integers(0, 9, size=200)
    values, others = rng.normal(size=200), rng.normal(size=200)
    values[rng.integers(0, 200, size=20)] = math.nan
    shifts = hs.shifts_of_each(values, owners, others, owners, 10)
    for owner in range(10):
        own = values[owners == owner]
        assert_same(hs.medians_of_each(values, owners, 10).of(owner), hs.median(own))
        assert_same(hs.hodges_lehmann_of_each(values, owners, 10).of(owner), hs.hodges_lehmann(own))
        assert_same(shifts.of(owner), hs.hodges_lehmann_shift(own, others[owners == owner]))


def assert_same(one: hs.Estimate, other: hs.Estimate) -> None:
    np.testing.assert_array_equal((one.value, one.low, one.high, one.n), (other.value, other.low, other.high, other.n))


def test_values_that_lie_beside_all_others_count_as_infinite_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(13)
    for most_pairs in (hs.MOST_PAIRS, 10):
        monkeypatch.setattr(hs, "MOST_PAIRS", most_pairs)
        for n, below, above in product((6, 7, 12), (0, 1, 4), (0, 2)):
            x, y = rng.normal(size=n), rng.normal(size=n + 1)
            beside = hs.Beside(np.array([below]), np.array([above]))
            alone = np.zeros(n, dtype=np.intp), np.zeros(n + 1, dtype=np.intp)
            one = hs.hodges_lehmann_of_each(x, alone[0], 1, beside=beside).of(0)
            two = hs.shifts_of_each(x, alone[0], y, alone[1], 1, beside=beside).of(0)
            worst, best = np.full(below, -math.inf), np.full(above, math.inf)
            ends = hs.hodges_lehmann([*x, *worst]).low, hs.hodges_lehmann([*x, *best]).high
            np.testing.assert_allclose((one.low, one.high), ends, rtol=1e-12)
            ends = hs.hodges_lehmann_shift(x, [*y, *worst]).low, hs.hodges_lehmann_shift([*x, *-best], y).high
            np.testing.assert_allclose((two.low, two.high), ends, rtol=1e-12)


def test_values_beside_too_few_to_tell_give_no_interval() -> None:
    alone = np.zeros(5, dtype=np.intp)
    found = hs.hodges_lehmann_of_each(np.arange(5.0), alone, 1, beside=hs.Beside(np.array([9]), np.array([9]))).of(0)
    assert found.value == 2.0 and not found.has_interval


@pytest.mark.parametrize("failed", [0, 3, 60])
def test_pairs_too_many_to_be_formed_are_counted_to_the_same_end(monkeypatch: pytest.MonkeyPatch, failed: int) -> None:
    rng = np.random.default_rng(12)
    x, y = rng.normal(size=61), rng.normal(size=40)
    x[:failed] = -math.inf
    formed = hs.hodges_lehmann(x), hs.hodges_lehmann_shift(x[failed:], y)
    monkeypatch.setattr(hs, "MOST_PAIRS", 10)
    counted = hs.hodges_lehmann(x), hs.hodges_lehmann_shift(x[failed:], y)
    for one, other in zip(formed, counted):
        np.testing.assert_allclose((one.value, one.low, one.high), (other.value, other.low, other.high), rtol=1e-12)


def test_beyond_the_exact_ranks_the_normal_ones_take_over_without_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = [hs.sign_critical(99, 0.95), hs.signed_rank_critical(99, 0.95), hs.rank_sum_critical(99, 80, 0.95)]
    monkeypatch.setattr(hs, "MOST_EXACT", 10)
    # One confidence that nothing has asked for: what was asked is remembered.
    normal = [
        hs.sign_critical(99, 0.95 + 1e-9),
        hs.signed_rank_critical(99, 0.95 + 1e-9),
        hs.rank_sum_critical(99, 80, 0.95 + 1e-9),
    ]
    assert all(abs(one - other) <= step for one, other, step in zip(exact, normal, (1, 10, 10)))


def test_fewer_than_six_differences_give_no_interval() -> None:
    for n in range(1, 6):
        estimate = hs.hodges_lehmann(range(1, n + 1))
        assert not estimate.has_interval
        assert not hs.median(range(n)).has_interval


def test_nothing_measured_gives_nothing() -> None:
    for estimate in (hs.hodges_lehmann([]), hs.median([math.nan]), hs.hodges_lehmann_shift([], [1.0])):
        assert estimate.n == 0 and math.isnan(estimate.value)


def test_the_walsh_averages_bound_the_interval_of_seven() -> None:
    # By hand: of 28 Walsh averages of 0…6 the third from each end, since P(T <= 2) = 3/128 and P(T <= 3) = 5/128.
    assert hs.hodges_lehmann(range(7)) == hs.Estimate(3.0, 1.0, 5.0, 7)


def test_the_median_of_eleven_lies_between_the_second_and_the_tenth() -> None:
    assert hs.median(range(11)) == hs.Estimate(5.0, 1.0, 9.0, 11)


@pytest.mark.parametrize("n", BLOCKS)
@pytest.mark.parametrize("shape", ["normal", "heavy tails"])
def test_intervals_over_blocks_cover_what_they_promise(n: int, shape: str) -> None:
    rng = np.random.default_rng(100 + n)
    trials, truth = 3000, 0.1
    noise = rng.normal(size=(trials, n)) if shape == "normal" else rng.standard_t(3, size=(trials, n))
    hits = 0
    for differences in truth + noise:
        estimate = hs.hodges_lehmann(differences)
        hits += estimate.low <= truth <= estimate.high
    promised = exact_coverage(n)
    assert promised >= 0.95
    assert hits / trials == pytest.approx(promised, abs=4 * math.sqrt(promised * (1 - promised) / trials))


@pytest.mark.parametrize("n", BLOCKS)
def test_medians_and_shifts_cover_at_least_95_percent(n: int) -> None:
    rng = np.random.default_rng(200 + n)
    trials = 1500
    medians = shifts = 0
    for _ in range(trials):
        x, y = rng.lognormal(size=n), rng.lognormal(size=n)
        one = hs.median(x)
        medians += one.low <= 1 <= one.high
        shift = hs.hodges_lehmann_shift(np.log(x), np.log(y) + 0.3)
        shifts += shift.low <= 0.3 <= shift.high
    allowed = 0.95 - 4 * math.sqrt(0.95 * 0.05 / trials)
    assert medians / trials >= allowed
    assert shifts / trials >= allowed
