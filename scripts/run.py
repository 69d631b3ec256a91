"""A run's folder, and the processes that fill it: each of them ends with a row, however it ends."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Collection, Sequence

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
#: What a cell has that ended its process.
ENDS_A_PROCESS = ("crashed", "timeout")
#: A launch may last so many times as long as expected.
PATIENCE = 20


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
    #: Cells that have ended a process: the others are not to share another one with them.
    alone: set[str] = field(default_factory=set)

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
        not_run = (self._row(identity_of(row), 1, 1, str(row["status"]), str(row["detail"])) for row in rows)
        return "".join(map(schema.format_row, not_run))

    def finished(self) -> Counter[tuple[int, str]]:
        """How many rows each runnable cell has in each block of the plan."""
        rows = schema.read_samples(self.samples.path)
        names = {cell.name for cell in self.plan.runnable}
        found = zip(rows["block"].astype(int), rows["cell"])
        return Counter((block, cell) for block, cell in found if cell in names and 1 <= block <= self.plan.blocks)

    def _row(self, identity: dict[str, object], block: int, sample: int, status: str, detail: str) -> dict[str, object]:
        """A row that no process wrote."""
        own = {"schema": schema.VERSION, "run": self.name, "block": block, "sample": sample}
        own |= {"seed": self.plan.process_seed(block), "status": status, "detail": schema.one_line(detail)}
        return {**identity, **own}

    def remember_who_failed(self) -> None:
        """Of a run that is resumed."""
        rows = schema.read_samples(self.samples.path)
        self.alone |= set(rows.loc[rows["status"].isin(ENDS_A_PROCESS), "cell"])

    def measure(self, cells: Sequence[Cell], block: int, progress: Progress) -> None:
        """Runs cells in a process, in which they take turns. If one of them ends it, the others begin again without it.
        All their rows are added at once, or none."""
        kept: list[str] = []
        left = list(cells)
        while left:
            lines, left = self._launch(left, block, progress)
            kept += lines
        self.samples.append("".join(kept))

    def _launch(self, cells: Sequence[Cell], block: int, progress: Progress) -> tuple[list[str], list[Cell]]:
        """The rows that stand of one process, and the cells that were kept from giving theirs."""
        limit_s = self._limit_s(cells)
        with MemoryFile("samples") as file, MemoryFile("at-work") as at_work:
            command = [str(self.program.path), "--matrix", self.selection.matrix]
            command += [word for cell in cells for word in ("--cell", cell.name)]
            command += ["--samples", file.path, "--run", self.name, "--block", str(block)]
            command += ["--seed", str(self.plan.process_seed(block))]
            descriptors = [file.descriptor]
            if self.plan.takes_rounds:
                command += ["--at-work", at_work.path]
                descriptors.append(at_work.descriptor)
            ending = self._run(command, limit_s, progress, descriptors)
            rows = _rows_of(file.read())
            culprit = at_work.read().partition(b"\n")[0].decode("utf-8", "replace")
        if culprit not in {cell.name for cell in cells}:
            culprit = cells[0].name
        if ending.status == UNWRITTEN:
            raise UserError(f"{culprit}: its row could not be written: {ending.last_words}", FAILED)
        left = [cell for cell in cells if not rows.are_all_of(cell.name, self.plan.samples)]
        if not left and (ending.status == 0 or rows.any_failed()):
            return rows.lines(), []
        if not rows.failed(culprit):
            status, detail = _judge(ending, len(rows.of(culprit)), self.plan.samples, limit_s)
            rows.add(self._row(self.plan.identity(culprit), block, len(rows.of(culprit)) + 1, status, detail))
            progress.say(f"{status}: {culprit}: {schema.one_line(detail)}")
        self.alone.add(culprit)
        left = [cell for cell in left if cell.name != culprit]
        return rows.lines(without={cell.name for cell in left}), left

    def _limit_s(self, cells: Sequence[Cell]) -> float:
        """When a process is hung. One that takes turns gives up a step that hangs by itself, so it needs no sum of limits."""
        own = max(cell.timeout_s for cell in cells) + self.grace_s
        return own + PATIENCE * sum(cell.estimate_s for cell in cells) if self.plan.takes_rounds else own

    def _run(self, command: Sequence[str], limit_s: float, progress: Progress, inherited: Sequence[int]) -> Ending:
        """With the program that the run has measured with so far. What was started, or ran, while that was replaced does not
        count: nobody knows which one has written its rows."""
        self._expect_same_program()
        try:
            ending = run_process(command, limit_s, progress.tick, inherited)
        except OSError:
            self._expect_same_program()  # it cannot be started while it is written
            raise
        self._expect_same_program()
        return ending

    def _expect_same_program(self) -> None:
        try:
            same = self.program.identity() == self._measuring_with
        except FileNotFoundError:  # removed, or about to be replaced
            same = False
        if not same:
            raise UserError(f"{self.program.path}: was rebuilt while the run measured with it; start a new run", FAILED)


def name_of(folder: Path) -> str:
    """The run's name in its rows: the folder's, on one line and in UTF-8 whatever bytes it is made of."""
    return schema.one_line(os.fsencode(folder.resolve().name).decode("utf-8", "replace"))


@dataclass(frozen=True)
class _Rows:
    """The rows of a process, in the order in which they were taken."""

    rows: list[dict[str, object]]

    def of(self, cell: str) -> list[dict[str, object]]:
        return [row for row in self.rows if row["cell"] == cell]

    def failed(self, cell: str) -> bool:
        return any(row["status"] in schema.FAILURES for row in self.of(cell))

    def are_all_of(self, cell: str, wanted: int) -> bool:
        """Whether nothing more is to be expected of the cell: it has failed, or has given what was wanted."""
        return len(self.of(cell)) >= wanted or self.failed(cell)

    def any_failed(self) -> bool:
        return any(row["status"] in schema.FAILURES for row in self.rows)

    def add(self, row: dict[str, object]) -> None:
        self.rows.append(row)

    def lines(self, without: Collection[str] = ()) -> list[str]:
        return [schema.format_row(row) for row in self.rows if row["cell"] not in without]


def _rows_of(written: bytes) -> _Rows:
    """The complete rows that a process left, without a line that its death cut off."""
    text = written.decode("utf-8", "replace")
    # Only a line feed ends a row: what else Python breaks lines at may stand in a detail.
    reader = csv.reader(io.StringIO(text[: text.rfind("\n") + 1], newline=""), strict=True)
    rows: list[dict[str, object]] = []
    try:
        header = next(reader, None)
        if header is None:
            return _Rows([])
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
    return _Rows(rows)


def _judge(ending: Ending, rows: int, wanted: int, limit_s: float) -> tuple[str, str]:
    """The status and the sentence for a process that did not give what it should."""
    words = f": {ending.last_words}" if ending.last_words else ""
    if ending.status is None:
        return "timeout", f"killed after {units.duration(limit_s)} without an end{words}"
    if ending.signal_name is not None:
        return "crashed", f"died of {ending.signal_name}{words}"
    if ending.status != 0:
        return "crashed", f"exit status {ending.status} without a row that says why{words}"
    return "crashed", f"exit status 0 {f'after {rows} of {wanted} samples' if rows else 'without a row'}{words}"
