"""scripts/fidelity: medians over processes, and one sentence if there is nothing to compare."""

from __future__ import annotations

from pathlib import Path

import fidelity
import pytest
from failures import UserError

#: A program that speaks as Google Benchmark does; each of its processes measures the next ratio of a file.
PROGRAM = """#!/usr/bin/env python3
import json, pathlib, sys
options = dict(a.lstrip("-").split("=", 1) for a in sys.argv[1:] if "=" in a)
here = pathlib.Path(__file__).parent
if "--benchmark_list_tests" in sys.argv:
    print("fidelity/a/wait:native/iterations:1/manual_time" if "fidelity" in options["benchmark_filter"] else "")
    sys.exit(0)
ratio, *rest = (here / "ratios").read_text().split()
(here / "ratios").write_text(" ".join(rest))
if ratio == "dies":
    sys.exit("no more memory")
measured = {"name": "a"} if ratio == "none" else {"name": "a", "ratio": float(ratio)}
pathlib.Path(options["benchmark_out"]).write_text(json.dumps({"benchmarks": [measured]}))
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program"
    path.write_text(PROGRAM)
    path.chmod(0o755)
    return path


def run(program: Path, ratios: str, *arguments: str) -> int:
    (program.parent / "ratios").write_text(ratios)
    return fidelity.main(["--program", str(program), "--processes", str(len(ratios.split())), *arguments])


def test_the_median_of_the_processes_is_shown(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(program, "0.9 1.1 0.5 1.0 0.99") == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["fidelity/a/wait:native", "0.990", "0.500", "1.100"]


@pytest.mark.parametrize(
    ("ratios", "arguments", "words"),
    [
        ("1.0", ["--filter", "nonsense"], "no benchmark matches 'nonsense'"),
        ("none", [], "has no counter 'ratio'"),
        ("1.0 dies", [], "ended with status 1. no more memory"),
    ],
)
def test_nothing_to_compare_is_one_sentence(program: Path, ratios: str, arguments: list[str], words: str) -> None:
    with pytest.raises(UserError, match=words):
        run(program, ratios, *arguments)


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such program; leave out --no-setup and --program to build one"):
        fidelity.main(["--program", str(tmp_path / "none")])


def test_no_processes_are_too_few(program: Path) -> None:
    with pytest.raises(UserError, match="at least 1, not 0"):
        fidelity.main(["--program", str(program), "--processes", "0"])
