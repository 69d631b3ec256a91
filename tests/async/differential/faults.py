"""Faults that a coroutine runtime may have, put into asyncio: what the random programs must be able to find.

Each was chosen because a straightforward implementation has it, or CPython had it.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
from asyncio import CancelledError, locks, queues, tasks, timeouts
from typing import Any, Callable, Iterator
from unittest import mock

import mended
import reference


def _get_or_put(side: str, passes_on: bool = True, back_to_head: bool = False, hop: bool = False) -> Any:
    """Queue.get or put (`side`: getters or putters), with one thing wrong."""

    async def wait(self: Any, *item: Any) -> Any:
        waiters = getattr(self, f"_{side}")
        blocked = self.empty if side == "getters" else self.full
        again = False
        if hop and not blocked():
            await asyncio.sleep(0)
        while blocked():
            waiter = self._get_loop().create_future()
            (waiters.appendleft if again and back_to_head else waiters.append)(waiter)
            again = True
            try:
                await waiter
            except CancelledError:
                waiter.cancel()
                with contextlib.suppress(ValueError):
                    waiters.remove(waiter)
                if passes_on and not blocked() and not waiter.cancelled():
                    self._wakeup_next(waiters)
                raise
        return self.get_nowait() if side == "getters" else self.put_nowait(*item)

    return wait


def _wakes_newest(self: Any, waiters: Any) -> None:
    while waiters:
        waiter = waiters.pop()
        if not waiter.done():
            waiter.set_result(None)
            break


def _wakes_one_even_if_cancelled(self: Any, waiters: Any) -> None:
    if waiters:
        waiter = waiters.popleft()
        if not waiter.done():
            waiter.set_result(None)


def _acquire_lock(barges: bool = False, passes_on: bool = True) -> Any:
    async def acquire(self: Any) -> bool:
        others = any(not waiter.cancelled() for waiter in self._waiters or ())
        if not self._locked and (barges or not others):
            self._locked = True
            return True
        self._waiters = collections.deque() if self._waiters is None else self._waiters
        waiter = self._get_loop().create_future()
        self._waiters.append(waiter)
        try:
            try:
                await waiter
            finally:
                self._waiters.remove(waiter)
        except CancelledError:
            if passes_on and not self._locked:
                self._wake_up_first()
            raise
        self._locked = True
        return True

    return acquire


def _acquire_semaphore(passes_on: bool = True, wakes_more: bool = True, returns_value: bool = True) -> Any:
    async def acquire(self: Any) -> bool:
        if not self.locked():
            self._value -= 1
            return True
        self._waiters = collections.deque() if self._waiters is None else self._waiters
        waiter = self._get_loop().create_future()
        self._waiters.append(waiter)
        try:
            try:
                await waiter
            finally:
                self._waiters.remove(waiter)
        except CancelledError:
            if not waiter.cancelled() and returns_value:
                self._value += 1
                if passes_on:
                    self._wake_up_next()
            raise
        if wakes_more and self._value > 0:
            self._wake_up_next()
        return True

    return acquire


async def _acquire_semaphore_as_of_3_13(self: Any) -> bool:
    if not self.locked():
        self._value -= 1
        return True
    self._waiters = collections.deque() if self._waiters is None else self._waiters
    waiter = self._get_loop().create_future()
    self._waiters.append(waiter)
    try:
        await waiter
    except CancelledError:
        if not waiter.cancelled():
            self._value += 1
        raise
    finally:
        self._waiters.remove(waiter)
        while self._value > 0 and any(not other.done() for other in self._waiters):
            self._wake_up_next()
    return True


def _wakes_newest_waiter_of_lock(self: Any) -> None:
    waiting = [waiter for waiter in self._waiters or () if not waiter.done()]
    if waiting and not any(waiter.done() and not waiter.cancelled() for waiter in self._waiters):
        waiting[-1].set_result(True)


def _sets_newest_first(self: Any) -> None:
    self._value = True
    for waiter in reversed(self._waiters):
        if not waiter.done():
            waiter.set_result(True)


async def _looks_again(self: Any) -> bool:
    while not self._value:
        waiter = self._get_loop().create_future()
        self._waiters.append(waiter)
        try:
            await waiter
        finally:
            self._waiters.remove(waiter)
    return True


async def _joins_until_nothing_is_unfinished(self: Any) -> None:
    while self._unfinished_tasks > 0:
        await self._finished.wait()


def _notifies(newest_first: bool = False, too_many: bool = False) -> Any:
    def notify(self: Any, n: int = 1) -> None:
        waiters = [waiter for waiter in self._waiters if not waiter.done()]
        for waiter in (waiters[::-1] if newest_first else waiters)[: n + 1 if too_many else n]:
            waiter.set_result(False)

    return notify


def _leaves_timeout(swallows: int) -> Any:
    async def leave(self: Any, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        if self._timeout_handler is not None:
            self._timeout_handler.cancel()
        if self._state is timeouts._State.EXPIRING:
            self._state = timeouts._State.EXPIRED
            if self._task.uncancel() <= swallows and exc_type is CancelledError:
                raise TimeoutError

    return leave


def _expires_at_once(self: Any, when: Any) -> None:
    loop = asyncio.get_running_loop()
    if when <= loop.time():
        self._on_timeout()
    else:
        self._timeout_handler = loop.call_at(when, self._on_timeout)


def _gather_cancels(children: bool = True, oneself: bool = False) -> Any:
    def cancel(self: Any, msg: Any = None) -> bool:
        if self.done():
            return False
        cancelled = [child.cancel() for child in self._children] if children else [False]
        self._cancel_requested = any(cancelled)
        return asyncio.Future.cancel(self) if oneself else any(cancelled)

    return cancel


def _gathers(change: Callable[[Any], Any]) -> Any:
    async def gather(run: Any, names: list[str]) -> str:
        return await _GATHER(run, change(names))

    return gather


_GATHER = reference.PERFORM["gather"]


async def _gathers_finished_without_a_hop(run: Any, names: list[str]) -> str:
    if any(not run.tasks[name].done() for name in names):
        return await _GATHER(run, names)
    each = ["cancelled" if run.tasks[name].cancelled() else str(run.tasks[name].result()) for name in names]
    return f"[{','.join(each)}]"


def _awaits(shields: bool = True, hop: bool = False, tells_apart: bool = True) -> Any:
    async def await_(run: Any, name: str) -> str:
        task = run.tasks[name]
        if hop and task.done():
            await asyncio.sleep(0)
        try:
            return f"result {await (asyncio.shield(task) if shields else task)}"
        except CancelledError:
            if task.cancelled() and (not tells_apart or asyncio.current_task().cancelling() == 0):  # type: ignore
                return "was_cancelled"
            raise

    return await_


def _then(name: str, hops: int) -> Any:
    """The operation with bare yields after it."""
    perform = reference.PERFORM[name]

    async def slower(run: Any, *operands: Any) -> Any:
        result = await perform(run, *operands)
        for _ in range(hops):
            await asyncio.sleep(0)
        return result

    return slower


def _cancels(oneself: bool = True, later: bool = False, unstarted: bool = True) -> Any:
    async def cancel(run: Any, name: str) -> str:
        task = run.tasks[name]
        if task is asyncio.current_task() and (later or not oneself):
            if later:
                run.loop.call_soon(task.cancel)
            return "true"
        if not unstarted and run.counts[name] == 0 and not task.done() and task.get_coro().cr_await is None:
            return "true"
        return "true" if task.cancel() else "false"

    return cancel


def _cancels_newest_first(self: Any) -> None:
    self._aborting = True
    for task in reversed(list(self._tasks)):
        task.cancel()


def _operation(name: str, fault: Any) -> Any:
    return lambda: mock.patch.dict(reference.PERFORM, {name: fault})


def _method(owner: Any, name: str, fault: Any) -> Any:
    return lambda: mock.patch.object(owner, name, fault)


FAULTS: "dict[str, Callable[[], Any]]" = {
    "a cancelled getter keeps the wake-up": _method(queues.Queue, "get", _get_or_put("getters", passes_on=False)),
    "a cancelled putter keeps the wake-up": _method(queues.Queue, "put", _get_or_put("putters", passes_on=False)),
    "an outrun getter keeps its place": _method(queues.Queue, "get", _get_or_put("getters", back_to_head=True)),
    "an outrun putter keeps its place": _method(queues.Queue, "put", _get_or_put("putters", back_to_head=True)),
    "a get of what is there yields": _method(queues.Queue, "get", _get_or_put("getters", hop=True)),
    "a put where there is room yields": _method(queues.Queue, "put", _get_or_put("putters", hop=True)),
    "a queue wakes the newest": _method(queues.Queue, "_wakeup_next", _wakes_newest),
    "a queue wakes a cancelled waiter": _method(queues.Queue, "_wakeup_next", _wakes_one_even_if_cancelled),
    "a lifo is a fifo": _method(queues.LifoQueue, "_get", lambda self: self._queue.pop(0)),
    "a priority queue is a fifo": _method(queues.PriorityQueue, "_get", lambda self: self._queue.pop(0)),
    "a join looks again": _method(queues.Queue, "join", _joins_until_nothing_is_unfinished),
    "a lock is taken past its waiters": _method(locks.Lock, "acquire", _acquire_lock(barges=True)),
    "a cancelled waiter keeps the lock's wake-up": _method(locks.Lock, "acquire", _acquire_lock(passes_on=False)),
    "a semaphore is taken past its waiters": _method(locks.Semaphore, "locked", lambda self: self._value == 0),
    "a cancelled waiter keeps the semaphore's unit": _method(
        locks.Semaphore, "acquire", _acquire_semaphore(returns_value=False)
    ),
    "a cancelled waiter keeps the semaphore's wake-up": _method(
        locks.Semaphore, "acquire", _acquire_semaphore(passes_on=False)
    ),
    "a semaphore's waiter wakes no other": _method(locks.Semaphore, "acquire", _acquire_semaphore(wakes_more=False)),
    "a semaphore wakes all it can, as from CPython 3.13": _method(
        locks.Semaphore, "acquire", _acquire_semaphore_as_of_3_13
    ),
    "a lock wakes the newest": _method(locks.Lock, "_wake_up_first", _wakes_newest_waiter_of_lock),
    "an event wakes the newest first": _method(locks.Event, "set", _sets_newest_first),
    "an event's waiter looks again": _method(locks.Event, "wait", _looks_again),
    "notify wakes the newest": _method(locks.Condition, "notify", _notifies(newest_first=True)),
    "notify wakes one too many": _method(locks.Condition, "notify", _notifies(too_many=True)),
    "a timeout swallows a cancellation": _method(timeouts.Timeout, "__aexit__", _leaves_timeout(swallows=9)),
    "a timeout disregards an earlier cancellation": _method(timeouts.Timeout, "__aexit__", _leaves_timeout(swallows=1)),
    "a timeout forgets an older request": _method(mended.Timeout, "_deliver_again", lambda self, task: None),
    "a timeout of 0 expires at once": _method(timeouts.Timeout, "reschedule", _expires_at_once),
    "a group forgets other requests": _method(mended.TaskGroup, "_deliver_again", lambda self, parent: None),
    "a group cancels the newest first": _method(mended.TaskGroup, "_abort", _cancels_newest_first),
    "uncancel leaves the delivery": _method(mended.Task, "uncancel", mended.Task.__bases__[0].uncancel),
    "a cancelled gather leaves its children alone": _method(
        tasks._GatheringFuture, "cancel", _gather_cancels(children=False)
    ),
    "a cancelled gather does not wait for its children": _method(
        tasks._GatheringFuture, "cancel", _gather_cancels(oneself=True)
    ),
    "gather sorts": _operation("gather", _gathers(sorted)),
    "gather drops duplicates": _operation("gather", _gathers(dict.fromkeys)),
    "gather of finished tasks takes no hop": _operation("gather", _gathers_finished_without_a_hop),
    "await does not shield": _operation("await", _awaits(shields=False)),
    "await of a finished task yields": _operation("await", _awaits(hop=True)),
    "await mistakes its own cancellation": _operation("await", _awaits(tells_apart=False)),
    "sleep takes a pass more": _operation("sleep", _then("sleep", 1)),
    "wait takes a pass more": _operation("wait", _then("wait", 1)),
    "cancel yields": _operation("cancel", _then("cancel", 1)),
    "nobody cancels himself": _operation("cancel", _cancels(oneself=False)),
    "a cancellation of oneself comes a pass later": _operation("cancel", _cancels(later=True)),
    "an unstarted task cannot be cancelled": _operation("cancel", _cancels(unstarted=False)),
}


def seeds_that_find(fault: str, good: "list[tuple[int, Any, str]]") -> "Iterator[int]":
    """The seeds of the (seed, program, trace) in `good` whose program runs differently with the fault."""
    with FAULTS[fault]():
        for seed, program, trace in good:
            try:
                found = reference.trace_of(program)
            except Exception as error:  # A fault may well break the runner.
                found = repr(error)
            if found != trace:
                yield seed
