"""handoff-channel prints one row per contender and number of threads, and refuses what it does not understand."""

from __future__ import annotations

import os
import subprocess

PROGRAM = os.environ["HANDOFF_CHANNEL"]
QUICK = ("--blocks", "2", "--producers", "5", "--consumers", "7", "--items", "100")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=100, check=False)


def test_every_contender_is_measured_on_every_number_of_threads() -> None:
    ended = run(*QUICK, "--threads", "1,3")
    assert ended.returncode == 0, ended.stderr
    header, *body = [line.split() for line in ended.stdout.splitlines()]
    assert header[:2] == ["contender", "threads"]
    names = list(dict.fromkeys(row[0] for row in body))
    assert names[0] == "channel"
    assert [row[:2] for row in body] == [[name, threads] for threads in ("1", "3") for name in names]
    assert all(float(row[2]) > 0 for row in body)
    assert all(row[3] == "1.00" for row in body if row[0] == "channel")


def test_a_sample_that_takes_too_long_has_a_row() -> None:
    ended = run("--blocks", "1", "--producers", "1000", "--items", "1000000", "--threads", "1", "--timeout", "0.02")
    assert ended.returncode == 1
    body = ended.stdout.splitlines()[1:]
    assert body
    assert all(line.endswith(" timeout in 1 of 1 blocks: it did not answer within 0.02 s") for line in body)
    assert ended.stderr.startswith("handoff-channel: without a figure: channel on 1 thread")
    assert ended.stderr.count("\n") == 1


def test_a_wrong_argument_is_refused_with_one_sentence() -> None:
    for arguments in (("--capacity", "0"), ("--threads", "0"), ("--nonsense",)):
        ended = run(*arguments)
        assert ended.returncode == 2
        assert ended.stderr.startswith("handoff-channel: ") and ended.stderr.count("\n") == 1
