"""The summary that a run ends with: contenders ranked within each group, failures in red, reasons folded."""

from __future__ import annotations

import math
import os
import sys
import textwrap
from dataclasses import dataclass
from typing import Iterable, Sequence

import pandas as pd

import figures
import handoff_stats as hs
import labels
import resolution
import scenarios
import schema
import table_notes
import texts
import units
import verdicts
from report_columns import COLUMNS, Row, shown_figures
from rows import records
from scenarios import Scenario

#: As wide as a table.
WIDTH = sum(column.width + 1 for column in COLUMNS) - 1
#: More tables of a scenario than this flood a terminal; report.txt holds them all.
MOST_TABLES = 4


@dataclass(frozen=True)
class Style:
    """Colours, if the reader has them; `tables` limits how many groups of a scenario are printed."""

    colour: bool
    tables: int | None = None

    @staticmethod
    def of_terminal() -> "Style":
        return Style(sys.stdout.isatty() and "NO_COLOR" not in os.environ, MOST_TABLES)

    def paint(self, text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def bold(self, text: str) -> str:
        return self.paint(text, "1")

    def red(self, text: str) -> str:
        return self.paint(text, "31")

    def faint(self, text: str) -> str:
        return self.paint(text, "2")


def render(
    samples: pd.DataFrame,
    summary: pd.DataFrame,
    style: Style,
    title: str,
    notes: Iterable[str] = (),
    equivalence: float = verdicts.EQUIVALENCE,
) -> str:
    """The whole report, ended by a newline; `notes` are sentences about the run that open it."""
    summary = texts.rows_for_terminal(summary)
    told = texts.rows_for_terminal(samples[samples["status"] != "ok"])
    blocks = samples.loc[samples["status"] != "skipped", "block"].nunique()
    lines = [*_opening(samples, blocks, texts.for_terminal(title), style, equivalence)]
    for note in notes:
        lines += wrapped(note)
    for scenario in scenarios.SCENARIOS:
        lines += _scenario(scenario, summary[summary["scenario"] == scenario.word], blocks, style)
    lines += _unsustained(summary, style)
    lines += _not_run(told)
    lines += _failures(told, len(samples), style)
    return "\n".join(lines) + "\n"


#: What the words of a table mean.
_TERMS = (
    "ratio: how many times better than the reference; above 1 is always better, and 1/2 is twice as bad. It is the median "
    "of the ratios inside blocks (Hodges–Lehmann), not the quotient of the medians shown.",
    "95 %: the interval of each ratio by itself.",
    "faster, slower: significant together with the rest of the table, so that at most one table in twenty has a false one "
    "(Holm's correction), and beyond the noise floor. An interval without 1 is not always enough for that.",
    "same: the 90 % interval of the ratio lies {margin} (two one-sided tests at 5 %). If it does not contain 1, there is a "
    "difference, but too small a one to matter.",
    "cannot tell: none of these.",
    "CPU s/M: CPU seconds per million items; not shown for join and shutdown, which mostly wait.",
    "oversubscribed: more threads than cores.",
)
#: What was checked of the order, by the schema of the rows.
_CHECKED = {
    1: "Checked in the sample: each producer's order (fifo, per producer); lifo and priority are not.",
    2: "One thread checks it in full before each sample; if a fifo queue on threads has several workers per side, all of "
    "them check it before the first sample, on up to 32,768 items. The sample itself shows it as each consumer sees it: in "
    "full for fifo on one thread; each producer's order for fifo on threads and for per producer (for fifo also what another "
    "producer had pushed before a note, up to 128 per producer); not for lifo and priority.",
}


def _opening(samples: pd.DataFrame, blocks: int, title: str, style: Style, equivalence: float) -> list[str]:
    counts = samples["status"].value_counts()
    told = ", ".join(f"{counts[name]} {name}" for name in schema.STATUSES if name in counts)
    margin = f"between 1/{1 + equivalence:.6g} and {1 + equivalence:.6g}"
    few = f"; fewer than {hs.FEWEST} blocks give no interval and no noise floor" if blocks < hs.FEWEST else ""
    return [
        style.bold(f"Handoff: {title}"),
        *wrapped(f"{units.plural(len(samples), 'row')} in {units.plural(blocks, 'block')}: {told}{few}."),
        *(line for sentence in _TERMS for line in wrapped(sentence.format(margin=margin), hanging=True)),
        *wrapped(f"order: what the queue promises. {_CHECKED[schema.version_of(samples)]}", hanging=True),
        "An unbounded queue appears in the table of every capacity.",
    ]


def _scenario(scenario: Scenario, summary: pd.DataFrame, blocks: int, style: Style) -> list[str]:
    groups = [group for group in groups_of(summary) if _has_rows(group)]
    if not groups:
        return []
    lines = ["", style.bold(f"{scenario.word.upper()}: {scenario.words}, {scenario.better} is better")]
    limit = len(groups) if style.tables is None else style.tables
    for group in groups[:limit]:
        lines += ["", *_table(group, blocks, style)]
    if len(groups) > limit:
        lines += ["", f"({scenario.word}: {units.plural(len(groups) - limit, 'more group')} in report.txt)"]
    return lines


def groups_of(summary: pd.DataFrame) -> list[list[Row]]:
    """The rows of each group; plain dictionaries, since tables are made of some ten thousand small steps."""
    unshown = {f"{figure}{end}" for figure in figures.FIGURES for end in ("", "_low", "_high")} - shown_figures()
    groups: dict[int, list[Row]] = {}
    for row in records(summary, [name for name in summary.columns if name not in unshown]):
        groups.setdefault(row["group"], []).append(row)
    return list(groups.values())


def _has_rows(group: Sequence[Row]) -> bool:
    return any(row["n"] > 0 for row in group) or bool(table_notes.without_figure(group))


def _table(group: Sequence[Row], blocks: int, style: Style) -> list[str]:
    lines = _group_title(group, style)
    lines.append(style.faint(_line(column.title_of(group) for column in COLUMNS)))
    for row in ranked(group):
        text = _line(column.value(row) for column in COLUMNS)
        lines.append(style.bold(text) if row["verdict"] == "reference" else text)
    for row in table_notes.without_figure(group):
        text = f"{COLUMNS[0].fit(labels.contender(row))} {table_notes.why_no_figure(row)}"
        lines.append(style.red(text) if any(row[f"rows_{status}"] for status in schema.FAILURES) else text)
    for sentence in table_notes.under(group, blocks):
        lines += [style.faint(line) for line in wrapped(sentence, hanging=True)]
    return lines


def _group_title(group: Sequence[Row], style: Style) -> list[str]:
    first = group[0]
    text = labels.group(first)
    if table_notes.is_oversubscribed(group):
        text += " [oversubscribed]"
    noise = "noise floor not measured" if math.isnan(first["floor"]) else f"noise floor {units.floor(first['floor'])}"
    if len(text) + len(noise) + 2 <= WIDTH:
        return [style.bold(text) + " " * (WIDTH - len(text) - len(noise)) + noise]
    return [*(style.bold(line) for line in wrapped(text)), noise.rjust(WIDTH)]


def ranked(group: Sequence[Row]) -> list[Row]:
    """The contenders that have a figure, best first; the control is not one of them.

    One that failed in as many blocks as it has figures for stands behind all that did not. Those whose figure lies below
    the resolution, so that none is known to be better, stand in the order of their names.
    """
    sign = 1 if group[0]["better"] == "lower" else -1
    measured = [row for row in group if row["n"] > 0 and row["verdict"] != "control"]

    def place(row: Row) -> tuple[bool, float, str]:
        untold = resolution.is_unresolved(row, str(row["headline"]))
        return row["blocks_failed"] >= row["n"], 0.0 if untold else sign * row["value"], labels.contender(row)

    return sorted(measured, key=place)


def _line(fields: Iterable[str]) -> str:
    return " ".join(column.fit(field) for column, field in zip(COLUMNS, fields)).rstrip()


def _unsustained(summary: pd.DataFrame, style: Style) -> list[str]:
    rows = summary[(summary["rows_unsustained"] > 0) & (summary["control"] != 1)].drop_duplicates("cell")
    if rows.empty:
        return []
    named: dict[tuple[str, str], list[str]] = {}
    for row in records(rows):
        name = f"{labels.contender(row)} ({row['rows_unsustained']} of {row['rows_unsustained'] + row['rows_ok']})"
        named.setdefault((labels.shape(row), labels.rate(row)), []).append(name)
    lines = ["", style.bold("Unsustained: the schedule was not kept; these samples are in no figure")]
    for (shape_, rate_), names in sorted(named.items()):
        lines += wrapped(f"{shape_}, {rate_}: {', '.join(names)}", hanging=True)
    return lines


def _not_run(told: pd.DataFrame) -> list[str]:
    """Skipped and unavailable cells, folded by reason; `told` are the rows that are not ok."""
    lines: list[str] = []
    for status in ("skipped", "unavailable"):
        cells = told[told["status"] == status].drop_duplicates("cell")
        for reason, part in cells.groupby("detail", sort=True):
            where = ", ".join(dict.fromkeys(map(_place, records(part))))
            lines += wrapped(
                f"{status}: {reason or 'no reason given'}: {units.plural(len(part), 'cell')}: {where}", hanging=True
            )
    return ["", *lines] if lines else []


def _place(row: Row) -> str:
    return f"{labels.contender(row)} ({row['scenario']}{' ' + row['stop'] if row['stop'] else ''})"


def _failures(told: pd.DataFrame, all_rows: int, style: Style) -> list[str]:
    failed = told[told["status"].isin(schema.FAILURES)]
    if failed.empty:
        return []
    lines = ["", style.red(f"FAILED: {len(failed)} of {all_rows} rows")]
    found: dict[tuple[str, str], tuple[str, set[float]]] = {}
    for cell, status, detail, block in zip(*(failed[name].tolist() for name in ("cell", "status", "detail", "block"))):
        found.setdefault((cell, status), (detail, set()))[1].add(block)
    for (cell, status), (detail, numbers) in found.items():
        blocks = ", ".join(f"{block:.0f}" for block in sorted(numbers))
        text = f"{status}: {cell}: {'blocks' if ',' in blocks else 'block'} {blocks}: {detail}"
        lines += [style.red(line) for line in wrapped(text, hanging=True)]
    return lines


def wrapped(text: str, hanging: bool = False) -> list[str]:
    indent = "    " if hanging else ""
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
