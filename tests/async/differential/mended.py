"""Parts of CPython 3.11's asyncio that lose cancellations, as later versions mended them, or as this project does."""

from __future__ import annotations

import asyncio
from asyncio import CancelledError, current_task, tasks
from typing import Any, Iterator


class Task(tasks._PyTask):  # type: ignore[name-defined,misc]
    """Of 3.13: with the last request that is taken back goes its delivery, if no wait has ended for it."""

    def uncancel(self) -> int:
        left: int = super().uncancel()
        if left == 0:
            self._must_cancel = False
        return left


class Timeout(asyncio.Timeout):
    """Of the later 3.11s, also under an early one (3.11.2): requests to cancel that were there when it began are not its
    business, and do not keep its own from becoming a TimeoutError. Of no version: one that was still to be delivered
    when it began, and came out as that error, is delivered again."""

    async def __aenter__(self) -> "Timeout":
        await super().__aenter__()
        task = current_task()
        assert task is not None
        self.before = task.cancelling()
        self.undelivered: bool = task._must_cancel  # type: ignore[attr-defined]
        return self

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        expired = self.expired()
        task = current_task()
        assert task is not None
        try:
            await super().__aexit__(kind, error, trace)
            if expired and kind is CancelledError and task.cancelling() <= self.before:
                raise TimeoutError
        except TimeoutError:
            self._deliver_again(task)
            raise

    def _deliver_again(self, task: "asyncio.Task[Any]") -> None:
        if self.undelivered:
            _deliver_again(task)


def _deliver_again(task: "asyncio.Task[Any]") -> None:
    """The requests that are left, at the next wait."""
    if task.cancelling() > 0:
        task.uncancel()
        task.cancel()


class _InOrder:
    """A set of tasks that remembers in which order they were added."""

    def __init__(self) -> None:
        self._members: dict[Any, None] = {}

    def add(self, member: Any) -> None:
        self._members[member] = None

    def discard(self, member: Any) -> None:
        self._members.pop(member, None)

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._members))

    def __len__(self) -> int:
        return len(self._members)


class TaskGroup(asyncio.TaskGroup):
    """Of 3.13: its own request to cancel the parent is taken back last, and one that is left then is delivered again
    where errors come out. And it cancels its tasks in their order."""

    def __init__(self) -> None:
        super().__init__()
        self._tasks = _InOrder()

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._exiting = True
        cancelled = error if kind is CancelledError else None
        if kind is not None and not self._aborting:
            self._abort()
        cancelled = await self._all_ended() or cancelled
        parent = self._parent_task
        if self._parent_cancel_requested:
            parent.uncancel()
        if cancelled is not None and not self._errors:
            raise cancelled
        if kind not in (None, CancelledError):
            self._errors.append(error)
        if self._errors:
            self._deliver_again(parent)
            raise ExceptionGroup("errors in a group", self._errors)

    async def _all_ended(self) -> "CancelledError | None":
        """Answers the cancellation, if one came and nothing else had ended the group before."""
        cancelled = None
        while self._tasks:
            self._on_completed_fut = self._loop.create_future()
            try:
                await self._on_completed_fut
            except CancelledError as caught:
                if not self._aborting:
                    cancelled = caught
                    self._abort()
        return cancelled

    def _deliver_again(self, parent: "asyncio.Task[Any]") -> None:
        _deliver_again(parent)
