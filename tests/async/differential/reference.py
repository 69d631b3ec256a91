#!/usr/bin/env python3
"""Runs a trace program under CPython 3.11's asyncio, mended as later versions are, in virtual time; prints its trace.

    reference.py [FILE]     without FILE: standard input

Exit status 0: the trace; 2: no program, or one against the rules; 3: the program is left out, because two live
timers fall due in the same microsecond and nothing says which comes first.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
from asyncio import CancelledError, QueueEmpty, QueueFull, current_task, shield
from pathlib import Path
from typing import Any, Awaitable, Callable, Sequence

from mended import Task, TaskGroup, Timeout
from rules import ROOT, QUEUES, Program, UserError, parse, run_script, text_of

sys.path.append(str(ROOT / "examples"))

from support.virtual_time import VirtualTime  # noqa: E402

VERSION = (3, 11)
LEFT_OUT = 3

MAKE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "fifo": lambda entry: asyncio.Queue(entry["maxsize"]),
    "lifo": lambda entry: asyncio.LifoQueue(entry["maxsize"]),
    "priority": lambda entry: asyncio.PriorityQueue(entry["maxsize"]),
    "lock": lambda entry: asyncio.Lock(),
    "event": lambda entry: asyncio.Event(),
    "condition": lambda entry: asyncio.Condition(),
    "semaphore": lambda entry: asyncio.Semaphore(entry["value"]),
    "bounded_semaphore": lambda entry: asyncio.BoundedSemaphore(entry["value"]),
}


class EqualTimers(UserError):
    """Two live timers fall due in the same microsecond: their order is not specified."""

    def __init__(self, time: int) -> None:
        super().__init__(f"two live timers fall due at {time} us; the program is left out", LEFT_OUT)


class Failure(Exception):
    """What `fail` raises."""


#: The task that performs operations, by its name.
running: "contextvars.ContextVar[str]" = contextvars.ContextVar("running")


class VirtualLoop(VirtualTime):
    """asyncio's own loop, whose second is one microsecond of the program, counted in an int: no sum is rounded.

    It is its own selector, without descriptors: asked to wait for nothing, it stops.
    """

    equal_timers = EqualTimers

    def __init__(self) -> None:
        super().__init__()
        self.set_exception_handler(lambda _, context: self.faults.append(context["message"]))
        #: What asyncio would only log; whatever it is, it is this runner's fault, not the program's.
        self.faults: list[str] = []
        # A timer fires while it is due before now + resolution: at its own microsecond, no earlier.
        self._clock_resolution = 1
        self._selector = self

    def select(self, timeout: "int | None") -> tuple[()]:
        if timeout is None:
            self.stop()
        elif timeout > 0:
            self.jump()
        return ()

    def _process_events(self, event_list: tuple[()]) -> None:
        pass


class Run:
    """One run of one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.loop = VirtualLoop()
        self.lines: list[str] = []
        self.objects: dict[str, Any] = {}
        self.tasks: dict[str, asyncio.Task[int]] = {}
        self.routines: dict[str, list[Any]] = {it["name"]: it["ops"] for it in program.get("routines", [])}
        #: The routines that run as tasks, or did.
        self.children: dict[str, asyncio.Task[int]] = {}
        self.counts: dict[str, int] = dict.fromkeys(self.routines, 0)

    def trace(self) -> str:
        """The trace; EqualTimers if none is specified."""
        self.loop.set_task_factory(lambda loop, work, **how: Task(work, loop=loop, **how))
        try:
            root = self.loop.create_task(self._root())
            self.loop.run_forever()
            root.result()
            text = "\n".join([*self.lines, *self._end_of_tasks(), *self._end_of_queues(), ""])
        finally:
            self._finish()
        if self.loop.faults:
            raise SystemError(self.loop.faults)
        return text

    async def _root(self) -> None:
        self.objects = {entry["name"]: MAKE[entry["kind"]](entry) for entry in self.program["objects"]}
        for entry in self.program["tasks"]:
            name = entry["name"]
            self.counts[name] = 0
            self.tasks[name] = self.loop.create_task(self._perform(name, entry["ops"]))

    async def _perform(self, name: str, operations: list[list[Any]]) -> int:
        running.set(name)
        await self.perform(operations)
        return self.counts[name]

    async def perform(self, operations: list[list[Any]]) -> None:
        """The operations, by the task that runs."""
        name = running.get()
        for operation in operations:
            try:
                result = await PERFORM[operation[0]](self, *operation[1:])
            except CancelledError:
                self._ended(name, operation, "cancelled")
                raise
            except Failure:
                self._ended(name, operation, "failed")
                raise
            self._ended(name, operation, result)

    def child(self, name: str, group: "TaskGroup") -> None:
        """Runs a routine as a task of the group."""
        self.children[name] = group.create_task(self._perform(name, self.routines[name]))

    def victim(self, name: str) -> "asyncio.Task[int] | None":
        """The task of that name; None if it is a routine that is none, or not yet."""
        return self.tasks.get(name) or self.children.get(name)

    def _ended(self, name: str, operation: list[Any], result: Any) -> None:
        self.counts[name] += 1
        self.lines.append(f"{self.loop.now} {name} {text_of(operation)} {result}")

    def _end_of_tasks(self) -> list[str]:
        lines = []
        for name, task in self.tasks.items():
            how = _how_it_ended(task) if task.done() else "pending"
            lines.append(f"end {name} {f'done {how}' if how.isdecimal() else how}")
        return lines

    def _end_of_queues(self) -> list[str]:
        queues = [entry["name"] for entry in self.program["objects"] if entry["kind"] in QUEUES]
        return [
            f"end {name} size {self.objects[name].qsize()} unfinished {self.objects[name]._unfinished_tasks}"
            for name in queues
        ]

    def _finish(self) -> None:
        """Cancels what is pending: a coroutine that is destroyed while it waits complains on standard error."""
        self.loop.refuse_equal_timers = False
        while any([task.cancel() for task in self.tasks.values()]):
            self.loop.run_forever()
        self.loop.close()
        self.loop._selector = None  # type: ignore[assignment] # which was a cycle


def _how_it_ended(task: "asyncio.Task[int]") -> str:
    return "cancelled" if task.cancelled() else "failed" if task.exception() else str(task.result())


async def _sleep(run: Run, time: int) -> str:
    await asyncio.sleep(time)
    return "ok"


async def _put(run: Run, queue: str, value: int) -> str:
    await run.objects[queue].put(value)
    return "ok"


async def _get(run: Run, queue: str) -> int:
    return await run.objects[queue].get()


async def _put_nowait(run: Run, queue: str, value: int) -> str:
    try:
        run.objects[queue].put_nowait(value)
    except QueueFull:
        return "full"
    return "ok"


async def _get_nowait(run: Run, queue: str) -> "int | str":
    try:
        return run.objects[queue].get_nowait()
    except QueueEmpty:
        return "empty"


def _timeout(run: Run, time: int) -> Timeout:
    return Timeout(run.loop.time() + time)


async def _put_timeout(run: Run, queue: str, value: int, time: int) -> str:
    try:
        async with _timeout(run, time):
            await run.objects[queue].put(value)
    except TimeoutError:
        return "timeout"
    return "ok"


async def _get_timeout(run: Run, queue: str, time: int) -> "int | str":
    try:
        async with _timeout(run, time):
            return await run.objects[queue].get()
    except TimeoutError:
        return "timeout"


async def _task_done(run: Run, queue: str) -> str:
    try:
        run.objects[queue].task_done()
    except ValueError:
        return "value_error"
    return "ok"


async def _join(run: Run, queue: str) -> str:
    await run.objects[queue].join()
    return "ok"


async def _size(run: Run, queue: str) -> str:
    it = run.objects[queue]
    return f"{it.qsize()} {it.empty()} {it.full()}".lower()


async def _acquire(run: Run, lockable: str) -> str:
    await run.objects[lockable].acquire()
    return "ok"


async def _release(run: Run, lockable: str) -> str:
    try:
        run.objects[lockable].release()
    except (RuntimeError, ValueError):  # of a lock, of a bounded semaphore
        return "error"
    return "ok"


async def _set(run: Run, event: str) -> str:
    run.objects[event].set()
    return "ok"


async def _clear(run: Run, event: str) -> str:
    run.objects[event].clear()
    return "ok"


async def _wait(run: Run, event: str) -> str:
    await run.objects[event].wait()
    return "ok"


async def _cond_wait(run: Run, condition: str) -> str:
    async with run.objects[condition]:
        await run.objects[condition].wait()
    return "ok"


async def _cond_notify(run: Run, condition: str, count: int) -> str:
    async with run.objects[condition]:
        run.objects[condition].notify(count)
    return "ok"


async def _cancel(run: Run, name: str) -> str:
    victim = run.victim(name)
    return "true" if victim is not None and victim.cancel() else "false"


async def _uncancel(run: Run, name: str) -> int:
    victim = run.victim(name)
    return 0 if victim is None else victim.uncancel()


async def _fail(run: Run) -> str:
    raise Failure


async def _within(run: Run, time: int, routine: str) -> str:
    try:
        async with _timeout(run, time):
            await run.perform(run.routines[routine])
    except TimeoutError:
        return "timeout"
    return "ok"


async def _group(run: Run, children: list[str], body: str) -> str:
    try:
        async with TaskGroup() as group:
            for child in children:
                run.child(child, group)
            await run.perform(run.routines[body])
    except ExceptionGroup as errors:
        return f"errors {len(errors.exceptions)}"
    return "ok"


async def _await(run: Run, name: str) -> str:
    task = run.tasks[name]
    try:
        return f"result {await shield(task)}"
    except CancelledError:
        this = current_task()
        assert this is not None
        if task.cancelled() and this.cancelling() == 0:
            return "was_cancelled"
        raise
    except Failure:
        return "was_failed"


async def _gather(run: Run, names: list[str]) -> str:
    await asyncio.gather(*(run.tasks[name] for name in names), return_exceptions=True)
    return "[" + ",".join(_how_it_ended(run.tasks[name]) for name in names) + "]"


PERFORM: dict[str, Callable[..., Awaitable[Any]]] = {
    "sleep": _sleep,
    "put": _put,
    "get": _get,
    "put_nowait": _put_nowait,
    "get_nowait": _get_nowait,
    "put_timeout": _put_timeout,
    "get_timeout": _get_timeout,
    "task_done": _task_done,
    "join": _join,
    "size": _size,
    "acquire": _acquire,
    "release": _release,
    "set": _set,
    "clear": _clear,
    "wait": _wait,
    "cond_wait": _cond_wait,
    "cond_notify": _cond_notify,
    "cancel": _cancel,
    "await": _await,
    "gather": _gather,
    "uncancel": _uncancel,
    "fail": _fail,
    "within": _within,
    "group": _group,
}


def trace_of(program: Program) -> str:
    """The trace of a program that obeys the rules; EqualTimers if none is specified."""
    return Run(program).trace()


def require_version() -> None:
    """Raises UserError if this interpreter is not the one whose asyncio is the reference."""
    if sys.version_info[:2] != VERSION or sys.implementation.name != "cpython":
        raise UserError(f"the reference is CPython 3.11; this is {sys.implementation.name} {sys.version.split()[0]}")


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status."""
    require_version()
    if len(arguments) > 1:
        raise UserError(f"takes one file, not {len(arguments)}")
    text = Path(arguments[0]).read_bytes() if arguments else sys.stdin.buffer.read()
    sys.stdout.write(trace_of(parse(text)))
    return 0


if __name__ == "__main__":
    run_script(main, "reference.py")
