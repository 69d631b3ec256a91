"""The figure of each cell in each block, and how cells compare inside the blocks that they share.

Cells that took turns in one process compare inside its rounds first: those of a round were taken within milliseconds of
each other, so what disturbs one disturbs the other. What a block says of two cells is the Hodges-Lehmann estimate over
its rounds; what the run says is the estimate over its blocks, since two queues differ from process to process.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import figures
import handoff_stats as hs
import rank_tests
import scenarios
import schema
from verdicts import Evidence

Codes = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Two cells side by side, block by block, for each of `count` comparisons: `owner` says whose a pair is.

    `failed` are the blocks in which the first failed and the second did not, `beaten` those in which it was the other
    way round: whatever was measured there or not, no difference is larger.
    """

    count: int
    owner: Codes
    difference: Floats
    failed: NDArray[np.bool_]
    beaten: NDArray[np.bool_]

    def evidence(self) -> Evidence:
        """`ratios` and whether they differ from 1: each end of an interval is a test in one direction."""
        up = self._p_above(self.difference, self.failed)
        down = self._p_above(-self.difference, self.beaten)
        return Evidence.of(self.ratios, rank_tests.two_sided(up, down))

    def _p_above(self, difference: Floats, worst: NDArray[np.bool_]) -> Floats:
        rows = ~worst
        return rank_tests.above_zero(difference[rows], self.owner[rows], self.count, self.count_of(worst))

    def ratios(self, confidence: float = hs.CONFIDENCE) -> hs.Estimates:
        """How many times better the first is; more than 1 is better.

        The estimate rests on the blocks in which both have a figure. The interval counts the others, too: a block in
        which one of them failed is its worst possible result. So no cell is faster just on the blocks that it survived.
        """
        beside = hs.Beside(self.count_of(self.failed), self.count_of(self.beaten))
        found = hs.hodges_lehmann_of_each(self.difference, self.owner, self.count, confidence, beside)
        low = hs.end_of_those(self._again(self.failed, confidence, beside), "low", found)
        high = hs.end_of_those(self._again(self.beaten, confidence, beside), "high", found)
        return hs.Estimates(found.value, low, high, found.n).exp()

    def count_of(self, blocks: NDArray[np.bool_]) -> Codes:
        """How many of `blocks` each owner has."""
        return np.bincount(self.owner[blocks], minlength=self.count)

    def without(self, blocks: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Who has a figure in one of `blocks`, and the rows of these owners that are none of `blocks`.

        A figure of a block in which one failed is a value for the estimate, and none for that end of the interval.
        """
        concerned = self.count_of(blocks & ~np.isnan(self.difference)) > 0
        return concerned, concerned[self.owner] & ~blocks

    def _again(
        self, blocks: NDArray[np.bool_], confidence: float, beside: hs.Beside
    ) -> tuple[NDArray[np.bool_], hs.Estimates]:
        concerned, rows = self.without(blocks)
        difference, owner = self.difference[rows], self.owner[rows]
        return concerned, hs.hodges_lehmann_of_each(difference, owner, self.count, confidence, beside)

    def ratios_where_measured(self) -> hs.Estimates:
        """The same for a cell and its second run, in which failures count for neither."""
        return hs.hodges_lehmann_of_each(self.difference, self.owner, self.count).exp()


@dataclass(frozen=True)
class Rounds:
    """The usable samples, ordered by the row of `Blocks` that they belong to and by their number in its process."""

    row: Codes
    number: Codes
    #: Of the headline figure, oriented so that more is better; each of these is known.
    logarithm: Floats

    def differences(self, mine: Codes, theirs: Codes) -> Floats:
        """For each pair of rows, the estimate of their difference inside the rounds that both took part in; NaN if there
        are none. A row of -1 has no samples."""
        width = int(self.number.max(initial=0)) + 1
        keys = self.row * width + self.number
        pair, sample = _all_of(self.row, mine)
        place = _one_of(keys, np.where(theirs[pair] >= 0, theirs[pair] * width + self.number[sample], -1))
        both = place >= 0
        found = self.logarithm[sample[both]] - self.logarithm[place[both]]
        return hs.hodges_lehmann_of_each(found, pair[both], len(mine)).value


def _all_of(ordered: Codes, wanted: Codes) -> tuple[Codes, Codes]:
    """All places of each wanted code among the ordered ones, and at which place in `wanted` the owner of each stands."""
    first = np.searchsorted(ordered, wanted, side="left")
    counts = np.searchsorted(ordered, wanted, side="right") - first
    owner = np.repeat(np.arange(len(wanted)), counts)
    return owner, np.arange(len(owner)) + np.repeat(first - (np.cumsum(counts) - counts), counts)


def _one_of(keys: Codes, wanted: Codes) -> Codes:
    """The place of each wanted key among the ordered ones; -1 if it is not there."""
    if len(keys) == 0:
        return np.full(len(wanted), -1)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)


def logarithms(frame: pd.DataFrame, scenario: NDArray[np.object_]) -> Floats:
    """Logarithms of each row's headline figure, oriented so that more is better; a zero has none."""
    found = np.full(len(frame), np.nan)
    for one in scenarios.SCENARIOS:
        values = frame[one.headline.column].to_numpy()
        mine = (scenario == one.word) & (values > 0)
        found[mine] = np.log(values[mine]) * (1 if one.higher_is_better else -1)
    return found


@dataclass(frozen=True)
class Blocks:
    """A row for each cell and block that has usable samples or failed, ordered by cell and block.

    `values` holds the medians of the usable samples (NaN if there are none). A block in which the cell did not do
    what it was asked has `failed`: its process died, its items were wrong, it did not keep its schedule.
    """

    names: pd.Index
    #: Of each of `names`.
    scenarios: NDArray[np.object_]
    #: The numbers of the blocks, as in the rows.
    numbers: Floats
    cell: Codes
    block: Codes
    values: pd.DataFrame
    failed: NDArray[np.bool_]
    rounds: Rounds

    @staticmethod
    def of(frame: pd.DataFrame, limit: float | None) -> "Blocks":
        """The blocks of samples `with_derived` figures. A block in which one sample exceeds the steal limit is dropped whole."""
        cell, names = pd.factorize(frame["cell"])
        block, numbers = pd.factorize(frame["block"], sort=True)
        key = cell * len(numbers) + block
        stolen = np.isin(key, key[figures.stolen(frame, limit)])
        status = frame["status"].to_numpy()
        usable = (status == "ok") & ~stolen
        broken = np.isin(status, schema.FAILURES)
        failed = np.unique(key[broken | (np.isin(key, key[usable], invert=True) & ~stolen & (status == "unsustained"))])
        values = _medians(frame.loc[usable, list(figures.FIGURES)], key[usable])
        keys = np.union1d(values.index.to_numpy(dtype=np.int64), failed)
        scenario = frame["scenario"].to_numpy()
        logarithm = np.where(usable, logarithms(frame, scenario), np.nan)
        known = np.flatnonzero(~np.isnan(logarithm))
        row, number = np.searchsorted(keys, key[known]), frame["sample"].to_numpy()[known].astype(np.intp)
        order = np.lexsort((number, row))
        return Blocks(
            pd.Index(names),
            scenario[np.unique(cell, return_index=True)[1]],
            np.asarray(numbers, dtype=float),
            keys // len(numbers),
            keys % len(numbers),
            values.reindex(keys).reset_index(drop=True),
            np.isin(keys, failed),
            Rounds(row[order], number[order], logarithm[known][order]),
        )

    def codes(self, names: Iterable[str]) -> Codes:
        """The positions of the cells in `names`; -1 for one that is not there."""
        return self.names.get_indexer(pd.Index(names, dtype=object))

    def medians(self, figure: str) -> hs.Estimates:
        """The median over the blocks of each cell, in the order of `names`."""
        return hs.medians_of_each(self.values[figure].to_numpy(), self.cell, len(self.names))

    def failures(self) -> Codes:
        """The number of blocks in which each cell failed."""
        return np.bincount(self.cell[self.failed], minlength=len(self.names))

    @cached_property
    def logarithms(self) -> Floats:
        """Of each row."""
        return logarithms(self.values, self.scenarios[self.cell])

    def measured(self) -> Codes:
        """The number of blocks in which each cell has a headline figure."""
        known = np.zeros(len(self.cell), dtype=bool)
        for scenario in scenarios.SCENARIOS:
            its = self.scenarios[self.cell] == scenario.word
            known |= its & self.values[scenario.headline.column].notna().to_numpy()
        return np.bincount(self.cell[known], minlength=len(self.names))

    def rows_of(self, cells: Codes) -> tuple[Codes, Codes]:
        """All rows of each of the cells, and at which place in `cells` the owner of each row stands."""
        return _all_of(self.cell, cells)

    def pairs(self, own: Codes, reference: Codes) -> Pairs:
        """The blocks of each of the cells `own` beside those of the one at the same place in `reference`."""
        owner, mine = self.rows_of(own)
        theirs = self._rows(reference[owner], self.block[mine])
        there = theirs >= 0
        apart = self.logarithms[mine] - np.where(there, self.logarithms[theirs], np.nan)
        inside = self.rounds.differences(mine, theirs)
        return Pairs(
            len(own),
            owner,
            np.where(np.isnan(inside), apart, inside),
            self.failed[mine] & there & ~self.failed[theirs],
            ~self.failed[mine] & there & self.failed[theirs],
        )

    def _rows(self, cell: Codes, block: Codes) -> Codes:
        """The row of each cell and block; -1 if there is none."""
        width = len(self.numbers)
        found = _one_of(self.cell * width + self.block, cell * width + block)
        return np.where(cell >= 0, found, -1)


def _medians(values: pd.DataFrame, key: Codes) -> pd.DataFrame:
    """Medians by key, in its order; most blocks have one sample, whose median is itself."""
    if len(np.unique(key)) == len(key):
        return values.set_axis(key, axis=0).sort_index()
    return values.groupby(key).median()
