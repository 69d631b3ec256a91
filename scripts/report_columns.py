"""The columns of the printed tables: for each its title, its width and what it makes of a row of the summary."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Sequence

import labels
import resolution
import units
from scenarios import BY_WORD, SCENARIOS, Figure, Scenario

#: A row of the summary.
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of every table of the report."""

    #: A text, or what makes it of the rows of a table.
    title: str | Callable[[Sequence[Row]], str]
    width: int
    value: Callable[[Row], str]
    left: bool = False
    #: The figures of the summary that it shows beside those of the scenarios.
    figures: tuple[str, ...] = ()

    def title_of(self, group: Sequence[Row]) -> str:
        return self.title if isinstance(self.title, str) else self.title(group)

    def fit(self, text: str) -> str:
        return text.ljust(self.width) if self.left else text.rjust(self.width)


def _scenario(row: Row) -> Scenario:
    return BY_WORD[str(row["scenario"])]


def _ratio(row: Row) -> str:
    if row["verdict"] == resolution.VERDICT:
        return "below"
    return "1" if row["verdict"] == "reference" else units.ratio(row["ratio"])


def _interval(row: Row) -> str:
    if row["verdict"] == resolution.VERDICT:
        return "resolution"
    if math.isnan(row["ratio_low"]):
        return "" if row["verdict"] == "reference" else "-"
    return f"{units.ratio(row['ratio_low'])}–{units.ratio(row['ratio_high'])}"


def _verdict(row: Row) -> str:
    return "" if row["verdict"] == resolution.VERDICT else str(row["verdict"])


def _cpu_title(group: Sequence[Row]) -> str:
    return "" if all(math.isnan(row["cpu_s_per_million"]) for row in group) else "CPU s/M"


def _cpu(row: Row) -> str:
    value = row["cpu_s_per_million"]
    return "" if math.isnan(value) else units.digits(value)


def _second_title(group: Sequence[Row]) -> str:
    second = _scenario(group[0]).second
    return "" if second is None else second.title


def _second(row: Row) -> str:
    second = _scenario(row).second
    return "" if second is None or math.isnan(row[second.column]) else resolution.shown(row, second.column)


COLUMNS = (
    Column("contender", 26, labels.contender, left=True),
    Column(
        lambda group: _scenario(group[0]).headline.title, 9, lambda row: resolution.shown(row, str(row["headline"]))
    ),
    Column("ratio", 6, _ratio),
    Column("95 %", 13, _interval),
    Column("verdict", 11, _verdict, left=True),
    Column(_cpu_title, 7, _cpu, figures=("cpu_s_per_million",)),
    Column(_second_title, 9, _second),
    Column("order", 12, lambda row: labels.ordering(str(row["ordering"])), left=True),
)


def shown_figures() -> set[str]:
    """The figures of the summary that tables show, or that `resolution.shown` needs."""
    of_scenarios: list[Figure | None] = [figure for one in SCENARIOS for figure in (one.headline, one.second)]
    shown = {name for column in COLUMNS for name in column.figures} | {
        figure.column for figure in of_scenarios if figure
    }
    return shown | {"clock_ns", *(f"{figure}_high" for figure in resolution.DIFFERENCES)}
