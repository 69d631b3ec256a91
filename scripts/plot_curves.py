"""Curves: a figure against an axis that has an order, such as the number of workers; a line for each contender."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

import labels

from plot_style import (
    GREY, TINT, Look, Scale, Strokes, common_keys, draw_contenders, draw_keys, draw_titles, keys_inches, title_inches, wait_keys,
)  # fmt: skip
from rows import records

WIDE_INCHES = 4.6
HIGH_INCHES = 3.4
LEFT_INCHES = 0.85
TOP_INCHES = 1.1
AXIS_INCHES = 0.5
NAMES_INCHES = 2.9


@dataclass(frozen=True)
class Curves:
    """A figure of this kind: what is drawn against which axis."""

    title: str
    #: A column of the summary, and what its values are.
    axis: str
    axis_title: str
    scale: Scale
    #: Where there is neither a gain nor a loss, if the figure has such a value.
    even: float | None = None


def draw_curves(curves: Curves, part: pd.DataFrame, look: Look, subtitle: str) -> Figure | None:
    """One panel; None if no contender has a figure at two places of the axis."""
    rows = part[(part["n"] > 0) & (part["verdict"] != "control") & part[curves.scale.column].notna()]
    places = sorted(set(rows[curves.axis]))
    names = [curves.scale.column, f"{curves.scale.column}_low", f"{curves.scale.column}_high"]
    limits = curves.scale.bounds(value for name in names for value in rows[name])
    if len(places) < 2 or limits is None:
        return None
    groups = [group for _, group in rows.groupby("group", sort=False)]
    keys = [*wait_keys(groups, look), *common_keys(groups, [curves.scale.column], None)]
    width = max(LEFT_INCHES + WIDE_INCHES + NAMES_INCHES, title_inches(curves.title))
    height = TOP_INCHES + HIGH_INCHES + AXIS_INCHES + keys_inches(width, keys)
    figure = pyplot.figure(figsize=(width, height))
    draw_titles(figure, curves.title, subtitle)
    low = height - TOP_INCHES - HIGH_INCHES
    axes = figure.add_axes((LEFT_INCHES / width, low / height, WIDE_INCHES / width, HIGH_INCHES / height))
    _panel(axes, curves, rows, look, places)
    curves.scale.apply(axes, "y", *limits)
    draw_contenders(figure, groups, look, TOP_INCHES)
    draw_keys(figure, keys)
    return figure


def _panel(axes: Axes, curves: Curves, rows: pd.DataFrame, look: Look, places: list[float]) -> None:
    """Places of the axis stand at equal distances: those of a matrix are doubled or multiplied by ten from one to the
    next, and may begin with 0."""
    x_of = {place: number for number, place in enumerate(places)}
    for _, contender in rows.groupby(["backend", "wait"], sort=False):
        contender = contender.sort_values(curves.axis)
        marks = look.marks(contender.iloc[0])
        strokes = Strokes()
        line = {"color": marks["color"], "linewidth": 1.0, "alpha": 0.6, "zorder": 2}
        x = [x_of[place] for place in contender[curves.axis]]
        strokes.add(x, list(contender[curves.scale.column]), **line)
        for place, row in zip(x, records(contender)):
            low, high = row[f"{curves.scale.column}_low"], row[f"{curves.scale.column}_high"]
            if not math.isnan(low):
                strokes.add([place, place], [low, high], color=marks["color"], linewidth=1.0, zorder=3)
        strokes.add(x, list(contender[curves.scale.column]), linestyle="", **marks, zorder=4)
        strokes.draw(axes)
    for place in set(rows.loc[rows["oversubscribed"] == 1, curves.axis]):
        axes.axvspan(x_of[place] - 0.5, x_of[place] + 0.5, color=TINT, linewidth=0, zorder=0)
    if curves.even is not None:
        axes.axhline(curves.even, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
    axes.set_xlim(-0.3, len(places) - 0.7)
    axes.xaxis.set_major_locator(FixedLocator(range(len(places))))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{places[round(x)]:g}" if x == round(x) else ""))
    axes.set_xlabel(curves.axis_title, fontsize=8)
    axes.set_title(labels.capacity(float(rows["group_capacity"].iloc[0])), loc="left")
