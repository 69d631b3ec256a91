"""Makes a program that shows a difference as small as it stays legal and keeps the difference."""

from __future__ import annotations

import copy
import json
import time
from typing import Any, Callable, Iterator

from rules import NAMES_OBJECT, OPERATIONS, BadProgram, Operation, Program, check, parts_of, times_of

#: The operations whose first operand is a list of names.
LISTING = ("gather", "group")

Differs = Callable[[Program], bool]


def shrink(program: Program, differs: Differs, seconds: float = 60.0) -> Program:
    """The smallest program found within `seconds` for which `differs` holds; it is asked about legal ones only."""
    deadline = time.monotonic() + seconds
    tried = {json.dumps(program)}
    before = None
    while program != before:
        before = program
        for simpler in SIMPLER:
            program = _exhaust(program, simpler, differs, tried, deadline)
    return program


def _exhaust(
    program: Program,
    simpler: "Callable[[Program], Iterator[Program]]",
    differs: Differs,
    tried: set[str],
    deadline: float,
) -> Program:
    """Takes the first of the simpler programs that differs, as long as there is one."""
    found = True
    while found:
        found = False
        for candidate in simpler(program):
            text = json.dumps(candidate)
            if text in tried or not _is_legal(candidate):
                continue
            if time.monotonic() > deadline:
                return program
            tried.add(text)
            if differs(candidate):
                program, found = candidate, True
                break
    return program


def _is_legal(program: Program) -> bool:
    try:
        check(program)
    except BadProgram:
        return False
    return True


def _fewer_tasks(program: Program) -> Iterator[Program]:
    for index in reversed(range(len(program["tasks"]))):
        smaller = copy.deepcopy(program)
        name = smaller["tasks"].pop(index)["name"]
        yield _without(smaller, ("task", "earlier"), name)


def _joined(program: Program) -> Iterator[Program]:
    """One task does first what another one did."""
    for index, gone in enumerate(program["tasks"]):
        for other, task in enumerate(program["tasks"]):
            if other == index:
                continue
            smaller = copy.deepcopy(program)
            smaller["tasks"][other]["ops"] = copy.deepcopy(gone["ops"] + task["ops"])
            del smaller["tasks"][index]
            yield _without(smaller, ("task", "earlier"), gone["name"])


def _in_other_order(program: Program) -> Iterator[Program]:
    """One task comes first, and needs no sleep for that."""
    for index, position, operation in _each_operation(program):
        if operation[0] != "sleep":
            continue
        for first in range(1, len(program["tasks"])):
            smaller = copy.deepcopy(program)
            del parts_of(smaller)[index]["ops"][position]
            smaller["tasks"].insert(0, smaller["tasks"].pop(first))
            yield smaller


def _fewer_routines(program: Program) -> Iterator[Program]:
    for index in reversed(range(len(program.get("routines", [])))):
        smaller = copy.deepcopy(program)
        name = smaller["routines"].pop(index)["name"]
        if not smaller["routines"]:
            del smaller["routines"]
        yield _without(smaller, ("task", "routine"), name)


def _fewer_objects(program: Program) -> Iterator[Program]:
    for index in reversed(range(len(program["objects"]))):
        smaller = copy.deepcopy(program)
        name = smaller["objects"].pop(index)["name"]
        yield _without(smaller, tuple(NAMES_OBJECT), name)


def _without(program: Program, roles: tuple[str, ...], name: str) -> Program:
    """Drops the operations that have `name` in one of the roles, and the name from all lists."""
    for part in parts_of(program):
        part["ops"] = [it for it in part["ops"] if name not in _operands(it, roles)]
        for operation in part["ops"]:
            if operation[0] in LISTING:
                operation[1] = [other for other in operation[1] if other != name]
    return program


def _operands(operation: Operation, roles: tuple[str, ...]) -> list[Any]:
    return [operand for role, operand in zip(OPERATIONS[operation[0]], operation[1:]) if role in roles]


def _fewer_operations(program: Program) -> Iterator[Program]:
    """First without large parts of a task, then without one operation."""
    longest = max((len(part["ops"]) for part in parts_of(program)), default=0)
    size = 1 << longest.bit_length()
    while size >= 1:
        for index, part in enumerate(parts_of(program)):
            for start in range(0, len(part["ops"]), size):
                smaller = copy.deepcopy(program)
                del parts_of(smaller)[index]["ops"][start : start + size]
                yield smaller
        size //= 2


def _each_operation(program: Program) -> "Iterator[tuple[int, int, Operation]]":
    for index, part in enumerate(parts_of(program)):
        for position, operation in enumerate(part["ops"]):
            yield index, position, operation


def _with(program: Program, index: int, position: int, operation: Operation) -> Program:
    changed = copy.deepcopy(program)
    parts_of(changed)[index]["ops"][position] = operation
    return changed


def _fewer_gathered(program: Program) -> Iterator[Program]:
    for index, position, operation in _each_operation(program):
        if operation[0] in LISTING:
            for drop in range(len(operation[1])):
                names = operation[1][:drop] + operation[1][drop + 1 :]
                yield _with(program, index, position, [operation[0], names, *operation[2:]])


def _plainer(program: Program) -> Iterator[Program]:
    """Operations without their timeout, or a bare yield in their place."""
    for index, position, operation in _each_operation(program):
        if operation[0] in ("put_timeout", "get_timeout"):
            yield _with(program, index, position, [operation[0].removesuffix("_timeout"), *operation[1:-1]])
        if operation[0] != "sleep":
            yield _with(program, index, position, ["sleep", 0])


def _smaller_numbers(program: Program) -> Iterator[Program]:
    taken = set(times_of(program))
    times = [0, *[time for time in range(1, len(taken) + 2) if time not in taken]]
    for index, position, operation in _each_operation(program):
        for place, role in enumerate(OPERATIONS[operation[0]], 1):
            for number in times if role == "time" else (0, 1) if role in ("value", "count") else ():
                if number < abs(operation[place]):
                    yield _with(program, index, position, [*operation[:place], number, *operation[place + 1 :]])
    for index, entry in enumerate(program["objects"]):
        for key in ("maxsize", "value"):
            for number in range(min(entry.get(key, 0), 2)):
                smaller = copy.deepcopy(program)
                smaller["objects"][index][key] = number
                yield smaller


#: What makes a program simpler, in the order in which it is tried.
SIMPLER = (
    _fewer_tasks,
    _fewer_routines,
    _fewer_operations,
    _joined,
    _fewer_objects,
    _fewer_gathered,
    _plainer,
    _smaller_numbers,
    _in_other_order,
)
