"""Compares two runs, cell by cell: faster, slower, the same, or that it cannot be told."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import numpy as np
import pandas as pd

import changes
import labels
import recorded
import report
import resolution
import schema
import summarize
import surroundings
import texts
import units
import verdicts
import worker_pool
from arguments import Parser
from blocks import Blocks, Pairs
from failures import UserError
from progress import Steps

#: In the order in which they are counted.
VERDICTS = (*verdicts.WORDS, changes.WITHHELD, resolution.VERDICT)


@dataclass(frozen=True)
class Measured:
    """A run's record, summary and values by cell and block."""

    folder: Path
    version: int
    record: dict[str, Any]
    equivalence: float
    summary: pd.DataFrame
    blocks: Blocks

    @staticmethod
    def of(folder: Path) -> "Measured":
        samples = schema.read_samples(folder / "samples.csv")
        if samples.empty:
            raise UserError(f"{folder / 'samples.csv'}: no rows yet", status=1)
        record = recorded.read(folder)
        settings = summarize.Settings.of_record(record)
        summary, blocks = summarize.with_blocks(samples, settings)
        return Measured(folder, schema.version_of(samples), record, settings.equivalence, summary, blocks)

    def pairs(self, rows: pd.DataFrame) -> Pairs:
        """Each row's cell beside its reference, both as this run has them."""
        return self.blocks.pairs(self.blocks.codes(rows["cell"]), self.blocks.codes(rows["reference"]))


def compare(before: Measured, after: Measured) -> pd.DataFrame:
    """One row per cell and group that both runs have figures for.

    `change` is how many times better the cell's own figure became, `beside` the same for its ratio to the reference. Only
    the ratio is judged, because in it whatever changed for the whole machine cancels out; `uneven` is by how much the
    machine can have moved it all the same. A figure below the resolution, in either run, has no `change`, and neither it
    nor what is compared with it has a verdict.
    """
    old = before.summary[before.summary["verdict"] != "control"]
    new = after.summary[["cell", "group_capacity", "value", "n", "floor", "clock_ns", resolution.COLUMN]]
    both = old.merge(new, on=["cell", "group_capacity"], suffixes=("", "_after"))
    both = both[(both["n"] > 0) & (both["n_after"] > 0)].reset_index(drop=True)
    change = changes.own(both, before.blocks, after.blocks)
    evidence = changes.beside_reference(before.pairs(both), after.pairs(both))
    is_reference = both["cell"] == both["reference"]
    found = both.assign(
        change=change.value, change_low=change.low, change_high=change.high,
        beside=np.where(is_reference, np.nan, evidence.ratio.value),
        beside_low=evidence.ratio.low, beside_high=evidence.ratio.high,
        larger_floor=both[["floor", "floor_after"]].max(axis=1), verdict=np.where(is_reference, "reference", ""),
    )  # fmt: skip
    found = _without_unresolved(found, before.summary, after.summary)
    judged = (found["verdict"] == "").to_numpy()
    uneven = changes.unevenness(found, judged)
    table = np.where(is_reference, -1, both["group"])
    margin = min(before.equivalence, after.equivalence)
    words = changes.judge(evidence, table, found["larger_floor"].to_numpy(), uneven, margin)
    possible = np.where(judged, np.exp(changes.DEVIATIONS * uneven), np.nan)
    return found.assign(verdict=np.where(judged, words, found["verdict"]), uneven=possible)


def _without_unresolved(found: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """No change of a figure below the resolution, and no verdict on it or on what is compared with it."""
    old, new = (_cells_below_resolution(summary) for summary in (before, after))
    groups = found["group_capacity"].fillna(-1)
    of_cells, of_references = (list(zip(found[name], groups)) for name in ("cell", "reference"))
    own = np.array([cell in old or cell in new for cell in of_cells], dtype=bool)
    any_of_them = own | np.array([cell in old or cell in new for cell in of_references], dtype=bool)
    found = found.assign(crossed=[(cell in old) != (cell in new) for cell in of_cells])
    found.loc[own, ["change", "change_low", "change_high"]] = np.nan
    found.loc[any_of_them, ["beside", "beside_low", "beside_high"]] = np.nan
    found.loc[any_of_them & (found["verdict"] != "reference"), "verdict"] = resolution.VERDICT
    return found


def _cells_below_resolution(summary: pd.DataFrame) -> set[tuple[str, float]]:
    below = summary[resolution.headline_is_unresolved(summary)]
    return set(zip(below["cell"], below["group_capacity"].fillna(-1)))


def render(found: pd.DataFrame, before: Measured, after: Measured, style: report.Style, everything: bool) -> str:
    found = texts.rows_for_terminal(found)
    margin = min(before.equivalence, after.equivalence)
    lines = [
        style.bold(" -> ".join(texts.for_terminal(str(run.folder)) for run in (before, after))),
        *(line for sentence in _opening(found, margin) for line in report.wrapped(sentence, hanging=True)),
        *surroundings.differences(before.record, after.record),
    ]
    # A figure that crosses the resolution has changed, although it is unknown by how much.
    told = found["verdict"].isin((verdicts.FASTER, verdicts.SLOWER)) | found["crossed"]
    shown = found if everything else found[told]
    if shown.empty:
        return "\n".join([*lines, "", "Nothing is known to be faster or slower; --all shows every contender."]) + "\n"
    for group in report.groups_of(shown):
        lines += ["", style.bold(f"{group[0]['scenario']}: {labels.group(group[0])}"), style.faint(_HEADER)]
        lines += [_line(row, style) for row in sorted(group, key=_place)]
    return "\n".join(lines) + "\n"


def _opening(found: pd.DataFrame, margin: float) -> list[str]:
    """The counts, and what they claim."""
    judged = found[found["verdict"] != "reference"]
    counts = judged["verdict"].value_counts()
    told = ", ".join(f"{counts.get(name, 0)} {name}" for name in VERDICTS)
    return [
        f"{units.plural(len(judged), 'contender')} in both runs: {told}.",
        "change: how many times better the second run is; above 1 is always better. It is not judged, because the machine's "
        "state differs between two runs.",
        *_mood(found),
        "beside ref: the same for the ratio to the reference, with its 95 % interval. The verdict is about this: faster and "
        "slower beyond the noise floor, corrected for all contenders of a table (Holm), so that at most one table in twenty "
        f"has a false one; same if the 90 % interval lies between 1/{1 + margin:.6g} and {1 + margin:.6g}; else cannot tell.",
        *_uneven(judged),
        "Not claimed: that the reference is what it was, or that a difference between the machines is not the cause. To "
        "compare two builds, measure them by turns on the same machine.",
        *_untold(found),
    ]


def _uneven(judged: pd.DataFrame) -> list[str]:
    """By how much the machine moved contenders unevenly, where that is why a verdict is withheld."""
    withheld = judged[judged["verdict"] == changes.WITHHELD]
    if withheld.empty:
        return []
    most = withheld.groupby("scenario", sort=False)["uneven"].max()
    named = ", ".join(f"{scenario} {units.floor(factor)}" for scenario, factor in most.items())
    return [
        f"{changes.WITHHELD}: the machine, or the reference, can be the cause. Contenders of other backends moved beside their "
        f"references by as much ({named}: {changes.DEVIATIONS} robust standard deviations beyond chance); where there are "
        f"fewer than {changes.FEWEST_OTHERS} others, the reference itself may have."
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


def _mood(found: pd.DataFrame) -> list[str]:
    """How far the references themselves moved."""
    references = found[found["verdict"] == "reference"].drop_duplicates("cell")
    moved = references["change"].dropna()
    if moved.empty:
        return []
    span = f"{units.ratio(moved.min())} to {units.ratio(moved.max())}, median " if len(moved) > 1 else ""
    return [f"change of the references themselves: {span}{units.ratio(moved.median())}."]


def _untold(found: pd.DataFrame) -> list[str]:
    if not (found["verdict"] == resolution.VERDICT).any():
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
        found = compare(before, after)
    if found.empty:
        raise UserError(f"{options.before} and {options.after} have no measured cell in common", status=1)
    print(render(found, before, after, report.Style.of_terminal(), options.all), end="")
    return 0
