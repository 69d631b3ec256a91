"""The command line against programs that misprint, hang, crash and are right; and what the shrinker makes of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import differential
import programs
import pytest
import reference
import rules
from cases import HERE
from shrink import shrink

RIGHT = f"""#!{sys.executable} -IS
import sys
sys.path.insert(0, {str(HERE)!r})
import reference
sys.argv = ["reference"]
"""
#: Fakes of handoff-trace.
FAKES = {
    "right": RIGHT + "sys.exit(reference.main([]))\n",
    "misprints": RIGHT
    + "import rules\n"
    + "print(reference.trace_of(rules.parse(sys.stdin.read())).replace('full', 'Full'), end='')\n",
    "hangs": "#!/bin/sh\nif grep -q task_done; then sleep 60; fi\n",
    "crashes": "#!/bin/sh\nif grep -q '\"release\"'; then echo 'about to die' >&2; kill -SEGV $$; fi\n",
    "refuses": "#!/bin/sh\ncat >/dev/null; echo 'fake: no.' >&2; exit 2\n",
}


@pytest.fixture
def fake(tmp_path: Path) -> Any:
    def make(name: str) -> str:
        path = tmp_path / name
        path.write_text(FAKES[name], encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    return make


def shown(capsys: pytest.CaptureFixture[str]) -> "tuple[rules.Program, str]":
    """The shrunk program and all that was printed."""
    text = capsys.readouterr().out
    program, _ = json.JSONDecoder().raw_decode(text, text.index("\n{") + 1)
    return program, text


def misprinted(program: rules.Program, operation: str, result: str) -> bool:
    """Whether a program whose traces show another result for the operation would differ."""
    try:
        lines = reference.trace_of(program).splitlines()
    except reference.EqualTimers:
        return False
    return any(line.split(" ")[2] == operation and line.endswith(f" {result}") for line in lines)


@pytest.mark.parametrize(
    ("operation", "result", "tasks", "operations"),
    [
        ("put_nowait", "full", 1, 2),
        ("release", "error", 1, 1),
        ("get_timeout", "timeout", 1, 1),
        ("await", "was_cancelled", 2, 2),
        ("gather", "cancelled", 3, 2),
        ("acquire", "cancelled", 3, 3),
        ("cond_wait", "ok", 2, 2),
        ("join", "cancelled", 2, 4),
    ],
)
def test_a_misprint_is_shrunk_to_what_it_needs(operation: str, result: str, tasks: int, operations: int) -> None:
    seed = next(seed for seed in range(500) if misprinted(programs.generate(seed), operation, result))
    asked = []

    def differs(candidate: rules.Program) -> bool:
        rules.check(candidate)
        asked.append(candidate)
        return misprinted(candidate, operation, result)

    small = shrink(programs.generate(seed), differs)
    assert misprinted(small, operation, result)
    assert len(small["tasks"]) <= tasks and sum(len(task["ops"]) for task in small["tasks"]) <= operations, small
    assert len(small["objects"]) <= 1
    assert len(asked) < 600


def test_shrinking_ends_when_its_time_is_up() -> None:
    program = programs.generate(1)
    assert shrink(program, lambda _: True, seconds=0) == program


def test_a_program_that_is_right_shows_no_difference(fake: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert differential.main(["--program", fake("right"), "--count", "5", "--jobs", "2", "--seed", "40"]) == 0
    assert capsys.readouterr().out.startswith("5 programs, 0 left out")


def test_a_misprint_is_found_shrunk_and_shown(fake: Any, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--tasks", "3", "--operations", "5", "--jobs", "2"]
    assert differential.main(["--program", fake("misprints"), *small]) == 1
    program, text = shown(capsys)
    operations = [operation for task in program["tasks"] for operation in task["ops"]]
    assert [operation[0] for operation in operations][-1] == "put_nowait" and len(operations) <= 2
    assert "-0 t" in text and "+0 t" in text and text.rstrip().splitlines()[-1].startswith(" end q")
    assert "--- CPython 3.11\n+++ " in text


def test_the_first_seed_that_differs_is_shown_however_many_processes_look(
    fake: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert differential.main(["--program", fake("refuses"), "--seed", "90", "--count", "200", "--jobs", "2"]) == 1
    program, text = shown(capsys)
    assert "seed 90," in text and "exit status 2. Shrunk to 0 tasks and 0 operations" in text
    assert text.endswith("fake: no.\n")
    assert program == {"objects": [], "tasks": []}


def test_a_crash_is_a_difference(fake: Any, capsys: pytest.CaptureFixture[str]) -> None:
    target = differential.Target(fake("crashes"), timeout=10, tasks=3, operations=6)
    seed = next(seed for seed in range(99) if '"release"' in programs.json_of(target.program(seed)))
    differential.show(seed, target)
    program, text = shown(capsys)
    assert "died of SIGSEGV" in text and text.endswith("about to die\n")
    assert [[operation[0] for operation in task["ops"]] for task in program["tasks"]] == [["release"]]


def test_a_hang_is_a_difference(fake: Any, capsys: pytest.CaptureFixture[str]) -> None:
    target = differential.Target(fake("hangs"), timeout=0.3, tasks=2, operations=4)
    seed = next(seed for seed in range(99) if "task_done" in programs.json_of(target.program(seed)))
    differential.show(seed, target)
    program, text = shown(capsys)
    assert ": hang. Shrunk" in text and text.endswith("no end within 0.3 s\n")
    assert [[operation[0] for operation in task["ops"]] for task in program["tasks"]] == [["task_done"]]


WRONG = {
    "--count 5": "--program",
    "--program nowhere": "nowhere: no such program",
    "--program nowhere --count 0": "'0' must be a whole number, 1 or more",
    "--program nowhere --seed -1": "'-1' must be a whole number, 0 or more",
    "--program nowhere --timeout never": "'never'",
    "--program nowhere 5": "unrecognized arguments: 5",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_mistake_is_one_sentence(line: str) -> None:
    with pytest.raises(rules.UserError) as caught:
        differential.main(line.split())
    assert caught.value.status == 2
    assert WRONG[line] in str(caught.value) and not str(caught.value).endswith(".") and "\n" not in str(caught.value)
