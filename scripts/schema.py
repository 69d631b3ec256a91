"""The results schema (docs/results-schema.md): columns, reading with checks, writing."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import cell_names
import columns
import csv_columns
import files
from failures import UserError
from rows import records

#: The version that is written.
VERSION = 2
#: The versions that are read; docs/results-schema.md says what differs in meaning.
READABLE = (1, 2)

#: samples.csv, in this order.
SAMPLES = columns.of_parts(*columns.SAMPLE_PARTS)
#: The columns that identify a row's cell; the program prints them in --list-cells=csv.
IDENTITY = columns.of_parts("cell")
#: The CSV of --list-cells.
CELLS = (*IDENTITY, "status", "detail", *columns.of_parts("plan"))
TEXT = frozenset(column.name for column in columns.COLUMNS if column.is_text)

STATUSES = columns.BY_NAME["status"].words
#: A run that holds one of these has failed.
FAILURES = ("corrupt", "crashed", "timeout")

#: The least of a whole number, by its column's type.
LEAST = {"positive": 1, "whole": 0}
#: Above it, a float cannot hold every whole number.
MOST_WHOLE = 2**53


def read_samples(path: Path) -> pd.DataFrame:
    """The rows of a samples.csv, checked: text columns as text, numbers as floats (NaN if empty)."""
    text = _text_of(path)
    if text and not text.endswith("\n"):
        line = text.count("\n") + 1
        raise UserError(
            f"{path}, line {line}: the last line is cut off; `scripts/bench --resume {path.parent}` repairs it"
        )
    table = _parse(path, text, SAMPLES, _begun_with(path.parent))
    _check_samples(table)
    return table.frame


def read_cells(text: str, source: str) -> pd.DataFrame:
    """The table that --list-cells=csv prints."""
    table = _parse(source, text, CELLS, CELLS)
    _check_always(table)
    repeated = table.frame["cell"].duplicated()
    if repeated.any():
        at = int(repeated.to_numpy().argmax())
        raise table.error(at, f"the cell {table.frame['cell'].iat[at]} is listed twice")
    return table.frame


def describe(folder: Path) -> None:
    """Puts the list of columns beside the rows of a run, so that they can be read without the project."""
    files.write_whole(folder / columns.PATH.name, columns.PATH.read_text(encoding="utf-8"))


def _begun_with(folder: Path) -> tuple[str, ...] | None:
    """The columns of samples.csv by the list in the run's folder; None for an earlier run, which has none there."""
    path = folder / columns.PATH.name
    try:
        return columns.header_of(path)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, csv.Error):
        raise UserError(f"{path}: not a list of columns; if it is removed, the header of samples.csv decides") from None


def version_of(samples: pd.DataFrame) -> int:
    """The schema under which the rows of a samples.csv were measured; they all have the same."""
    return VERSION if samples.empty else int(samples["schema"].iat[0])


def header() -> str:
    return ",".join(SAMPLES)


def format_row(values: Mapping[str, object]) -> str:
    """A line of samples.csv, with its line feed."""
    unknown = set(values) - set(SAMPLES)
    if unknown:
        raise ValueError(f"no such column: {sorted(unknown)}")
    buffer = io.StringIO()
    # Only with this end of lines does the writer quote a carriage return, without which no reader takes it.
    csv.writer(buffer, lineterminator="\r\n").writerow([values.get(name, "") for name in SAMPLES])
    return buffer.getvalue().removesuffix("\r\n") + "\n"


#: Runs of spaces, control characters and Unicode's line breaks; handoff-bench knows the same ones.
_BLANK = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_NO_TEXT = re.compile("[\ud800-\udfff]")


def one_line(text: str) -> str:
    """A sentence of unknown origin, fit for `detail`: without line breaks, so that every row is one line."""
    return _NO_TEXT.sub("\ufffd", _BLANK.sub(" ", text)).strip(" ")


def plain(value: float) -> str:
    """A number as the schema writes it: a plain decimal, empty for NaN."""
    if pd.isna(value):
        return ""
    return np.format_float_positional(value, trim="-")


def _text_of(path: Path) -> str:
    try:
        # Not read_text(): it would take a carriage return inside a field for the end of a line.
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; a run's folder holds samples.csv") from None
    except NotADirectoryError:
        raise UserError(f"{path.parent}: not a folder; give a run's folder, which holds samples.csv") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise UserError(f"{path}, line {line}: not UTF-8 text") from None


@dataclass(frozen=True)
class _Table:
    """Rows, with what is needed to find the line of each."""

    source: object
    text: str
    frame: pd.DataFrame

    def error(self, row: int, sentence: str) -> UserError:
        """A sentence about a row; counted again, since a quoted field may hold ends of lines."""
        reader = csv.reader(io.StringIO(self.text, newline=""))
        next(itertools.islice(reader, row + 1, None))
        return UserError(f"{self.source}, line {reader.line_num}: {sentence}")


def _parse(source: object, text: str, wanted: tuple[str, ...], begun_with: tuple[str, ...] | None) -> _Table:
    """Checks the header, the number of fields, and that numbers are numbers. Columns that are missing, because they are
    newer than the rows, are filled with their defaults."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    table = _Table(source, text, pd.DataFrame())
    try:
        found: list[str] = next(reader, [])
        _check_header(source, found, wanted, begun_with)
        numbers = [name for name in wanted if name in found and name not in TEXT]
        types = {name: float if name in numbers else str for name in found}
        frame = _unless_wrong(csv_columns.read, text, types)
        if frame is None:
            for place, fields in enumerate(reader):
                if len(fields) != len(found):
                    raise table.error(place, f"{len(fields)} fields where the header has {len(found)}")
            frame = _unless_wrong(csv_columns.read_slowly, text, types)
    except csv.Error as error:
        raise UserError(f"{source}, line {reader.line_num}: not CSV: {error}") from None
    if frame is None:
        # Text by text, to see which one is no number.
        frame = csv_columns.read_slowly(text, dict.fromkeys(found, str))
        for name in numbers:
            frame[name] = _numbers(table, name, frame[name].tolist())
    missing = {name: columns.BY_NAME[name].default for name in wanted if name not in found}
    return replace(table, frame=frame.assign(**missing) if missing else frame)


def _unless_wrong(
    read: Callable[[str, csv_columns.Types], pd.DataFrame | None], text: str, types: csv_columns.Types
) -> pd.DataFrame | None:
    """None also if one of the numbers is None."""
    try:
        frame = read(text, types)
    except ValueError:
        return None
    numbers = [name for name, kind in types.items() if kind is float]
    return None if frame is None or np.isinf(frame[numbers].to_numpy()).any() else frame


def _check_header(
    source: object, found: list[str], wanted: tuple[str, ...], begun_with: tuple[str, ...] | None
) -> None:
    if not found:
        raise UserError(
            f"{source}, line 1: empty; the first line must be the header of schema {VERSION}, which --resume writes"
        )
    for index, name in enumerate(begun_with or ()):
        if index >= len(found):
            raise UserError(f"{source}, line 1: the column {name} is missing")
        if found[index] != name:
            raise UserError(f"{source}, line 1: column {index + 1} is {found[index]!r} and must be {name!r}")
    for name in wanted:
        if name not in found and not columns.BY_NAME[name].can_be_missing:
            raise UserError(f"{source}, line 1: the column {name} is missing")
    for name in found:
        if found.count(name) > 1:
            raise UserError(f"{source}, line 1: the column {name!r} appears twice")


def _numbers(table: _Table, name: str, fields: Sequence[str]) -> NDArray[np.float64]:
    """Each text is read once, however often it stands there."""
    known = {text: _number(text) for text in set(fields)}
    if None in known.values():
        at = next(place for place, text in enumerate(fields) if known[text] is None)
        raise table.error(at, f"{name} is {fields[at]!r} and must be a number")
    return np.array([known[text] for text in fields], dtype=float)


def _number(text: str) -> float | None:
    """NaN for an empty text, None if it is not a number."""
    if not text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def _check_always(table: _Table) -> None:
    for column in columns.COLUMNS:
        if not column.always or column.name not in table.frame:
            continue
        values = table.frame[column.name].to_numpy()
        empty = values == "" if column.is_text else np.isnan(values)
        if empty.any():
            raise table.error(int(empty.argmax()), f"{column.name} is empty")


def _check_words(table: _Table) -> None:
    for column in columns.COLUMNS:
        if not column.words or column.name not in table.frame:
            continue
        allowed = column.words if column.always else (*column.words, "")
        wrong = ~table.frame[column.name].isin(allowed).to_numpy()
        if wrong.any():
            raise _wrong(table, wrong, column.name, f"one of: {', '.join(column.words)}")


def _check_samples(table: _Table) -> None:
    _check_words(table)
    _check_always(table)
    wrong = ~table.frame["schema"].isin(READABLE).to_numpy()
    if wrong.any():
        raise _wrong(table, wrong, "schema", f"one of: {', '.join(map(str, READABLE))}")
    version = table.frame["schema"].to_numpy()
    others = version != version[:1]
    if others.any():
        at = int(others.argmax())
        raise table.error(
            at,
            f"schema is {plain(version[at])} where the rows above have {plain(version[0])}: all rows of a file have the same",
        )
    _check_types(table)
    _check_cells(table)
    repeated = table.frame.duplicated(["block", "cell", "sample"]).to_numpy()
    if repeated.any():
        row = table.frame.iloc[int(repeated.argmax())]
        sentence = f"block {plain(row['block'])}, sample {plain(row['sample'])} of {row['cell']} appears twice"
        raise table.error(int(repeated.argmax()), sentence)


def _check_types(table: _Table) -> None:
    for name in SAMPLES:
        column = columns.BY_NAME[name]
        values = table.frame[name].to_numpy()
        if column.type in LEAST:
            least = LEAST[column.type]
            wrong = (values < least) | (values > MOST_WHOLE) | (np.floor(values) < values)
            if wrong.any():
                raise _wrong(table, wrong, name, f"a whole number, at least {least}")
        if column.type == "flag":
            wrong = ~table.frame[name].isin((0, 1)).to_numpy()
            if wrong.any():
                raise _wrong(table, wrong, name, "0 or 1")


def _wrong(table: _Table, wrong: NDArray[np.bool_], name: str, expected: str) -> UserError:
    at = int(wrong.argmax())
    found = table.frame[name].iat[at]
    return table.error(
        at, f"{name} is {repr(found) if isinstance(found, str) else plain(found)} and must be {expected}"
    )


def _check_cells(table: _Table) -> None:
    """Checks that the rows of a cell agree with its name, and so with each other."""
    first = table.frame.drop_duplicates(list(IDENTITY))
    for place, cell in zip(first.index.tolist(), records(first, IDENTITY)):
        name = cell_names.contradiction(cell)
        if name is not None:
            shown = cell[name] if isinstance(cell[name], str) else plain(cell[name])
            raise table.error(place, f"{name} is {shown or 'empty'}, and the cell's name {cell['cell']} says otherwise")
