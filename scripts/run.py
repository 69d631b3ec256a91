"""A run's folder, and the processes that fill it: each of them ends with a row, however it ends."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Collection

import environment
import schema
import units
from failures import FAILED, UserError
from plan import Cell, Plan, Program, Selection, identity_of
from processes import Ending, MemoryFile, run_process
from progress import Progress
from rows import records
from samples_file import SamplesFile

#: How handoff-bench reports that it could not write a row, which says nothing about the cell.
UNWRITTEN = 3


@dataclass
class Run:
    """What a run is made of. `known` is its environment.json, which is never read again during the run."""

    folder: Path
    program: Program
    selection: Selection
    plan: Plan
    grace_s: float
    samples: SamplesFile
    known: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._measuring_with = self.program.identity()

    @property
    def name(self) -> str:
        return name_of(self.folder)

    def record(self, **entries: Any) -> None:
        """Adds entries to environment.json."""
        self.known |= entries
        environment.write(self.folder, self.known)

    def begin_rows(self) -> None:
        """The list of columns, the header, and the rows of the cells that cannot run."""
        schema.describe(self.folder)
        self.samples.append(f"{schema.header()}\n{self._rows_of_not_run(())}")

    def complete_rows(self) -> None:
        """Adds what a run that was killed at its very beginning has not written of these rows."""
        missing = self._rows_of_not_run(set(schema.read_samples(self.samples.path)["cell"]))
        if missing:
            self.samples.append(missing)

    def _rows_of_not_run(self, there: Collection[str]) -> str:
        rows = (row for row in records(self.plan.not_run) if row["cell"] not in there)
        return "".join(self._row(identity_of(row), 1, 1, str(row["status"]), str(row["detail"])) for row in rows)

    def finished(self) -> Counter[tuple[int, str]]:
        """How many rows each runnable cell has in each block of the plan."""
        rows = schema.read_samples(self.samples.path)
        names = {cell.name for cell in self.plan.runnable}
        found = zip(rows["block"].astype(int), rows["cell"])
        return Counter((block, cell) for block, cell in found if cell in names and 1 <= block <= self.plan.blocks)

    def _row(self, identity: dict[str, object], block: int, sample: int, status: str, detail: str) -> str:
        """A row that no process wrote."""
        own = {"schema": schema.VERSION, "run": self.name, "block": block, "sample": sample}
        own |= {"seed": self.plan.process_seed(block), "status": status, "detail": schema.one_line(detail)}
        return schema.format_row({**identity, **own})

    def measure(self, cell: Cell, block: int, progress: Progress) -> None:
        """Runs one cell in a process of its own. All its rows are added at once, or none."""
        if self.program.identity() != self._measuring_with:
            raise UserError(f"{self.program.path}: was rebuilt while the run measured with it; start a new run", FAILED)
        limit_s = cell.timeout_s + self.grace_s
        with MemoryFile("samples") as file:
            command = [str(self.program.path), "--matrix", self.selection.matrix, "--cell", cell.name]
            command += ["--samples", file.path, "--run", self.name, "--block", str(block)]
            command += ["--seed", str(self.plan.process_seed(block))]
            ending = run_process(command, limit_s, progress.tick, [file.descriptor])
            rows = _rows_of(file.read())
        if ending.status == UNWRITTEN:
            raise UserError(f"{cell.name}: its row could not be written: {ending.last_words}", FAILED)
        lines = rows.lines
        verdict = None if rows.failed else _judge(ending, len(lines), self.plan.samples, limit_s)
        if verdict is not None:
            status, detail = verdict
            lines.append(self._row(self.plan.identity(cell.name), block, rows.last_sample + 1, status, detail))
            progress.say(f"{status}: {cell.name}: {schema.one_line(detail)}")
        self.samples.append("".join(lines))


def name_of(folder: Path) -> str:
    """The run's name in its rows: the folder's, on one line and in UTF-8 whatever bytes it is made of."""
    return schema.one_line(os.fsencode(folder.resolve().name).decode("utf-8", "replace"))


@dataclass(frozen=True)
class _Rows:
    lines: list[str]
    last_sample: int
    failed: bool


def _rows_of(written: bytes) -> _Rows:
    """The complete rows that a process left, without a line that its death cut off."""
    text = written.decode("utf-8", "replace")
    # Only a line feed ends a row: what else Python breaks lines at may stand in a detail.
    reader = csv.reader(io.StringIO(text[: text.rfind("\n") + 1], newline=""), strict=True)
    rows: list[dict[str, str]] = []
    try:
        header = next(reader, None)
        if header is None:
            return _Rows([], 0, False)
        if tuple(header) != schema.SAMPLES:
            raise UserError(
                "handoff-bench was built from another commit, since its columns are not those of docs/columns.csv; rebuild it",
                1,
            )
        for fields in reader:
            if len(fields) != len(header):
                break
            row = dict(zip(header, fields))
            if row["schema"] != str(schema.VERSION):
                told = f"handoff-bench writes schema {row['schema']} and scripts/bench schema {schema.VERSION}"
                raise UserError(f"{told}; build both from one commit", FAILED)
            rows.append({**row, "detail": schema.one_line(row["detail"])})
    except csv.Error:
        pass  # cut off inside a quoted field
    last = max((int(row["sample"]) for row in rows if row["sample"].isdigit()), default=0)
    return _Rows([schema.format_row(row) for row in rows], last, any(row["status"] in schema.FAILURES for row in rows))


def _judge(ending: Ending, rows: int, wanted: int, limit_s: float) -> tuple[str, str] | None:
    """The status and the sentence for a process that did not end as it should; None if it did."""
    words = f": {ending.last_words}" if ending.last_words else ""
    if ending.status is None:
        return "timeout", f"killed after {units.duration(limit_s)} without an end{words}"
    if ending.signal_name is not None:
        return "crashed", f"died of {ending.signal_name}{words}"
    if ending.status != 0:
        return "crashed", f"exit status {ending.status} without a row that says why{words}"
    if rows < wanted:
        return "crashed", f"exit status 0 {f'after {rows} of {wanted} samples' if rows else 'without a row'}{words}"
    return None
