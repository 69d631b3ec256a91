"""What a trace program may say: its objects, its operations, and the rules that keep it comparable.

The generator, the shrinker and both programs that run traces stand on these tables.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator, Sequence

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "scripts"))

from failures import UserError, run_script  # noqa: E402

__all__ = ["BadProgram", "UserError", "run_script"]

Program = dict[str, Any]
Operation = list[Any]

QUEUES = ("fifo", "lifo", "priority")
SEMAPHORES = ("semaphore", "bounded_semaphore")
#: kind: the number it must have beside its name and kind, or None
KINDS: dict[str, "str | None"] = {
    **dict.fromkeys(QUEUES, "maxsize"),
    **dict.fromkeys(SEMAPHORES, "value"),
    **dict.fromkeys(("lock", "event", "condition")),
}
#: What an operand that names an object may name.
NAMES_OBJECT: dict[str, tuple[str, ...]] = {
    "queue": QUEUES,
    "lockable": ("lock", *SEMAPHORES),
    "event": ("event",),
    "condition": ("condition",),
}
#: operation: its operands. `value`, `time` (whole microseconds) and `count` are integers, `task` is any task or
#: routine, `earlier` a task listed before, `earliers` a list of such; `routine` is a routine, `routines` a list of such.
OPERATIONS: dict[str, tuple[str, ...]] = {
    "sleep": ("time",),
    "put": ("queue", "value"),
    "get": ("queue",),
    "put_nowait": ("queue", "value"),
    "get_nowait": ("queue",),
    "put_timeout": ("queue", "value", "time"),
    "get_timeout": ("queue", "time"),
    "task_done": ("queue",),
    "join": ("queue",),
    "size": ("queue",),
    "acquire": ("lockable",),
    "release": ("lockable",),
    "set": ("event",),
    "clear": ("event",),
    "wait": ("event",),
    "cond_wait": ("condition",),
    "cond_notify": ("condition", "count"),
    "cancel": ("task",),
    "await": ("earlier",),
    "gather": ("earliers",),
    "uncancel": ("task",),
    "fail": (),
    "within": ("time", "routine"),
    "group": ("routines", "routine"),
}
#: What may end a wait from outside: CPython 3.11 does otherwise if that is one for a condition.
CANCELLING = ("cancel", "within", "group")


#: Microseconds that a clock of 64 bits of nanoseconds can count.
END_OF_TIME = (2**63 - 1) // 1000


class BadProgram(UserError):
    """One sentence, on one line: what is wrong with the program, and where."""

    def __init__(self, sentence: str) -> None:
        super().__init__(re.sub(r"[\x00-\x1f]", lambda control: json.dumps(control.group())[1:-1], sentence))


def text_of(operation: Operation) -> str:
    """The operation as a trace shows it."""
    return " ".join("+".join(part) if isinstance(part, list) else str(part) for part in operation)


def times_of(program: Program) -> Iterator[int]:
    """Every sleep and timeout that starts a timer; 0 starts none."""
    for part in parts_of(program):
        for operation in part["ops"]:
            for role, operand in zip(OPERATIONS[operation[0]], operation[1:]):
                if role == "time" and operand > 0:
                    yield operand


def parts_of(program: Program) -> "list[dict[str, Any]]":
    """All that has operations: the routines and the tasks."""
    return [*program.get("routines", []), *program["tasks"]]


def parse(text: "str | bytes") -> Program:
    """The program that `text` holds; BadProgram if it holds none, or one against the rules."""
    try:
        program = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadProgram(f"the program is not JSON: {error}") from None
    check(program)
    return program


def check(program: Any) -> None:
    """Raises BadProgram at the first breach of a rule."""
    _require(isinstance(program, dict), "the program must be a JSON object with the lists objects and tasks")
    for part in ("objects", "tasks"):
        _require(isinstance(program.get(part), list), f"the program must have a list named {part}")
    _require(isinstance(program.get("routines", []), list), "the routines of the program must be a list")
    kinds = _object_kinds(program["objects"])
    names = _Names(_task_names(program["tasks"]), [])
    names.routines.extend(_task_names(program.get("routines", []), "routine", names.tasks))
    parts: list[tuple[str, list[dict[str, Any]]]] = [
        ("routine", program.get("routines", [])),
        ("task", program["tasks"]),
    ]
    for what, members in parts:
        for position, task in enumerate(members):
            for index, operation in enumerate(task["ops"]):
                where = f"{what} {task['name']}, operation {index}"
                _check_operation(operation, where, kinds, names, _Place(what, position))
    seen: set[int] = set()
    for time in times_of(program):
        _require(time not in seen, f"two sleeps or timeouts last {time} us; all must be different")
        seen.add(time)
    _require(sum(seen) <= END_OF_TIME, f"the times of the program add up to more than {END_OF_TIME} us")
    if "condition" in kinds.values():
        cancels = any(operation[0] in CANCELLING for part in parts_of(program) for operation in part["ops"])
        _require(not cancels, "a program with a condition must have no cancel, within or group")


@dataclass
class _Names:
    """The names of a program's tasks and routines; `taken` are the routines that run somewhere."""

    tasks: list[str]
    routines: list[str]
    taken: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Place:
    """Where an operation stands: in a task or routine, and in which of them."""

    what: str
    position: int


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise BadProgram(sentence)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _name_of(entry: Any, where: str, taken: Any) -> str:
    _require(isinstance(entry, dict), f"{where} must be a JSON object")
    name = entry.get("name")
    _require(isinstance(name, str) and name != "", f"{where} must have a name")
    _require(name not in taken, f"{where}: the name {name} is taken")
    return str(name)


def _object_kinds(objects: list[Any]) -> dict[str, str]:
    kinds: dict[str, str] = {}
    for index, entry in enumerate(objects):
        name = _name_of(entry, f"object {index}", kinds)
        kind = entry.get("kind")
        _require(isinstance(kind, str) and kind in KINDS, f"object {name}: there is no kind {kind}")
        number = KINDS[kind]
        if number is not None:
            fits = _is_integer(entry.get(number)) and (entry[number] >= 0 or number == "maxsize")
            least = "" if number == "maxsize" else " from 0"
            _require(fits, f"object {name}: a {kind} needs a {number}, an integer{least}")
        kinds[name] = kind
    return kinds


def _task_names(tasks: list[Any], what: str = "task", taken: Sequence[str] = ()) -> list[str]:
    names: list[str] = []
    for index, entry in enumerate(tasks):
        name = _name_of(entry, f"{what} {index}", [*taken, *names])
        _require(isinstance(entry.get("ops"), list), f"{what} {name} must have a list named ops")
        names.append(name)
    return names


def _check_operation(operation: Any, where: str, kinds: dict[str, str], names: _Names, place: _Place) -> None:
    listed = isinstance(operation, list) and bool(operation) and isinstance(operation[0], str)
    _require(listed, f"{where} must be a list that begins with the operation's name")
    roles = OPERATIONS.get(operation[0])
    _require(roles is not None, f"{where}: there is no operation {operation[0]}")
    assert roles is not None
    fits = len(operation) == 1 + len(roles)
    _require(fits, f"{where}: {operation[0]} takes {len(roles)} operands, not {len(operation) - 1}")
    for role, operand in zip(roles, operation[1:]):
        _check_operand(role, operand, f"{where} ({operation[0]})", kinds, names, place)


def _check_operand(role: str, operand: Any, where: str, kinds: dict[str, str], names: _Names, place: _Place) -> None:
    if role in ("value", "time", "count"):
        least = "" if role == "value" else ", 0 or more"
        fits = _is_integer(operand) and (role == "value" or operand >= 0)
        _require(fits, f"{where}: the {role} must be an integer{least}, not {json.dumps(operand)}")
        return
    if role in ("earliers", "routines"):
        _require(isinstance(operand, list), f"{where}: the {'tasks' if role == 'earliers' else role} must be a list")
        for name in operand:
            _check_operand(role[:-1], name, where, kinds, names, place)
        return
    _require(isinstance(operand, str), f"{where}: {json.dumps(operand)} must be a name")
    if role in NAMES_OBJECT:
        _require(operand in kinds, f"{where}: there is no object {operand}")
        _require(kinds[operand] in NAMES_OBJECT[role], f"{where}: {operand} is a {kinds[operand]}")
        return
    if role == "task":
        _require(operand in names.tasks or operand in names.routines, f"{where}: there is no task {operand}")
    elif role == "earlier":
        _require(place.what == "task", f"{where}: a routine cannot wait for a task")
        _require(operand in names.tasks, f"{where}: there is no task {operand}")
        earlier = operand in names.tasks[: place.position]
        _require(earlier, f"{where}: {operand} is not listed before; only such tasks may be awaited")
    else:
        _check_routine(operand, where, names, place)


def _check_routine(name: str, where: str, names: _Names, place: _Place) -> None:
    _require(name in names.routines, f"{where}: there is no routine {name}")
    earlier = place.what == "task" or name in names.routines[: place.position]
    _require(earlier, f"{where}: {name} is not listed before; a routine may run only such routines")
    _require(name not in names.taken, f"{where}: {name} runs in another place already")
    names.taken.add(name)
