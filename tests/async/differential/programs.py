#!/usr/bin/env python3
"""Random trace programs by seed, made to contend: few objects, many tasks, and cancellations that race with wake-ups.

    programs.py SEED     prints the program of this seed as JSON

About half of a program's tasks wait readily on what others do; the rest wake, cancel and yield. In many programs
there is one rush, say on get, so that waiters pile up. In a tight program nearly all of it happens in neighbouring
passes of one moment.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any, Callable, Sequence

from profiles import PROFILES, profile_of
from rules import KINDS, NAMES_OBJECT, OPERATIONS, QUEUES, Operation, Program, UserError, run_script

#: The least a program has by default.
TASKS, OPERATIONS_A_TASK = 7, 12
#: The least a program with routines has of them.
ROUTINES = 10

#: Operations that wait for what another task does, and what an actor mostly does in their place.
WAITING = {
    "put": ("put_timeout", "put_nowait"),
    "get": ("get_timeout", "get_nowait"),
    "join": ("task_done",),
    "wait": ("set", "clear"),
    "acquire": ("release",),
    "cond_wait": ("cond_notify",),
    "await": ("sleep",),
    "gather": ("sleep",),
}
#: What may end a wait, without yielding itself.
WAKING = {"put": "get_nowait", "get": "put_nowait", "join": "task_done", "wait": "set", "acquire": "release"}


def generate(seed: int, tasks: "int | None" = None, operations: "int | None" = None) -> Program:
    """The program of a seed: `tasks` tasks with `operations` operations each; by default 7 or more with 12 or more."""
    return _Draft(seed, tasks, operations).program()


def json_of(program: Program) -> str:
    """The program with a line for each object, each routine and each task."""
    parts = []
    for part in ("objects", *(["routines"] if "routines" in program else []), "tasks"):
        lines = ",\n  ".join(json.dumps(entry) for entry in program[part])
        parts.append(f'"{part}": [\n  {lines}]' if lines else f'"{part}": []')
    return "{" + ",\n ".join(parts) + "}"


@dataclass
class _Task:
    """A task in the making."""

    index: int
    waits: bool
    weights: list[float]
    motifs: float
    #: It runs inside a task, or as a task of a group.
    routine: bool = False
    operations: list[Operation] = field(default_factory=list)
    #: The releases of what was acquired.
    owed: list[Operation] = field(default_factory=list)


_Motif = Callable[["_Draft", _Task], "list[Operation]"]


class _Draft:
    """A program in the making."""

    def __init__(self, seed: int, tasks: "int | None", operations: "int | None") -> None:
        self.random = random.Random(seed)
        self.profile = PROFILES[profile_of(seed)]
        self.names = [f"t{index}" for index in range(tasks or TASKS + self._upto(3))]
        self.length = operations or OPERATIONS_A_TASK + self._upto(3)
        self.routines = [f"r{index}" for index in range(ROUTINES + self._upto(6))] if self.profile.routines else []
        #: Those that are drawn and run nowhere yet.
        self.idle: list[str] = []
        self.objects = self._objects()
        self.by_role = {
            role: [entry["name"] for entry in self.objects if entry["kind"] in kinds]
            for role, kinds in NAMES_OBJECT.items()
        }
        self.possible = [name for name in OPERATIONS if self._is_possible(name)]
        self.motifs = self._motifs()
        self.rush = self._draw_rush()
        #: How often a time is 0, and how often one that is not is tiny.
        self.tight = self.random.choice((0.4, 0.7, 0.9))
        self.tiny = self.random.choice((0.1, 0.3, 0.6))
        self.taken: set[int] = set()
        self.waiters: list[str] = []

    def program(self) -> Program:
        tasks = [self._draw_task(index) for index in range(len(self.names))]
        self.waiters = [self.names[task.index] for task in tasks if task.waits]
        routines = [self._draw_routine() for _ in self.routines]
        for name, routine in zip(self.routines, routines):
            self._fill(routine, 1 + self._upto(3))
            if self._chance(0.4):
                routine.operations.append(["fail"])
            self.idle.append(name)
        for task in tasks:
            self._fill(task, self.length)
        spelled = [{"name": name, "ops": routine.operations} for name, routine in zip(self.routines, routines)]
        return {
            "objects": self.objects,
            **({"routines": spelled} if spelled else {}),
            "tasks": [{"name": self.names[task.index], "ops": task.operations} for task in tasks],
        }

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def _upto(self, most: int) -> int:
        return int(self.random.random() * (most + 1))

    def _objects(self) -> list[dict[str, Any]]:
        kinds = [self.random.choice(choices) for choices in self.profile.kinds]
        if len(kinds) > 1 and self._chance(0.3):
            kinds.pop()
        return [self._object(f"{'q' if kind in QUEUES else kind[0]}{index}", kind) for index, kind in enumerate(kinds)]

    def _object(self, name: str, kind: str) -> dict[str, Any]:
        entry: dict[str, Any] = {"name": name, "kind": kind}
        if KINDS[kind] == "maxsize":
            entry["maxsize"] = self.random.choice((1, 1, 1, 2, 2, 3, 0))
        elif KINDS[kind] == "value":
            entry["value"] = self.random.choice((0, 0, 1, 1, 1, 2, 3))
        return entry

    def _is_possible(self, name: str) -> bool:
        if name in ("cancel", "uncancel") and not self.profile.cancels:
            return False
        if name in ("group", "within") and not self.profile.routines:
            return False
        return all(self.by_role.get(role, True) for role in OPERATIONS[name])

    def _motifs(self) -> "tuple[list[_Motif], list[float]]":
        """Those of the profile that its objects allow, and how often each is drawn."""
        chosen = [(*_MOTIFS[name], weight) for name, weight in self.profile.motifs.items()]
        possible = [(motif, weight) for motif, role, weight in chosen if role is None or self.by_role[role]]
        return [motif for motif, _ in possible], [weight for _, weight in possible]

    def _draw_rush(self) -> "str | None":
        """What most waiters of this program wait in, if anything."""
        waiting = [name for name in WAKING if name in self.possible]
        if not waiting or self._chance(0.4):
            return None
        return self.random.choices(waiting, [self.profile.weights[name] for name in waiting])[0]

    # Tasks.

    def _draw_task(self, index: int) -> _Task:
        """A task with a mind of its own: it waits or acts, and likes some operations more than others."""
        waits = self._chance(0.5)
        weights = []
        for name in self.possible:
            liking = self._liking(name, waits) * self.random.choice((0.2, 1, 1, 2.5))
            weights.append(self.profile.weights[name] * liking)
        return _Task(index, waits, weights, motifs=self.random.choice((0, 0.1, 0.2) if waits else (0.2, 0.5, 0.7)))

    def _draw_routine(self) -> _Task:
        """It waits for no other task; there are no motifs in it, and it runs others now and then."""
        weights = [0 if name in ("await", "gather") else self.profile.weights[name] for name in self.possible]
        return _Task(0, waits=False, weights=weights, motifs=0, routine=True)

    def _liking(self, name: str, waits: bool) -> float:
        """How much more often a waiter, or an actor, does this than a task of the profile on average."""
        if not waits:
            return 0.1 if name == self.rush else 1.0
        if name == self.rush:
            return 15.0
        return 0.1 if name == "cancel" else 3.0 if name in WAITING else 1.0

    def _fill(self, task: _Task, length: int) -> None:
        operations = task.operations
        if self._chance(0.1 if task.waits else 0.5):
            operations.append(self._sleep())
        while len(operations) < length:
            if task.owed and self._chance(0.5):
                operations.append(task.owed.pop(0))
            elif self._chance(task.motifs):
                operations.extend(self.random.choices(*self.motifs)[0](self, task))
            else:
                operations.append(self._operation(task))
        del operations[length:]

    def _operation(self, task: _Task) -> Operation:
        name = self.random.choices(self.possible, task.weights)[0]
        if name in WAITING and not task.routine and self._chance(0.1 if task.waits else 0.8):
            name = self.random.choice(WAITING[name])
        return self._spell(name, task)

    def _spell(self, name: str, task: _Task, role: str = "", operand: str = "") -> Operation:
        """The operation with drawn operands, but `operand` if one of that role is due."""
        if name == "sleep" or (name == "await" and task.index == 0):
            return self._sleep()
        if name in ("group", "within") and not self.idle:
            return self._sleep()
        return [name, *(operand if it == role else self._operand(it, task) for it in OPERATIONS[name])]

    def _operand(self, role: str, task: _Task) -> Any:
        if role == "value":
            return self.random.randint(-9, 30)
        if role == "count":
            return self.random.choice((0, 1, 1, 1, 2, 2, 3, 9))
        if role == "time":
            return 0 if self._chance(self.tight / 3) else self._time()
        if role == "task":
            return self._victim(task)
        if role == "routine":
            return self.idle.pop(self._upto(len(self.idle) - 1))
        if role == "routines":
            return [self.idle.pop() for _ in range(min(self._upto(3), len(self.idle) - 1))]
        if role == "earlier":
            return self.names[self._upto(task.index - 1)]
        if role == "earliers":
            return [self.names[self._upto(task.index - 1)] for _ in range(self._upto(3))] if task.index else []
        return self._favourite(role)

    def _favourite(self, role: str) -> str:
        """The first object of its role more often than the others, so that there is a place where tasks meet."""
        names = self.by_role[role]
        return names[0] if self._chance(0.6) else self.random.choice(names)

    def _victim(self, task: _Task) -> str:
        if self._chance(0.05):
            return self.names[task.index]
        if self.routines and self._chance(0.4):
            return self.random.choice(self.routines)
        if self.waiters and self._chance(0.7):
            # Rather an early one: who has waited longest is woken next.
            return self.waiters[min(self._upto(len(self.waiters) - 1), self._upto(len(self.waiters) - 1))]
        return self.random.choice(self.names)

    def _sleep(self) -> Operation:
        return ["sleep", 0 if self._chance(self.tight) else self._time()]

    def _time(self) -> int:
        """A time that the program does not have yet: most are short, a few last hours."""
        while True:
            kind = self.random.random()
            time = self.random.randint(1, 60 if kind < self.tiny else 5000 if kind < 0.97 else 10**10)
            if time not in self.taken:
                self.taken.add(time)
                return time

    # Motifs: operations that mean more together.

    def _yields(self, task: _Task) -> list[Operation]:
        return [["sleep", 0] for _ in range(1 + self._upto(2))]

    def _work(self, task: _Task) -> list[Operation]:
        queue = self._favourite("queue")
        between = [self._sleep()] if self._chance(0.5) else []
        return [[self.random.choice(("get", "get_nowait")), queue], *between, ["task_done", queue]]

    def _burst(self, task: _Task) -> list[Operation]:
        """Several puts or several gets in one step, and at times the opposite after them."""
        queue = self._favourite("queue")
        names = ["put_nowait", "get_nowait"]
        self.random.shuffle(names)
        chosen = [names[0]] * (1 + self._upto(2)) + [names[1]] * self._upto(1)
        return [self._spell(name, task, "queue", queue) for name in chosen]

    def _finish_and_put(self, task: _Task) -> list[Operation]:
        queue = self._favourite("queue")
        finished = [["task_done", queue] for _ in range(1 + self._upto(1))]
        return [*finished, self._spell("put_nowait", task, "queue", queue)]

    def _section(self, task: _Task) -> list[Operation]:
        lockable = self._favourite("lockable")
        task.owed.append(["release", lockable])
        return [["acquire", lockable]]

    def _releases(self, task: _Task) -> list[Operation]:
        """More releases in one step than there may be waiters; whoever acquires then comes after those."""
        lockable = self._favourite("lockable")
        releases = [["release", lockable] for _ in range(1 + self._upto(2))]
        return [*releases, ["acquire", lockable]] if self._chance(0.4) else releases

    def _flash(self, task: _Task) -> list[Operation]:
        event = self._favourite("event")
        return [["set", event], ["clear", event]]

    def _cancel_oneself(self, task: _Task) -> list[Operation]:
        """The cancellation is delivered where the task next waits: what that is makes the difference."""
        name = self.random.choice([name for name in ("get_timeout", "put_timeout", "await") if name in self.possible])
        after = self._spell(name, task)
        if name.endswith("_timeout"):
            after[-1] = 0
        return [["cancel", self.names[task.index]], after]

    def _wake_and_cancel(self, task: _Task) -> list[Operation]:
        """What may wake a task, and the cancellation of one, in the same step or one pass apart."""
        waking = self.random.choice([name for name in WAKING.values() if name in self.possible])
        if self.rush and self._chance(0.6):
            waking = WAKING[self.rush]
        first = self._spell(waking, task)
        both = [first, list(first)] if self._chance(0.5) else [first]
        both.insert(self._upto(len(both)), ["cancel", self._victim(task)])
        if self._chance(0.15):
            both.insert(1, ["sleep", 0])
        return both


#: motif: how it is made, and the role that some object must have for it
_MOTIFS: "dict[str, tuple[_Motif, str | None]]" = {
    "yields": (_Draft._yields, None),
    "work": (_Draft._work, "queue"),
    "burst": (_Draft._burst, "queue"),
    "finish_and_put": (_Draft._finish_and_put, "queue"),
    "section": (_Draft._section, "lockable"),
    "releases": (_Draft._releases, "lockable"),
    "flash": (_Draft._flash, "event"),
    "cancel_oneself": (_Draft._cancel_oneself, None),
    "wake_and_cancel": (_Draft._wake_and_cancel, None),
}


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status."""
    if len(arguments) != 1 or not arguments[0].isdecimal():
        raise UserError("takes one seed, a whole number from 0")
    print(json_of(generate(int(arguments[0]))))
    return 0


if __name__ == "__main__":
    run_script(main, "programs.py")
