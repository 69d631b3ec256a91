"""p-values of the rank tests whose intervals handoff_stats gives, for many owners at once.

Each is one-sided: half the largest error at which that end of the interval does not reach "no difference". They are exact,
up to MOST_EXACT values. What is missing because its block failed counts as the worst possible value.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

import handoff_stats as hs
from handoff_stats import Floats, Owners


def above_zero(values: Floats, owners: Owners, count: int, below: Owners) -> Floats:
    """Wilcoxon's signed-rank test of each owner 0 … count - 1 against "the centre is at most 0".

    NaN is no value; each owner has `below` more values below all others. 1 for an owner without values.
    """
    found = np.ones(count)
    ordered, counts, starts = hs.sorted_by_owner(values, owners, count)
    for (n, more), who in hs.alike(counts, below):
        if n > 0:
            statistic = _averages_at_most_zero(ordered[starts[who][:, None] + np.arange(n)])
            found[who] = _signed_rank_up_to(statistic + hs.pairs(n + more) - hs.pairs(n), n + more)
    return found


def shifted_up(
    before: Floats, owners_before: Owners, after: Floats, owners_after: Owners, count: int, below: Owners
) -> Floats:
    """The Mann-Whitney test of each owner against "`after` does not lie above `before`", as `above_zero`; `below` are
    more values of `after`."""
    found = np.ones(count)
    old, old_counts, old_starts = hs.sorted_by_owner(before, owners_before, count)
    new, new_counts, new_starts = hs.sorted_by_owner(after, owners_after, count)
    for (m, n, more), who in hs.alike(old_counts, new_counts, below):
        if m > 0 and n > 0:
            x, y = old[old_starts[who][:, None] + np.arange(m)], new[new_starts[who][:, None] + np.arange(n)]
            found[who] = _rank_sum_up_to(_not_above(x, y) + m * more, m, n + more)
    return found


def two_sided(up: Floats, down: Floats) -> Floats:
    """Of the tests in both directions."""
    return np.minimum(1, 2 * np.minimum(up, down))


def least(n: int) -> float:
    """The least two-sided p-value of the signed-rank test of n differences, all of which have the same sign."""
    return 2.0 ** (1 - n)


def _averages_at_most_zero(rows: Floats) -> Owners:
    """How many Walsh averages of each row are at most 0, in n log n: the ranks by size of all that is not positive.

    Of two values equally far from 0 and on either side, whose average is 0, the negative one has the higher rank.
    """
    falling = np.sort(rows, axis=1)[:, ::-1]
    by_size = np.take_along_axis(falling, np.argsort(np.abs(falling), axis=1, kind="stable"), axis=1)
    return np.asarray((by_size <= 0) @ np.arange(1, rows.shape[1] + 1), dtype=np.intp)


def _not_above(x: Floats, y: Floats) -> Owners:
    """How many pairs of each row have a y that is not above the x."""
    of_x = np.argsort(np.concatenate([y, x], axis=1), axis=1, kind="stable") >= y.shape[1]  # of equal ones, y first
    return np.asarray(((~of_x).cumsum(axis=1) * of_x).sum(axis=1), dtype=np.intp)


def _signed_rank_up_to(statistic: Owners, n: int) -> Floats:
    if n <= hs.MOST_EXACT:
        return hs.signed_rank_tail(n)[statistic]
    return _normal_up_to(statistic, n * (n + 1) / 4, n * (n + 1) * (2 * n + 1) / 24)


def _rank_sum_up_to(statistic: Owners, m: int, n: int) -> Floats:
    if max(m, n) <= hs.MOST_EXACT:
        return hs.rank_sum_tail(m, n)[statistic]
    return _normal_up_to(statistic, m * n / 2, m * n * (m + n + 1) / 12)


def _normal_up_to(statistic: Owners, mean: float, variance: float) -> Floats:
    normal = NormalDist(mean, math.sqrt(variance))
    return np.array([normal.cdf(value + 0.5) for value in statistic.tolist()])
