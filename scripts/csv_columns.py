"""CSV into columns of texts and exact numbers, by all cores: reading is most of what a large run's summary takes.

The reader's fast conversion is exact if a number has few digits: a whole number that a float holds, divided by a power
of ten that a float holds, is rounded once. If there may be more, the number is converted again.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import partial
from typing import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import threads

Places = NDArray[np.intp]
#: str or float, by column.
Types = Mapping[str, type]

#: A field of so many characters has no more digits than that: without its point it is below 10^15, and so below 2^53.
SURE_LENGTH = 15
#: A number in here that is written so shortly has at most 22 decimals or zeros: 10^22 is the last power that is a float.
LEAST_SURE, MOST_SURE = 1e-7, 1e22
#: What is worth a thread, in bytes.
PART = 1 << 20


def read(text: str, types: Types) -> pd.DataFrame | None:
    """The rows below the header, NaN for an empty number. ValueError: something else than a number stands for one.

    None where it does not show at a glance that each line is a row of as many fields: `read_slowly` may take it."""
    data = text.encode()
    lines = None if "\r" in text else _Lines.of(data, len(types))
    if lines is None:
        return None
    frame = _read_parts(data, lines.ends, types)
    _correct(frame, data, lines, [name for name, kind in types.items() if kind is float])
    return frame


def read_slowly(text: str, types: Types) -> pd.DataFrame:
    """The same for any CSV, converted by the one core that runs Python."""
    return _read(io.StringIO(text, newline=""), types, float_precision="round_trip")


@dataclass(frozen=True)
class _Lines:
    """Where the lines end, the header's first, and their fields. Lines with a quote in them are taken apart one by one."""

    ends: Places
    #: Where fields end: all commas and ends of lines; `first` says which of them is the first of each line.
    marks: Places
    first: Places
    quoted: dict[int, list[str]]

    @staticmethod
    def of(data: bytes, fields: int) -> "_Lines | None":
        """None if a line has another number of fields, or only a reader could say how many."""
        characters = np.frombuffer(data, np.uint8)
        line_end, comma, quote = (characters == ord(character) for character in '\n,"')
        ends, marks = np.flatnonzero(line_end), np.flatnonzero(line_end | comma)
        if len(ends) == 0 or ends[-1] != len(data) - 1:
            return None
        after = np.searchsorted(marks, ends, side="right")
        counts = np.diff(after, prepend=0)
        quoted = {}
        for line in np.unique(np.searchsorted(ends, np.flatnonzero(quote))).tolist():
            begin = ends[line - 1] + 1 if line > 0 else 0
            quoted[line] = _fields_of(data[begin : ends[line]])
            counts[line] = len(quoted[line])
        return _Lines(ends, marks, after - np.diff(after, prepend=0), quoted) if (counts == fields).all() else None

    def long_fields(self) -> tuple[Places, Places]:
        """Rows and columns of those that may have more than SURE_LENGTH digits; `quoted` lines are left out."""
        mark = np.flatnonzero(np.diff(self.marks) > SURE_LENGTH + 1) + 1
        mark = mark[mark >= self.first[1]] if len(self.first) > 1 else mark[:0]
        line = np.searchsorted(self.first, mark, side="right") - 1
        return line - 1, mark - self.first[line]


def _fields_of(line: bytes) -> list[str]:
    """None if the line is not a row by itself."""
    try:
        (fields,) = csv.reader([line.decode()], strict=True)
    except (csv.Error, ValueError):
        return []
    return fields


def _read_parts(data: bytes, ends: Places, types: Types) -> pd.DataFrame:
    """The reader lets others run while it looks for fields and converts numbers."""
    rows = len(ends) - 1
    parts = max(1, min(threads.cores(), len(data) // PART))
    bounds = [int(ends[rows * part // parts]) + 1 for part in range(parts + 1)]
    texts = [io.BytesIO(data[begin:end]) for begin, end in zip(bounds, bounds[1:])]
    read_one = partial(_read, types=types, header=None, names=list(types), float_precision="high")
    return pd.concat(threads.of_each(read_one, texts), ignore_index=True)


def _read(file: io.StringIO | io.BytesIO, types: Types, **how: object) -> pd.DataFrame:
    empty = {name: [""] for name, kind in types.items() if kind is float}
    return pd.read_csv(file, dtype=types, keep_default_na=False, na_values=empty, **how)


def _correct(frame: pd.DataFrame, data: bytes, lines: _Lines, numbers: list[str]) -> None:
    """Converts those numbers again of which the reader may have missed the last digit."""
    of_quoted = {line - 1: fields for line, fields in lines.quoted.items() if line > 0}
    row, column = lines.long_fields()
    for place, name in enumerate(frame.columns):
        if name not in numbers:
            continue
        size = np.abs(frame[name].to_numpy())
        unsure = ((size < LEAST_SURE) & (size > 0)) | (size > MOST_SURE)
        unsure[row[column == place]] = True
        unsure[list(of_quoted)] = False
        if not (unsure.any() or of_quoted):
            continue
        mark = lines.first[1:][unsure] + place
        bounds = zip((lines.marks[mark - 1] + 1).tolist(), lines.marks[mark].tolist())
        values = frame[name].to_numpy(copy=True)
        values[unsure] = [float(data[begin:end]) for begin, end in bounds]
        values[list(of_quoted)] = [float(fields[place] or "nan") for fields in of_quoted.values()]
        frame[name] = values
