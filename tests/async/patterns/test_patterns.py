"""handoff-patterns: against its Python counterparts in virtual time, on threads, and as a program."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("HANDOFF_PATTERNS", ROOT / "build/release/examples/handoff-patterns"))
COUNTERPARTS = ROOT / "examples"

PATTERNS = (
    *("simple", "bounded", "pool", "done_signal", "none_each"),
    *("say_after", "async_queue", "fetch_all"),
)
ON_THREADS = PATTERNS[:5]
#: One that waits by itself, and one that is layered.
BACKENDS = ("mutex_condvar", "moodycamel")
STEP = re.compile(r"\| step (\d+) at [\d.]+ s: .+")
QUEUES = ("ready", "scheduled", "waiting for I/O", "for another task")


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([PROGRAM, *arguments], capture_output=True, check=False, timeout=60, text=True)


def lines_of(*arguments: str) -> list[str]:
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@lru_cache
def in_virtual_time(name: str) -> list[str]:
    return lines_of(name, "--virtual-time")


def assert_refused(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("handoff-patterns: ") and not done.stderr.endswith(".\n")
    assert done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr


def test_the_list_has_a_line_each_with_the_name_first() -> None:
    lines = lines_of("--list")
    assert [line.split()[0] for line in lines] == list(PATTERNS)
    assert all(len(line.split()) > 3 for line in lines)


def test_every_pattern_has_a_python_counterpart() -> None:
    assert all((COUNTERPARTS / f"{name}.py").is_file() for name in PATTERNS)


@pytest.mark.parametrize("name", PATTERNS)
def test_it_prints_the_lines_of_its_python_counterpart(name: str) -> None:
    command: list[str | Path] = [sys.executable, COUNTERPARTS / f"{name}.py", "--virtual-time"]
    python = subprocess.run(command, capture_output=True, check=False, timeout=60, text=True)
    assert (python.returncode, python.stderr) == (0, "")
    assert len(python.stdout.splitlines()) > 3
    assert in_virtual_time(name) == python.stdout.splitlines()


@pytest.mark.parametrize("name", PATTERNS)
def test_a_trace_names_the_three_queues_at_each_step_and_leaves_the_lines_alone(name: str) -> None:
    lines = lines_of(name, "--virtual-time", "--trace")
    assert [line for line in lines if not line.startswith("|")] == in_virtual_time(name)
    steps = [number for number, line in enumerate(lines) if line.startswith("| step ")]
    assert len(steps) > 5
    for count, number in enumerate(steps, start=1):
        step = STEP.fullmatch(lines[number])
        assert step is not None and int(step[1]) == count
        for offset, queue in enumerate(QUEUES, start=1):
            assert re.fullmatch(rf"\|   {queue} +\S.*", lines[number + offset])


def test_a_trace_tells_who_is_in_which_queue() -> None:
    lines = lines_of("simple", "--virtual-time", "--trace")
    at = lines.index("| step 2 at 0 s: producer begins")
    assert lines[at + 1 : at + 10] == [
        "|   ready            consumer",
        "|   scheduled        -",
        "|   waiting for I/O  -",
        "|   for another task main",
        "| step 3 at 0 s: consumer begins",
        "|   ready            -",
        "|   scheduled        producer in 1 s",
        "|   waiting for I/O  -",
        "|   for another task main",
    ]


def test_a_trace_of_sockets_shows_who_waits_for_which_descriptor() -> None:
    trace = run("fetch_all", "--virtual-time", "--trace").stdout
    assert re.search(r"waiting for I/O  server \(reads descriptor \d+\)", trace)


def test_a_trace_of_a_cancellation_shows_it_delivered() -> None:
    trace = run("pool", "--virtual-time", "--trace").stdout
    assert ": consumer 0 is cancelled\n" in trace and ": consumer 1 is cancelled\n" in trace


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ON_THREADS)
def test_on_threads_the_accounting_is_that_of_the_loop(name: str, backend: str) -> None:
    skip_without(backend)
    loop = in_virtual_time(name)[-1]
    assert re.fullmatch(r"produced \d+, consumed \d+, left in the queue \d+, unfinished \d+", loop)
    paces: list[list[str]] = [[], ["--virtual-time"]]
    for pace in paces:
        lines = lines_of(name, "--backend", backend, *pace)
        assert lines[-1] == loop
        assert len(lines) > 3


def skip_without(backend: str) -> None:
    done = run("simple", "--backend", backend)
    if "unavailable" in done.stderr:
        pytest.skip(done.stderr)


@pytest.mark.parametrize("name", PATTERNS[5:])
def test_what_has_no_form_on_threads_says_so(name: str) -> None:
    assert_refused(run(name, "--backend", "mutex_condvar"), name, "does not run on threads")


def test_a_backend_that_lacks_something_is_refused_with_the_reason() -> None:
    skip_without("moodycamel_blocking")
    assert_refused(run("pool", "--backend", "moodycamel_blocking"), "pool", "moodycamel_blocking", "join()")


def test_a_backend_of_coroutines_is_refused() -> None:
    assert_refused(run("simple", "--backend", "coroutine"), "coroutine", "without --backend")


def test_an_unknown_pattern_is_refused_with_what_there_is() -> None:
    assert_refused(run("frobnicate"), "frobnicate", *PATTERNS)
    assert_refused(run(), *PATTERNS)


def test_an_unknown_backend_is_refused_with_what_there_is() -> None:
    assert_refused(run("simple", "--backend", "frobnicate"), "frobnicate", "mutex_condvar")


def test_unknown_options_are_refused() -> None:
    assert_refused(run("simple", "--frobnicate"), "--frobnicate")
    assert_refused(run("simple", "bounded"), "bounded")


def test_threads_have_no_steps_to_trace() -> None:
    assert_refused(run("simple", "--backend", "mutex_condvar", "--trace"), "--trace", "--backend")


def test_the_help_names_every_option() -> None:
    text = "\n".join(lines_of("--help"))
    assert all(option in text for option in ("NAME", "--list", "--virtual-time", "--trace", "--backend", "--help"))


@pytest.mark.parametrize("options", [[], ["--trace"]])
def test_sigint_ends_a_run_with_status_130_and_whole_lines(options: list[str]) -> None:
    command: list[str | Path] = [PROGRAM, "pool", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None and running.stderr is not None
        first = next(line for line in running.stdout if not line.startswith("|"))
        running.send_signal(signal.SIGINT)
        rest, told = running.stdout.read(), running.stderr.read()
        status = running.wait(timeout=60)
    assert status == 130
    assert told == "handoff-patterns: interrupted; every task was cancelled and has ended\n"
    lines = [line for line in (first + rest).splitlines() if not line.startswith("|")]
    assert (first + rest).endswith("\n")
    assert lines == in_virtual_time("pool")[: len(lines)] and len(lines) < len(in_virtual_time("pool"))


def test_output_that_cannot_be_written_fails_the_run() -> None:
    with open("/dev/full", "w", encoding="ascii") as full:
        choices: list[list[str]] = [[], ["--backend", "mutex_condvar"]]
        for options in choices:
            command: list[str | Path] = [PROGRAM, "pool", "--virtual-time", *options]
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60, text=True)
            assert done.returncode == 1
            assert done.stderr.startswith("handoff-patterns: ") and "cannot be written" in done.stderr
