"""Distribution-free estimates and exact intervals for the small numbers of blocks that a run has.

Everything works on logarithms where ratios are meant. No interval is given where none of the asked-for
coverage exists: below 6 values for the median and for paired differences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

CONFIDENCE = 0.95
#: With fewer, even [smallest, largest] covers less than 95 %.
FEWEST = 6


@dataclass(frozen=True)
class Estimate:
    """A point estimate with its interval (NaN where there are too few values) and the number of values."""

    value: float
    low: float
    high: float
    n: int

    @property
    def has_interval(self) -> bool:
        return not math.isnan(self.low)

    def exp(self) -> "Estimate":
        return Estimate(math.exp(self.value), math.exp(self.low), math.exp(self.high), self.n)


NOTHING = Estimate(math.nan, math.nan, math.nan, 0)


def median(values: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """The median with the sign test's interval: two order statistics, for any continuous distribution."""
    ordered = np.sort(_finite(values))
    n = len(ordered)
    if n == 0:
        return NOTHING
    middle = float(np.median(ordered))
    k = _lower_critical(sign_tail(n), confidence)
    if k < 0:
        return Estimate(middle, math.nan, math.nan, n)
    return Estimate(middle, float(ordered[k]), float(ordered[n - 1 - k]), n)


def hodges_lehmann(differences: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """The median of the Walsh averages with the interval that the exact Wilcoxon signed-rank test gives.

    Assumes that the differences are symmetric about their centre. For n = 6 the interval is [smallest,
    largest] and covers 96.9 %.
    """
    x = _finite(differences)
    n = len(x)
    if n == 0:
        return NOTHING
    rows, columns = np.triu_indices(n)
    walsh = np.sort((x[rows] + x[columns]) / 2)
    centre = float(np.median(walsh))
    k = _lower_critical(signed_rank_tail(n), confidence)
    if k < 0:
        return Estimate(centre, math.nan, math.nan, n)
    return Estimate(centre, float(walsh[k]), float(walsh[len(walsh) - 1 - k]), n)


def hodges_lehmann_shift(before: ArrayLike, after: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """How far `after` lies above `before`, unpaired: median of all differences, exact Mann-Whitney interval."""
    x, y = _finite(before), _finite(after)
    if len(x) == 0 or len(y) == 0:
        return NOTHING
    differences = np.sort(np.subtract.outer(y, x), axis=None)
    centre = float(np.median(differences))
    k = _lower_critical(rank_sum_tail(len(x), len(y)), confidence)
    n = min(len(x), len(y))
    if k < 0:
        return Estimate(centre, math.nan, math.nan, n)
    return Estimate(centre, float(differences[k]), float(differences[len(differences) - 1 - k]), n)


@lru_cache(maxsize=None)
def sign_tail(n: int) -> NDArray[np.float64]:
    """P(at most t of n values lie on one side of the median) for t = 0, 1, …"""
    return np.asarray(stats.binom.cdf(np.arange(n), n, 0.5))


@lru_cache(maxsize=None)
def signed_rank_tail(n: int) -> NDArray[np.float64]:
    """P(T <= t) for t = 0, 1, …: the Wilcoxon signed-rank statistic of n differences without effect."""
    probability = np.ones(1)
    for rank in range(1, n + 1):
        grown = np.zeros(len(probability) + rank)
        grown[: len(probability)] += probability / 2
        grown[rank:] += probability / 2
        probability = grown
    return np.cumsum(probability)


@lru_cache(maxsize=None)
def rank_sum_tail(m: int, n: int) -> NDArray[np.float64]:
    """P(U <= u) for u = 0, 1, …: the Mann-Whitney statistic of m and n values of one distribution."""
    # The number of ways is the Gaussian binomial coefficient: multiply by (1 - q^(m+i)), divide by (1 - q^i).
    ways = [1] + [0] * (m * n)
    for i in range(1, n + 1):
        for u in range(m * n, m + i - 1, -1):
            ways[u] -= ways[u - m - i]
        for u in range(i, m * n + 1):
            ways[u] += ways[u - i]
    total = math.comb(m + n, n)
    return np.cumsum(np.array([way / total for way in ways]))


def _lower_critical(tail: NDArray[np.float64], confidence: float) -> int:
    """The largest k with P(statistic <= k) <= alpha/2; -1 where even 0 is too likely."""
    return int(np.searchsorted(tail, (1 - confidence) / 2 * (1 + 1e-12), side="right")) - 1


def _finite(values: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=float)
    return array[np.isfinite(array)]


def floor_factor(control: Estimate) -> float:
    """The noise floor as a factor >= 1, from the interval of control over reference; NaN where unknown.

    Taken on both sides alike: which of two equal contenders came out ahead means nothing.
    """
    if not control.has_interval:
        return math.nan
    return max(control.high, 1 / control.low, 1.0)


def verdict(ratio: Estimate, floor: float) -> str:
    """`faster`, `slower` or `cannot tell` for a ratio oriented so that more than 1 is better."""
    if not ratio.has_interval:
        return "cannot tell"
    if ratio.low <= 1 <= ratio.high:
        return "cannot tell"
    if not math.isnan(floor) and 1 / floor <= ratio.value <= floor:
        return "cannot tell"
    return "faster" if ratio.value > 1 else "slower"
