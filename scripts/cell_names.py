"""A cell's name repeats its axes, `scenario/backend/p:2/c:2/…`: what to say where the two do not agree."""

from __future__ import annotations

import math
from typing import Any, Mapping

#: Part of the name -> column that it repeats.
PARTS = {
    "p": "producers", "c": "consumers", "cap": "capacity", "wait": "wait", "stop": "stop", "rate": "rate",
    "pin": "pinning", "control": "control",
}  # fmt: skip
#: What a column holds where the name does not speak of it.
UNSAID = {"stop": "", "rate": math.nan, "pinning": "none", "control": 0.0}


def contradiction(cell: Mapping[str, Any]) -> str | None:
    """The column that says other than the name; `cell` has the identity columns. None where all agree."""
    scenario, _, rest = str(cell["cell"]).partition("/")
    backend, *parts = rest.split("/")
    said: dict[str, object] = {**UNSAID, "scenario": scenario, "backend": backend}
    for key, _, value in (part.partition(":") for part in parts):
        if key in PARTS:
            said[PARTS[key]] = value
        elif key == "bytes":
            said["item" if value == "move_only" else "item_bytes"] = value
        elif key == "work":
            said["work_producer_ns"], _, said["work_consumer_ns"] = value.partition("-")
    return next((name for name, value in said.items() if not _same(value, cell[name])), None)


def _same(said: object, found: object) -> bool:
    if not isinstance(found, float):
        return said == found
    try:
        number = math.nan if said == "-" else float(said)  # type: ignore[arg-type]
    except ValueError:
        return False
    return number == found or (math.isnan(number) and math.isnan(found))
