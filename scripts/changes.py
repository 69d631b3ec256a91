"""How the contenders of one run differ from those of another, and what that allows to be said.

Two runs are not paired: between them the machine changes, too, and does not change all contenders alike. So what is judged
is each contender's ratio to its reference, beside how unevenly the contenders of other backends moved.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import handoff_stats as hs
import rank_tests
import verdicts
from blocks import Blocks, Pairs
from handoff_stats import Floats
from verdicts import Evidence

#: A difference that would be a verdict, if the machine had not moved others by as much.
WITHHELD = "withheld"
#: With fewer contenders of other backends, how unevenly these moved says little.
FEWEST_OTHERS = 5
#: So many robust standard deviations of the others' moves are what the machine can do to one contender of many. (The
#: deviation of a few others is itself uncertain: of 8 normal ones, some other lies beyond 5 in one case of twenty.)
DEVIATIONS = 5
#: So many are what it does to a given one, in nineteen cases of twenty.
USUAL_DEVIATIONS = 2
#: Of normally distributed numbers about 0: their standard deviation by the median of their distances from 0.
_PER_MEDIAN = 1.4826
#: How many standard errors lie between an estimate and an end of its interval.
_ERRORS = 1.96


def own(rows: pd.DataFrame, before: Blocks, after: Blocks) -> hs.Estimates:
    """How many times better each cell's own figure became, whatever else moved with it."""
    (old_owners, old), (new_owners, new) = (blocks.rows_of(blocks.codes(rows["cell"])) for blocks in (before, after))
    return hs.shifts_of_each(before.logarithms[old], old_owners, after.logarithms[new], new_owners, len(rows)).exp()


def beside_reference(before: Pairs, after: Pairs) -> Evidence:
    """The same for each cell's ratio to its reference. A block in which it failed is the worst in either run."""
    fell, rose = after.count_of(after.failed), before.count_of(before.failed)
    stood, lay = ~after.failed, ~before.failed
    up = rank_tests.shifted_up(
        before.difference, before.owner, after.difference[stood], after.owner[stood], before.count, fell
    )
    down = rank_tests.shifted_up(
        after.difference, after.owner, before.difference[lay], before.owner[lay], before.count, rose
    )
    return Evidence.of(lambda confidence: _shifts(before, after, confidence), rank_tests.two_sided(up, down))


def _shifts(before: Pairs, after: Pairs, confidence: float) -> hs.Estimates:
    beside = hs.Beside(after.count_of(after.failed), before.count_of(before.failed))

    def shifts(old: Any = slice(None), new: Any = slice(None)) -> hs.Estimates:
        one, other = (before.difference[old], before.owner[old]), (after.difference[new], after.owner[new])
        return hs.shifts_of_each(*one, *other, before.count, confidence, beside)

    found = shifts()
    (fell, fallen), (rose, risen) = after.without(after.failed), before.without(before.failed)
    low = hs.end_of_those((fell, shifts(new=fallen)), "low", found)
    high = hs.end_of_those((rose, shifts(old=risen)), "high", found)
    return hs.Estimates(found.value, low, high, found.n).exp()


def unevenness(rows: pd.DataFrame, judged: NDArray[np.bool_]) -> Floats:
    """How unevenly the machine moved each row's contender and its reference: a standard deviation of logarithms.

    It is what the contenders of other backends in the same scenario moved beside their references, beyond chance. A move
    of all of them in one direction is part of it: that is the reference, or the machine. Where too few others are known,
    the move of the reference itself is DEVIATIONS of them: the contender may have felt nothing of it, or twice as much.
    """
    scenario, backend = rows["scenario"].to_numpy(), rows["backend"].to_numpy()
    moved = np.log(rows["beside"].to_numpy(dtype=float))
    error = np.log((rows["beside_high"] / rows["beside_low"]).to_numpy(dtype=float)) / (2 * _ERRORS)
    known = judged & np.isfinite(moved) & np.isfinite(error)
    found = np.log(_of_references(rows)) / DEVIATIONS
    for word, name in set(zip(scenario[judged], backend[judged])):
        others = known & (scenario == word) & (backend != name)
        if others.sum() >= FEWEST_OTHERS:
            found[judged & (scenario == word) & (backend == name)] = _beyond_chance(moved[others], error[others])
    return found


def _beyond_chance(moved: Floats, error: Floats) -> float:
    """Robust, so that a minority that really changed does not hide itself. Chance is given twice its variance, because
    all contenders of a table share what it did to their reference."""
    spread = _PER_MEDIAN * float(np.median(np.abs(moved)))
    return math.sqrt(max(0.0, spread**2 - 2 * float(np.median(error)) ** 2))


def _of_references(rows: pd.DataFrame) -> Floats:
    """How far the reference of each row may have moved, as a factor >= 1; without bound if that is not known."""
    groups = rows["group"].tolist()
    moves = zip(groups, rows["cell"] == rows["reference"], rows["change"], rows["change_low"], rows["change_high"])
    known = {
        group: verdicts.floor_factor(hs.Estimate(value, low, high, 0))
        for group, is_reference, value, low, high in moves
        if is_reference
    }
    found = np.array([known.get(group, math.nan) for group in groups], dtype=float)
    return np.where(np.isnan(found), math.inf, found)


def judge(evidence: Evidence, table: NDArray[np.intp], floor: Floats, uneven: Floats, equivalence: float) -> list[str]:
    """A verdict for each row; `table` as in `Evidence.corrected`, `uneven` as from `unevenness`."""
    words: list[str] = evidence.verdicts(evidence.corrected(table), floor, equivalence).tolist()
    for row, (word, value) in enumerate(zip(words, evidence.ratio.value)):
        if word == verdicts.SAME and USUAL_DEVIATIONS * uneven[row] > math.log(1 + equivalence):
            words[row] = WITHHELD
        elif word in (verdicts.FASTER, verdicts.SLOWER) and abs(math.log(value)) <= DEVIATIONS * uneven[row]:
            words[row] = WITHHELD
    return words
