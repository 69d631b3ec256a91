"""The plots of a run, from its summary.csv: plots/*.svg and *.png."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Callable, Iterator, Sequence

import clean_matplotlib  # noqa: F401  (before whatever imports matplotlib)
import pandas as pd

import drawing
import labels
import plot_cpu
import resolution
import summarize
import texts
import units
from arguments import Parser
from drawing import Job
from failures import UserError
from plot_panels import Grid, Series, draw_grid
from plot_style import Look, Scale
from progress import Steps
from rows import records

MOST_COLUMNS = 6
MOST_ROWS = 6

PERCENTILES = (
    Series("latency_p50_ns", "o", "median"),
    Series("latency_p90_ns", "s", "90 %"),
    Series("latency_p99_ns", "D", "99 %"),
    Series("latency_p999_ns", "^", "99.9 %"),
)


@dataclass(frozen=True)
class Kind:
    """One sort of figure: which groups it shows, and where in the grid."""

    name: str
    scenario: str
    title: str
    scale: Scale
    series: tuple[Series, ...]
    row: Callable[[pd.Series], str]
    column: Callable[[pd.Series], str]
    floor: str | None = ""


def _capacity(row: pd.Series) -> str:
    return labels.capacity(float(row["group_capacity"]))


def _shape_and_capacity(row: pd.Series) -> str:
    return f"{labels.shape(row)}, {_capacity(row)}"


def _rate(row: pd.Series) -> str:
    return f"rate {float(row['rate']) * 100:.3g} %"


KINDS = (
    Kind("throughput", "throughput", "Throughput: further right is better",
         Scale("items_per_second", "items a second", better="more"), (Series("items_per_second"),), _capacity, labels.shape),
    Kind("ping_pong", "ping_pong", "Half a round trip of one item: further left is better",
         Scale("half_round_trip_ns", "half round trip"), (Series("half_round_trip_ns"),), _capacity, labels.shape),
    Kind("latency", "paced", "Latency at a share (rate) of each queue's own throughput: further left is better",
         Scale("latency_p99_ns", "latency"), PERCENTILES, _shape_and_capacity, _rate, floor=", 99 %"),
    Kind("join", "join", "From the last item's end to join() having returned: further left is better",
         Scale("join_ns", "time"), (Series("join_ns"),), _capacity, labels.shape),
    Kind("task_done", "join", "What counting with task_done() costs an item: further left is better",
         Scale("task_done_ns", "time an item", linear_below=1.0), (Series("task_done_ns"),), _capacity, labels.shape,
         floor=None),
    Kind("shutdown", "shutdown", "From the stop to the last consumer having left: further left is better",
         Scale("shutdown_ns", "time"), (Series("shutdown_ns"),), _shape_and_capacity, labels.stop),
)  # fmt: skip


def draw(folder: Path, summary: pd.DataFrame) -> list[str]:
    """Draws every plot that the summary has figures for; returns their names."""
    plots = folder / "plots"
    plots.mkdir(exist_ok=True)
    for old in (*plots.glob("*.svg"), *plots.glob("*.png")):
        old.unlink()
    summary = texts.rows_for_plot(summary)
    jobs = list(_figures(summary, Look(summary["backend"]), texts.for_plot(folder.resolve().name)))
    drawn: list[str] = []
    with contextlib.closing(Steps(len(jobs))) as steps:
        done = drawing.in_processes(plots, jobs)
        for name, _ in jobs:
            steps.begin(f"drawing {name}")
            drawn += [name] if next(done) else []
    return drawn


def _figures(summary: pd.DataFrame, look: Look, run: str) -> Iterator[Job]:
    summary = resolution.with_bounds(summary)
    for kind in KINDS:
        for suffix, words, part in _variants(summary[summary["scenario"] == kind.scenario]):
            for page, grid in _grids(kind, part, words, run):
                yield f"{kind.name}{suffix}{page}", partial(draw_grid, grid, look)
    for suffix, words, part in _variants(summary[summary["scenario"] == "throughput"]):
        yield f"cpu{suffix}", partial(plot_cpu.draw_cpu, part, look, _subtitle(words, part, run))


_OF_A_VARIANT = ("item", "item_bytes", "work_producer_ns", "work_consumer_ns", "pinning")


def _variants(part: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """One figure an item kind, work and pinning: file suffix, words for the subtitle, rows."""
    if part.empty:
        return
    words = [
        ", ".join(filter(None, (labels.item(row), labels.work(row), labels.pinning(row))))
        for row in records(part, _OF_A_VARIANT)
    ]
    several = len(set(words)) > 1
    for text, rows in part.groupby(pd.Series(words, part.index), sort=False):
        yield ("-" + re.sub(r"[^a-z0-9]+", "-", str(text)) if several else ""), str(text), rows


def _grids(kind: Kind, part: pd.DataFrame, words: str, run: str) -> Iterator[tuple[str, Grid]]:
    """The figure's panels, over several pages where they are too many for one."""
    groups = [group for _, group in part.groupby("group", sort=False)]
    rows = list(dict.fromkeys(kind.row(group.iloc[0]) for group in groups))
    columns = list(dict.fromkeys(kind.column(group.iloc[0]) for group in groups))
    number = 0
    for top in range(0, len(rows), MOST_ROWS):
        for left in range(0, len(columns), MOST_COLUMNS):
            number += 1
            grid = Grid(kind.title, _subtitle(words, part, run), kind.scale, kind.series, floor=kind.floor)
            shown = set(rows[top : top + MOST_ROWS]), set(columns[left : left + MOST_COLUMNS])
            for group in groups:
                row, column = kind.row(group.iloc[0]), kind.column(group.iloc[0])
                if row in shown[0] and column in shown[1]:
                    grid.add(row, column, group)
            if grid.panels:
                yield ("" if number == 1 else f"-page{number}"), grid


def _subtitle(words: str, part: pd.DataFrame, run: str) -> str:
    return f"{words}; {units.plural(int(part['n'].max()), 'block')}; run {run}"


def main(arguments: Sequence[str]) -> int:
    parser = Parser(prog="scripts/plot", description="Draws the plots of a run again, from its samples.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the run's folder, such as results/latest")
    options = parser.parse_args(arguments)
    with contextlib.closing(Steps(summarize.STEPS)) as steps:
        _, summary, _ = summarize.summarize(options.folder, steps)
    drawn = draw(options.folder, summary)
    if not drawn:
        raise UserError(f"{options.folder}: no cell has a figure that could be drawn.", status=1)
    print(f"{texts.for_terminal(str(options.folder / 'plots'))}: {', '.join(drawn)} (.svg and .png)")
    return 0
