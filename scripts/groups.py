"""Comparison groups: which cells may be compared, and with which reference."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

import pandas as pd

import columns
import handoff_stats as hs
import schema
from rows import records

#: A group = all axes equal but backend and wait. Groups are shown in this order.
AXES = columns.axes()
_BESIDE_CAPACITY = tuple(axis for axis in AXES if axis != "capacity")
#: What is looked at of each cell.
_LOOKED_AT = (*AXES, "cell", "backend", "wait", "control")
#: As bench/matrix/plan.cpp prefers them, if a matrix names no other.
_FALLBACKS = ("mutex_condvar", "coroutine")
#: The identity columns of a cell, or a row of the summary.
Cell = Mapping[str, Any]


@dataclass(frozen=True)
class Group:
    """Cells that differ in nothing but backend and wait (and boundedness)."""

    axes: dict[str, object]
    cells: tuple[str, ...]
    reference: str
    control: str | None

    @property
    def capacity(self) -> float:
        return float(self.axes["capacity"])  # type: ignore[arg-type]


def identities(samples: pd.DataFrame) -> pd.DataFrame:
    """One row per cell, in the order of first appearance by scenario, indexed by the cell's name."""
    first = samples.drop_duplicates("cell")[list(schema.IDENTITY)].set_index("cell", drop=False)
    keys = [_rank(first[name]) for name in (*AXES, "backend", "wait")]
    ranks = pd.concat(keys, axis=1, keys=range(len(keys)))
    return first.loc[ranks.sort_values(list(ranks.columns)).index]


def _rank(values: pd.Series) -> pd.Series:
    """The sort key of a column: a word's place in the list of words, if there is one."""
    words = columns.BY_NAME[str(values.name)].words
    return values.map({word: place for place, word in enumerate(words)}) if words else values


def comparison_groups(cells: pd.DataFrame, measured: Mapping[str, int]) -> list[Group]:
    """Groups of the cells of `identities`. An unbounded contender joins the group of every capacity.

    `measured`: the number of blocks in which a cell has figures; a reference must have some.
    """
    alike: dict[tuple[object, ...], list[Cell]] = {}
    cell: Cell
    for cell in records(cells, _LOOKED_AT):
        alike.setdefault(tuple(_comparable(cell[axis]) for axis in _BESIDE_CAPACITY), []).append(cell)
    groups: list[Group] = []
    for similar in alike.values():
        bounded: dict[float, list[Cell]] = {}
        for cell in similar:
            if not math.isnan(cell["capacity"]):
                bounded.setdefault(cell["capacity"], []).append(cell)
        for capacity in sorted(bounded) or [math.nan]:
            members = [cell for cell in similar if math.isnan(cell["capacity"]) or cell["capacity"] == capacity]
            groups.append(_group(members, capacity, measured))
    return groups


def _comparable(value: object) -> object:
    """NaN is not even equal to itself."""
    return None if value != value else value


def _group(members: Sequence[Cell], capacity: float, measured: Mapping[str, int]) -> Group:
    axes = {axis: members[0][axis] for axis in AXES} | {"capacity": capacity}
    plain = [cell for cell in members if cell["control"] != 1]
    twin = next((cell for cell in members if cell["control"] == 1), None)
    # A control without its original (a hand-made selection of cells) stands for itself.
    preferred = by_preference(plain or members, twin)
    wanted = min(hs.FEWEST, max(measured.get(cell, 0) for cell in preferred))
    reference = next(cell for cell in preferred if measured.get(cell, 0) >= wanted)
    name = None if twin is None or twin["cell"] == reference or reference != preferred[0] else str(twin["cell"])
    return Group(axes, tuple(str(cell["cell"]) for cell in members), reference, name)


def by_preference(plain: Sequence[Cell], twin: Cell | None) -> list[str]:
    """The contender that has an A/A twin first, then the customary references, then the others by name."""

    def rank(cell: Cell) -> int:
        if twin is not None and (cell["backend"], cell["wait"]) == (twin["backend"], twin["wait"]):
            return 0
        return 1 + _FALLBACKS.index(cell["backend"]) if cell["backend"] in _FALLBACKS else 1 + len(_FALLBACKS)

    return [str(cell["cell"]) for cell in sorted(plain, key=lambda cell: (rank(cell), cell["backend"], cell["wait"]))]
