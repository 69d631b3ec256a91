#!/usr/bin/env python3
"""Compares handoff-trace with CPython's asyncio on random trace programs.

Exit status 0: no difference; 1: a difference, which is shrunk and shown; 2: the command line.
"""

from __future__ import annotations

import argparse
import difflib
import itertools
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, NoReturn, Sequence

import profiles
import programs
import reference
from rules import Program, UserError, parts_of, run_script
from shrink import shrink

#: Seeds that a worker takes at a time, and seconds between two lines of progress.
CHUNK, PROGRESS = 20, 3.0
#: What a hanging program may take while it is shrunk, and all of the shrinking.
SHRINK_TIMEOUT, SHRINK_SECONDS = 2.0, 60.0


@dataclass(frozen=True)
class Target:
    """The program under test, and how programs for it are drawn."""

    path: str
    timeout: float
    tasks: "int | None" = None
    operations: "int | None" = None

    def program(self, seed: int) -> Program:
        return programs.generate(seed, self.tasks, self.operations)


@dataclass(frozen=True)
class Difference:
    """How the program under test departed from the reference."""

    #: trace, hang, or the exit status in words; a program is shrunk to one with the same.
    kind: str
    expected: str
    found: str
    complaint: str


@dataclass(frozen=True)
class Chunk:
    """What came of some seeds: if one differed, those after it were not looked at."""

    programs: int
    left_out: int
    differs: "int | None" = None


def compare(program: Program, path: str, timeout: float) -> "Difference | None":
    """What the program at `path` does otherwise than the reference; EqualTimers if that has no trace."""
    expected = reference.trace_of(program)
    text = json.dumps(program).encode()
    try:
        done = subprocess.run([path], input=text, capture_output=True, check=False, timeout=timeout)
    except subprocess.TimeoutExpired as error:
        return Difference("hang", expected, _text(error.stdout), f"no end within {timeout:g} s")
    found, complaint = _text(done.stdout), _text(done.stderr)
    if done.returncode != 0:
        return Difference(_status_in_words(done.returncode), expected, found, complaint)
    return None if found == expected else Difference("trace", expected, found, complaint)


def _text(output: "bytes | None") -> str:
    return (output or b"").decode(errors="replace")


def _status_in_words(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"died of {signal.Signals(-status).name}"
    except ValueError:
        return f"died of signal {-status}"


def _check_chunk(target: Target, seeds: range) -> Chunk:
    left_out = 0
    for count, seed in enumerate(seeds):
        try:
            if compare(target.program(seed), target.path, target.timeout) is not None:
                return Chunk(count + 1, left_out, seed)
        except reference.EqualTimers:
            left_out += 1
    return Chunk(len(seeds), left_out)


def _check_packed(packed: "tuple[Target, range]") -> Chunk:
    return _check_chunk(*packed)


def check(target: Target, first: int, count: int, jobs: int) -> Chunk:
    """Compares `count` seeds from `first` on and stops at the first, in their order, that differs."""
    chunks = ((target, range(start, min(start + CHUNK, first + count))) for start in range(first, first + count, CHUNK))
    if jobs == 1:
        return _sum(map(_check_packed, chunks), count)
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        return _sum(pool.imap(_check_packed, chunks), count)


def _sum(chunks: Iterator[Chunk], count: int) -> Chunk:
    start = said = time.monotonic()
    total = Chunk(0, 0)
    for chunk in chunks:
        total = Chunk(total.programs + chunk.programs, total.left_out + chunk.left_out, chunk.differs)
        if chunk.differs is not None:
            break
        now = time.monotonic()
        if now - said >= PROGRESS:
            said = now
            speed = total.programs / (now - start)
            print(f"{total.programs} of {count} programs compared, {speed:.0f} a second", file=sys.stderr, flush=True)
    return total


def _smallest(program: Program, difference: Difference, target: Target) -> Program:
    timeout = min(target.timeout, SHRINK_TIMEOUT) if difference.kind == "hang" else target.timeout

    def differs(candidate: Program) -> bool:
        try:
            found = compare(candidate, target.path, timeout)
        except reference.EqualTimers:
            return False
        return found is not None and found.kind == difference.kind

    return shrink(program, differs, SHRINK_SECONDS)


def show(seed: int, target: Target) -> None:
    """Prints how the program of a seed differs, shrunk."""
    program = target.program(seed)
    print(f"seed {seed}, a program of the profile {profiles.profile_of(seed)}:", end=" ")
    difference = compare(program, target.path, target.timeout)
    if difference is None:
        print("it differed, and did not when it was run again. The program:")
        print(programs.json_of(program))
        return
    program = _smallest(program, difference, target)
    difference = compare(program, target.path, target.timeout) or difference
    operations = sum(len(part["ops"]) for part in parts_of(program))
    print(f"{difference.kind}. Shrunk to {len(program['tasks'])} tasks and {operations} operations in all:")
    print(programs.json_of(program))
    # All lines, since a place in the trace means little without what came before.
    lines = (difference.expected.splitlines(), difference.found.splitlines())
    shown = difflib.unified_diff(*lines, "CPython 3.11", target.path, lineterm="", n=len(lines[0]))
    print("\n".join(itertools.chain(shown, difference.complaint.splitlines()[-40:])))


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; --help lists the options")


def _whole(least: int) -> "type[int]":
    def whole(word: str) -> int:
        if not word.isdecimal() or int(word) < least:
            raise argparse.ArgumentTypeError(f"'{word}' must be a whole number, {least} or more")
        return int(word)

    return whole  # type: ignore[return-value]


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _Arguments("differential.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, metavar="PATH", help="handoff-trace")
    parser.add_argument("--count", type=_whole(1), default=500, metavar="N", help="programs to compare (500)")
    parser.add_argument("--seed", type=_whole(0), default=0, metavar="FIRST", help="seed of the first one (0)")
    parser.add_argument("--jobs", type=_whole(1), default=os.cpu_count(), metavar="J", help="processes (one a CPU)")
    parser.add_argument("--tasks", type=_whole(1), metavar="N", help="tasks a program (7 to 10)")
    parser.add_argument("--operations", type=_whole(1), metavar="N", help="operations a task (12 to 15)")
    parser.add_argument("--timeout", type=float, default=10.0, metavar="S", help="seconds until a program hangs (10)")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status."""
    options = _parse(arguments)
    reference.require_version()
    path = Path(options.program).resolve()
    if not os.access(path, os.X_OK) or not path.is_file():
        raise UserError(f"{options.program}: no such program; the target handoff-trace builds it")
    target = Target(str(path), options.timeout, options.tasks, options.operations)
    result = check(target, options.seed, options.count, options.jobs)
    left_out = f"{result.left_out} left out for timers that fall due together"
    if result.differs is None:
        print(f"{result.programs} programs, {left_out}: no difference.")
        return 0
    print(f"{result.programs} programs, {left_out}: a difference.")
    show(result.differs, target)
    return 1


if __name__ == "__main__":
    run_script(main, "differential.py")
