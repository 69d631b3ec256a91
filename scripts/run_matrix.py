"""Runs a matrix: blocks of processes -> samples.csv, then the summary, the report and the plots."""

from __future__ import annotations

import csv
import datetime
import io
import os
import re
import shlex
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import pandas as pd

import bench_arguments
import environment
import report
import schema
import summarize
import units
from failures import UserError
from plan import Cell, Plan, Program, Selection, make_plan, row_of_cell, summary_line
from processes import Ending, part_file, run_process
from progress import Progress

RESULTS = bench_arguments.ROOT / "results"


@dataclass
class Run:
    """A run's folder and what goes on in it."""

    folder: Path
    program: Program
    selection: Selection
    plan: Plan
    grace_s: float

    @property
    def samples(self) -> Path:
        return self.folder / "samples.csv"

    @property
    def name(self) -> str:
        return self.folder.resolve().name

    def append(self, text: str) -> None:
        with self.samples.open("a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def write_row(self, cell: str, block: int, sample: int, status: str, detail: str) -> None:
        """A row that no process wrote."""
        identity = row_of_cell(self.plan.table, cell)
        own = {"schema": schema.VERSION, "run": self.name, "block": block, "sample": sample}
        own |= {"seed": self.plan.process_seed(block), "status": status, "detail": schema.one_line(detail)}
        self.append(schema.format_row({**identity, **own}))

    def measure(self, cell: Cell, block: int, progress: Progress) -> None:
        """Runs one cell in a process of its own; however that ends, it ends with a row."""
        part = part_file(self.folder)
        part.unlink(missing_ok=True)
        command = [str(self.program.path), "--matrix", self.selection.matrix, "--cell", cell.name]
        command += ["--samples", str(part), "--run", self.name, "--block", str(block)]
        command += ["--seed", str(self.plan.process_seed(block))]
        try:
            ending = run_process(command, cell.timeout_s + self.grace_s, progress.tick)
            rows = _rows_of(part)
        finally:
            part.unlink(missing_ok=True)
        self.append("".join(rows.lines))
        if not rows.failed:
            self._write_ending(cell, block, rows, ending, progress)

    def _write_ending(self, cell: Cell, block: int, rows: "_Rows", ending: Ending, progress: Progress) -> None:
        verdict = _judge(ending, bool(rows.lines), cell.timeout_s + self.grace_s)
        if verdict is not None:
            status, detail = verdict
            self.write_row(cell.name, block, rows.last_sample + 1, status, detail)
            progress.say(f"{status}: {cell.name}: {detail}")


@dataclass(frozen=True)
class _Rows:
    lines: list[str]
    last_sample: int
    failed: bool


def _rows_of(part: Path) -> _Rows:
    """The whole rows that a process left; a line cut off by its death is none."""
    if not part.exists():
        return _Rows([], 0, False)
    text = part.read_bytes().decode("utf-8", "replace")
    # Only a line feed ends a row: what else Python breaks lines at may stand in a detail.
    reader = csv.reader(io.StringIO(text[: text.rfind("\n") + 1], newline=""), strict=True)
    rows: list[dict[str, str]] = []
    try:
        header = next(reader, None)
        if header is None:
            return _Rows([], 0, False)
        if tuple(header) != schema.SAMPLES:
            raise UserError("handoff-bench writes other columns than docs/results-schema.md has: build both of one commit.", 1)
        for fields in reader:
            if len(fields) != len(header):
                break
            row = dict(zip(header, fields))
            rows.append({**row, "detail": schema.one_line(row["detail"])})
    except csv.Error:
        pass  # cut off inside a quoted field
    last = max((int(row["sample"]) for row in rows if row["sample"].isdigit()), default=0)
    return _Rows([schema.format_row(row) for row in rows], last, any(row["status"] in schema.FAILURES for row in rows))


def _judge(ending: Ending, has_rows: bool, limit_s: float) -> tuple[str, str] | None:
    """The status and the sentence for a process that did not end as it should; None where it did."""
    words = f": {ending.last_words}" if ending.last_words else ""
    if ending.status is None:
        return "timeout", f"killed after {units.duration(limit_s)} without an end{words}"
    if ending.signal_name is not None:
        return "crashed", f"died of {ending.signal_name}{words}"
    if ending.status != 0:
        return "crashed", f"exit status {ending.status} without a row that says why{words}"
    if not has_rows:
        return "crashed", f"exit status 0 without a row{words}"
    return None


def start(options: Any) -> Run:
    """A new run's folder with its environment, and the rows of the cells that cannot run."""
    selection = Selection(_matrix_argument(options.matrix or "quick"), options.backends, options.scenarios)
    program = _program(options)
    plan = make_plan(program, selection, options.blocks, options.seed)
    folder = options.out or _fresh_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder}: the folder cannot be made ({error.strerror}); give --out a folder in a place that can be written."
        ) from None
    run = Run(folder, program, selection, plan, options.grace)
    environment.write(folder, _environment(run))
    run.samples.write_text(schema.header() + "\n", encoding="utf-8")
    for _, row in plan.not_run.iterrows():
        run.write_row(str(row["cell"]), 1, 1, str(row["status"]), str(row["detail"]))
    return run


def _matrix_argument(text: str) -> str:
    """A file is named by its full path, so that a run can be resumed from anywhere."""
    return str(Path(text).resolve()) if bench_arguments.is_file_name(text) else text


def _program(options: Any) -> Program:
    path = options.program or bench_arguments.PROGRAM
    if not path.is_file():
        raise UserError(f"{path}: not built yet; leave out --no-setup to build it.", status=1)
    return Program(path.resolve())


def _fresh_folder() -> Path:
    host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname()) or "host"
    return RESULTS / f"{datetime.datetime.now():%Y%m%d-%H%M%S}-{host}"


def _environment(run: Run) -> dict[str, Any]:
    known = environment.describe(run.program.ask_json("--environment"))
    plan = run.plan
    return {
        "schema": schema.VERSION,
        "run": run.name,
        "started": environment.now(),
        "command": _command(run),
        "seed": plan.seed,
        "blocks": plan.blocks,
        "selection": {
            "matrix": run.selection.matrix,
            "backends": run.selection.backends,
            "scenarios": run.selection.scenarios,
        },
        "program": {"path": _shown(str(run.program.path)), "sha256": run.program.digest()},
        "cells": {"fingerprint": plan.fingerprint(), "runnable": len(plan.runnable), "all": len(plan.table)},
        "matrix": {**plan.matrix, "file": _shown(str(plan.matrix["file"]))},
        "machine": known["program"],
        **{key: known[key] for key in ("host", "git", "packages")},
    }


def _command(run: Run) -> str:
    """What a reader types, at the recorded commit, to run the same plan."""
    words = ["scripts/bench", _shown(run.selection.matrix)]
    for option in ("backends", "scenarios"):
        value = getattr(run.selection, option)
        words += [] if value is None else [f"--{option}", value]
    return shlex.join([*words, "--blocks", str(run.plan.blocks), "--seed", str(run.plan.seed)])


def _shown(name: str) -> str:
    """A path as others can follow it: seen from the project where it lies inside."""
    path = Path(name)
    return str(path.relative_to(bench_arguments.ROOT)) if path.is_relative_to(bench_arguments.ROOT) else name


def resume(options: Any) -> Run:
    """An interrupted run with the plan it had; refuses where that plan is no longer the same."""
    folder: Path = options.resume
    known = summarize.read_environment(folder)
    if not known:
        raise UserError(f"{folder}: holds no environment.json, so it is no run that can be resumed.")
    try:
        chosen = known["selection"]
        selection = Selection(chosen["matrix"], chosen["backends"], chosen["scenarios"])
        blocks, seed = int(known["blocks"]), int(known["seed"])
        before = (known["matrix"]["text"], known["cells"]["fingerprint"], known["program"]["sha256"])
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{folder / 'environment.json'}: the entry {error} is missing or wrong.") from None
    program = _program(options)
    plan = make_plan(program, selection, blocks, seed)
    now = (plan.matrix["text"], plan.fingerprint(), program.digest())
    for what, old, new in zip(("the matrix", "the list of cells", "handoff-bench"), before, now):
        if old != new:
            raise UserError(f"{folder}: {what} has changed since this run began, so it cannot go on; start a new run.")
    run = Run(folder, program, selection, plan, options.grace)
    said = schema.repair(run.samples)
    if said is not None:
        print(said, file=sys.stderr)
    if unfinished(run):
        resumed = [*known.get("resumed", []), environment.now()]
        environment.write(folder, {**known, "resumed": resumed, "complete": False})
    return run


def unfinished(run: Run) -> list[tuple[int, Cell]]:
    """What is left of the plan."""
    rows = schema.read_samples(run.samples)
    done = {(int(block), cell) for block, cell in zip(rows["block"], rows["cell"])}
    return [(block, cell) for block, cell in run.plan.processes() if (block, cell.name) not in done]


def run_blocks(run: Run) -> bool:
    """Runs what is left of the plan; whether it came to its end."""
    left = unfinished(run)
    if not left:
        print(f"{run.folder}: every cell has its row in every block; nothing is left to measure.", file=sys.stderr)
        return True
    expected = sum(cell.estimate_s for _, cell in left)
    print(f"{summary_line(run.plan)}: about {units.duration(expected)}.", file=sys.stderr)
    print(f"Results go to {run.folder}; Ctrl-C keeps what is finished.", file=sys.stderr, flush=True)
    progress = Progress(expected, run.plan.blocks)
    try:
        for place, (block, cell) in enumerate(left):
            progress.start(block)
            run.measure(cell, block, progress)
            progress.finish(cell.estimate_s)
            if place + 1 == len(left) or left[place + 1][0] != block:
                progress.end_block(block)
        return True
    except KeyboardInterrupt:
        return False
    finally:
        progress.close()


def conclude(run: Run, complete: bool, plots: bool) -> int:
    """Summary, report and plots of whatever rows there are; the exit status."""
    known = summarize.read_environment(run.folder)
    if known.get("complete") is not True:
        environment.write(run.folder, {**known, "ended": environment.now(), "complete": complete})
    _point_latest(run.folder)
    rows = schema.read_samples(run.samples)
    shown = True if rows.empty else _show(run.folder, plots)
    if not shown:
        print(
            f"Interrupted after the measurements, which are {'complete' if complete else 'kept'} in {run.folder}; "
            f"`scripts/plot {run.folder}` writes the summary, the report and the plots.",
            file=sys.stderr,
        )
    if not complete:
        print(f"Interrupted: `scripts/bench --resume {run.folder}` goes on.", file=sys.stderr)
    if not (shown and complete):
        return 130
    return 1 if rows["status"].isin(schema.FAILURES).any() else 0


def _show(folder: Path, plots: bool) -> bool:
    """Computes, prints and draws; whether nobody interrupted it."""
    try:
        rows, summary, settings = summarize.summarize(folder)
        print(summarize.page(rows, summary, settings, report.Style.of_terminal(), folder.resolve().name), flush=True)
        drawn = f" and {_draw(folder, summary)}" if plots else f"; `scripts/plot {folder}` draws the plots"
        print(f"{folder}: samples.csv, summary.csv, report.txt, environment.json{drawn}.")
        return True
    except KeyboardInterrupt:
        return False


def _draw(folder: Path, summary: pd.DataFrame) -> str:
    # Imported here: matplotlib is slow to load and of no use to what comes before.
    import plot

    return units.plural(len(plot.draw(folder, summary)), "plot")


def _point_latest(folder: Path) -> None:
    """results/latest -> the run, where the run lies in results/."""
    if folder.resolve().parent != RESULTS:
        return
    fresh = RESULTS / ".latest.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(folder.resolve().name)
    fresh.replace(RESULTS / "latest")


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    options = bench_arguments.parse(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    run = start(options) if options.resume is None else resume(options)
    return conclude(run, run_blocks(run), plots=not options.no_plots)
