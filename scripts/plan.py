"""What a run will do: its cells, its blocks, the order inside them, the expected time."""

from __future__ import annotations

import functools
import hashlib
import json
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Collection, Mapping

import pandas as pd

import schema
import units
from bench_arguments import MOST_BLOCKS, is_file_name
from failures import UserError, reason
from groups import AXES


@dataclass(frozen=True)
class Program:
    """handoff-bench, or what stands in for it."""

    path: Path

    def ask(self, *arguments: str) -> str:
        """Its standard output; its errors become ours."""
        try:
            done = subprocess.run(
                [str(self.path), *arguments], capture_output=True, encoding="utf-8", errors="replace", check=False
            )
        except OSError as error:
            raise UserError(
                f"{self.path}: cannot be run ({error.strerror}); leave out --no-setup to build it"
            ) from None
        if done.returncode != 0:
            told = [line for line in done.stderr.strip().splitlines() if line.strip()]
            sentence = (
                told[-1].removeprefix("handoff-bench: ") if told else f"{self.path.name} {' '.join(arguments)} failed"
            )
            raise UserError(sentence, status=2 if done.returncode == 2 else 1)
        return done.stdout

    def ask_json(self, *arguments: str) -> Any:
        text = self.ask(*arguments)
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise UserError(
                f"{self.path.name} {' '.join(arguments)}, line {error.lineno} of its output: not JSON", status=1
            ) from None

    def digest(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    def identity(self) -> tuple[int, ...]:
        """Changes when the file is rewritten: what digest() would find, at no cost."""
        there = self.path.stat()
        return (there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns)


@dataclass(frozen=True)
class Selection:
    """What the user asked for."""

    matrix: str
    backends: str | None = None
    scenarios: str | None = None

    def arguments(self) -> list[str]:
        chosen = ["--matrix", self.matrix]
        if self.backends is not None:
            chosen += ["--backends", self.backends]
        if self.scenarios is not None:
            chosen += ["--scenarios", self.scenarios]
        return chosen


@dataclass(frozen=True)
class Cell:
    """A runnable cell, by name; the rest is for the script's own bookkeeping."""

    name: str
    neighbourhood: tuple[str, ...]
    estimate_s: float
    timeout_s: float


@dataclass(frozen=True)
class Plan:
    """The cells of a run and the order of its processes, all decided by the seed."""

    matrix: dict[str, Any]
    table: pd.DataFrame
    blocks: int
    seed: int

    @property
    def takes_rounds(self) -> bool:
        """Whether all cells that are compared share a process, a launch, and take turns in it."""
        return self.matrix.get("rounds") is not None

    @property
    def samples(self) -> int:
        """How many a process takes of each of its cells."""
        return int(self.matrix["rounds"] if self.takes_rounds else self.matrix.get("samples", 1))

    @functools.cached_property
    def runnable(self) -> list[Cell]:
        return _cells(self.table[self.table["status"] == "ok"])

    @property
    def not_run(self) -> pd.DataFrame:
        return self.table[self.table["status"] != "ok"]

    def launches(self, number: int, alone: Collection[str] = ()) -> list[list[Cell]]:
        """The cells of each process of a block, in order. Those named in `alone` share theirs with no other."""
        cells = self.block(number)
        if not self.takes_rounds:
            return [[cell] for cell in cells]
        together: dict[tuple[str, ...], list[Cell]] = {}
        for cell in cells:
            own = (cell.name,) if cell.name in alone else ()
            together.setdefault((*cell.neighbourhood, *own), []).append(cell)
        return list(together.values())

    def block(self, number: int) -> list[Cell]:
        """Every runnable cell once; cells that will be compared run near each other, shuffled."""
        draw = random.Random(f"{self.seed}/{number}")
        neighbourhoods: dict[tuple[str, ...], list[Cell]] = {}
        for cell in self.runnable:
            neighbourhoods.setdefault(cell.neighbourhood, []).append(cell)
        order = list(neighbourhoods.values())
        draw.shuffle(order)
        for cells in order:
            draw.shuffle(cells)
        return [cell for cells in order for cell in cells]

    def identity(self, cell: str) -> dict[str, object]:
        return identity_of(self.table[self.table["cell"] == cell].iloc[0])

    def process_seed(self, block: int) -> int:
        """The seed handed to the program: the same for all cells of a block, which are compared."""
        return random.Random(f"{self.seed}/{block}/process").getrandbits(31)

    def fingerprint(self) -> str:
        """Changes when the cells or what may run of them change."""
        text = self.table[["cell", "status"]].to_csv(index=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _cells(table: pd.DataFrame) -> list[Cell]:
    near = zip(*(table[axis].astype(str) for axis in AXES if axis != "capacity"))
    known = zip(table["cell"], near, table["estimate_s"], table["timeout_s"])
    return [Cell(str(name), axes, float(estimate), float(timeout)) for name, axes, estimate, timeout in known]


def make_plan(program: Program, selection: Selection, blocks: int | None, seed: int | None) -> Plan:
    chosen = selection.arguments()
    info = program.ask_json(*chosen, "--matrix-info")
    table = schema.read_cells(program.ask(*chosen, "--list-cells=csv"), f"{program.path.name} --list-cells=csv")
    if table.empty:
        raise _no_cells(program, selection, str(info["file"]))
    if "text" not in info:  # an older program does not give the text
        info["text"] = _matrix_text(selection, info)
    if blocks is None:
        blocks = int(info["blocks"])
        if blocks > MOST_BLOCKS:
            raise UserError(f"{info['file']}: blocks is {blocks} and must be at most {MOST_BLOCKS}")
    return Plan(info, table, blocks, int(info["seed"]) if seed is None else seed)


def _no_cells(program: Program, selection: Selection, file: str) -> UserError:
    """In terms of the options that the user gave, which handoff-bench cannot know."""
    given = {"--backends": selection.backends, "--scenarios": selection.scenarios}
    options = [f"{name} {value}" for name, value in given.items() if value is not None]
    if not options:
        return UserError(
            f"{file}: no cell matches: none of the listed backends supports any of the listed waits; "
            f"`{program.path} --list-backends` shows the waits of each"
        )
    remedy = "leave one of them out" if len(options) > 1 else "leave it out"
    return UserError(f"{file}: has no cells for {' with '.join(options)}; {remedy}, or give others")


def _matrix_text(selection: Selection, info: dict[str, Any]) -> str:
    """A file that the user named is read by that name: JSON cannot hold every one."""
    file = selection.matrix if is_file_name(selection.matrix) else str(info["file"])
    try:
        return Path(file).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise UserError(f"{file}: the matrix file cannot be read ({reason(error)})") from None


def identity_of(row: Mapping[Any, Any]) -> dict[str, object]:
    """The identity columns of a cell, as samples.csv writes them."""
    return {name: row[name] if name in schema.TEXT else schema.plain(row[name]) for name in schema.IDENTITY}


def summary_line(plan: Plan) -> str:
    counts = plan.table["status"].value_counts()
    beside = [f"{counts[status]} {status}" for status in ("skipped", "unavailable") if status in counts]
    beside_text = f" ({', '.join(beside)} beside them)" if beside else ""
    scenarios = plan.table.loc[plan.table["status"] == "ok", "scenario"].nunique()
    runnable = len(plan.runnable)
    return (
        f"{plan.matrix['name']}: {units.plural(runnable, 'cell')} in {units.plural(scenarios, 'scenario')}{beside_text}, "
        f"{units.plural(plan.blocks, 'block')}, {len(plan.launches(1)) * plan.blocks} processes"
    )
