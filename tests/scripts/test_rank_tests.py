"""p-values of the rank tests: those of scipy, and those of the intervals. Every draw has a fixed seed."""

from __future__ import annotations

import math
from itertools import product

import handoff_stats as hs
import numpy as np
import pytest
import rank_tests
from scipy import stats

NONE = np.zeros(1, dtype=np.intp)


def alone(values: hs.Floats) -> hs.Owners:
    """The owners of values that all belong to owner 0."""
    return np.zeros(len(values), dtype=np.intp)


def above(values: hs.Floats, below: int = 0) -> float:
    return float(rank_tests.above_zero(values, alone(values), 1, NONE + below)[0])


def shifted(x: hs.Floats, y: hs.Floats, below: int = 0) -> float:
    return float(rank_tests.shifted_up(x, alone(x), y, alone(y), 1, NONE + below)[0])


@pytest.mark.parametrize("n", [1, 4, 7, 11, 30])
def test_signed_rank_p_values_are_those_of_scipy(n: int) -> None:
    rng = np.random.default_rng(n)
    for _ in range(20):
        x = rng.normal(0.4, 1, size=n)
        assert above(x) == pytest.approx(stats.wilcoxon(x, alternative="greater", method="exact").pvalue)
        both = rank_tests.two_sided(np.array([above(x)]), np.array([above(-x)]))[0]
        assert both == pytest.approx(stats.wilcoxon(x, method="exact").pvalue)


@pytest.mark.parametrize(("m", "n"), [(3, 8), (7, 7), (11, 20)])
def test_rank_sum_p_values_are_those_of_scipy(m: int, n: int) -> None:
    rng = np.random.default_rng(m + n)
    for _ in range(20):
        x, y = rng.normal(size=m), rng.normal(0.5, 1, size=n)
        assert shifted(x, y) == pytest.approx(stats.mannwhitneyu(y, x, method="exact", alternative="greater").pvalue)


def test_many_values_have_the_normal_p_value() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(0.1, 1, size=150), rng.normal(0.3, 1, size=140)
    assert above(x) == pytest.approx(stats.wilcoxon(x, alternative="greater", method="exact").pvalue, rel=0.02)
    normal = stats.mannwhitneyu(y, x, method="asymptotic", alternative="greater").pvalue
    assert shifted(x, y) == pytest.approx(normal)


def test_seven_differences_of_one_sign_are_one_in_sixty_four() -> None:
    assert rank_tests.least(7) == 1 / 64 == 2 * above(np.arange(1.0, 8.0))
    assert above(-np.arange(1.0, 8.0)) == 1


def test_no_value_is_no_evidence() -> None:
    owners = np.array([0, 1])
    found = rank_tests.above_zero(np.array([math.nan, 1.0]), owners, 3, np.zeros(3, dtype=np.intp))
    assert found.tolist() == [1, 0.5, 1]
    assert shifted(np.array([]), np.array([1.0])) == 1 == shifted(np.array([1.0]), np.array([math.nan]))


def test_equal_ones_count_against_a_difference_in_either_direction() -> None:
    assert above(np.array([0.0])) == 1
    assert above(np.array([1.0, -1.0])) == above(np.array([-1.0, 1.0])) == 0.75
    assert shifted(np.array([1.0]), np.array([1.0])) == 1


@pytest.mark.parametrize(("n", "failed"), product((6, 7, 12), (0, 1, 4)))
def test_an_interval_excludes_no_difference_where_the_p_value_is_small(n: int, failed: int) -> None:
    """Each end of the interval at many confidences, with values that failed; ties and zeros as well."""
    rng = np.random.default_rng(100 * n + failed)
    worst = hs.Beside(NONE + failed, NONE)
    for _ in range(100):
        x, y = np.round(rng.normal(0.6, 1, size=n), 1), np.round(rng.normal(1, 1, size=n + 1), 1)
        for confidence in (0.8, 0.9, 0.95, 0.99):
            one = hs.hodges_lehmann_of_each(x, alone(x), 1, confidence, worst).of(0)
            two = hs.shifts_of_each(x, alone(x), y, alone(y), 1, confidence, worst).of(0)
            limit = (1 - confidence) / 2 * (1 + 1e-12)
            if one.has_interval:
                assert (one.low > 0) == (above(x, failed) <= limit)
            if two.has_interval:
                assert (two.low > 0) == (shifted(x, y, failed) <= limit)


def test_many_at_once_are_what_each_is_alone() -> None:
    rng = np.random.default_rng(9)
    owners, others = rng.integers(0, 6, size=80), rng.integers(0, 6, size=90)
    x, y, failed = rng.normal(size=80), rng.normal(size=90), rng.integers(0, 3, size=6)
    ones = rank_tests.above_zero(x, owners, 6, failed)
    twos = rank_tests.shifted_up(x, owners, y, others, 6, failed)
    for owner in range(6):
        assert ones[owner] == above(x[owners == owner], failed[owner])
        assert twos[owner] == shifted(x[owners == owner], y[others == owner], failed[owner])
