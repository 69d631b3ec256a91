"""A cell's name repeats its axes, `scenario/backend/p:2/c:2/…`: checks that the two agree."""

from __future__ import annotations

import math
from typing import Any, Mapping

import columns

#: Part of the name -> columns that it repeats, their values joined by a dash.
PARTS: dict[str, list[str]] = {}
for column in columns.COLUMNS:
    if column.key:
        PARTS.setdefault(column.key, []).append(column.name)
#: What a column holds if the name does not mention it.
UNSAID = {column.name: column.default for column in columns.COLUMNS if column.unsaid is not None}


def contradiction(cell: Mapping[str, Any]) -> str | None:
    """The column that contradicts the name; `cell` has the identity columns. None if all agree."""
    scenario, _, rest = str(cell["cell"]).partition("/")
    backend, *parts = rest.split("/")
    said: dict[str, object] = {**UNSAID, "scenario": scenario, "backend": backend}
    for key, _, value in (part.partition(":") for part in parts):
        if key == "bytes" and value in columns.BY_NAME["item"].words:
            said["item"] = value
        elif key in PARTS:
            said |= zip(PARTS[key], value.split("-") if len(PARTS[key]) > 1 else [value])
    return next((name for name, value in said.items() if not _same(value, cell[name])), None)


def _same(said: object, found: object) -> bool:
    if not isinstance(found, float):
        return ("" if said == "-" else said) == found
    try:
        number = math.nan if said == "-" else float(said)  # type: ignore[arg-type]
    except ValueError:
        return False
    return number == found or (math.isnan(number) and math.isnan(found))
