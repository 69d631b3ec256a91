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
from matplotlib.figure import Figure

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
from groups import AXES
from plot_curves import Curves, draw_curves
from plot_panels import Grid, Series, draw_grid
from plot_style import Look, Scale
from progress import Steps
from rows import records
from scenarios import SCENARIOS, Scenario

MOST_COLUMNS = 6
MOST_ROWS = 6

PERCENTILES = (
    Series("latency_p50_ns", "o", "median"),
    Series("latency_p90_ns", "s", "90 %"),
    Series("latency_p99_ns", "D", "99 %"),
    Series("latency_p999_ns", "^", "99.9 %"),
)


#: A page of a kind of plot: the end of its name, and what draws it.
Page = tuple[str, Callable[[], Figure | None]]


@dataclass(frozen=True)
class Kind:
    """One kind of plot: of which scenario, and what draws its rows of the summary, under a subtitle."""

    name: str
    scenario: str
    pages: Callable[[pd.DataFrame, Look, str], Iterator[Page]]
    #: The axes that it shows in one plot; each value of the others has a plot of its own.
    together: frozenset[str] = frozenset(("scenario", "producers", "consumers", "capacity", "rate", "stop"))


def _capacity(row: pd.Series) -> str:
    return labels.capacity(float(row["group_capacity"]))


def _shape_and_capacity(row: pd.Series) -> str:
    return f"{labels.shape(row)}, {_capacity(row)}"


def _rate(row: pd.Series) -> str:
    return f"rate {float(row['rate']) * 100:.3g} %"


@dataclass(frozen=True)
class _Panels:
    """A grid of panels, over several pages if they are too many for one."""

    title: str
    scale: Scale
    series: tuple[Series, ...]
    row: Callable[[pd.Series], str] = _capacity
    column: Callable[[pd.Series], str] = labels.shape
    floor: str | None = ""

    def __call__(self, part: pd.DataFrame, look: Look, subtitle: str) -> Iterator[Page]:
        groups = [group for _, group in part.groupby("group", sort=False)]
        rows = list(dict.fromkeys(self.row(group.iloc[0]) for group in groups))
        columns = list(dict.fromkeys(self.column(group.iloc[0]) for group in groups))
        number = 0
        for top in range(0, len(rows), MOST_ROWS):
            for left in range(0, len(columns), MOST_COLUMNS):
                number += 1
                grid = Grid(self.title, subtitle, self.scale, self.series, floor=self.floor)
                shown = set(rows[top : top + MOST_ROWS]), set(columns[left : left + MOST_COLUMNS])
                for group in groups:
                    row, column = self.row(group.iloc[0]), self.column(group.iloc[0])
                    if row in shown[0] and column in shown[1]:
                        grid.add(row, column, group)
                if grid.panels:
                    yield ("" if number == 1 else f"-page{number}"), partial(draw_grid, grid, look)


def _cpu(part: pd.DataFrame, look: Look, subtitle: str) -> Iterator[Page]:
    yield "", partial(plot_cpu.draw_cpu, part, look, subtitle)


def _curves(curves: Curves) -> Callable[[pd.DataFrame, Look, str], Iterator[Page]]:
    def pages(part: pd.DataFrame, look: Look, subtitle: str) -> Iterator[Page]:
        capacities = list(part.groupby("group_capacity", dropna=False))
        for capacity, rows in capacities:
            page = "" if len(capacities) == 1 else f"-{labels.capacity(capacity).replace(' ', '-')}"
            yield page, partial(draw_curves, curves, rows, look, subtitle)

    return pages


def _headline(
    scenario: Scenario,
    name: str = "",
    series: tuple[Series, ...] = (),
    row: Callable[[pd.Series], str] = _capacity,
    column: Callable[[pd.Series], str] = labels.shape,
    floor: str | None = "",
) -> Kind:
    """The figure by which a scenario ranks; `series`, if it is not shown alone."""
    figure, side, better = scenario.headline.column, *(
        ("right", "more") if scenario.higher_is_better else ("left", "less")
    )
    panels = _Panels(
        f"{scenario.plot}: further {side} is better",
        Scale(figure, scenario.axis, better=better),
        series or (Series(figure),),
        row,
        column,
        floor,
    )
    return Kind(name or scenario.word, scenario.word, panels)


#: Scenarios whose headline has a plot of its own kind: more than a panel for each capacity and shape.
_OWN = {
    "paced": partial(
        _headline, name="latency", series=PERCENTILES, row=_shape_and_capacity, column=_rate, floor=", 99 %"
    ),
    "shutdown": partial(_headline, row=_shape_and_capacity, column=labels.stop),
}
KINDS = (
    *(_OWN.get(scenario.word, _headline)(scenario) for scenario in SCENARIOS),
    Kind(
        "task_done",
        "join",
        _Panels(
            "Cost per item of counting with task_done(): further left is better",
            Scale("task_done_ns", "time per item", linear_below=1.0),
            (Series("task_done_ns"),),
            floor=None,
        ),
    ),
    Kind("cpu", "throughput", _cpu),
    Kind(
        "speed_up",
        "tree",
        _curves(
            Curves(
                "Speed-up over one thread without a queue: higher is better",
                "consumers",
                "workers",
                Scale("speed_up", "speed-up", better="more"),
                even=1.0,
            )
        ),
        frozenset(("scenario", "producers", "consumers", "capacity")),
    ),
    Kind(
        "node_work",
        "tree",
        _curves(
            Curves(
                "Time per node of a tree against the work in a node: lower is better",
                "work_consumer_ns",
                "work per node, ns",
                Scale("node_ns", "time per node"),
            )
        ),
        frozenset(("scenario", "capacity", "work_producer_ns", "work_consumer_ns")),
    ),
)


def draw(folder: Path, summary: pd.DataFrame) -> list[str]:
    """Draws every plot that the summary has figures for; returns their names."""
    plots = folder / "plots"
    plots.mkdir(exist_ok=True)
    summary = texts.rows_for_plot(summary)
    jobs = list(_figures(summary, Look(summary["backend"]), texts.for_plot(folder.resolve().name)))
    drawn: list[str] = []
    with contextlib.closing(Steps(len(jobs))) as steps:
        done = drawing.in_processes(plots, jobs)
        for name, _ in jobs:
            steps.begin(f"drawing {name}")
            drawn += [name] if next(done) else []
    for old in (*plots.glob("*.svg"), *plots.glob("*.png")):
        if old.stem not in drawn:
            old.unlink()
    return drawn


def _figures(summary: pd.DataFrame, look: Look, run: str) -> Iterator[Job]:
    summary = resolution.with_bounds(summary)
    for kind in KINDS:
        for suffix, words, part in _variants(summary[summary["scenario"] == kind.scenario], kind.together):
            subtitle = f"{words}; {units.plural(int(part['n'].max()), 'block')}; run {run}"
            for page, make in kind.pages(part, look, subtitle):
                yield f"{kind.name}{suffix}{page}", make


def _variants(part: pd.DataFrame, together: frozenset[str]) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """One figure for each value of the axes that are not shown together: file suffix, words for the subtitle, rows."""
    if part.empty:
        return
    axes = [axis for axis in AXES if axis not in together]
    words = [labels.of_axes(row, axes) for row in records(part, axes)]
    several = len(set(words)) > 1
    for text, rows in part.groupby(pd.Series(words, part.index), sort=False):
        yield ("-" + re.sub(r"[^a-z0-9]+", "-", str(text)) if several else ""), str(text), rows


def main(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="scripts/plot",
        description="Draws the plots of a run again from its samples.csv, and rewrites summary.csv and report.txt.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the run's folder, such as results/latest")
    options = parser.parse_args(arguments)
    with contextlib.closing(Steps(summarize.STEPS)) as steps:
        _, summary, _ = summarize.summarize(options.folder, steps)
    drawn = draw(options.folder, summary)
    if not drawn:
        raise UserError(f"{options.folder}: no cell has a figure to draw", status=1)
    print(f"{texts.for_terminal(str(options.folder / 'plots'))}: {', '.join(drawn)} (.svg and .png)")
    return 0
