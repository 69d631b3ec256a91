"""Distribution-free estimates and exact intervals for the small numbers of blocks that a run has.

Everything works on logarithms if ratios are meant. No interval is given if none of the asked-for
coverage exists: below 6 values for the median and for paired differences. The functions named `…_of_each` do for the
values of many owners at once what the others do for one.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Callable, Iterator, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

import threads

CONFIDENCE = 0.95
#: With fewer, even [smallest, largest] covers less than 95 %.
FEWEST = 6
#: With more values than this, the ranks' exact distributions cost seconds and do not differ visibly
#: from the normal one.
MOST_EXACT = 100
#: At most so many pairs of an owner are formed; more are counted without being formed.
MOST_PAIRS = 2_000_000
#: So many pairs are formed at once, as they stay in a core's caches.
AT_ONCE = 500_000

Floats = NDArray[np.float64]
Owners = NDArray[np.intp]


@dataclass(frozen=True)
class Estimate:
    """A point estimate with its interval (NaN if there are too few values) and the number of values."""

    value: float
    low: float
    high: float
    n: int

    @property
    def has_interval(self) -> bool:
        return not math.isnan(self.low)

    def exp(self) -> "Estimate":
        value, low, high = (float(np.exp(number)) for number in (self.value, self.low, self.high))
        return Estimate(value, low, high, self.n)


NOTHING = Estimate(math.nan, math.nan, math.nan, 0)


class Estimates(NamedTuple):
    """What `Estimate` holds, as arrays over owners."""

    value: Floats
    low: Floats
    high: Floats
    n: NDArray[np.intp]

    @staticmethod
    def nothing(count: int) -> "Estimates":
        value, low, high = (np.full(count, math.nan) for _ in range(3))
        return Estimates(value, low, high, np.zeros(count, dtype=np.intp))

    def of(self, owner: int) -> Estimate:
        return Estimate(float(self.value[owner]), float(self.low[owner]), float(self.high[owner]), int(self.n[owner]))

    def exp(self) -> "Estimates":
        return Estimates(np.exp(self.value), np.exp(self.low), np.exp(self.high), self.n)


class Beside(NamedTuple):
    """How many values of each owner are not known, but to lie below all others, and above them. The interval's lower
    end counts the first, its upper end the second; where those that are known give no interval, there is none."""

    below: Owners
    above: Owners

    @staticmethod
    def nothing(count: int) -> "Beside":
        return Beside(np.zeros(count, dtype=np.intp), np.zeros(count, dtype=np.intp))


def median(values: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """The median with the sign test's interval: two order statistics, for any continuous distribution."""
    return medians_of_each(*_of_one(values), 1, confidence).of(0)


def hodges_lehmann(differences: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """The median of the Walsh averages with the interval that the exact Wilcoxon signed-rank test gives.

    Assumes that the differences are symmetric about their centre. For n = 6 the interval is [smallest,
    largest] and covers 96.9 %.
    """
    return hodges_lehmann_of_each(*_of_one(differences), 1, confidence).of(0)


def hodges_lehmann_shift(before: ArrayLike, after: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """How far `after` lies above `before`, unpaired: median of all differences, exact Mann-Whitney interval."""
    return shifts_of_each(*_of_one(before), *_of_one(after), 1, confidence).of(0)


def medians_of_each(values: Floats, owners: Owners, count: int, confidence: float = CONFIDENCE) -> Estimates:
    """`median` for the owners 0 … count - 1; NaN is no value."""
    found = Estimates.nothing(count)
    ordered, counts, starts = sorted_by_owner(values, owners, count)
    for (n,), who in alike(counts):
        if n > 0:
            _fill(found, who, n, ordered[starts[who][:, None] + np.arange(n)], _Ends.of(sign_critical(n, confidence)))
    return found


def hodges_lehmann_of_each(
    values: Floats, owners: Owners, count: int, confidence: float = CONFIDENCE, beside: Beside | None = None
) -> Estimates:
    """`hodges_lehmann` for the owners 0 … count - 1; NaN is no value, an infinity is one."""
    found = Estimates.nothing(count)
    ordered, counts, starts = sorted_by_owner(values, owners, count)
    for (n, below, above), who in alike(counts, *(beside or Beside.nothing(count))):
        if n == 0:
            continue
        ends = _Ends(
            signed_rank_critical(n + below, confidence) - (pairs(n + below) - pairs(n)),
            signed_rank_critical(n + above, confidence) - (pairs(n + above) - pairs(n)),
            signed_rank_critical(n, confidence) >= 0,
        )
        first, second = np.triu_indices(n) if pairs(n) <= MOST_PAIRS else (np.arange(n), np.arange(n))

        def fill(some: Owners) -> None:
            rows = ordered[starts[some][:, None] + np.arange(n)]
            if pairs(n) > MOST_PAIRS:
                _fill_counted(found, int(some[0]), n, _Sums.walsh(rows[0]), ends)
            else:
                _fill(found, some, n, (rows[:, first] + rows[:, second]) / 2, ends)

        threads.of_each(fill, _chunks(who, pairs(n)))
    return found


def shifts_of_each(
    before: Floats,
    owners_before: Owners,
    after: Floats,
    owners_after: Owners,
    count: int,
    confidence: float = CONFIDENCE,
    beside: Beside | None = None,
) -> Estimates:
    """`hodges_lehmann_shift` for the owners 0 … count - 1; NaN is no value. `n` is the smaller of the two numbers.

    `beside` are values of `after` below all others for the lower end, and of `before` below all others for the upper.
    """
    found = Estimates.nothing(count)
    old, old_counts, old_starts = sorted_by_owner(before, owners_before, count)
    new, new_counts, new_starts = sorted_by_owner(after, owners_after, count)
    for (m, n, down, up), everyone in alike(old_counts, new_counts, *(beside or Beside.nothing(count))):
        if m == 0 or n == 0:
            continue
        ends = _Ends(
            rank_sum_critical(m, n + down, confidence) - m * down,
            rank_sum_critical(m + up, n, confidence) - n * up,
            rank_sum_critical(m, n, confidence) >= 0,
        )

        def fill(who: Owners) -> None:
            x, y = old[old_starts[who][:, None] + np.arange(m)], new[new_starts[who][:, None] + np.arange(n)]
            if m * n > MOST_PAIRS:
                _fill_counted(found, int(who[0]), min(m, n), _Sums.of_two(y[0], -x[0]), ends)
            else:
                differences = (y[:, :, None] - x[:, None, :]).reshape(len(who), m * n)
                _fill(found, who, min(m, n), differences, ends)

        threads.of_each(fill, _chunks(everyone, m * n))
    return found


def end_of_those(again: tuple[NDArray[np.bool_], Estimates], end: str, found: Estimates) -> Floats:
    """`found.low` or `.high`, taken from `again` for those it says. If too few values are left there for an interval,
    this end lies among what is `Beside` them."""
    whose, estimates = again
    old, new = getattr(found, end), getattr(estimates, end)
    new = np.where(np.isnan(new), -math.inf if end == "low" else math.inf, new)
    return np.where(whose & ~np.isnan(old), new, old)


def _of_one(values: ArrayLike) -> tuple[Floats, Owners]:
    array = np.asarray(values, dtype=float)
    return array, np.zeros(len(array), dtype=np.intp)


def sorted_by_owner(values: Floats, owners: Owners, count: int) -> tuple[Floats, Owners, Owners]:
    """The values without NaN, grouped by owner; how many each owner has, and where they begin."""
    known = ~np.isnan(values)
    values, owners = values[known], owners[known]
    counts = np.bincount(owners, minlength=count)
    return values[np.argsort(owners, kind="stable")], counts, np.cumsum(counts) - counts


def alike(*numbers: NDArray[np.intp]) -> Iterator[tuple[list[int], Owners]]:
    """The owners that have the same numbers, with these numbers."""
    found, which, counts = np.unique(np.column_stack(numbers), axis=0, return_inverse=True, return_counts=True)
    everyone = np.split(np.argsort(which, kind="stable"), np.cumsum(counts)[:-1])
    yield from zip(found.tolist(), everyone)


def pairs(n: int) -> int:
    """Of n values, each with itself and with each other once."""
    return n * (n + 1) // 2


def _chunks(owners: Owners, each: int) -> list[Owners]:
    """The owners in parts that have AT_ONCE pairs together, if one has so many."""
    step = max(1, AT_ONCE // each)
    return [owners[start : start + step] for start in range(0, len(owners), step)]


class _Ends(NamedTuple):
    """How many of an owner's numbers lie outside its interval at either end; fewer than none: the end is infinite."""

    low: int
    high: int
    #: Whether the values alone are enough for an interval.
    exist: bool

    @staticmethod
    def of(critical: int) -> "_Ends":
        return _Ends(critical, critical, critical >= 0)


def _fill(found: Estimates, who: Owners, n: int, rows: Floats, ends: _Ends) -> None:
    """The middle of each row, and the order statistics that bound the interval."""
    last = rows.shape[1] - 1
    low, high = ends.low, last - ends.high
    wanted = {last // 2, (last + 1) // 2, *(rank for rank in (low, high) if ends.exist and 0 <= rank <= last)}
    ordered = np.partition(rows, sorted(wanted), axis=1)
    found.value[who] = (ordered[:, last // 2] + ordered[:, (last + 1) // 2]) / 2
    found.n[who] = n
    if ends.exist:
        found.low[who] = ordered[:, low] if low >= 0 else -math.inf
        found.high[who] = ordered[:, high] if high <= last else math.inf


@dataclass(frozen=True)
class _Sums:
    """Sums of pairs that are too many to be formed: how many are at most a given value can be counted without that."""

    number: int
    up_to: Callable[[float], int]
    least: float
    most: float

    @staticmethod
    def of_two(first: Floats, second: Floats) -> "_Sums":
        """Each of the first with each of the second."""
        x = np.sort(first)
        known, others = x[np.isfinite(x)], second[np.isfinite(second)]
        return _Sums(
            len(first) * len(second),
            lambda value: int(np.searchsorted(x, value - second, side="right").sum()),
            float(known.min(initial=0) + others.min(initial=0)),
            float(known.max(initial=0) + others.max(initial=0)),
        )

    @staticmethod
    def walsh(values: Floats) -> "_Sums":
        """The averages of each with itself and with each other, once."""
        x = np.sort(values) / 2
        both = _Sums.of_two(x, x)
        return _Sums(
            len(x) * (len(x) + 1) // 2,
            lambda value: (both.up_to(value) + int(np.searchsorted(x, value / 2, side="right"))) // 2,
            both.least,
            both.most,
        )

    def by_rank(self, rank: int) -> float:
        """The sum that so many others precede, by bisection down to neighbouring numbers."""
        low, high = self.least, self.most
        if self.up_to(low) > rank:
            return low if self.up_to(-sys.float_info.max) <= rank else -math.inf
        if self.up_to(high) <= rank:
            return math.inf
        while low < (middle := low / 2 + high / 2) < high:
            low, high = (low, middle) if self.up_to(middle) > rank else (middle, high)
        return high


def _fill_counted(found: Estimates, owner: int, n: int, sums: _Sums, ends: _Ends) -> None:
    last = sums.number - 1
    found.value[owner] = (sums.by_rank(last // 2) + sums.by_rank((last + 1) // 2)) / 2
    found.n[owner] = n
    if ends.exist:
        found.low[owner] = sums.by_rank(ends.low) if ends.low >= 0 else -math.inf
        found.high[owner] = sums.by_rank(last - ends.high) if ends.high >= 0 else math.inf


@lru_cache(maxsize=None)
def sign_critical(n: int, confidence: float) -> int:
    if n > MOST_EXACT:
        return _normal_critical(n / 2, n / 4, confidence)
    return _lower_critical(np.cumsum([math.comb(n, t) / 2**n for t in range(n)]), confidence)


@lru_cache(maxsize=None)
def signed_rank_critical(n: int, confidence: float) -> int:
    if n > MOST_EXACT:
        return _normal_critical(n * (n + 1) / 4, n * (n + 1) * (2 * n + 1) / 24, confidence)
    return _lower_critical(signed_rank_tail(n), confidence)


@lru_cache(maxsize=None)
def rank_sum_critical(m: int, n: int, confidence: float) -> int:
    if max(m, n) > MOST_EXACT:
        return _normal_critical(m * n / 2, m * n * (m + n + 1) / 12, confidence)
    return _lower_critical(rank_sum_tail(m, n), confidence)


def signed_rank_tail(n: int) -> Floats:
    """P(T <= t) for t = 0, 1, …: the Wilcoxon signed-rank statistic of n differences without effect."""
    probability = np.ones(1)
    for rank in range(1, n + 1):
        grown = np.zeros(len(probability) + rank)
        grown[: len(probability)] += probability / 2
        grown[rank:] += probability / 2
        probability = grown
    return np.cumsum(probability)


def rank_sum_tail(m: int, n: int) -> Floats:
    """P(U <= u) for u = 0, 1, …: the Mann-Whitney statistic of m and n values of one distribution."""
    # The number of ways is the Gaussian binomial coefficient: multiply by (1 - q^(m+i)), divide by (1 - q^i).
    ways = np.zeros(m * n + 1)
    ways[0] = 1
    for i in range(1, n + 1):
        ways[m + i :] -= ways[: -(m + i)].copy()
        turns = np.zeros((-(-len(ways) // i), i))
        turns.flat[: len(ways)] = ways
        ways = turns.cumsum(axis=0).ravel()[: len(ways)]
    return np.cumsum(ways) / math.comb(m + n, n)


def _lower_critical(tail: Floats, confidence: float) -> int:
    """The largest k with P(statistic <= k) <= alpha/2; -1 if even 0 is too likely."""
    return int(np.searchsorted(tail, (1 - confidence) / 2 * (1 + 1e-12), side="right")) - 1


def _normal_critical(mean: float, variance: float, confidence: float) -> int:
    """The same for a statistic with so many values that it is as good as normal."""
    return math.floor(mean - 0.5 + NormalDist().inv_cdf((1 - confidence) / 2) * math.sqrt(variance))
