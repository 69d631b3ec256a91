"""Two runs, cell by cell: what became faster, what slower, what stayed within the noise."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

import pandas as pd

import figures
import handoff_stats as hs
import labels
import report
import schema
import summarize
import units
from failures import UserError

#: What should be equal in environment.json for two runs to be about the same thing.
_ALIKE = (("host", "name"), ("host", "kernel"), ("host", "cores"), ("matrix", "sample_ms"), ("git", "commit"))


@dataclass(frozen=True)
class Measured:
    """A run's rows, summary and values by cell and block."""

    folder: Path
    summary: pd.DataFrame
    blocks: pd.DataFrame

    @staticmethod
    def of(folder: Path) -> "Measured":
        samples = schema.read_samples(folder / "samples.csv")
        if samples.empty:
            raise UserError(f"{folder / 'samples.csv'}: no rows yet.", status=1)
        settings = summarize.Settings.of_run(folder)
        frame = figures.with_derived(samples, settings.cores)
        return Measured(folder, summarize.summary_of(samples, settings), figures.block_values(frame, settings.steal_limit))

    def logarithms(self, cell: str, headline: figures.Headline) -> pd.Series:
        """By block, oriented so that more is better."""
        if cell not in self.blocks.index.get_level_values("cell"):
            return pd.Series(dtype=float)
        sign = 1 if headline.higher_is_better else -1
        return sign * figures.logarithms(self.blocks.xs(cell, level="cell")[headline.column]).dropna()

    def floor(self, cell: str) -> float:
        """The largest noise floor of the groups that the cell stands in; NaN where none was measured."""
        return float(self.summary.loc[self.summary["cell"] == cell, "floor"].max())


def compare(before: Measured, after: Measured) -> pd.DataFrame:
    """One row a cell and group that both runs have figures for."""
    keys = ["cell", "group_capacity"]
    old = before.summary[before.summary["verdict"] != "control"]
    new = after.summary[["cell", "group_capacity", "value", "n"]]
    both = old.merge(new, on=keys, suffixes=("", "_after"))
    both = both[(both["n"] > 0) & (both["n_after"] > 0)]
    rows = [{**row, **_change(row, before, after)} for _, row in both.iterrows()]
    return pd.DataFrame(rows)


def _change(row: pd.Series, before: Measured, after: Measured) -> dict[str, object]:
    headline = figures.HEADLINES[str(row["scenario"])]
    cell, reference = str(row["cell"]), str(row["reference"])
    old, new = before.logarithms(cell, headline), after.logarithms(cell, headline)
    shift = hs.hodges_lehmann_shift(old, new).exp()
    old_beside = (old - before.logarithms(reference, headline)).dropna()
    new_beside = (new - after.logarithms(reference, headline)).dropna()
    beside = hs.NOTHING if cell == reference else hs.hodges_lehmann_shift(old_beside, new_beside).exp()
    return {
        "change": shift.value,
        "change_low": shift.low,
        "change_high": shift.high,
        "beside": beside.value,
        "beside_low": beside.low,
        "beside_high": beside.high,
        "verdict": verdict(shift, max_floor(before.floor(cell), after.floor(cell))),
    }


def max_floor(first: float, second: float) -> float:
    """The larger of two floors; NaN, unknown, only where both are."""
    known = [floor for floor in (first, second) if not math.isnan(floor)]
    return max(known) if known else math.nan


def verdict(shift: hs.Estimate, floor: float) -> str:
    if not shift.has_interval:
        return "cannot tell"
    found = hs.verdict(shift, floor)
    return "within noise" if found == "cannot tell" else found


def render(changes: pd.DataFrame, before: Measured, after: Measured, style: report.Style, everything: bool) -> str:
    cells = changes.drop_duplicates("cell")
    counts = cells["verdict"].value_counts()
    told = ", ".join(f"{counts.get(name, 0)} {name}" for name in ("faster", "slower", "within noise", "cannot tell"))
    lines = [
        style.bold(f"{before.folder} -> {after.folder}"),
        *report.wrapped(f"{units.plural(len(cells), 'cell')} in both runs: {told}. "
                        f"By chance alone up to about {len(cells) * (1 - hs.CONFIDENCE):.1f} would differ."),
        *report.wrapped("change: how many times better the second run is; more than 1 is better, always. Unpaired: two runs "
                        "differ by the machine's mood too. 'beside ref' is the change of the ratio to the reference, "
                        "which that mood touches less."),
        *_mood(cells, style),
        *_differences(before.folder, after.folder),
    ]  # fmt: skip
    shown = changes if everything else changes[changes["verdict"].isin(("faster", "slower"))]
    if shown.empty:
        return "\n".join([*lines, "", "Nothing changed beyond the noise."]) + "\n"
    for _, group in shown.groupby("group", sort=False):
        lines += ["", style.bold(f"{group['scenario'].iloc[0]}: {labels.group(group.iloc[0])}"), style.faint(_HEADER)]
        lines += [_line(row, style) for _, row in group.sort_values("change").iterrows()]
    return "\n".join(lines) + "\n"


_HEADER = f"{'contender':26} {'before':>9} {'after':>9} {'change':>6} {'95 %':>13} {'verdict':12} {'beside ref':>10}"


def _line(row: pd.Series, style: report.Style) -> str:
    column = str(row["headline"])
    interval = "-" if math.isnan(row["change_low"]) else f"{units.ratio(row['change_low'])}–{units.ratio(row['change_high'])}"
    text = (
        f"{labels.contender(row):26} {units.figure(column, row['value']):>9} {units.figure(column, row['value_after']):>9} "
        f"{units.ratio(row['change']):>6} {interval:>13} {row['verdict']:12} {units.ratio(row['beside']):>10}"
    )
    return style.red(text) if row["verdict"] == "slower" else text


def _mood(cells: pd.DataFrame, style: report.Style) -> list[str]:
    """How far the references themselves moved."""
    references = cells[cells["cell"] == cells["reference"]]
    moved = references["change"].dropna()
    if moved.empty:
        return []
    span = f"{units.digits(moved.min())} to {units.digits(moved.max())}" if len(moved) > 1 else units.digits(moved.iloc[0])
    return report.wrapped(f"The references moved by {span}, {units.digits(moved.median())} in the middle.")


def _differences(before: Path, after: Path) -> list[str]:
    """What is not the same about the two runs' surroundings."""
    old, new = summarize.read_environment(before), summarize.read_environment(after)
    pairs = ((f"{part} {key}", old.get(part, {}).get(key), new.get(part, {}).get(key)) for part, key in _ALIKE)
    told = [f"{what}: {first} -> {second}" for what, first, second in pairs if first != second]
    return report.wrapped(f"The runs differ in {'; '.join(told)}.") if told else []


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/compare", description="Which cells became faster, slower, or neither.")
    parser.add_argument("before", type=Path, metavar="RUN1", help="a run's folder")
    parser.add_argument("after", type=Path, metavar="RUN2", help="the run's folder to compare with it")
    parser.add_argument("--all", action="store_true", help="show the cells that did not change, too")
    options = parser.parse_args(arguments)
    before, after = Measured.of(options.before), Measured.of(options.after)
    changes = compare(before, after)
    if changes.empty:
        raise UserError(f"{options.before} and {options.after} have no measured cell in common.", status=1)
    print(render(changes, before, after, report.Style.of_terminal(), options.all), end="")
    return 0
