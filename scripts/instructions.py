"""Counts the instructions of an uncontended push and pop, of a switch between coroutines and of a task, with callgrind.

A loop runs twice under valgrind, once with more items: the instructions that it took more, divided by these items, are those
of one item. What the program does before and after the loop falls out. The same program gives the same figure on any day,
however busy the machine is.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import io
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Sequence

import bench_arguments
import choice
import processes
import spelling
import tools
import worker_pool
from arguments import Parser
from bench_arguments import ROOT, split_list
from failures import FAILED, UserError
from files import write_whole
from plan import Program

PROGRAM = ROOT / "build" / "release" / "bench" / "instructions" / "handoff-instructions"
#: The numbers of items of the two runs. The difference fills and empties every ring and block of a queue many times over.
FEW = 1 << 14
MANY = FEW + (1 << 16)
#: Of one run; a loop takes seconds.
TIMEOUT_S = 300.0
#: Figures of one loop that differ by more, relatively, are no figure of the loop alone.
STEADY = 0.001


@dataclass(frozen=True)
class Count:
    """What was counted of one loop; `figures` has instructions per item, one for each repetition, or none if `failure`
    says why."""

    loop: str
    figures: tuple[float, ...]
    failure: str = ""

    @property
    def instructions(self) -> float:
        """The median of the repetitions."""
        return statistics.median(self.figures)

    @property
    def spread(self) -> float:
        """From the lowest to the highest, as a share of the median."""
        return (max(self.figures) - min(self.figures)) / self.instructions

    @property
    def steady(self) -> bool:
        """Whether all are the same to ± 0.1 %."""
        return self.spread <= 2 * STEADY


def loops_of(program: Path) -> list[str]:
    """The names of all loops that the program has."""
    if not program.is_file():
        raise UserError(f"{program}: no such program; leave out --no-setup and --program to build one")
    return Program(program).ask("--list").split()


def backends_of(contenders: str | None) -> choice.Names:
    """Those whose cells are enough to have these contenders; none: those of all."""
    words = set() if contenders is None else set(split_list(contenders))
    declared = {name for name, function in bench_arguments.contenders().items() if function == "backend"}
    return tuple(sorted(words)) if words <= declared else ()


def contender_of(loop: str) -> str:
    """Of `push_pop/NAME/wait:park` and the like."""
    return [part for part in loop.split("/") if ":" not in part][-1]


def chosen(loops: Sequence[str], contenders: str | None, pattern: str | None) -> list[str]:
    """Those of the contenders, separated by commas, whose names match the regular expression; all without either."""
    some = list(loops)
    if contenders is not None:
        known = sorted({contender_of(loop) for loop in loops})
        wanted = split_list(contenders)
        for word in wanted:
            if word not in known:
                raise UserError(f"--contenders: {_why_not(word, known)}")
        some = [loop for loop in some if contender_of(loop) in wanted]
    if pattern is not None:
        try:
            some = [loop for loop in some if re.search(pattern, loop)]
        except re.error as error:
            raise UserError(f"--filter: '{pattern}' is no regular expression: {error}") from None
    if not some:
        raise UserError(f"--filter: no loop matches '{pattern}'; --list prints their names")
    return some


def _why_not(word: str, known: Sequence[str]) -> str:
    declared = bench_arguments.contenders().get(word)
    if declared == "peer":
        return f"{word} is a program of its own, in which nothing is counted; leave it out"
    if declared is not None:
        return f"this build lacks {word}; --list prints the loops that it has"
    near = difflib.get_close_matches(word, known, 3)
    hint = f"the nearest are {', '.join(near)}" if near else f"expected some of {', '.join(known)}"
    return f"unknown contender '{word}'; {hint}"


@dataclass(frozen=True)
class _Run:
    """One process; `command` is what valgrind runs."""

    valgrind: str
    command: tuple[str, ...]


def _libraries() -> dict[str, str]:
    """Where the user has libraries, as a variable of the environment."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


def _counted(run: _Run) -> tuple[int, int] | str:
    """Its instructions, and how many items it says it did; or why there are none."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        try:
            # Without the user's environment, which lies on the stack, and may hold options of valgrind.
            done = subprocess.run(
                [run.valgrind, "--tool=callgrind", f"--callgrind-out-file={out}", *run.command],
                env={"PATH": os.defpath, **_libraries()},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=TIMEOUT_S,
                check=False,
                preexec_fn=processes.dies_with(os.getpid()),
            )
        except subprocess.TimeoutExpired:
            return f"took over {TIMEOUT_S:g} s"
        told = re.search(r"^(?:summary|totals): *(\d+)", out.read_text() if out.exists() else "", re.MULTILINE)
        if done.returncode != 0 or told is None or not done.stdout.strip().isdigit():
            words = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("==")]
            return f"ended with status {done.returncode}{': ' + words[-1] if words else ''}"
        return int(told[1]), int(done.stdout)


def _figures(few: Sequence[tuple[int, int] | str], many: Sequence[tuple[int, int] | str]) -> tuple[float, ...] | str:
    figures = []
    for less, more in zip(few, many):
        if isinstance(less, str) or isinstance(more, str):
            return less if isinstance(less, str) else str(more)
        if more[1] <= less[1]:
            return f"did {more[1]} items where more than {less[1]} were wanted"
        figures.append((more[0] - less[0]) / (more[1] - less[1]))
    return tuple(figures)


def count(program: Path, loops: Sequence[str], repetitions: int = 1) -> Iterator[Count]:
    """The instructions per item of each of these loops of a handoff-instructions, in their order, as they become known.

    Runs as many processes at a time as there are cores. Throws UserError if there is no valgrind.
    """
    valgrind = shutil.which(tools.tool("valgrind"))
    runs = [
        _Run(str(valgrind), (str(program), "--loop", loop, "--items", str(items)))
        for loop in loops
        for _ in range(repetitions)
        for items in (FEW, MANY)
    ]
    ended = worker_pool.in_processes(_counted, runs, "counted instructions", str(program))
    for loop in loops:
        own = [next(ended) for _ in range(2 * repetitions)]
        figures = _figures(own[::2], own[1::2])
        yield Count(loop, (), figures) if isinstance(figures, str) else Count(loop, figures)


def row_of(one: Count, width: int) -> str:
    if one.failure:
        return f"{one.loop:{width}} {'-':>12} {'-':>8}   {spelling.for_terminal(one.failure)}"
    told = "" if one.steady else "   not steady"
    return f"{one.loop:{width}} {one.instructions:12.2f} {100 * one.spread:6.3f} %{told}"


def fields_of(one: Count) -> dict[str, Any]:
    """For files: what the table shows, and every repetition."""
    counted = bool(one.figures)
    return {
        "loop": one.loop,
        "contender": contender_of(one.loop),
        "instructions": one.instructions if counted else None,
        "spread": one.spread if counted else None,
        "figures": list(one.figures),
        "failure": one.failure,
    }


def csv_text(counts: Sequence[Count]) -> str:
    rows = [fields_of(one) for one in counts]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow([" ".join(map(str, cell)) if isinstance(cell, list) else cell for cell in row.values()])
    return text.getvalue()


def json_text(counts: Sequence[Count]) -> str:
    return json.dumps([fields_of(one) for one in counts], indent=2) + "\n"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = Parser(
        prog="scripts/instructions",
        description=(__doc__ or "").splitlines()[0],
        epilog="An item is one push and pop, one switch, or one node of a tree, whose visit is forked. All loops take some "
        "minutes. What the figures can say: docs/anatomy-of-a-measurement.md. Exit status: 0 "
        "counted, 1 a loop failed or there is no valgrind, 2 usage error, 130 interrupted.",
    )
    parser.add_argument("--contenders", metavar="A,B", help="only these: mutex_condvar, stealing_executor, …")
    parser.add_argument("--filter", metavar="REGEX", help="only loops whose names match, such as push_pop/.*wait:park")
    parser.add_argument("--list", action="store_true", help="print the names of the loops, and count nothing")
    parser.add_argument("--repetitions", type=int, default=3, metavar="N", help="figures per loop (default: 3)")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="also write the figures as CSV")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures as JSON")
    parser.add_argument("--no-setup", action="store_true", help="do not install, configure or build anything")
    parser.add_argument("--program", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--needed", action="store_true", help=argparse.SUPPRESS)  # as a list of CMake
    options = parser.parse_args(arguments)
    if not 1 <= options.repetitions <= 1000:
        raise UserError(f"--repetitions must be from 1 to 1000, not {options.repetitions}")
    return options


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    if not options.list:
        tools.tool("valgrind")
    if options.check:
        return 0
    backends = backends_of(options.contenders)
    if options.needed:
        print(";".join(backends))
        return 0
    program = options.program or choice.with_cells_of(backends, PROGRAM, options.no_setup)
    loops = chosen(loops_of(program), options.contenders, options.filter)
    if options.list:
        print("\n".join(loops))
        return 0
    width = max(map(len, loops))
    print(f"{'loop':{width}} instructions   spread   per item; median of {options.repetitions}", flush=True)
    counts = []
    for one in count(program.resolve(), loops, options.repetitions):
        counts.append(one)
        print(row_of(one, width), flush=True)
    for file, text in ((options.csv, csv_text), (options.json, json_text)):
        if file is not None:
            write_whole(file, text(counts))
    return FAILED if any(one.failure for one in counts) else 0
