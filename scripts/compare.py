"""Compares two runs, cell by cell: faster, slower, or within the noise."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import numpy as np
import pandas as pd

import handoff_stats as hs
import labels
import recorded
import report
import resolution
import schema
import summarize
import surroundings
import texts
import units
import worker_pool
from arguments import Parser
from blocks import Blocks, Pairs
from failures import UserError
from progress import Steps

VERDICTS = ("faster", "slower", "within noise", "cannot tell", resolution.VERDICT)


@dataclass(frozen=True)
class Measured:
    """A run's record, summary and values by cell and block."""

    folder: Path
    version: int
    record: dict[str, Any]
    summary: pd.DataFrame
    blocks: Blocks

    @staticmethod
    def of(folder: Path) -> "Measured":
        samples = schema.read_samples(folder / "samples.csv")
        if samples.empty:
            raise UserError(f"{folder / 'samples.csv'}: no rows yet", status=1)
        record = recorded.read(folder)
        summary, blocks = summarize.with_blocks(samples, summarize.Settings.of_record(record))
        return Measured(folder, schema.version_of(samples), record, summary, blocks)

    def pairs(self, rows: pd.DataFrame) -> Pairs:
        """Each row's cell beside its reference, both as this run has them."""
        return self.blocks.pairs(self.blocks.codes(rows["cell"]), self.blocks.codes(rows["reference"]))


def compare(before: Measured, after: Measured) -> pd.DataFrame:
    """One row per cell and group that both runs have figures for.

    `change` is how many times better the cell's own figure became, `beside` the same for its ratio to the reference. Only
    the ratio is judged, because in it whatever changed for the whole machine cancels out. A figure
    below the resolution, in either run, has no `change`, and neither it nor what is compared with it has a verdict.
    """
    old = before.summary[before.summary["verdict"] != "control"]
    new = after.summary[["cell", "group_capacity", "value", "n", "floor", "clock_ns", resolution.COLUMN]]
    both = old.merge(new, on=["cell", "group_capacity"], suffixes=("", "_after"))
    both = both[(both["n"] > 0) & (both["n_after"] > 0)].reset_index(drop=True)
    change, beside = _changes(both, before.blocks, after.blocks), beside_reference(
        before.pairs(both), after.pairs(both)
    )
    floors = both[["floor", "floor_after"]].max(axis=1)
    is_reference = both["cell"] == both["reference"]
    verdicts = ["reference" if is_reference[row] else verdict(beside.of(row), floors[row]) for row in range(len(both))]
    changes = both.assign(
        change=change.value, change_low=change.low, change_high=change.high, larger_floor=floors, verdict=verdicts,
        beside=np.where(is_reference, np.nan, beside.value), beside_low=beside.low, beside_high=beside.high,
    )  # fmt: skip
    return _without_unresolved(changes, before.summary, after.summary)


def _without_unresolved(changes: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """No change of a figure below the resolution, and no verdict on it or on what is compared with it."""
    old, new = (_cells_below_resolution(summary) for summary in (before, after))
    groups = changes["group_capacity"].fillna(-1)
    of_cells, of_references = (list(zip(changes[name], groups)) for name in ("cell", "reference"))
    own = np.array([cell in old or cell in new for cell in of_cells], dtype=bool)
    any_of_them = own | np.array([cell in old or cell in new for cell in of_references], dtype=bool)
    found = changes.assign(crossed=[(cell in old) != (cell in new) for cell in of_cells])
    found.loc[own, ["change", "change_low", "change_high"]] = np.nan
    found.loc[any_of_them, ["beside", "beside_low", "beside_high"]] = np.nan
    found.loc[any_of_them & (found["verdict"] != "reference"), "verdict"] = resolution.VERDICT
    return found


def _cells_below_resolution(summary: pd.DataFrame) -> set[tuple[str, float]]:
    below = summary[resolution.headline_is_unresolved(summary)]
    return set(zip(below["cell"], below["group_capacity"].fillna(-1)))


def _changes(rows: pd.DataFrame, before: Blocks, after: Blocks) -> hs.Estimates:
    """How each cell's figure moved, whatever else moved with it."""
    (old_owners, old), (new_owners, new) = (blocks.rows_of(blocks.codes(rows["cell"])) for blocks in (before, after))
    return hs.shifts_of_each(before.logarithms[old], old_owners, after.logarithms[new], new_owners, len(rows)).exp()


def beside_reference(before: Pairs, after: Pairs) -> hs.Estimates:
    """How each cell's ratio to its reference moved. A block in which it failed is the worst in either run."""
    beside = hs.Beside(after.count_of(after.failed), before.count_of(before.failed))

    def shifts(old: Any = slice(None), new: Any = slice(None)) -> hs.Estimates:
        return hs.shifts_of_each(
            before.difference[old],
            before.owner[old],
            after.difference[new],
            after.owner[new],
            before.count,
            beside=beside,
        )

    found = shifts()
    (fell, fallen), (rose, risen) = after.without(after.failed), before.without(before.failed)
    low = hs.end_of_those((fell, shifts(new=fallen)), "low", found)
    high = hs.end_of_those((rose, shifts(old=risen)), "high", found)
    return hs.Estimates(found.value, low, high, found.n).exp()


def verdict(shift: hs.Estimate, floor: float) -> str:
    if not shift.has_interval:
        return "cannot tell"
    if shift.low <= 1 <= shift.high or (not math.isnan(floor) and 1 / floor <= shift.value <= floor):
        return "within noise"
    return "faster" if shift.value > 1 else "slower"


def render(changes: pd.DataFrame, before: Measured, after: Measured, style: report.Style, everything: bool) -> str:
    changes = texts.rows_for_terminal(changes)
    lines = [
        style.bold(" -> ".join(texts.for_terminal(str(run.folder)) for run in (before, after))),
        *(line for sentence in _opening(changes) for line in report.wrapped(sentence, hanging=True)),
        *surroundings.differences(before.record, after.record),
    ]
    # A figure that crosses the resolution has changed, although it is unknown by how much.
    shown = changes if everything else changes[changes["verdict"].isin(("faster", "slower")) | changes["crossed"]]
    if shown.empty:
        return "\n".join([*lines, "", "Nothing changed beyond the noise."]) + "\n"
    for group in report.groups_of(shown):
        lines += ["", style.bold(f"{group[0]['scenario']}: {labels.group(group[0])}"), style.faint(_HEADER)]
        lines += [_line(row, style) for row in sorted(group, key=_place)]
    return "\n".join(lines) + "\n"


def _opening(changes: pd.DataFrame) -> list[str]:
    """The counts, and what they claim."""
    judged = changes[changes["verdict"] != "reference"]
    counts = judged["verdict"].value_counts()
    told = ", ".join(f"{counts.get(name, 0)} {name}" for name in VERDICTS)
    return [
        f"{units.plural(len(judged), 'contender')} in both runs: {told}.",
        "change: how many times better the second run is; above 1 is always better. It is not judged, because the machine's "
        "state differs between two runs.",
        "beside ref: the same for the ratio to the reference, with its 95 % interval. The verdict is about this.",
        "Claimed: if only the machine's state changed, and moved each contender and its reference alike, at most one verdict "
        f"in twenty is 'faster' or 'slower', here about {len(judged) * (1 - hs.CONFIDENCE):.1f}. Not claimed: that the state "
        "moved both alike; that the reference is what it was; that a difference between the machines is not the cause.",
        *_mood(changes),
        *_untold(changes),
    ]


_HEADER = f"{'contender':26} {'before':>9} {'after':>9} {'change':>6}   {'beside ref':>10} {'95 %':>13} verdict"


def _place(row: report.Row) -> tuple[bool, float]:
    """The largest loss comes first; the reference and cells without a ratio come last."""
    return math.isnan(row["beside"]), row["beside"]


def _line(row: report.Row, style: report.Style) -> str:
    column = str(row["headline"])
    is_reference = row["verdict"] == "reference"
    interval = "" if is_reference else "-"
    if not (is_reference or math.isnan(row["beside_low"])):
        interval = f"{units.ratio(row['beside_low'])}–{units.ratio(row['beside_high'])}"
    after = {column: row["value_after"]} | {name: row[f"{name}_after"] for name in ("clock_ns", resolution.COLUMN)}
    text = (
        f"{labels.contender(row):26} {resolution.shown(row, column):>9} {resolution.shown(after, column):>9} "
        f"{units.ratio(row['change']):>6}   {'1' if is_reference else units.ratio(row['beside']):>10} {interval:>13} {row['verdict']}"
    )
    return style.red(text) if row["verdict"] == "slower" else text


def _mood(changes: pd.DataFrame) -> list[str]:
    """How far the references themselves moved."""
    references = changes[changes["verdict"] == "reference"].drop_duplicates("cell")
    moved = references["change"].dropna()
    if moved.empty:
        return []
    span = f"{units.ratio(moved.min())} to {units.ratio(moved.max())}, median " if len(moved) > 1 else ""
    return [f"change of the references themselves: {span}{units.ratio(moved.median())}."]


def _untold(changes: pd.DataFrame) -> list[str]:
    if not (changes["verdict"] == resolution.VERDICT).any():
        return []
    return [
        f"below resolution: in one of the runs the contender or its reference is a time of less than {resolution.READINGS} "
        f"readings of the clock, shown with a {resolution.MARK}: no ratio and no verdict. A contender that is so in only one "
        "run is listed with the changes."
    ]


def main(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="scripts/compare",
        description="Shows which contenders became faster or slower, compared with their references.",
    )
    parser.add_argument("before", type=Path, metavar="RUN1", help="the folder of a run")
    parser.add_argument("after", type=Path, metavar="RUN2", help="the folder of the run to compare with it")
    parser.add_argument("--all", action="store_true", help="also show what did not change")
    options = parser.parse_args(arguments)
    with contextlib.closing(Steps(3)) as steps:
        runs = worker_pool.in_processes(Measured.of, (options.before, options.after), "read a run", str(options.before))
        steps.begin(f"reading {options.before.name}")
        before = next(runs)
        steps.begin(f"reading {options.after.name}")
        after = next(runs)
        if before.version != after.version:
            raise UserError(
                f"{options.before} has schema {before.version} and {options.after} schema {after.version}: their figures do not "
                "mean the same (see docs/results-schema.md), so they are not compared; measure one of them again"
            )
        steps.begin("comparing")
        changes = compare(before, after)
    if changes.empty:
        raise UserError(f"{options.before} and {options.after} have no measured cell in common", status=1)
    print(render(changes, before, after, report.Style.of_terminal(), options.all), end="")
    return 0
