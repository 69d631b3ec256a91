"""Runs a matrix: blocks of processes -> samples.csv, then the summary, the report and the plots."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import os
import re
import shlex
import signal
import socket
from pathlib import Path
from typing import Any, Collection, Sequence

import pandas as pd

import bench_arguments
import choice
import environment
import files
import recorded
import report
import schema
import spelling
import summarize
import units
from failures import FAILED, INTERRUPTED, UserError, print_out, reason, say
from plan import Program, Selection, make_plan, summary_line
from progress import Progress, Steps
from run import Run
from samples_file import SamplesFile, what_is_left

NAME = "scripts/bench"
RESULTS = bench_arguments.ROOT / "results"


def start(options: Any) -> Run:
    """Begins a new run: its folder, its environment, and the rows of the cells that cannot run."""
    selection = Selection(_matrix_argument(options.matrix or "quick"), options.backends, options.scenarios)
    program = _program(options)
    plan = make_plan(program, selection, options.blocks, options.seed)
    machine = program.ask_json("--environment")
    folder = _make_folder(options.out)
    run = Run(folder, program, selection, plan, options.grace, SamplesFile.begin(folder))
    run.record(**_environment(run, machine))
    files.sync_folder(folder.absolute().parent)
    run.begin_rows()
    return run


def _make_folder(wanted: Path | None) -> Path:
    """The run's folder; if none is wanted, a new one in results/, also for the second of two runs within a second."""
    try:
        if wanted is not None:
            wanted.mkdir(parents=True, exist_ok=True)
            return wanted
        RESULTS.mkdir(parents=True, exist_ok=True)
        host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname()) or "host"
        name = f"{datetime.datetime.now():%Y%m%d-%H%M%S}-{host}"
        for number in itertools.count(1):
            folder = RESULTS / (name if number == 1 else f"{name}-{number}")
            with contextlib.suppress(FileExistsError):
                folder.mkdir()
                return folder
    except OSError as error:
        raise UserError(
            f"{wanted or RESULTS}: cannot create the folder ({reason(error)}); choose a writable location with --out"
        ) from None
    raise AssertionError("itertools.count ends nowhere")


def _matrix_argument(text: str) -> str:
    """A file is named by its full path, so that a run can be resumed from anywhere."""
    return str(Path(text).resolve()) if bench_arguments.is_file_name(text) else text


def _program(options: Any) -> Program:
    path = choice.program(options)
    if not path.is_file():
        raise UserError(f"{path}: not built yet; leave out --no-setup to build it", status=1)
    return Program(path.resolve())


def _environment(run: Run, machine: dict[str, Any]) -> dict[str, Any]:
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
        "machine": machine,
        "host": environment.host(),
        "git": environment.git_state(),
        "packages": environment.package_versions(),
    }


def _command(run: Run) -> str:
    """The command that runs the same plan at the recorded commit."""
    words = ["scripts/bench", _shown(run.selection.matrix)]
    for option in ("backends", "scenarios"):
        value = getattr(run.selection, option)
        words += [] if value is None else [f"--{option}", value]
    return shlex.join([*words, "--blocks", str(run.plan.blocks), "--seed", str(run.plan.seed)])


def _shown(name: str) -> str:
    """A path that others can follow: relative to the project if it is inside."""
    path = Path(name)
    return str(path.relative_to(bench_arguments.ROOT)) if path.is_relative_to(bench_arguments.ROOT) else name


def resume(options: Any) -> Run:
    """An interrupted run with the plan it had; refuses if that plan or the machine is no longer the same."""
    folder: Path = options.resume
    known = recorded.read(folder)
    if not known:
        raise UserError(f"{folder}: contains no environment.json, so it is not a run that can be resumed")
    selection, blocks, seed, before = _recorded_plan(folder, known)
    program = _program(options)
    plan = make_plan(program, selection, blocks, seed)
    now = (plan.matrix["text"], plan.fingerprint(), program.digest())
    for what, old, new in zip(("the matrix", "the list of cells", "handoff-bench"), before, now):
        if old != new:
            raise UserError(
                f"{folder}: {what} has changed since this run began, so it cannot be resumed; start a new run"
            )
    samples, said = SamplesFile.reopen(folder, plan.samples)
    run = Run(folder, program, selection, plan, options.grace, samples, known)
    if said is not None:
        say(said)
    try:
        if unfinished(run) > 0:
            _check_schema(run)
            _check_machine(run)
            run.complete_rows()
            run.remember_who_failed()
            run.record(resumed=[*known.get("resumed", []), environment.now()], complete=False)
    except BaseException:
        samples.close()
        raise
    return run


def _check_schema(run: Run) -> None:
    version = schema.version_of(schema.read_samples(run.samples.path))
    if version != schema.VERSION:
        raise UserError(
            f"{run.folder}: its rows have schema {version}, and new ones would have {schema.VERSION}, so it cannot be resumed; start "
            "a new run"
        )


def _check_machine(run: Run) -> None:
    changed = environment.difference(run.known.get("machine", {}), run.program.ask_json("--environment"))
    if changed is not None:
        raise UserError(f"{run.folder}: {changed}, so it cannot be resumed; start a new run")


def _recorded_plan(folder: Path, known: dict[str, Any]) -> tuple[Selection, int, int, tuple[Any, Any, Any]]:
    """The plan in environment.json, and what shows whether it is still the same."""
    try:
        chosen = known["selection"]
        selection = Selection(chosen["matrix"], chosen["backends"], chosen["scenarios"])
        before = (known["matrix"]["text"], known["cells"]["fingerprint"], known["program"]["sha256"])
        return selection, int(known["blocks"]), int(known["seed"]), before
    except KeyError as error:
        raise UserError(f"{folder / 'environment.json'}: the entry {error} is missing") from None


def unfinished(run: Run) -> int:
    """How many cells of how many blocks are left of the plan."""
    return len(run.plan.runnable) * run.plan.blocks - len(run.finished())


def run_blocks(run: Run) -> bool:
    """Runs what is left of the plan; returns whether it is complete."""
    done = run.finished()
    estimates = {cell.name: cell.estimate_s for cell in run.plan.runnable}
    if len(done) == len(estimates) * run.plan.blocks:
        say(f"{run.folder}: every cell has its row in every block; nothing is left to measure")
        return True
    expected = run.plan.blocks * sum(estimates.values()) - sum(estimates[cell] for _, cell in done)
    say(f"{summary_line(run.plan)}: about {units.duration(expected)}")
    say(f"Results go to {run.folder}; Ctrl-C keeps finished cells")
    progress = Progress(expected, run.plan.blocks)
    try:
        for block in range(1, run.plan.blocks + 1):
            _run_block(run, block, done, progress)
        return True
    except KeyboardInterrupt:
        return False
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise UserError(f"{where}{reason(error)}; {what_is_left(run.folder)}", FAILED) from None
    finally:
        progress.close()


def _run_block(run: Run, block: int, done: Collection[tuple[int, str]], progress: Progress) -> None:
    launches = run.plan.launches(block, run.alone)
    left = [kept for cells in launches if (kept := [cell for cell in cells if (block, cell.name) not in done])]
    for cells in left:
        progress.start(block)
        run.measure(cells, block, progress)
        progress.finish(sum(cell.estimate_s for cell in cells))
    if left:
        progress.end_block(block)


def conclude(run: Run, complete: bool, plots: bool) -> int:
    """Summary, report and plots of whatever rows there are; the exit status."""
    if run.known.get("complete") is not True:
        run.record(ended=environment.now(), complete=complete)
    _point_latest(run.folder)
    rows = schema.read_samples(run.samples.path)
    status = 0 if rows.empty else _show(run.folder, complete, plots)
    if not complete:
        say(f"Interrupted: `scripts/bench --resume {run.folder}` continues")
        return INTERRUPTED
    return status or (FAILED if rows["status"].isin(schema.FAILURES).any() else 0)


def _show(folder: Path, complete: bool, plots: bool) -> int:
    """Computes, prints and draws; 0, or the exit status if that was interrupted or failed."""
    try:
        with contextlib.closing(Steps(summarize.STEPS)) as steps:
            rows, summary, settings = summarize.summarize(folder, steps)
        table = summarize.page(rows, summary, settings, report.Style.of_terminal(), folder.resolve().name)
        status = print_out(f"{table}\n", NAME)
        drawn = f" and {_draw(folder, summary)}" if plots else f"; `scripts/plot {folder}` draws the plots"
        files_there = f"{folder}: samples.csv, summary.csv, report.txt, environment.json{drawn}"
        return print_out(f"{spelling.for_terminal(files_there)}\n", NAME) or status
    except KeyboardInterrupt:
        came, status = "Interrupted", INTERRUPTED
    except OSError as error:
        came, status = f"{error.filename or 'A file'}: {reason(error)}", FAILED
    say(
        f"{came} after the measurements, which are {'complete' if complete else 'kept'} in {folder}; "
        f"`scripts/plot {folder}` writes the summary, the report and the plots"
    )
    return status


def _draw(folder: Path, summary: pd.DataFrame) -> str:
    # Imported here: matplotlib is slow to load and of no use to what comes before.
    import plot

    return units.plural(len(plot.draw(folder, summary)), "plot")


def _point_latest(folder: Path) -> None:
    """results/latest -> the run, if the run is in results/. Nothing depends on it."""
    if folder.resolve().parent != RESULTS:
        return
    fresh = RESULTS / f".latest.{os.getpid()}"
    try:
        fresh.symlink_to(folder.resolve().name)
        fresh.replace(RESULTS / "latest")
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink()
        say(f"{RESULTS / 'latest'}: cannot be made to point to this run ({reason(error)})")


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def stop_on_signals() -> None:
    """From here on, what ends a script (by name, by its terminal) does so as Ctrl-C does: in order."""
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # under nohup the run continues
        signal.signal(signal.SIGHUP, _stop)


def main(arguments: Sequence[str]) -> int:
    options = bench_arguments.parse(arguments)
    stop_on_signals()
    run = start(options) if options.resume is None else resume(options)
    with contextlib.closing(run.samples):
        return conclude(run, run_blocks(run), plots=not options.no_plots)
