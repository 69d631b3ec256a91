"""CPU seconds against throughput: what a queue pays for its speed."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import labels

from plot_style import (
    Look, Scale, Strokes, common_keys, draw_contenders, draw_floor, draw_keys, draw_titles, keys_inches, references,
    title_inches, title_of_panel, wait_keys,
)  # fmt: skip
from rows import records

TITLE = "CPU seconds per million items against throughput: further right and lower is better"
X = Scale("items_per_second", "items per second", better="more")
Y = Scale("cpu_s_per_million", "CPU seconds per million items")
PANEL_INCHES = 3.3
TOP_INCHES = 1.3
GAP_INCHES = 1.0
AXIS_INCHES = 0.5
DISC = 7.0
MOST_COLUMNS = 3


def draw_cpu(part: pd.DataFrame, look: Look, subtitle: str) -> Figure | None:
    """One panel per shape and capacity; colours and markers are named in the legend at the right."""
    groups = [
        group[(group["n"] > 0) & (group["verdict"] != "control")] for _, group in part.groupby("group", sort=False)
    ]
    groups = [group for group in groups if not group["cpu_s_per_million"].dropna().empty]
    if not groups:
        return None
    groups.sort(key=lambda group: float(group["group_capacity"].iloc[0]))
    columns = min(len(groups), MOST_COLUMNS)
    lines = math.ceil(len(groups) / columns)
    width = max(0.85 + columns * PANEL_INCHES + 2.9, title_inches(TITLE))
    keys = [*wait_keys(groups, look), *common_keys(groups, [X.column, Y.column])]
    height = (
        TOP_INCHES + lines * (PANEL_INCHES - 0.5) + (lines - 1) * GAP_INCHES + AXIS_INCHES + keys_inches(width, keys)
    )
    figure = pyplot.figure(figsize=(width, height))
    draw_titles(figure, TITLE, subtitle)
    limits = _limits(groups)
    for place, group in enumerate(groups):
        x = 0.85 + (place % columns) * PANEL_INCHES
        y = height - TOP_INCHES - (place // columns + 1) * (PANEL_INCHES - 0.5) - (place // columns) * GAP_INCHES
        axes = figure.add_axes((x / width, y / height, (PANEL_INCHES - 0.55) / width, (PANEL_INCHES - 0.5) / height))
        _panel(axes, group, look, limits, first=place % columns == 0)
        title_of_panel(axes, _title(group), group, name_reference=len(references(groups)) > 1)
    draw_contenders(figure, groups, look, TOP_INCHES, DISC)
    draw_keys(figure, keys)
    return figure


_Limits = tuple[tuple[float, float], tuple[float, float]]


def _limits(groups: list[pd.DataFrame]) -> _Limits:
    both = []
    for scale in (X, Y):
        names = [scale.column, f"{scale.column}_low", f"{scale.column}_high"]
        found = scale.bounds(value for group in groups for name in names for value in group[name])
        both.append(found or (0.1, 10.0))
    return both[0], both[1]


def _title(group: pd.DataFrame) -> str:
    return f"{labels.capacity(float(group['group_capacity'].iloc[0]))}\n{labels.shape(group.iloc[0])}"


def _panel(axes: Axes, group: pd.DataFrame, look: Look, limits: _Limits, first: bool) -> None:
    draw_floor(axes, group)
    for row in records(group):
        marks = look.marks(row, DISC, hollow="none")
        x, y = row[X.column], row[Y.column]
        strokes = Strokes()
        for low, high, vertical in (
            (row[f"{X.column}_low"], row[f"{X.column}_high"], False),
            (row[f"{Y.column}_low"], row[f"{Y.column}_high"], True),
        ):
            if not math.isnan(low):
                points = ([x, x], [low, high]) if vertical else ([low, high], [y, y])
                strokes.add(*points, color=marks["color"], linewidth=1.0, zorder=2)
        strokes.add([x], [y], linestyle="", zorder=3, **marks)
        strokes.draw(axes)
    X.apply(axes, "x", *limits[0])
    Y.apply(axes, "y", *limits[1])
    if not first:
        axes.set_ylabel("")
