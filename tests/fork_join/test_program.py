"""handoff-fork-join prints one row per contender and number of threads, and refuses what it does not understand."""

from __future__ import annotations

import os
import subprocess

PROGRAM = os.environ["HANDOFF_FORK_JOIN"]
QUICK = ("--blocks", "2", "--seconds", "0.001")
PEERS = {"tbb_parallel_invoke", "tbb_task_group", "openmp_tasks", "std_async", "asio_thread_pool", "boost_fibers"}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=100, check=False)


def rows(output: str) -> list[list[str]]:
    """Of all tables, without their two lines of header."""
    return [line.split() for line in output.splitlines() if ": " not in line and not line.startswith("contender")]


def test_every_contender_is_measured_on_every_number_of_threads() -> None:
    ended = run(*QUICK, "--threads", "1,3", "--tree", "fib_16")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("fib_16: 3193 nodes, 2 blocks\ncontender ")
    body = rows(ended.stdout)
    assert list(dict.fromkeys(row[0] for row in body))[:4] == [
        "serial",
        "stealing_executor",
        "stealing_task",
        "child_stealing",
    ]
    unavailable = {line.split()[0] for line in ended.stdout.splitlines() if " unavailable: " in line}
    assert {row[0] for row in body} | unavailable >= PEERS
    for name in {row[0] for row in body} - {"serial"}:
        assert [row[1] for row in body if row[0] == name] == (["-"] if name == "std_async" else ["1", "3"])
    assert all(float(figure) > 0 for row in body for figure in (row[2], row[5]))


def test_a_large_tree_leaves_out_those_that_cannot_have_it() -> None:
    ended = run("--blocks", "1", "--seconds", "0.001", "--tree", "uts_small,fib_30", "--contenders", "std_async")
    assert ended.returncode == 0, ended.stderr
    assert [row[0] for row in rows(ended.stdout)] == ["serial", "std_async", "serial"]
    assert ended.stdout.endswith(
        "std_async            unavailable: a thread per fork: only trees of up to 5000 nodes\n"
    )


def test_a_sample_that_takes_too_long_has_a_row_and_the_other_trees_their_tables() -> None:
    ended = run("--blocks", "1", "--seconds", "0.001", "--timeout", "0.02", "--threads", "1", "--tree",
                "uts_t1l,uts_t1", "--contenders", "stealing_executor")  # fmt: skip
    assert ended.returncode == 1
    late = [line for line in ended.stdout.splitlines() if line.endswith("it did not answer within 0.02 s")]
    assert [line.split()[:3] for line in late] == [
        ["serial", "1", "timeout"],
        ["stealing_executor", "1", "timeout"],
    ] * 2
    assert "\nuts_t1: " in ended.stdout
    assert ended.stderr.startswith(
        "handoff-fork-join: without a figure: uts_t1l, serial on 1 thread; uts_t1l, stealing_executor on 1 thread"
    )


def test_a_wrong_argument_is_refused_with_one_sentence() -> None:
    for arguments, end in (
        (("--tree", "uts_t33"), "--tree: there is no 'uts_t33'; did you mean 'uts_t3'?\n"),
        (("--contenders", "serial,tbb"), ""),
        (("--blocks", "0"), ""),
        (("--threads", "0"), ""),
        (("--nonsense",), ""),
    ):
        ended = run(*arguments)
        assert ended.returncode == 2
        assert ended.stderr.startswith("handoff-fork-join: ") and ended.stderr.count("\n") == 1
        assert ended.stderr.endswith(end)
