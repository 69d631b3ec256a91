"""The one list of columns, docs/columns.csv; docs/results-schema.md says what its own columns mean."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Iterable

PATH = Path(__file__).resolve().parents[1] / "docs" / "columns.csv"
#: What rows of samples.csv consist of.
SAMPLE_PARTS = ("origin", "cell", "measured")


@dataclass(frozen=True)
class Column:
    """A row of the list."""

    name: str
    #: A measured column is in samples.csv, a derived one in summary.csv alone, one of the plan in the list of cells alone.
    part: str
    type: str
    #: Whether every row has a value.
    always: bool
    #: The scenarios whose rows alone have a value; none: all.
    scenarios: tuple[str, ...]
    #: All values that it can have, if they are known.
    words: tuple[str, ...]
    #: Where it stands among the axes that order the comparison groups.
    axis: int | None
    #: Which part of a cell's name repeats it.
    key: str
    #: Its value in a cell whose name does not mention it, as text; None: every name does.
    unsaid: str | None
    #: How summary.csv treats the figure; "": it is none.
    figure: str
    unit: str
    meaning: str

    @staticmethod
    def of(row: dict[str, str]) -> "Column":
        return Column(
            row["name"],
            row["part"],
            row["type"],
            row["always"] == "yes",
            tuple(row["scenarios"].split()),
            tuple(row["words"].split()),
            int(row["axis"]) if row["axis"] else None,
            row["key"],
            {"": None, "-": ""}.get(row["unsaid"], row["unsaid"]),
            row["figure"],
            row["unit"],
            row["meaning"],
        )

    @property
    def is_text(self) -> bool:
        return self.type == "text"

    @property
    def can_be_missing(self) -> bool:
        """Whether a run that lacks the column can be read: it was measured before the column was added."""
        return self.unsaid is not None or not self.always

    @property
    def default(self) -> str | float:
        """The value in each row of such a run."""
        text = self.unsaid or ""
        return text if self.is_text else float(text or math.nan)


#: The columns of the list itself.
FIELDS = tuple(field.name for field in fields(Column))


def read(path: Path) -> tuple[Column, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(Column.of(row) for row in csv.DictReader(file, strict=True))


def header_of(path: Path) -> tuple[str, ...]:
    """The columns of samples.csv by a list that may be of another version than this one."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(row["name"] for row in csv.DictReader(file, strict=True) if row["part"] in SAMPLE_PARTS)


COLUMNS = read(PATH)
BY_NAME = {column.name: column for column in COLUMNS}


def names(chosen: Iterable[Column]) -> tuple[str, ...]:
    return tuple(column.name for column in chosen)


def of_parts(*parts: str) -> tuple[str, ...]:
    """The names of all columns of these parts, in their order."""
    return names(column for column in COLUMNS if column.part in parts)


def figures(*treated: str) -> tuple[str, ...]:
    """The names of the figures that are treated in this way; without an argument, of all."""
    return names(column for column in COLUMNS if column.figure and (not treated or column.figure in treated))


def axes() -> tuple[str, ...]:
    """The names of the axes, in the order of the comparison groups."""
    ranked = sorted((column.axis, column.name) for column in COLUMNS if column.axis is not None)
    return tuple(name for _, name in ranked)
