"""Comparison groups: which cells may be compared, and with which reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Sequence

import pandas as pd

import handoff_stats as hs
import schema

#: A group = all axes equal but backend and wait. Groups are shown in this order.
AXES = (
    "scenario", "item", "item_bytes", "work_producer_ns", "work_consumer_ns", "pinning", "producers", "consumers",
    "capacity", "rate", "stop",
)  # fmt: skip
_BESIDE_CAPACITY = tuple(axis for axis in AXES if axis != "capacity")
_FALLBACKS = ("mutex_condvar", "coroutine")


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
    """One row a cell, in the order of first appearance by scenario, indexed by the cell's name."""
    first = samples.drop_duplicates("cell")[list(schema.IDENTITY)].set_index("cell", drop=False)
    scenarios = {name: place for place, name in enumerate(schema.SCENARIOS)}
    items = {name: place for place, name in enumerate(schema.ITEMS)}
    keys = [first["scenario"].map(scenarios), first["item"].map(items)]
    keys += [first[name] for name in (*AXES[2:], "backend", "wait")]
    ranks = pd.concat(keys, axis=1, keys=range(len(keys)))
    return first.loc[ranks.sort_values(list(ranks.columns)).index]


def comparison_groups(cells: pd.DataFrame, measured: Mapping[str, int]) -> list[Group]:
    """Groups of the cells of `identities`. An unbounded contender joins the group of every capacity.

    `measured` tells in how many blocks a cell has figures: a reference must have some.
    """
    groups: list[Group] = []
    for _, similar in cells.groupby([cells[axis] for axis in _BESIDE_CAPACITY], dropna=False, sort=False):
        unbounded = similar["capacity"].isna()
        capacities: Sequence[float] = sorted(similar.loc[~unbounded, "capacity"].unique())
        for capacity in capacities or [float("nan")]:
            members = similar[unbounded | (similar["capacity"] == capacity)]
            groups.append(_group(members, capacity, measured))
    return groups


def _group(members: pd.DataFrame, capacity: float, measured: Mapping[str, int]) -> Group:
    axes = {axis: members[axis].iloc[0] for axis in AXES}
    axes["capacity"] = capacity
    control = members[members["control"] == 1]
    plain = members[members["control"] != 1]
    twin = None if control.empty else control.iloc[0]
    # A control without its original (a hand-made selection of cells) stands for itself.
    preferred = by_preference(members if plain.empty else plain, twin)
    wanted = min(hs.FEWEST, max(measured.get(cell, 0) for cell in preferred))
    reference = next(cell for cell in preferred if measured.get(cell, 0) >= wanted)
    name = None if twin is None or twin["cell"] == reference or reference != preferred[0] else str(twin["cell"])
    return Group(axes, tuple(members["cell"]), reference, name)


def by_preference(plain: pd.DataFrame, twin: pd.Series | None) -> list[str]:
    """The contender that has an A/A twin first, then the customary references, then the others by name."""

    def rank(cell: pd.Series) -> int:
        if twin is not None and (cell["backend"], cell["wait"]) == (twin["backend"], twin["wait"]):
            return 0
        return 1 + _FALLBACKS.index(cell["backend"]) if cell["backend"] in _FALLBACKS else 1 + len(_FALLBACKS)

    cells = [cell for _, cell in plain.iterrows()]
    return [str(cell["cell"]) for cell in sorted(cells, key=lambda cell: (rank(cell), cell["backend"], cell["wait"]))]
