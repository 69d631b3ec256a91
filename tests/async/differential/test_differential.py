"""handoff-trace against CPython, and against bad programs."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import differential
import pytest
import reference
import rules
from cases import BAD_PROGRAMS, EXAMPLE, EXAMPLE_TRACE, HERE, SEEDS

PROGRAM = Path(os.environ.get("HANDOFF_TRACE", HERE.parents[2] / "build/release/tests/handoff-trace"))


def run(text: str) -> "subprocess.CompletedProcess[bytes]":
    data = text.encode(errors="surrogateescape")
    return subprocess.run([PROGRAM], input=data, capture_output=True, check=False, timeout=10)


def test_the_example_prints_its_trace() -> None:
    done = run(EXAMPLE)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, EXAMPLE_TRACE, b"")


def test_a_program_without_tasks_prints_its_queues() -> None:
    objects = '[{"name": "q", "kind": "lifo", "maxsize": 0}, {"name": "e", "kind": "event"}]'
    done = run(f'{{"objects": {objects}, "tasks": []}}')
    assert (done.returncode, done.stdout, done.stderr) == (0, b"end q size 0 unfinished 0\n", b"")


def test_a_maxsize_below_0_is_no_bound() -> None:
    operations = [["put_nowait", "q", 1], ["put", "q", 2], ["size", "q"]]
    program = {"objects": [{"name": "q", "kind": "fifo", "maxsize": -1}], "tasks": [{"name": "t", "ops": operations}]}
    done = run(json.dumps(program))
    assert done.stdout.decode() == reference.trace_of(rules.parse(json.dumps(program)))
    assert b"t size q 2 false false" in done.stdout


def test_what_is_wrong_is_quoted_up_to_a_line() -> None:
    told = run(json.dumps({"objects": [], "tasks": [{"name": "t", "ops": [["sleep", list(range(10_000))]]}]})).stderr
    assert told.startswith(b"handoff-trace: task 't', operation 1 (sleep): the time [0,1,2,") and len(told) < 200


def test_500_random_programs_run_as_under_cpython(capsys: pytest.CaptureFixture[str]) -> None:
    status = differential.main(["--program", str(PROGRAM), "--count", str(len(SEEDS)), "--seed", str(SEEDS.start)])
    assert status == 0, capsys.readouterr().out


@pytest.mark.parametrize("wrong", BAD_PROGRAMS)
def test_a_bad_program_is_refused_with_one_sentence(wrong: str) -> None:
    text, word = BAD_PROGRAMS[wrong]
    done = run(text)
    told = done.stderr.decode()
    assert (done.returncode, done.stdout) == (2, b""), told
    assert word in told
    assert told.startswith("handoff-trace: ") and not told.endswith(".\n") and told.count("\n") == 1
