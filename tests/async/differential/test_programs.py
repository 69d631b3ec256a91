"""The generator: legal programs, everything in them, and few faults that they would not find."""

from __future__ import annotations

import collections
import subprocess
import sys
from typing import Any

import faults
import profiles
import programs
import pytest
import reference
import rules
from cases import HERE, SEEDS

Good = list[tuple[int, rules.Program, str]]


@pytest.fixture(scope="module")
def good() -> Good:
    """(seed, program, trace) of all seeds that have a trace."""
    runs = []
    for seed in SEEDS:
        program = programs.generate(seed)
        try:
            runs.append((seed, program, reference.trace_of(program)))
        except reference.EqualTimers:
            continue
    return runs


def test_a_seed_always_draws_the_same_program() -> None:
    command = [sys.executable, str(HERE / "programs.py"), "77"]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "random"})
        assert rules.parse(done.stdout) == programs.generate(77)
    assert programs.generate(77) != programs.generate(77 + len(profiles.PROFILES))


def test_programs_obey_the_rules() -> None:
    for seed in SEEDS:
        rules.check(programs.generate(seed))


def test_a_program_has_at_least_7_tasks_with_12_operations_each() -> None:
    sizes = [[len(task["ops"]) for task in programs.generate(seed)["tasks"]] for seed in SEEDS]
    assert min(map(len, sizes)) == 7 and min(min(lengths) for lengths in sizes) == 12
    assert max(map(len, sizes)) > 7 and max(max(lengths) for lengths in sizes) > 12


def test_the_size_can_be_told() -> None:
    program = programs.generate(3, tasks=2, operations=5)
    assert [len(task["ops"]) for task in program["tasks"]] == [5, 5]


def test_every_kind_and_every_operation_occurs() -> None:
    kinds: set[str] = set()
    operations: set[str] = set()
    for seed in SEEDS:
        program = programs.generate(seed)
        kinds.update(entry["kind"] for entry in program["objects"])
        operations.update(operation[0] for part in rules.parts_of(program) for operation in part["ops"])
    assert kinds == set(rules.KINDS) and operations == set(rules.OPERATIONS)


def operations_of(program: rules.Program) -> "list[tuple[int, list[Any]]]":
    return [(index, operation) for index, task in enumerate(program["tasks"]) for operation in task["ops"]]


def depth_of(program: rules.Program) -> int:
    """How deep its groups are nested, and the times that operations run within."""
    deep: dict[str, int] = {}
    for part in rules.parts_of(program):
        inner = [0]
        for name, *operands in part["ops"]:
            if name in ("group", "within"):
                inner.append(1 + deep[operands[-1]])
        deep[part["name"]] = max(inner)
    return max(deep.values())


def test_the_corners_occur() -> None:
    seen: collections.Counter[str] = collections.Counter()
    for seed in SEEDS:
        program = programs.generate(seed)
        seen[f"{profiles.profile_of(seed)} profile"] += 1
        for index, operation in operations_of(program):
            name, *operands = operation
            seen["cancel of oneself"] += name == "cancel" and operands[0] == program["tasks"][index]["name"]
            seen["empty gather"] += name == "gather" and operands[0] == []
            seen["gather of one task twice"] += name == "gather" and len(set(operands[0])) < len(operands[0])
            seen["zero timeout"] += name.endswith("_timeout") and operands[-1] == 0
        times = list(rules.times_of(program))
        seen["tiny time"] += min(times, default=99) < 10
        seen["time of an hour"] += max(times, default=0) > 3_600_000_000
        seen["three nested groups or times"] += depth_of(program) >= 3
    assert len(seen) == 7 + len(profiles.PROFILES)
    assert min(seen.values()) >= 50, seen


#: operation: the results that the programs must come to
RESULTS = {
    **dict.fromkeys(("sleep", "put", "join", "acquire", "wait"), ("ok", "cancelled")),
    **dict.fromkeys(("cond_wait", "cond_notify", "set", "clear"), ("ok",)),
    "put_nowait": ("ok", "full"),
    "get_nowait": ("value", "empty"),
    "get": ("value", "cancelled"),
    "put_timeout": ("ok", "timeout", "cancelled"),
    "get_timeout": ("value", "timeout", "cancelled"),
    "task_done": ("ok", "value_error"),
    "release": ("ok", "error"),
    "cancel": ("true", "false"),
    "await": ("value", "was_cancelled", "cancelled"),
    "gather": ("counts", "cancellations", "cancelled"),
    "size": ("true", "false"),
    "uncancel": ("value",),
    "fail": ("failed",),
    "within": ("ok", "timeout", "cancelled", "failed"),
    "group": ("ok", "value", "cancelled"),
}
#: Results that come too seldom to be asked for.
RARE = {("await", "was_failed"), ("gather", "failures"), ("group", "failed")}


def result_of(line: str) -> str:
    result = line.split(" ")[-1]
    if result.startswith("["):
        return "failures" if "failed" in result else "cancellations" if "cancelled" in result else "counts"
    return "value" if result.lstrip("-").isdecimal() else result


def test_every_operation_comes_to_every_result(good: Good) -> None:
    seen: collections.Counter[tuple[str, str]] = collections.Counter()
    ends: collections.Counter[str] = collections.Counter()
    for _, _, trace in good:
        for line in trace.splitlines():
            words = line.split(" ")
            if words[0] != "end":
                seen[words[2], result_of(line)] += 1
            elif words[2] != "size":
                ends[words[2]] += 1
    seen = collections.Counter({what: count for what, count in seen.items() if what not in RARE})
    assert set(seen) == {(operation, result) for operation, results in RESULTS.items() for result in results}
    assert min(seen.values()) >= 10, seen
    assert min(ends[state] for state in ("pending", "cancelled", "done")) >= 500, ends
    assert ends["failed"] >= 3, ends


def test_few_programs_are_left_out(good: Good) -> None:
    assert len(good) >= 0.98 * len(SEEDS)


@pytest.mark.parametrize("fault", faults.FAULTS)
def test_the_programs_find(fault: str, good: Good) -> None:
    assert next(faults.seeds_that_find(fault, good), None) is not None
