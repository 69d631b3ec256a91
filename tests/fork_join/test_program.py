"""handoff-fork-join prints one row per contender and number of threads, and refuses what it does not understand."""

from __future__ import annotations

import os
import subprocess

PROGRAM = os.environ["HANDOFF_FORK_JOIN"]
QUICK = ("--n", "10", "--repetitions", "2", "--seconds", "0.001")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=100, check=False)


def rows(output: str) -> list[list[str]]:
    return [line.split() for line in output.splitlines() if not line.startswith("not in this build")]


def test_every_contender_is_measured_on_every_number_of_threads() -> None:
    ended = run(*QUICK, "--threads", "1,3")
    assert ended.returncode == 0, ended.stderr
    header, *body = rows(ended.stdout)
    assert header[:3] == ["fib(10)", "threads", "ns/call"]
    assert [row[:2] for row in body][:2] == [["serial", "1"], ["stealing_executor", "1"]]
    names = {row[0] for row in body}
    lacking = [line for line in ended.stdout.splitlines() if line.startswith("not in this build")]
    for peer in ("tbb_parallel_invoke", "tbb_task_group", "openmp_tasks"):
        assert peer in names or any(peer in line for line in lacking)
    for name in names - {"serial"}:
        assert [row[1] for row in body if row[0] == name] == ["1", "3"]
    assert all(row[-1] == "2" and float(row[2]) > 0 for row in body)


def test_the_ratios_are_those_of_the_medians() -> None:
    body = rows(run(*QUICK, "--threads", "2").stdout)[1:]
    assert body[0][:2] == ["serial", "1"] and body[0][4] == "-"
    medians = {row[0]: float(row[2]) for row in body}
    for name, _, median, to_serial, to_executor, _ in body[1:]:
        for ratio, base in ((to_serial, "serial"), (to_executor, "stealing_executor")):
            expected = float(median) / medians[base]
            assert abs(float(ratio) - expected) < 0.05 * expected + 0.05, name


def test_a_wrong_argument_is_refused_with_one_sentence() -> None:
    for arguments in (("--n", "99"), ("--threads", "0"), ("--nonsense",)):
        ended = run(*arguments)
        assert ended.returncode == 2
        assert ended.stderr.startswith("handoff-fork-join: ") and ended.stderr.count("\n") == 1
