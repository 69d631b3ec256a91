"""Which handoff-bench a run uses: the one with all backends, or one with only those that were chosen by name.

The first costs the compilation of every backend's cells. Needs nothing but Python, as it is asked before the build.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Optional, Sequence, Tuple

import bench_arguments

Names = Tuple[str, ...]


def names(options: argparse.Namespace) -> Names:
    """The contenders whose cells are enough for these options; none: those of all."""
    if options.resume is not None:
        recorded = _recorded(options.resume)
        return () if recorded is None else _names_in(recorded)
    if options.backends is None:
        return ()
    declared = bench_arguments.contenders()
    chosen = set()
    for word in bench_arguments.split_list(options.backends):
        if word == "peers":
            chosen |= {name for name, function in declared.items() if function == "peer"}
        elif word in declared:
            chosen.add(word)
        else:
            return ()  # a group: only the program knows its members
    return tuple(sorted(chosen))


def program(options: argparse.Namespace) -> Path:
    """The program that a run with these options takes. It may not be there."""
    if options.program is not None:
        return Path(options.program)
    if options.resume is not None:
        return _recorded(options.resume) or bench_arguments.PROGRAM
    return with_cells_of(names(options), bench_arguments.PROGRAM, options.no_setup)


def with_cells_of(chosen: Names, everything: Path, no_setup: bool) -> Path:
    """The program with the cells of these backends, sorted, or of all: `everything`. It has just been built, unless
    `no_setup`: then the newer one."""
    of_these = _path(chosen, everything)
    if not no_setup:
        return of_these
    built = [path for path in (of_these, everything) if path.is_file()]
    return max(built, key=lambda path: path.stat().st_mtime_ns, default=of_these)


def _path(chosen: Names, everything: Path) -> Path:
    """Where the build puts it, see handoff_add_bench_program() in cmake/HandoffBackends.cmake."""
    return everything.parent / "only" / "+".join(chosen) / everything.name if chosen else everything


def _names_in(path: Path) -> Names:
    return tuple(path.parent.name.split("+")) if path.parent.parent.name == "only" else ()


def _recorded(folder: Path) -> Optional[Path]:
    """The project's own program with which a run began, if it was one."""
    try:
        known = json.loads((folder / "environment.json").read_text(encoding="utf-8"))
        path = bench_arguments.ROOT / known["program"]["path"]
    except (OSError, ValueError, KeyError, TypeError):
        return None  # run_matrix.resume says what is wrong with it
    return path if path == _path(_names_in(path), bench_arguments.PROGRAM) else None


def main(arguments: Sequence[str]) -> int:
    """Prints the names as a list of CMake, for scripts/bench."""
    sys.stdout.write(";".join(names(bench_arguments.parse(arguments))))
    return 0
