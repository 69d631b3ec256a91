"""What a ratio allows to be said: faster, slower, the same, or that it cannot be told.

`same` is equivalence: two one-sided tests at 5 % each, which is to say that the 90 % interval lies within the margin
(Schuirmann 1987). `faster` and `slower` are claims of a whole table, so their p-values are corrected by Holm's step-down
procedure (1979): whatever depends on what, at most one table in twenty has a false one.
"""

from __future__ import annotations

import math
from typing import Callable, NamedTuple

import numpy as np
from numpy.typing import NDArray

import handoff_stats as hs
import rank_tests
from handoff_stats import Estimate, Estimates, Floats, Owners

FASTER, SLOWER, SAME, UNKNOWN = "faster", "slower", "same", "cannot tell"
WORDS = (FASTER, SLOWER, SAME, UNKNOWN)
#: How often a table may have a false `faster` or `slower`, and a contender a false `same`.
ERROR = 1 - hs.CONFIDENCE
#: Of the interval that must lie within the margin: ERROR at either end.
NARROW = 1 - 2 * ERROR
#: The margin of a matrix that names none: 1/1.05 to 1.05 is the same.
EQUIVALENCE = 0.05


class Evidence(NamedTuple):
    """Ratios, by row: more than 1 is better."""

    ratio: Estimates
    #: With the interval of confidence NARROW.
    narrow: Estimates
    #: Two-sided, against a ratio of 1, for this row alone.
    p: Floats

    @staticmethod
    def of(estimates: Callable[[float], Estimates], p: Floats) -> "Evidence":
        """`estimates` gives the ratios with intervals of a confidence."""
        return Evidence(estimates(hs.CONFIDENCE), estimates(NARROW), p)

    def corrected(self, table: Owners) -> Floats:
        """The p-values after Holm's correction within each table; NaN for a row without an interval, or of table -1."""
        found = np.full(len(table), math.nan)
        tested = (table >= 0) & ~np.isnan(self.ratio.low)
        for number in np.unique(table[tested]):
            rows = np.flatnonzero(tested & (table == number))
            found[rows] = holm(self.p[rows])
        return found

    def verdicts(self, corrected: Floats, floor: Floats, equivalence: float) -> NDArray[np.object_]:
        """The word for each row, from its p-value as `corrected`, and the noise floor (NaN: unknown)."""
        words = [
            verdict(self.ratio.of(row), self.narrow.of(row), corrected[row], floor[row], equivalence)
            for row in range(len(corrected))
        ]
        return np.array(words, dtype=object)


def holm(p: Floats) -> Floats:
    """Adjusted p-values: those of at most ERROR are significant together, with that error for the whole family."""
    order = np.argsort(p, kind="stable")
    found = np.empty(len(p))
    found[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return found


def verdict(ratio: Estimate, narrow: Estimate, corrected: float, floor: float, equivalence: float) -> str:
    """A difference that is certain and lies within the margin is `same`: it is too small to matter."""
    if not ratio.has_interval:
        return UNKNOWN
    if 1 / (1 + equivalence) < narrow.low and narrow.high < 1 + equivalence:
        return SAME
    if not is_significant(corrected) or (not math.isnan(floor) and 1 / floor <= ratio.value <= floor):
        return UNKNOWN
    return FASTER if ratio.value > 1 else SLOWER


def is_significant(p: float) -> bool:
    """With room for rounding, as the intervals have it."""
    return bool(p <= ERROR * (1 + 1e-12))


def floor_factor(control: Estimate) -> float:
    """The noise floor as a factor >= 1, from the interval of control over reference; NaN if unknown.

    Taken on both sides alike: which of two equal contenders came out ahead means nothing.
    """
    if not control.has_interval:
        return math.nan
    return max(control.high, 1 / control.low, 1.0)


def blocks_needed(contenders: int) -> int:
    """With fewer blocks, not even a difference that all of them show is significant in a table of so many contenders."""
    return next(n for n in range(hs.FEWEST, 1000) if is_significant(contenders * rank_tests.least(n)))
