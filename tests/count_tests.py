#!/usr/bin/env python3
"""Counts what a run of ctest came to, the Python tests one by one.

    count_tests.py LABEL FOLDER     FOLDER holds ctest.xml and, for each test of ctest that is a pytest file,
                                    NAME.xml; exit status 1 when a test failed or none was run
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"


def outcomes_of(report: Path) -> list[str]:
    """The outcome of each test case of a JUnit file."""
    outcomes = []
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
            outcomes.append(FAILED)
        elif case.find("skipped") is not None:
            outcomes.append(SKIPPED)
        else:
            outcomes.append(PASSED)
    return outcomes


def all_outcomes(folder: Path) -> Iterator[tuple[str, str]]:
    """(language, outcome) of every test; a pytest file counts with its own tests, and at least as failed
    where ctest says so (it may have died before it wrote a report)."""
    names = [case.get("name", "") for case in ElementTree.parse(folder / "ctest.xml").iter("testcase")]
    for name, outcome in zip(names, outcomes_of(folder / "ctest.xml")):
        report = folder / f"{name}.xml"
        if not report.exists():
            yield "C++", outcome
            continue
        details = outcomes_of(report)
        if outcome == FAILED and FAILED not in details:
            details.append(FAILED)
        for detail in details:
            yield "Python", detail


def summary(label: str, outcomes: list[tuple[str, str]]) -> str:
    def count(*wanted: str) -> int:
        return sum(all(word in outcome for word in wanted) for outcome in outcomes)

    return (
        f"{label}: {len(outcomes)} tests (C++ {count('C++')}, Python {count('Python')}): "
        f"{count(PASSED)} passed, {count(FAILED)} failed, {count(SKIPPED)} skipped"
    )


def main(arguments: list[str]) -> int:
    label, folder = arguments
    if not (Path(folder) / "ctest.xml").exists():
        print(f"{label}: no tests were run")
        return 1
    outcomes = list(all_outcomes(Path(folder)))
    print(summary(label, outcomes))
    return 1 if not outcomes or any(outcome == FAILED for _, outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
