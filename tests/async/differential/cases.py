"""What several tests use: the seeds of CI, the example, and the bad programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

SEEDS = range(500)

EXAMPLE = """
{"objects": [{"name": "q0", "kind": "fifo", "maxsize": 2}, {"name": "s", "kind": "semaphore", "value": 1}],
 "tasks":   [{"name": "t0", "ops": [["put", "q0", 1], ["sleep", 1500], ["task_done", "q0"]]},
             {"name": "t1", "ops": [["get_timeout", "q0", 700], ["gather", ["t0"]], ["cancel", "t0"]]}]}
"""
EXAMPLE_TRACE = """\
0 t0 put q0 1 ok
0 t1 get_timeout q0 700 1
1500 t0 sleep 1500 ok
1500 t0 task_done q0 ok
1500 t1 gather t0 [3]
1500 t1 cancel t0 false
end t0 done 3
end t1 done 3
end q0 size 0 unfinished 0
"""

_OBJECTS = [
    {"name": "queue1", "kind": "fifo", "maxsize": 2},
    {"name": "lock1", "kind": "lock"},
    {"name": "event1", "kind": "event"},
    {"name": "sem1", "kind": "semaphore", "value": 1},
]


def _with_operations(*operations: Any, objects: "list[Any] | None" = None) -> str:
    """A program whose second of three tasks has these operations."""
    tasks = [{"name": "first", "ops": []}, {"name": "second", "ops": list(operations)}, {"name": "third", "ops": []}]
    return json.dumps({"objects": _OBJECTS if objects is None else objects, "tasks": tasks})


def _with_object(**entry: Any) -> str:
    return _with_operations(objects=[*_OBJECTS, entry])


def _with_routines(*routines: "list[Any]", ops: "list[Any]") -> str:
    """A program with the routines r0, r1 … of these operations, and one task."""
    entries = [{"name": f"r{index}", "ops": it} for index, it in enumerate(routines)]
    return json.dumps({"objects": _OBJECTS, "routines": entries, "tasks": [{"name": "task0", "ops": ops}]})


#: what is wrong: the program, and a word that the sentence about it must hold
BAD_PROGRAMS: dict[str, tuple[str, str]] = {
    "nothing at all": ("", "JSON"),
    "no JSON": ("tasks: none", "JSON"),
    "JSON that is cut off": (EXAMPLE[:100], "JSON"),
    "something after the program": (EXAMPLE + "]", "JSON"),
    "bytes that are no UTF-8": ('{"objects": [], "tasks": [], "\udcff": 1}', "JSON"),
    "JSON that is nested without end": ('{"objects": [], "tasks": ' + "[" * 100_000 + "]" * 100_000 + "}", "JSON"),
    "a list for a program": ("[]", "object"),
    "no objects": ('{"tasks": []}', "objects"),
    "no tasks": ('{"objects": []}', "tasks"),
    "tasks that are no list": ('{"objects": [], "tasks": {"name": "t0", "ops": []}}', "tasks"),
    "a task without a name": ('{"objects": [], "tasks": [{"ops": []}]}', "name"),
    "a task without operations": ('{"objects": [], "tasks": [{"name": "lazy"}]}', "lazy"),
    "an operation that is no list": (_with_operations("sleep 5"), "second"),
    "an empty operation": (_with_operations([]), "second"),
    "an operation whose name is no text": (_with_operations([5, "queue1"]), "second"),
    "an unknown operation": (_with_operations(["frobnicate", "queue1"]), "frobnicate"),
    "an unknown operation on two lines": (_with_operations(["frob\nnicate", "queue1"]), "frob\\nnicate"),
    "an unknown object": (_with_operations(["get", "queue9"]), "queue9"),
    "an object of a wrong kind": (_with_operations(["get", "lock1"]), "lock1"),
    "a release of an event": (_with_operations(["release", "event1"]), "event1"),
    "a wait on a semaphore": (_with_operations(["wait", "sem1"]), "sem1"),
    "an object that is no name": (_with_operations(["get", 7]), "get"),
    "too few operands": (_with_operations(["put", "queue1"]), "put"),
    "too many operands": (_with_operations(["get", "queue1", 5]), "get"),
    "a value that is no integer": (_with_operations(["put", "queue1", "five"]), "put"),
    "a value with a fraction": (_with_operations(["put_nowait", "queue1", 1.5]), "put_nowait"),
    "a truth value for a value": (_with_operations(["put", "queue1", True]), "put"),
    "a time that is no integer": (_with_operations(["sleep", "long"]), "sleep"),
    "a time with a fraction": (_with_operations(["get_timeout", "queue1", 0.5]), "get_timeout"),
    "a negative sleep": (_with_operations(["sleep", -1]), "sleep"),
    "a negative timeout": (_with_operations(["put_timeout", "queue1", 1, -5]), "put_timeout"),
    "a negative number to notify": (
        _with_operations(["cond_notify", "cond1", -1], objects=[{"name": "cond1", "kind": "condition"}]),
        "cond_notify",
    ),
    "a sleep beyond the end of the clock": (_with_operations(["sleep", 2**63 - 1]), "add up"),
    "sleeps that together go beyond it": (
        _with_operations(["sleep", 9 * 10**15], ["sleep", 9 * 10**15 + 1]),
        "add up",
    ),
    "an unknown task to cancel": (_with_operations(["cancel", "fourth"]), "fourth"),
    "an unknown task to await": (_with_operations(["await", "fourth"]), "fourth"),
    "a task that awaits a later one": (_with_operations(["await", "third"]), "third"),
    "a task that awaits itself": (_with_operations(["await", "second"]), "second"),
    "a gather of a later task": (_with_operations(["gather", ["first", "third"]]), "third"),
    "a gather of oneself": (_with_operations(["gather", ["second"]]), "second"),
    "a gather of something unknown": (_with_operations(["gather", ["first", "fourth"]]), "fourth"),
    "a gather of what is no list": (_with_operations(["gather", "first"]), "gather"),
    "a gather of numbers": (_with_operations(["gather", [1]]), "gather"),
    "two objects of one name": (_with_object(name="lock1", kind="event"), "lock1"),
    "two tasks of one name": (
        '{"objects": [], "tasks": [{"name": "twin", "ops": []}, {"name": "twin", "ops": []}]}',
        "twin",
    ),
    "an object without a name": (_with_object(kind="event"), "name"),
    "an object without a kind": (_with_object(name="thing"), "thing"),
    "an unknown kind": (_with_object(name="thing", kind="rwlock"), "rwlock"),
    "a queue without maxsize": (_with_object(name="queue2", kind="lifo"), "maxsize"),
    "a maxsize that is no integer": (_with_object(name="queue2", kind="priority", maxsize="2"), "maxsize"),
    "a semaphore without value": (_with_object(name="sem2", kind="bounded_semaphore"), "value"),
    "a semaphore with a negative value": (_with_object(name="sem2", kind="semaphore", value=-1), "value"),
    "two equal sleeps": (_with_operations(["sleep", 1234], ["sleep", 1234]), "1234"),
    "a sleep and a timeout of one length": (_with_operations(["sleep", 77], ["get_timeout", "queue1", 77]), "77"),
    "routines that are no list": ('{"objects": [], "routines": {}, "tasks": []}', "routines"),
    "a routine of a task's name": (
        '{"objects": [], "routines": [{"name": "twin", "ops": []}], "tasks": [{"name": "twin", "ops": []}]}',
        "twin",
    ),
    "an unknown routine": (_with_routines([], ops=[["group", [], "r9"]]), "r9"),
    "a task for a routine": (_with_routines([], ops=[["within", 5, "task0"]]), "task0"),
    "routines that are one": (_with_routines([], [], ops=[["group", "r0", "r1"]]), "group"),
    "a routine that runs in two places": (_with_routines([], [], ops=[["group", ["r0"], "r0"]]), "r0"),
    "a routine that runs itself": (_with_routines([["within", 5, "r0"]], ops=[]), "r0"),
    "a routine that runs a later one": (_with_routines([["within", 5, "r1"]], [], ops=[]), "r1"),
    "a routine that awaits a task": (_with_routines([["await", "task0"]], ops=[]), "await"),
    "a gather of a routine": (_with_routines([], ops=[["gather", ["r0"]]]), "r0"),
    "a fail with an operand": (_with_operations(["fail", 1]), "fail"),
    "a sleep in a routine as long as another": (_with_routines([["sleep", 99]], ops=[["sleep", 99]]), "99"),
    "a condition together with a group": (
        json.dumps(
            {
                "objects": [{"name": "c", "kind": "condition"}],
                "routines": [{"name": "r0", "ops": []}],
                "tasks": [{"name": "t", "ops": [["group", [], "r0"]]}],
            }
        ),
        "condition",
    ),
    "a condition together with a cancel": (
        _with_operations(["cancel", "first"], objects=[{"name": "cond1", "kind": "condition"}]),
        "condition",
    ),
}
