"""Grids of dot plots: one row per contender, its name at the left, so that names never overlap."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Mapping, Sequence

import matplotlib
import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import resolution
import schema

from plot_style import (
    BELOW, GREY, WAITS, Key, Look, Scale, Strokes, common_keys, draw_floor, draw_keys, draw_titles, keys_inches, label_of, mark,
    references, size_of, title_inches, title_of_panel, wait_keys,
)  # fmt: skip
from rows import records

#: A row of the summary.
Row = Mapping[str, Any]

ROW_INCHES = 0.23
PANEL_INCHES = 2.75
TOP_INCHES = 1.2
GAP_INCHES = 1.05
AXIS_INCHES = 0.45
#: Between panels side by side: room for the last number of one axis and the first of the next.
SIDE_INCHES = 0.42


@dataclass(frozen=True)
class Series:
    """One figure of each contender, drawn as a mark with its interval."""

    column: str
    marker: str | None = None
    label: str = ""


@dataclass
class Grid:
    """A figure: panels in rows and columns; every panel shows one comparison group."""

    title: str
    subtitle: str
    scale: Scale
    series: Sequence[Series]
    rows: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    panels: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict)
    #: The figure of the reference's line and noise floor ("" if the figure is the headline itself); None: not drawn.
    floor: str | None = ""

    def add(self, row: str, column: str, group: pd.DataFrame) -> None:
        if row not in self.rows:
            self.rows.append(row)
        if column not in self.columns:
            self.columns.append(column)
        self.panels[row, column] = group[group["verdict"] != "control"]

    def contenders(self, row: str) -> list[str]:
        """Labels of all contenders of a row of panels, the best of the first panels on top."""
        ranks: dict[str, list[float]] = {}
        for column in self.columns:
            group = self.panels.get((row, column))
            if group is None:
                continue
            sign = -1 if group["better"].iloc[0] == "higher" else 1
            order = (sign * group[self.scale.column]).rank(na_option="bottom")
            for contender, rank in zip(records(group, ("backend", "wait", "ordering")), order):
                ranks.setdefault(label_of(contender), []).append(rank)
        return sorted(ranks, key=lambda name: (sum(ranks[name]) / len(ranks[name]), name))

    @cached_property
    def names_references(self) -> bool:
        """Whether the panels must say what they are compared with, since it is not the same in all."""
        return self.floor is not None and len(references(self.panels.values())) > 1

    def keys(self, look: Look) -> list[Key]:
        """The entries of the legend."""
        groups = list(self.panels.values())
        keys = [(mark(one.marker), one.label) for one in self.series if one.marker]
        if not keys:
            keys = wait_keys(groups, look)
        elif any((group["wait"] == "loop").any() for group in groups):
            keys.append((pyplot.Line2D([], [], linestyle=""), WAITS["loop"]))
        return [*keys, *common_keys(groups, [one.column for one in self.series], self.floor)]

    def limits(self) -> tuple[float, float] | None:
        names = [name for one in self.series for name in (one.column, f"{one.column}_low", f"{one.column}_high")]
        return self.scale.bounds(value for group in self.panels.values() for name in names for value in group[name])


def draw_grid(grid: Grid, look: Look) -> Figure | None:
    """The figure; None if no panel has a figure to show."""
    limits = grid.limits()
    if limits is None:
        return None
    names = {row: grid.contenders(row) for row in grid.rows}
    left = 0.35 + 0.068 * max(len(name) for row in grid.rows for name in names[row])
    heights = [ROW_INCHES * (len(names[row]) + 0.6) for row in grid.rows]
    # Wide enough for the title and the legend, however few the panels are.
    width = max(left + len(grid.columns) * PANEL_INCHES + 0.25, title_inches(grid.title), 6.8)
    keys = grid.keys(look)
    height = TOP_INCHES + sum(heights) + GAP_INCHES * (len(heights) - 1) + AXIS_INCHES + keys_inches(width, keys)
    figure = pyplot.figure(figsize=(width, height))
    draw_titles(figure, grid.title, grid.subtitle)
    panel = (width - left - 0.25) / len(grid.columns)
    top = height - TOP_INCHES
    for row, row_height in zip(grid.rows, heights):
        for place, column in enumerate(grid.columns):
            where = (left + place * panel, top - row_height, panel - SIDE_INCHES, row_height)
            axes = figure.add_axes(_fractions(where, width, height))
            _panel(axes, grid, (row, column), names[row], look, first=place == 0)
            grid.scale.apply(axes, "x", *limits)
        top -= row_height + GAP_INCHES
    draw_keys(figure, keys)
    return figure


def _fractions(inches: tuple[float, float, float, float], width: float, height: float) -> tuple[float, ...]:
    x, y, wide, high = inches
    return (x / width, y / height, wide / width, high / height)


def _panel(axes: Axes, grid: Grid, key: tuple[str, str], names: Sequence[str], look: Look, first: bool) -> None:
    row, column = key
    axes.set_ylim(len(names) - 0.3, -0.7)
    # An axis makes several artists per tick; here one line is enough.
    axes.yaxis.set_visible(False)
    group = grid.panels.get(key)
    if first:
        _names(axes, names)
    if group is None:
        axes.set_axis_off()
        return
    title_of_panel(axes, f"{row}\n{column}", group, grid.names_references)
    if grid.floor is not None:
        draw_floor(axes, group)
    _guides(axes, len(names))
    strokes = Strokes()
    for contender in records(group):
        _contender(axes, strokes, grid, contender, names.index(label_of(contender)), look)
    strokes.draw(axes)


def _guides(axes: Axes, count: int) -> None:
    """A line through each row, above those of the grid."""
    x, y = [0, 1, math.nan] * count, [place for place in range(count) for _ in range(3)]
    axes.add_line(Line2D(x, y, transform=axes.get_yaxis_transform(), color="#EEEEEE", linewidth=0.8, zorder=0.6))


def _names(axes: Axes, names: Sequence[str]) -> None:
    """Writes the contenders' names where an axis would label its ticks."""
    where, across, along = axes.get_yaxis_text1_transform(matplotlib.rcParams["ytick.major.pad"])
    for place, name in enumerate(names):
        axes.text(0, place, name, transform=where, va=across, ha=along)


def _contender(axes: Axes, strokes: Strokes, grid: Grid, contender: Row, place: int, look: Look) -> None:
    marks = look.marks(contender)
    untold = {one.column for one in grid.series if resolution.is_unresolved(contender, one.column)}
    known = [
        contender[one.column]
        for one in grid.series
        if one.column not in untold and grid.scale.shows(contender[one.column])
    ]
    if not (known or untold):
        _absence(axes, contender, place)
        return
    if len(known) > 1:
        strokes.add(known, [place] * len(known), color=marks["color"], linewidth=1.0, alpha=0.6, zorder=2)
    for number, one in enumerate(grid.series):
        style = marks if one.marker is None else {**marks, "marker": one.marker, "markersize": size_of(one.marker, 5.0)}
        style = {"color": marks["color"], "marker": BELOW, "markersize": 7} if one.column in untold else style
        low, high = contender[f"{one.column}_low"], contender[f"{one.column}_high"]
        if not math.isnan(low):
            strokes.add(
                [low, high], [place, place], color=marks["color"], linewidth=1.6, marker="|", markersize=7, zorder=3
            )
        # Those of a row may overlap.
        strokes.add([contender[one.column]], [place], linestyle="", zorder=4 + number / 100, **style)


def _absence(axes: Axes, contender: Row, place: int) -> None:
    """A contender without a figure is named, never left out."""
    statuses = [status for status in schema.STATUSES if contender[f"rows_{status}"] > 0]
    failed = any(status in schema.FAILURES for status in statuses)
    text = "no figure" if statuses == ["ok"] else ", ".join(statuses)
    axes.text(
        0.02, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=7.5, style="italic",
        color="#B00000" if failed else GREY,
    )  # fmt: skip
