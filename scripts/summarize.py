"""samples.csv -> summary.csv and report.txt: estimates, intervals, ratios to the reference, verdicts."""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import pandas as pd

import figures
import handoff_stats as hs
import report
import schema
from failures import UserError
from groups import Group, comparison_groups, identities


@dataclass(frozen=True)
class Settings:
    """What summarising needs to know beside the rows; it stands in environment.json."""

    steal_limit: float | None = None
    cores: float = 1.0

    @staticmethod
    def of_run(folder: Path) -> "Settings":
        known = read_environment(folder)
        limit = known.get("matrix", {}).get("steal_limit")
        cores = known.get("host", {}).get("cores", 1)
        return Settings(None if limit is None else float(limit), float(cores))


def read_environment(folder: Path) -> dict[str, Any]:
    """environment.json of a run; empty where there is none."""
    path = folder / "environment.json"
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", 1)
        raise UserError(f"{path}, line {line}: not JSON.") from None
    if not isinstance(known, dict):
        raise UserError(f"{path}, line 1: must be a JSON object.")
    return known


def summary_of(samples: pd.DataFrame, settings: Settings = Settings()) -> pd.DataFrame:
    """The table of summary.csv: one row a cell and group."""
    frame = figures.with_derived(samples, settings.cores)
    tables = _Tables(
        cells=identities(frame),
        blocks=figures.block_values(frame, settings.steal_limit),
        counts=figures.status_counts(frame),
        dropped=figures.dropped_blocks(frame, settings.steal_limit),
        details=_first_details(frame),
    )
    rows = [
        row
        for number, group in enumerate(comparison_groups(tables.cells, tables.measured()), start=1)
        for row in _rows_of_group(number, group, tables)
    ]
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class _Tables:
    cells: pd.DataFrame
    blocks: pd.DataFrame
    counts: pd.DataFrame
    dropped: dict[str, int]
    details: dict[str, str]

    def measured(self) -> dict[str, int]:
        """In how many blocks each cell has a usable headline figure."""
        return {cell: int(self.values(cell)[self.headline(cell).column].notna().sum()) for cell in self.cells.index}

    def headline(self, cell: str) -> figures.Headline:
        return figures.HEADLINES[str(self.cells.at[cell, "scenario"])]

    def values(self, cell: str) -> pd.DataFrame:
        """The cell's figures by block."""
        if cell not in self.blocks.index.get_level_values("cell"):
            return self.blocks.iloc[0:0].droplevel("cell")
        return self.blocks.xs(cell, level="cell")


def _first_details(frame: pd.DataFrame) -> dict[str, str]:
    """The first explanation of each cell that has a row which is not ok."""
    told = frame[(frame["status"] != "ok") & (frame["detail"] != "")]
    return dict(told.drop_duplicates("cell").set_index("cell")["detail"])


def _rows_of_group(number: int, group: Group, tables: _Tables) -> list[dict[str, object]]:
    headline = figures.HEADLINES[str(group.axes["scenario"])]
    reference = tables.values(group.reference)[headline.column]
    noise = hs.NOTHING
    if group.control is not None:
        noise = ratio_of(tables.values(group.control)[headline.column], reference, headline)
    floor = hs.floor_factor(noise)
    rows = []
    for cell in group.cells:
        row: dict[str, object] = {name: tables.cells.at[cell, name] for name in schema.IDENTITY}
        row |= {"group": number, "group_capacity": group.capacity, "reference": group.reference}
        row |= {"headline": headline.column, "better": headline.better}
        row |= _estimates(tables.values(cell), headline.column)
        row |= _comparison(cell, group, tables, headline)
        row |= {"floor": floor, "floor_low": noise.low, "floor_high": noise.high}
        row["verdict"] = _verdict(cell, group, row)
        row |= {f"rows_{status}": int(tables.counts.at[cell, status]) for status in schema.STATUSES}
        row |= {"blocks_dropped": tables.dropped.get(cell, 0), "detail": tables.details.get(cell, "")}
        rows.append(row)
    return rows


def ratio_of(values: pd.Series, reference: pd.Series, headline: figures.Headline) -> hs.Estimate:
    """How many times better than the reference: paired inside blocks, more than 1 is better."""
    differences = (figures.logarithms(values) - figures.logarithms(reference)).dropna()
    sign = 1 if headline.higher_is_better else -1
    return hs.hodges_lehmann(sign * differences.to_numpy()).exp()


def _estimates(values: pd.DataFrame, headline: str) -> dict[str, object]:
    """Medians over blocks with their intervals: the headline as `value`, then every figure by its name."""
    row: dict[str, object] = {}
    main = hs.median(values[headline])
    row |= {"n": main.n, "value": main.value, "value_low": main.low, "value_high": main.high}
    for name in figures.FIGURES:
        estimate = hs.median(values[name])
        row |= {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
    return row


def _comparison(cell: str, group: Group, tables: _Tables, headline: figures.Headline) -> dict[str, object]:
    if cell == group.reference:
        ratio = hs.NOTHING
    else:
        own, other = tables.values(cell)[headline.column], tables.values(group.reference)[headline.column]
        ratio = ratio_of(own, other, headline)
    return {"ratio": ratio.value, "ratio_low": ratio.low, "ratio_high": ratio.high, "ratio_blocks": ratio.n}


def _verdict(cell: str, group: Group, row: dict[str, Any]) -> str:
    if cell == group.reference:
        return "reference"
    if row["control"] == 1:
        return "control"
    if row["n"] == 0:
        return ""
    ratio = hs.Estimate(row["ratio"], row["ratio_low"], row["ratio_high"], row["ratio_blocks"])
    return hs.verdict(ratio, row["floor"])


def write_summary(summary: pd.DataFrame, path: Path) -> None:
    """Numbers as plain decimals, at most nine significant digits; empty where nothing is known."""
    text = summary.copy()
    for name in text.columns:
        if pd.api.types.is_float_dtype(text[name]):
            text[name] = [schema.plain(float(f"{value:.9g}")) for value in text[name]]
    text.to_csv(path, index=False, lineterminator="\n")


def summarize(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, Settings]:
    """Recomputes summary.csv and report.txt of a run; returns its samples, its summary and its settings."""
    samples = schema.read_samples(folder / "samples.csv")
    settings = Settings.of_run(folder)
    if samples.empty:
        raise UserError(f"{folder / 'samples.csv'}: no rows yet.", status=1)
    summary = summary_of(samples, settings)
    write_summary(summary, folder / "summary.csv")
    plain = report.render(samples, summary, report.Style(colour=False), title=folder.resolve().name)
    (folder / "report.txt").write_text(plain, encoding="utf-8", errors="backslashreplace")
    return samples, summary, settings


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/summarize", description="Recomputes summary.csv and report.txt of a run, and prints the report."
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the run's folder, such as results/latest")
    options = parser.parse_args(arguments)
    samples, summary, _ = summarize(options.folder)
    print(report.render(samples, summary, report.Style.of_terminal(), title=options.folder.resolve().name), end="")
    return 1 if samples["status"].isin(schema.FAILURES).any() else 0
