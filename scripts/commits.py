"""Subjects of commits: one fact each, short enough for every list that shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Iterable

from tools import Verdict, run, tool

LONGEST = 65


def subjects() -> Verdict:
    """Checks the commits that the main branch lacks; the last one if there are none, or no such branch."""
    log = [tool("git"), "log", "--no-merges", "--invert-grep", "--grep=^Merge ", "--format=%s"]
    known = main_branches()
    new = run([*log, "HEAD", "--not", *known]) if known else run([*log, "-1"])
    return judge((new.stdout or run([*log, "-1"]).stdout).splitlines())


def main_branches() -> list[str]:
    """Those that there are: the main branch here and that of the origin."""
    names = ("main", "origin/main")
    return [name for name in names if run([tool("git"), "rev-parse", "-q", "--verify", name]).returncode == 0]


def message(path: Path) -> Verdict:
    """Checks the commit message that an editor has left in a file."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return judge([line for line in lines if line.strip() and not line.startswith("#")][:1])


def judge(subjects: Iterable[str]) -> Verdict:
    long = [f"{len(subject)} characters: {subject}\n" for subject in subjects if len(subject) > LONGEST]
    return Verdict(not long, "".join(long))
