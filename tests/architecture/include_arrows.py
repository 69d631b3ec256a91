#!/usr/bin/env python3
"""Reads the includes of the whole tree and reports every arrow that the architecture does not have.

The arrows are ALLOWED below; docs/architecture.md has the same as a table. The scripts import nothing of the C++ side.

    include_arrows.py [ROOT]      exit status 0: none; 1: some, one line each; 2: ROOT is no such tree
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# What the files of a part may include of the project. A part is the longest of these prefixes.
ALLOWED: dict[str, tuple[str, ...]] = {
    "queues/contract": ("queues/contract",),
    "queues": ("queues",),
    "harness": ("harness", "queues/contract", "queues/support/hardware.hpp"),
    "bench": ("bench", "harness", "queues"),
    "examples": ("examples", "bench/frame", "queues"),
    "tests": ("tests", "bench", "harness", "queues"),
}
# The rooms of bench, from the lowest floor up: each may include itself and those before it.
FLOORS = (
    "frame",
    "text",
    "children",
    "machine",
    "rows",
    "contenders",
    "fidelity",
    "micro",
    "matrix",
    "google_benchmark",
    "channel",
    "fork_join",
    "instructions",
)
for floor, room in enumerate(FLOORS, start=1):
    ALLOWED[f"bench/{room}"] = (*(f"bench/{below}" for below in FLOORS[:floor]), "harness", "queues")
# The two that the example programs are built on know nothing of measuring.
ALLOWED["bench/frame"] = ("bench/frame",)
ALLOWED["bench/text"] = ("bench/text", "bench/frame", "queues/contract")
# The consumer project stands outside: it sees the installed headers alone.
OUTSIDE = "tests/consumer"
PROJECT_FOLDERS = ("queues", "harness", "bench", "examples", "tests", "scripts", "docs")
SOURCES = ("*.hpp", "*.cpp", "*.hpp.in", "*.cpp.in")

INCLUDE = re.compile(r'^\s*#\s*include\s*(?P<open>["<])(?P<path>[^">]+)[">]')
IMPORT = re.compile(r"^\s*(?:from\s+(?P<origin>[\w.]+)\s+import\b|import\s+(?P<names>[\w., ]+))")


@dataclass(frozen=True)
class Violation:
    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


def is_under(path: str, folder: str) -> bool:
    return PurePosixPath(path).is_relative_to(folder)


def part_of(path: str) -> str | None:
    parts = [part for part in ALLOWED if is_under(path, part)]
    return max(parts, key=len) if parts else None


def judge_include(root: Path, file: str, opening: str, included: str) -> str | None:
    """Why the include is wrong, or nothing."""
    part = part_of(file)
    assert part is not None
    if included.split("/")[0] not in PROJECT_FOLDERS:
        if opening == '"':
            return f'"{included}" is not written from the root of the project'
        if part == "queues/contract" and not re.fullmatch(r"[a-z_]+", included):
            return f"queues/contract may include the standard library alone, not <{included}>"
        return None
    if ".." in included.split("/"):
        return f'"{included}" is not written from the root of the project'
    if opening == "<":
        return f'<{included}> is a header of the project: write "{included}"'
    if not any(is_under(included, target) for target in ALLOWED[part]):
        return f'{part} may not include "{included}", only {", ".join(ALLOWED[part])}'
    return None


def include_violations(root: Path) -> Iterator[Violation]:
    for folder in ("queues", "harness", "bench", "examples", "tests"):
        for source in sorted(path for pattern in SOURCES for path in (root / folder).rglob(pattern)):
            file = source.relative_to(root).as_posix()
            if is_under(file, OUTSIDE):
                continue
            for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1):
                match = INCLUDE.match(line)
                if match and (reason := judge_include(root, file, match["open"], match["path"])):
                    yield Violation(file, number, reason)


def imported_modules(line: str) -> list[str]:
    match = IMPORT.match(line)
    if not match:
        return []
    if match["origin"]:
        return [match["origin"]]
    return [name.split()[0] for name in match["names"].split(",") if name.strip()]


def import_violations(root: Path) -> Iterator[Violation]:
    """Python files of the bench side (peers) are modules too; the scripts may not reach for them."""
    foreign = {
        path.stem for folder in ("queues", "harness", "bench", "examples") for path in (root / folder).rglob("*.py")
    }
    foreign |= {"queues", "harness", "bench", "examples", "tests"}
    for script in sorted((root / "scripts").rglob("*.py")):
        file = script.relative_to(root).as_posix()
        for number, line in enumerate(script.read_text(encoding="utf-8").splitlines(), start=1):
            for module in imported_modules(line):
                if module.split(".")[0] in foreign:
                    yield Violation(
                        file, number, f"scripts may not import {module}: they know the results schema alone"
                    )


def violations(root: Path) -> list[Violation]:
    return [*include_violations(root), *import_violations(root)]


def main(arguments: list[str]) -> int:
    root = Path(arguments[0] if arguments else Path(__file__).parents[2]).resolve()
    if not (root / "queues" / "contract").is_dir():
        print(f"{root} is not the root of the project: it has no folder queues/contract", file=sys.stderr)
        return 2
    found = violations(root)
    for violation in found:
        print(violation)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
