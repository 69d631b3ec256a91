"""scripts/instructions: what one item costs is exact, whatever surrounds the loop, and what cannot be counted is said."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path

import instructions
import pytest
from conftest import CAUGHT, script
from failures import UserError

VALGRIND_IS_HERE = shutil.which("valgrind") is not None
REAL = os.environ.get("HANDOFF_INSTRUCTIONS")

#: It runs nothing: a loop's items cost what the file `costs` says, each process a thousand more. A number for each process:
#: they are taken in turn.
VALGRIND = """#!/usr/bin/env python3
import json, pathlib, signal, sys
here = pathlib.Path(__file__).parent
out = next(word for word in sys.argv if word.startswith("--callgrind-out-file=")).split("=", 1)[1]
loop, items = sys.argv[sys.argv.index("--loop") + 1], int(sys.argv[-1])
cost = json.loads((here / "costs").read_text())[loop]
if cost == "hang":
    signal.pause()
if isinstance(cost, str):
    sys.exit("==1== Callgrind\\nhandoff-instructions: " + cost)
pathlib.Path(out).write_text(f"events: Ir\\n\\ntotals: {1000 + round(cost * items)}\\n")
print(items)
"""
PROGRAM = """#!/bin/sh
for loop in push_pop/ring/wait:native push_pop/ring/wait:park push_pop/heap/wait:native task/forks; do echo $loop; done
"""
#: Two loops, of which one has an instruction more.
LOOPS = r"""
#include <cstdio>
#include <cstdlib>
#include <cstring>
int main(int, char** words) {
  const bool more = std::strcmp(words[2], "push_pop/more") == 0;
  const unsigned long items = std::strtoul(words[4], nullptr, 10);
  for (unsigned long i = 0; i < items; ++i) {
    asm volatile("nop\n\tnop\n\tnop");
    if (more) asm volatile("nop");
  }
  std::printf("%lu\n", items);
}
"""
COSTS = {
    "push_pop/ring/wait:native": 60,
    "push_pop/ring/wait:park": 75.5,
    "push_pop/heap/wait:native": 300,
    "task/forks": 40,
}


def planted(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program with loops, and a valgrind that finds in them what COSTS says."""
    planted(tmp_path / "valgrind", VALGRIND)
    (tmp_path / "costs").write_text(json.dumps(COSTS), encoding="utf-8")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return planted(tmp_path / "program", PROGRAM)


def run(program: Path, *arguments: str) -> int:
    return instructions.main(["--program", str(program), *arguments])


def rows(text: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in text.splitlines()[1:]}


def test_what_surrounds_the_loop_falls_out(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(program) == 0
    found = rows(capsys.readouterr().out)
    assert {name: figures[0] for name, figures in found.items()} == {
        "push_pop/ring/wait:native": "60.00",
        "push_pop/ring/wait:park": "75.50",
        "push_pop/heap/wait:native": "300.00",
        "task/forks": "40.00",
    }
    assert all(figures[1:] == ["0.000", "%"] for figures in found.values())


def test_the_figures_are_written_for_programs(program: Path, tmp_path: Path) -> None:
    assert run(program, "--json", str(tmp_path / "a.json"), "--csv", str(tmp_path / "a.csv"), "--repetitions", "2") == 0
    first = json.loads((tmp_path / "a.json").read_text())[0]
    assert first == {
        "loop": "push_pop/ring/wait:native",
        "contender": "ring",
        "instructions": 60.0,
        "spread": 0.0,
        "figures": [60.0, 60.0],
        "failure": "",
    }
    with open(tmp_path / "a.csv", encoding="utf-8", newline="") as file:
        assert [row["instructions"] for row in csv.DictReader(file)] == ["60.0", "75.5", "300.0", "40.0"]


def test_loops_can_be_chosen(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(program, "--contenders", "ring,forks", "--filter", "native|task", "--list") == 0
    assert capsys.readouterr().out.split() == ["push_pop/ring/wait:native", "task/forks"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--contenders", "rng"], "^--contenders: unknown contender 'rng'; the nearest are ring$"),
        (["--contenders", "xxxxx"], "unknown contender 'xxxxx'; expected some of forks, heap, ring$"),
        (
            ["--contenders", "go_channel"],
            "^--contenders: go_channel is a program of its own, in which nothing is counted",
        ),
        (["--contenders", "moodycamel"], "this build lacks moodycamel; --list prints the loops that it has"),
        (["--filter", "nonsense"], "no loop matches 'nonsense'; --list prints their names"),
        (["--filter", "("], r"'\(' is no regular expression"),
        (["--repetitions", "0"], "from 1 to 1000, not 0"),
    ],
)
def test_a_mistake_is_one_sentence(program: Path, arguments: list[str], words: str) -> None:
    with pytest.raises(UserError, match=words) as told:
        run(program, *arguments)
    assert told.value.status == 2


@pytest.mark.parametrize(
    ("contenders", "needed"),
    [
        ("moodycamel,mutex_condvar", "moodycamel;mutex_condvar"),
        ("mutex_condvar,stealing_executor", ""),
        ("python_asyncio", ""),
    ],
)
def test_only_the_cells_of_named_backends_are_built(
    contenders: str, needed: str, program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All, if a contender is none of the backends: only the program knows it."""
    assert run(program, "--contenders", contenders, "--needed") == 0
    assert capsys.readouterr().out == f"{needed}\n"


def test_a_program_that_is_not_there_is_named(program: Path) -> None:
    with pytest.raises(UserError, match="no such program; leave out --no-setup and --program to build one"):
        run(program.parent / "none")


def test_a_loop_that_fails_is_a_row_that_says_why(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (program.parent / "costs").write_text(json.dumps({**COSTS, "task/forks": "no more memory"}), encoding="utf-8")
    assert run(program) == 1
    out = capsys.readouterr().out
    assert "75.50" in out
    assert out.splitlines()[-1].split(maxsplit=3)[3] == "ended with status 1: handoff-instructions: no more memory"


def test_a_loop_that_hangs_is_ended(
    program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (program.parent / "costs").write_text(json.dumps({"task/forks": "hang"}), encoding="utf-8")
    monkeypatch.setattr(instructions, "TIMEOUT_S", 0.5)
    assert run(program, "--contenders", "forks", "--repetitions", "1") == 1
    assert capsys.readouterr().out.splitlines()[-1].endswith("took over 0.5 s")


def test_a_figure_that_is_not_the_same_each_time_says_so() -> None:
    unsteady = instructions.Count("a", (100.0, 100.0, 101.0))
    assert instructions.row_of(unsteady, 1).split() == ["a", "100.00", "1.000", "%", "not", "steady"]
    assert instructions.Count("a", (100.0, 100.1, 100.2)).steady


def test_without_valgrind_there_is_one_sentence_before_anything_is_built(tmp_path: Path) -> None:
    for name in ("bash", "dirname", "readlink", "basename", "env"):
        (tmp_path / name).symlink_to(shutil.which(name) or "/nowhere")
    done = subprocess.run(script("instructions"), env={"PATH": str(tmp_path)}, **CAUGHT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "scripts/instructions: there is no valgrind; scripts/setup --dev installs it\n"


@pytest.mark.skipif(not VALGRIND_IS_HERE, reason="there is no valgrind")
def test_one_instruction_more_is_found_exactly(tmp_path: Path) -> None:
    (tmp_path / "loops.cpp").write_text(LOOPS, encoding="utf-8")
    program = tmp_path / "loops"
    subprocess.run(["c++", "-O2", "-o", program, tmp_path / "loops.cpp"], check=True)
    plain, more = instructions.count(program, ["push_pop/plain", "push_pop/more"], 2)
    assert more.instructions - plain.instructions == pytest.approx(1, abs=0.001)
    assert plain.steady and more.steady


@pytest.mark.skipif(REAL is None or not VALGRIND_IS_HERE, reason="HANDOFF_INSTRUCTIONS is not set, or no valgrind")
def test_the_figures_of_real_contenders_are_the_same_each_time() -> None:
    loops = ["push_pop/mutex_condvar/wait:native", "coroutine_switch/coroutine", "task/stealing_task"]
    counts = list(instructions.count(Path(REAL or ""), loops, 2))
    assert [one.failure for one in counts] == ["", "", ""]
    assert all(one.steady and one.instructions > 10 for one in counts)
