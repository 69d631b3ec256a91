"""samples.csv -> summary.csv and report.txt: estimates, intervals, ratios to the reference, verdicts."""

from __future__ import annotations

import contextlib
import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

import numpy as np
import pandas as pd

import figures
import files
import recorded
import report
import resolution
import scenarios
import schema
import texts
import verdicts
from arguments import Parser
from blocks import Blocks, Codes
from failures import UserError, reason, say
from groups import Group, comparison_groups, identities
from progress import Steps


@dataclass(frozen=True)
class Settings:
    """What a summary needs besides the rows; from environment.json."""

    steal_limit: float | None = None
    cores: float = 1.0
    equivalence: float = verdicts.EQUIVALENCE

    @staticmethod
    def of_run(folder: Path) -> "Settings":
        return Settings.of_record(recorded.read(folder))

    @staticmethod
    def of_record(known: Mapping[str, Any]) -> "Settings":
        matrix = known.get("matrix", {})
        limit = matrix.get("steal_limit")
        cores = known.get("host", {}).get("cores") or 1  # unknown on some systems
        margin = matrix.get("equivalence", verdicts.EQUIVALENCE)
        return Settings(None if limit is None else float(limit), float(cores), float(margin))


def summary_of(samples: pd.DataFrame, settings: Settings = Settings()) -> pd.DataFrame:
    """The table of summary.csv: one row per cell and group."""
    return with_blocks(samples, settings)[0]


def with_blocks(samples: pd.DataFrame, settings: Settings) -> tuple[pd.DataFrame, Blocks]:
    """The same, with the figure of each cell in each block."""
    frame = figures.with_derived(samples, settings.cores)
    blocks = Blocks.of(frame, settings.steal_limit)
    cells = identities(frame)
    groups = comparison_groups(cells, dict(zip(blocks.names, blocks.measured().tolist())))
    rows = _rows(groups)
    place = blocks.codes(rows["cell"])
    summary = pd.concat(
        [
            cells.loc[rows["cell"], list(schema.IDENTITY)].reset_index(drop=True),
            rows.drop(columns=["cell", "control_cell"]),
            _estimates(blocks, place),
            _comparisons(blocks, rows, cells, settings.equivalence),
            _counts(frame, blocks, rows["cell"], settings),
        ],
        axis=1,
    )
    return resolution.apply(summary), blocks


def _rows(groups: list[Group]) -> pd.DataFrame:
    """A row for each cell of each group: the group, whom the cell is compared with, and by which figure."""
    rows = [
        (cell, number, group.capacity, group.reference, scenario.headline.column, scenario.better, group.control)
        for number, group in enumerate(groups, start=1)
        for scenario in (scenarios.BY_WORD[str(group.axes["scenario"])],)
        for cell in group.cells
    ]
    names = ["cell", "group", "group_capacity", "reference", "headline", "better", "control_cell"]
    return pd.DataFrame(rows, columns=names)


def _estimates(blocks: Blocks, place: Codes) -> pd.DataFrame:
    """Medians over blocks with their intervals: the headline as `value`, then every figure by its name."""
    medians = {figure: blocks.medians(figure) for figure in figures.FIGURES}
    columns = {"n": np.zeros(len(place), dtype=int)}
    columns |= {name: np.full(len(place), np.nan) for name in ("value", "value_low", "value_high")}
    for scenario in scenarios.SCENARIOS:
        its = blocks.scenarios[place] == scenario.word
        for name, numbers in zip(("value", "value_low", "value_high", "n"), medians[scenario.headline.column]):
            columns[name][its] = numbers[place[its]]
    for figure, found in medians.items():
        columns |= {figure: found.value[place], f"{figure}_low": found.low[place], f"{figure}_high": found.high[place]}
    return pd.DataFrame(columns)


def _comparisons(blocks: Blocks, rows: pd.DataFrame, cells: pd.DataFrame, equivalence: float) -> pd.DataFrame:
    """Ratios to the reference, the noise floor of the group, and what follows from them."""
    own, reference = blocks.codes(rows["cell"]), blocks.codes(rows["reference"])
    is_reference = (rows["cell"] == rows["reference"]).to_numpy()
    found = blocks.pairs(np.where(is_reference, -1, own), reference).evidence()
    first = rows.drop_duplicates("group")
    noise = blocks.pairs(blocks.codes(first["control_cell"]), blocks.codes(first["reference"])).ratios_where_measured()
    group = np.repeat(np.arange(len(first)), rows.groupby("group", sort=False).size())
    floor = np.array([verdicts.floor_factor(noise.of(number)) for number in range(len(first))])[group]
    control = cells.loc[rows["cell"], "control"].to_numpy() == 1
    measured = blocks.measured()[own] > 0
    corrected = found.corrected(np.where(is_reference | control | ~measured, -1, group))
    words = np.select(
        [is_reference, control, ~measured], ["reference", "control", ""], found.verdicts(corrected, floor, equivalence)
    )
    columns: dict[str, Any] = {
        "ratio": found.ratio.value,
        "ratio_low": found.ratio.low,
        "ratio_high": found.ratio.high,
        "ratio_blocks": found.ratio.n,
        "ratio_low_90": found.narrow.low,
        "ratio_high_90": found.narrow.high,
        "p": np.where(np.isnan(corrected), np.nan, found.p),
        "p_holm": corrected,
    }
    columns |= {"floor": floor, "floor_low": noise.low[group], "floor_high": noise.high[group], "verdict": words}
    return pd.DataFrame(columns)


def _counts(frame: pd.DataFrame, blocks: Blocks, cells: pd.Series, settings: Settings) -> pd.DataFrame:
    """Rows by status, blocks that are in no figure, and the first explanation of a row that is not ok."""
    counts = figures.status_counts(frame).loc[cells].reset_index(drop=True).add_prefix("rows_")
    told = frame[(frame["status"] != "ok") & (frame["detail"] != "")].drop_duplicates("cell")
    details = dict(zip(told["cell"], told["detail"]))
    dropped = figures.dropped_blocks(frame, settings.steal_limit)
    return counts.assign(
        blocks_dropped=[dropped.get(cell, 0) for cell in cells],
        detail=[details.get(cell, "") for cell in cells],
        blocks_failed=blocks.failures()[blocks.codes(cells)],
    )


def write_summary(summary: pd.DataFrame, path: Path) -> None:
    """Numbers as plain decimals, at most nine significant digits; empty if nothing is known."""
    columns = [
        _numbers_as_text(summary[name]) if pd.api.types.is_float_dtype(summary[name]) else summary[name].tolist()
        for name in summary.columns
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(summary.columns)
    writer.writerows(zip(*columns))
    _write(path, text.getvalue())


def _write(path: Path, text: str) -> None:
    """Replaces the file as a whole. A run that cannot be written to is shown all the same."""
    try:
        with files.replacing(path) as fresh:
            fresh.write_text(text, encoding="utf-8")
    except OSError as error:
        say(f"{path}: cannot be written ({reason(error)}); its new content is lost")


def _numbers_as_text(values: pd.Series) -> list[str]:
    known = values.notna().to_numpy()
    texts = [f"{value:.9g}" for value in values[known].tolist()]
    column = np.full(len(values), "", dtype=object)
    column[known] = [schema.plain(float(text)) if "e" in text else text for text in texts]
    return column.tolist()


#: Of `summarize`, as `Steps` counts them.
STEPS = 3


def summarize(folder: Path, steps: Steps) -> tuple[pd.DataFrame, pd.DataFrame, Settings]:
    """Recomputes summary.csv and report.txt of a run; returns its samples, its summary and its settings."""
    steps.begin("reading")
    samples = schema.read_samples(folder / "samples.csv")
    settings = Settings.of_run(folder)
    if samples.empty:
        raise UserError(f"{folder / 'samples.csv'}: no rows yet", status=1)
    steps.begin("estimating")
    summary = summary_of(samples, settings)
    steps.begin("writing")
    write_summary(summary, folder / "summary.csv")
    _write(folder / "report.txt", page(samples, summary, settings, report.Style(colour=False), folder.resolve().name))
    return samples, summary, settings


def page(samples: pd.DataFrame, summary: pd.DataFrame, settings: Settings, style: report.Style, title: str) -> str:
    """The report, with what the run's settings mean for its figures."""
    note = figures.what_steal_shows(samples, settings.cores, settings.steal_limit)
    return report.render(samples, summary, style, title, [] if note is None else [note], settings.equivalence)


def main(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="scripts/summarize",
        description="Recomputes summary.csv and report.txt of a run from its samples.csv, and prints the report.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the run's folder, such as results/latest")
    options = parser.parse_args(arguments)
    with contextlib.closing(Steps(STEPS)) as steps:
        samples, summary, settings = summarize(options.folder, steps)
    print(page(samples, summary, settings, report.Style.of_terminal(), options.folder.resolve().name), end="")
    return 1 if samples["status"].isin(schema.FAILURES).any() else 0
