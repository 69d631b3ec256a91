"""Checks the sources as far as that needs no build."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Callable, Sequence

import clang_tidy
import commits
import formatting
from arguments import Parser
from failures import UserError, say
from tools import ROOT, Verdict, files, tool, verdict


@dataclass(frozen=True)
class Part:
    """One of the checks, and how to mend what it finds."""

    name: str
    summary: str
    mend: str
    check: Callable[[], Verdict]


def parts(fix: bool, changed: bool) -> list[Part]:
    arrows = ROOT / "tests/architecture/include_arrows.py"
    format_it = "scripts/check --fix formats it"
    return [
        Part("cpp", "format of C++ (clang-format)", format_it, partial(formatting.cpp, fix)),
        Part("python", "format of Python (black)", format_it, partial(formatting.python, fix)),
        Part("types", "types of Python (mypy)", "correct the types; settings are in pyproject.toml", types),
        Part("spelling", "spelling (codespell)", "correct the words, or add what is right to .codespellrc", spelling),
        Part(
            "includes",
            "who includes whom",
            "docs/architecture.md says who may include whom",
            lambda: verdict([sys.executable, "-I", arrows]),
        ),
        Part("subjects", "subjects of commits", f"at most {commits.LONGEST} characters", commits.subjects),
        Part(
            "tidy",
            "clang-tidy's findings",
            "correct the code; .clang-tidy has the list",
            partial(clang_tidy.tidy, changed),
        ),
    ]


def types() -> Verdict:
    return verdict([tool("mypy"), "--no-error-summary"])


def spelling() -> Verdict:
    return verdict([tool("codespell"), *files()])


def perform(part: Part) -> bool:
    """Prints what it found, and a line with its outcome."""
    begin = time.monotonic()
    try:
        found = part.check()
    except UserError as error:
        found = Verdict(False, f"{error}\n")
    ending = "passed" if found.passed else f"FAILED: {part.mend}"
    print(f"{found.words}{part.name:9} {time.monotonic() - begin:6.1f} s  {ending}", flush=True)
    return found.passed


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    known = parts(fix=False, changed=False)
    parser = Parser(
        prog="scripts/check",
        description=__doc__,
        epilog="Parts: " + "; ".join(f"{part.name}: {part.summary}" for part in known) + ". "
        "Exit status: 0 nothing was found, 1 something was, 2 usage error.",
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="only these parts (default: all)")
    parser.add_argument("--fix", action="store_true", help="format C++ and Python instead of checking their format")
    parser.add_argument(
        "--changed", action="store_true", help="clang-tidy reads only the files that differ from the main branch"
    )
    parser.add_argument("--message", type=Path, metavar="FILE", help="check only the commit message in FILE")
    options = parser.parse_args(arguments)
    names = [part.name for part in known]
    for name in options.parts:
        if name not in names:
            parser.error(f"unknown part '{name}'; expected one of {', '.join(names)}")
    if options.message is not None and (options.parts or options.fix or options.changed):
        parser.error("--message cannot be combined with other arguments")
    return options


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    if options.message is not None:
        found = commits.message(options.message)
        if not found.passed:
            say(f"scripts/check: the subject must have at most {commits.LONGEST} characters; {found.words.rstrip()}")
        return 0 if found.passed else 1
    chosen = [part for part in parts(options.fix, options.changed) if not options.parts or part.name in options.parts]
    return 0 if all([perform(part) for part in chosen]) else 1
