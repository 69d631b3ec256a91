"""The results schema (docs/results-schema.md): columns, reading with checks, writing."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Iterable, Mapping

import numpy as np
import pandas as pd

from failures import UserError

VERSION = 1

STATUSES = ("ok", "corrupt", "crashed", "timeout", "skipped", "unavailable", "unsustained")
#: A run that holds one of these has failed.
FAILURES = ("corrupt", "crashed", "timeout")
SCENARIOS = ("throughput", "ping_pong", "paced", "join", "shutdown")

#: What says which cell a row belongs to; the program prints them in --list-cells=csv.
IDENTITY = (
    "cell", "scenario", "backend", "control", "ordering", "wait", "stop", "producers", "consumers",
    "capacity", "item_bytes", "work_producer_ns", "work_consumer_ns", "rate", "pinning",
    "oversubscribed", "item",
)  # fmt: skip

#: samples.csv, in this order. New columns are added at the end.
SAMPLES = (
    "schema", "run", "block", "sample", "seed", "cell", "scenario", "backend", "control", "ordering",
    "wait", "stop", "producers", "consumers", "capacity", "item_bytes", "work_producer_ns",
    "work_consumer_ns", "rate", "rate_items_per_second", "pinning", "oversubscribed", "items",
    "status", "detail", "seconds", "items_per_second", "push_failed", "pop_failed", "latency_count",
    "latency_p50_ns", "latency_p90_ns", "latency_p99_ns", "latency_p999_ns", "latency_max_ns",
    "join_ns", "task_done_ns", "shutdown_ns", "threads_joined_ns", "clock_ns", "cpu_user_s",
    "cpu_system_s", "switches_voluntary", "switches_involuntary", "steal_s", "fairness_producers",
    "fairness_consumers", "peak_rss_bytes", "item",
)  # fmt: skip

#: The CSV of --list-cells.
CELLS = (
    "cell", "scenario", "backend", "control", "ordering", "wait", "stop", "producers", "consumers",
    "capacity", "item_bytes", "work_producer_ns", "work_consumer_ns", "rate", "pinning",
    "oversubscribed", "item", "status", "detail", "estimate_s", "timeout_s",
)  # fmt: skip

TEXT = frozenset(
    ("run", "cell", "scenario", "backend", "ordering", "wait", "stop", "pinning", "status", "detail", "item")
)
#: Numbers that every row has; the others may be empty, where they do not apply.
ALWAYS = frozenset(("schema", "block", "sample", "producers", "consumers", "control", "oversubscribed"))
ITEMS = ("trivial", "move_only")


def read_samples(path: Path) -> pd.DataFrame:
    """The rows of a samples.csv, checked: text columns as text, numbers as floats (NaN where empty)."""
    text = _text_of(path)
    if text and not text.endswith("\n"):
        line = text.count("\n") + 1
        raise UserError(
            f"{path}, line {line}: the last line is cut off; `scripts/bench --resume {path.parent}` repairs it."
        )
    frame = _parse(path, text, SAMPLES)
    _check_samples(path, frame)
    return frame.drop(columns="line")


def read_cells(text: str, source: str) -> pd.DataFrame:
    """The table that --list-cells=csv prints."""
    frame = _parse(source, text, CELLS)
    _check_numbers(source, frame, ("producers", "consumers", "control", "oversubscribed", "estimate_s", "timeout_s"))
    repeated = frame["cell"].duplicated()
    if repeated.any():
        line = int(frame.loc[repeated, "line"].iloc[0])
        raise UserError(f"{source}, line {line}: the cell {frame.loc[repeated, 'cell'].iloc[0]} is listed twice.")
    return frame.drop(columns="line")


def header() -> str:
    return ",".join(SAMPLES)


def format_row(values: Mapping[str, object]) -> str:
    """A line of samples.csv, with its end."""
    unknown = set(values) - set(SAMPLES)
    if unknown:
        raise ValueError(f"no such column: {sorted(unknown)}")
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow([values.get(name, "") for name in SAMPLES])
    return buffer.getvalue()


def one_line(text: str) -> str:
    """A sentence of unknown origin, fit for `detail`: without line breaks, so that every row is one line."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def plain(value: float) -> str:
    """A number as the schema writes it: a plain decimal, empty for NaN."""
    if pd.isna(value):
        return ""
    return np.format_float_positional(value, trim="-")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; a run's folder holds samples.csv.") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise UserError(f"{path}, line {line}: not UTF-8 text.") from None


def _parse(source: object, text: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """Rows as text, with the number of the line each ends on in the column `line`."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    try:
        found: list[str] = next(reader, [])
        _check_header(source, found, columns)
        for fields in reader:
            if len(fields) != len(found):
                raise UserError(
                    f"{source}, line {reader.line_num}: {len(fields)} fields where the header has {len(found)}."
                )
            rows.append([*fields, str(reader.line_num)])
    except csv.Error as error:
        raise UserError(f"{source}, line {reader.line_num}: not CSV: {error}.") from None
    frame = pd.DataFrame(rows, columns=[*found, "line"], dtype=str)
    frame["line"] = frame["line"].astype(int)
    for name in columns:
        if name not in TEXT:
            frame[name] = _numbers(source, frame, name)
    return frame


def _check_header(source: object, found: list[str], columns: tuple[str, ...]) -> None:
    if not found:
        raise UserError(f"{source}, line 1: empty; the first line must be the header of schema {VERSION}.")
    for index, name in enumerate(columns):
        if index >= len(found):
            raise UserError(f"{source}, line 1: the column {name} is missing.")
        if found[index] != name:
            raise UserError(f"{source}, line 1: column {index + 1} is {found[index]!r} and must be {name!r}.")


def _numbers(source: object, frame: pd.DataFrame, name: str) -> pd.Series:
    text = frame[name]
    values = pd.to_numeric(text.mask(text == "").str.strip(), errors="coerce").astype(float)
    wrong = (values.isna() & (text != "")) | values.isin((float("inf"), float("-inf")))
    if wrong.any():
        at = wrong.idxmax()
        raise UserError(f"{source}, line {frame.at[at, 'line']}: {name} is {text[at]!r} and must be a number.")
    return values


def _check_numbers(source: object, frame: pd.DataFrame, names: Iterable[str]) -> None:
    for name in names:
        empty = frame[name].isna()
        if empty.any():
            raise UserError(f"{source}, line {frame.at[empty.idxmax(), 'line']}: {name} is empty.")


def _check_samples(path: Path, frame: pd.DataFrame) -> None:
    _check_numbers(path, frame, sorted(ALWAYS))
    for name, allowed in (("schema", (VERSION,)), ("status", STATUSES), ("scenario", SCENARIOS), ("item", ITEMS)):
        wrong = ~frame[name].isin(allowed)
        if wrong.any():
            at = wrong.idxmax()
            expected = ", ".join(str(value) for value in allowed)
            found = frame.at[at, name]
            shown = repr(found) if isinstance(found, str) else plain(found)
            raise UserError(f"{path}, line {frame.at[at, 'line']}: {name} is {shown} and must be one of: {expected}.")
    repeated = frame.duplicated(["block", "cell", "sample"])
    if repeated.any():
        at = repeated.idxmax()
        raise UserError(
            f"{path}, line {frame.at[at, 'line']}: block {plain(frame.at[at, 'block'])}, sample "
            f"{plain(frame.at[at, 'sample'])} of {frame.at[at, 'cell']} is there twice."
        )
