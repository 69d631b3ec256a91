"""Sample rows by the thousand, from the fake's own functions, without starting a process for each."""

from __future__ import annotations

import argparse
import csv
import io
from typing import Any

import fake_bench


def samples_text(matrix: dict[str, Any], blocks: int, seed: int = 1, run: str = "synthetic") -> str:
    """A whole samples.csv."""
    cells = list(
        fake_bench.cells_of(
            matrix,
            matrix.get("backends", list(fake_bench.BACKENDS)),
            matrix.get("scenarios", list(fake_bench.SCENARIOS)),
        )
    )
    text = io.StringIO()
    writer = csv.DictWriter(text, fake_bench.SAMPLES, lineterminator="\n")
    writer.writeheader()
    for block in range(1, blocks + 1):
        options = argparse.Namespace(run=run, block=block, seed=seed)
        for cell in cells:
            writer.writerow(_row(cell, options, matrix))
    return text.getvalue()


def _row(cell: dict[str, Any], options: argparse.Namespace, matrix: dict[str, Any]) -> dict[str, Any]:
    if cell["status"] == "ok":
        return fake_bench.sample_row(cell, options, matrix.get("noise", 0.02))
    identity = {name: cell[name] for name in fake_bench.IDENTITY}
    own = {"schema": 2, "run": options.run, "block": options.block, "sample": 1, "seed": options.seed}
    return {**identity, **own, "status": cell["status"], "detail": cell["detail"]}
