"""The reference: CPython's asyncio, in virtual time, and nothing added."""

from __future__ import annotations

import asyncio
import json
import selectors
import subprocess
import sys
from typing import Any

import programs
import pytest
import reference
import rules
from cases import BAD_PROGRAMS, EXAMPLE, EXAMPLE_TRACE, HERE


def run(text: str, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-X", "dev", str(HERE / "reference.py"), *arguments]
    return subprocess.run(command, input=text.encode(errors="surrogateescape"), capture_output=True, check=False)


def trace(objects: "dict[str, Any]", **tasks: "list[Any]") -> list[str]:
    """The trace of a program; an object is its kind, or its kind and its number."""
    entries = []
    for name, (kind, *number) in objects.items():
        entries.append({"name": name, "kind": kind, **dict(zip([str(rules.KINDS[kind])], number))})
    program = {"objects": entries, "tasks": [{"name": name, "ops": ops} for name, ops in tasks.items()]}
    rules.check(program)
    return reference.trace_of(program).splitlines()


def test_this_python_is_the_reference() -> None:
    reference.require_version()


def test_the_example_prints_its_trace() -> None:
    done = run(EXAMPLE)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, EXAMPLE_TRACE, b"")


def test_a_program_is_read_from_a_file(tmp_path: Any) -> None:
    (tmp_path / "program.json").write_text(EXAMPLE, encoding="utf-8")
    assert run("", str(tmp_path / "program.json")).stdout.decode() == EXAMPLE_TRACE


@pytest.mark.parametrize("wrong", BAD_PROGRAMS)
def test_a_bad_program_is_refused_with_one_sentence(wrong: str) -> None:
    text, word = BAD_PROGRAMS[wrong]
    with pytest.raises(rules.BadProgram) as refused:
        rules.parse(text.encode(errors="surrogateescape"))
    sentence = str(refused.value)
    assert word in sentence
    assert not sentence.endswith(".") and "\n" not in sentence


def test_a_refusal_is_exit_status_2() -> None:
    done = run("[]")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"reference.py: the program must be a JSON object with the lists objects and tasks\n"


def test_timers_of_the_same_microsecond_are_exit_status_3() -> None:
    tasks = [{"name": "a", "ops": [["sleep", 5]]}, {"name": "b", "ops": [["sleep", 2], ["sleep", 3]]}]
    done = run(json.dumps({"objects": [], "tasks": tasks}))
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr == b"reference.py: two live timers fall due at 5 us; the program is left out\n"


def test_a_cancelled_timer_falls_due_with_nobody() -> None:
    lines = trace({}, a=[["sleep", 5]], b=[["sleep", 2], ["cancel", "a"], ["sleep", 3]])
    assert lines[1:4] == ["2 b cancel a true", "2 a sleep 5 cancelled", "5 b sleep 3 ok"]
    assert lines[4:] == ["end a cancelled", "end b done 3"]


def test_neighbouring_microseconds_stay_apart_after_hours() -> None:
    hours = 10**15
    lines = trace({}, a=[["sleep", hours], ["sleep", 2]], b=[["sleep", hours + 1]])
    assert lines[:2] == [f"{hours} a sleep {hours} ok", f"{hours + 1} b sleep {hours + 1} ok"]
    assert lines[2] == f"{hours + 2} a sleep 2 ok"


def test_a_deadlock_ends_the_program_without_noise() -> None:
    objects = [{"name": "c", "kind": "condition"}, {"name": "q", "kind": "fifo", "maxsize": 1}]
    blocked = {"a": [["cond_wait", "c"]], "b": [["get", "q"]], "d": [["gather", ["a", "b"]]], "e": [["await", "d"]]}
    tasks = [{"name": name, "ops": ops} for name, ops in blocked.items()]
    done = run(json.dumps({"objects": objects, "tasks": tasks}))
    ends = [f"end {name} pending" for name in blocked]
    assert done.stdout.decode().splitlines() == [*ends, "end q size 0 unfinished 0"]
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_task_cancelled_before_it_starts_prints_nothing() -> None:
    lines = trace({}, a=[["cancel", "b"]], b=[["sleep", 0]], c=[["await", "b"]])
    assert lines[:2] == ["0 a cancel b true", "0 c await b was_cancelled"]
    assert lines[2:] == ["end a done 1", "end b cancelled", "end c done 1"]


def test_a_task_that_cancels_itself_goes_on_until_it_waits() -> None:
    lines = trace({"q": ("fifo", 0)}, a=[["cancel", "a"], ["put", "q", 1], ["sleep", 0], ["sleep", 0]])
    assert lines[:3] == ["0 a cancel a true", "0 a put q 1 ok", "0 a sleep 0 cancelled"]
    assert lines[3] == "end a cancelled"


def test_a_task_that_cancels_itself_last_ends_cancelled() -> None:
    assert trace({}, a=[["cancel", "a"]]) == ["0 a cancel a true", "end a cancelled"]


def test_an_await_tells_whose_cancellation_it_was() -> None:
    lines = trace({}, a=[["sleep", 9]], b=[["await", "a"]], c=[["await", "a"]], d=[["cancel", "b"], ["cancel", "a"]])
    assert "0 b await a cancelled" in lines and "0 c await a was_cancelled" in lines


def test_a_gather_shows_counts_and_cancellations_in_the_order_of_its_arguments() -> None:
    gathered = {"a": [["sleep", 0], ["sleep", 5]], "b": [["sleep", 3]]}
    lines = trace({}, **gathered, c=[["gather", ["b", "a", "b"]]], d=[["cancel", "b"]])
    assert "5 c gather b+a+b [cancelled,2,cancelled]" in lines


def test_an_empty_gather_is_two_spaces_and_does_not_yield() -> None:
    lines = trace({}, a=[["gather", []], ["gather", []]], b=[["sleep", 0]])
    assert lines[:3] == ["0 a gather  []", "0 a gather  []", "0 b sleep 0 ok"]


def grouped(routines: "dict[str, list[Any]]", **tasks: "list[Any]") -> list[str]:
    """The trace of a program with an event e and routines."""
    program = {
        "objects": [{"name": "e", "kind": "event"}],
        "routines": [{"name": name, "ops": ops} for name, ops in routines.items()],
        "tasks": [{"name": name, "ops": ops} for name, ops in tasks.items()],
    }
    rules.check(program)
    return reference.trace_of(program).splitlines()


def test_groups_that_fail_in_the_same_pass_end_one_after_the_other() -> None:
    failing: list[Any] = [["wait", "e"], ["fail"]]
    inner: dict[str, list[Any]] = {
        "c1": failing,
        "b1": [["sleep", 11]],
        "c2": failing,
        "b2": [["group", ["c1"], "b1"], ["sleep", 12]],
    }
    lines = grouped(inner, t=[["group", ["c2"], "b2"], ["sleep", 13]], u=[["sleep", 5], ["set", "e"]])
    assert "5 t group c1 b1 errors 1" in lines and "5 t sleep 12 cancelled" in lines
    assert "5 t group c2 b2 errors 1" in lines and "18 t sleep 13 ok" in lines


def test_a_timeout_around_a_group_that_ends_late_comes_at_the_next_wait() -> None:
    routines: dict[str, list[Any]] = {
        "c": [["wait", "e"], ["fail"]],
        "b": [],
        "w": [["group", ["c"], "b"], ["sleep", 100]],
    }
    lines = grouped(routines, t=[["within", 20, "w"]], u=[["sleep", 25], ["set", "e"]])
    assert "20 c wait e cancelled" in lines and "20 t group c b cancelled" in lines
    assert "20 t within 20 w timeout" in lines


def test_uncancel_takes_the_delivery_back_until_a_wait_has_ended_for_it() -> None:
    lines = grouped({}, a=[["cancel", "a"], ["uncancel", "a"], ["sleep", 5]])
    assert "0 a uncancel a 0" in lines and "5 a sleep 5 ok" in lines
    lines = grouped({}, a=[["sleep", 5]], b=[["sleep", 1], ["cancel", "a"], ["uncancel", "a"]])
    assert "1 b uncancel a 0" in lines and "1 a sleep 5 cancelled" in lines


def test_a_failure_that_nobody_handles_ends_its_task() -> None:
    lines = grouped({"r": [["fail"]]}, a=[["within", 5, "r"], ["sleep", 1]], b=[["await", "a"], ["gather", ["a"]]])
    assert lines[:4] == ["0 a fail failed", "0 a within 5 r failed", "0 b await a was_failed", "0 b gather a [failed]"]
    assert lines[4:] == ["end a failed", "end b done 2"]


class _FloatSelector(selectors.SelectSelector):
    """Advances the clock of its loop instead of waiting."""

    loop: "_FloatLoop"

    def select(self, timeout: "float | None" = None) -> list[Any]:
        if timeout is None:
            self.loop.stop()
        elif timeout > 0:
            due = self.loop._scheduled[0].when()  # type: ignore[attr-defined]
            self.loop.seconds = due
        return super().select(0)


class _FloatLoop(asyncio.SelectorEventLoop):
    """The loop everybody uses, in seconds."""

    refuse_equal_timers = False

    def __init__(self) -> None:
        selector = _FloatSelector()
        super().__init__(selector)
        selector.loop = self
        self.seconds = 1000.0
        self.faults: list[str] = []

    def time(self) -> float:
        return self.seconds

    @property
    def now(self) -> int:
        return round((self.seconds - 1000.0) * 1e6)


def _in_seconds(name: str) -> Any:
    perform = reference.PERFORM[name]

    async def scaled(run: Any, *operands: Any) -> Any:
        return await perform(run, *operands[:-1], operands[-1] / 1e6)

    return scaled


async def _within_seconds(run: Any, time: int, routine: str) -> str:
    return await reference._within(run, time / 1e6, routine)  # type: ignore[arg-type]


def test_counting_microseconds_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = [programs.generate(seed) for seed in range(200)]
    traces = []
    for program in drawn:
        try:
            traces.append(reference.trace_of(program))
        except reference.EqualTimers:
            traces.append("")
    monkeypatch.setattr(reference, "VirtualLoop", _FloatLoop)
    in_seconds: dict[str, Any] = {name: _in_seconds(name) for name in ("sleep", "put_timeout", "get_timeout")}
    in_seconds["within"] = _within_seconds
    monkeypatch.setattr(reference, "PERFORM", {**reference.PERFORM, **in_seconds})
    for program, expected in zip(drawn, traces):
        if expected:
            assert reference.trace_of(program) == expected
