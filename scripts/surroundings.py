"""Differences between two runs' records (environment.json) that can affect figures."""

from __future__ import annotations

import json
from typing import Any, Iterator

import report
import texts

#: Entries that differ between any two runs, or repeat another entry. All others are compared, so that a new entry is
#: compared as soon as it is recorded.
ALWAYS_DIFFERENT = frozenset((
    "schema", "run", "started", "resumed", "ended", "complete", "command", "seed", "blocks", "selection", "cells", "program",
    "matrix.file", "matrix.description", "matrix.text", "matrix.blocks", "matrix.seed", "matrix.equivalence", "host.load_before",
    "machine.clock_ns", "machine.host", "machine.kernel",
))  # fmt: skip
LONGEST = 60


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Lines that name each difference; none if nothing is known."""
    if not before and not after:
        return []
    old, new = dict(_entries(before)), dict(_entries(after))
    told = [
        f"{name.replace('.', ' ')}: {_shown(old, name)} -> {_shown(new, name)}"
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name) or (name in old) != (name in new)
    ]
    if (program := _digest(before)) != _digest(after) and program is not None:
        told.append("another build of handoff-bench measured")
    if not told:
        return ["The records of both runs agree on everything that is compared."]
    return ["The runs differ in", *(line for one in told for line in report.wrapped(f"  {one}", hanging=True))]


def _entries(record: dict[str, Any], before: str = "") -> Iterator[tuple[str, object]]:
    """`host.cores`, 2 and so on: the values at the ends of all branches."""
    for key, value in record.items():
        name = f"{before}{key}"
        if name in ALWAYS_DIFFERENT:
            continue
        if isinstance(value, dict):
            yield from _entries(value, f"{name}.")
        else:
            yield name, value


def _digest(record: dict[str, Any]) -> object:
    return record.get("program", {}).get("sha256")


def _shown(entries: dict[str, object], name: str) -> str:
    if name not in entries:
        return "not recorded"
    value = entries[name]
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    text = texts.for_terminal(" ".join(text.split()))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
