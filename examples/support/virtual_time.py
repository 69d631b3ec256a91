"""Virtual time for asyncio: a loop that waits for no time.

Its clock stands still while anything is ready, and jumps to the next timer when nothing is. A program with hours of
sleep then ends at once, and always in the same order, or not at all: two timers that fall due together are refused.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import Any


class EqualTimers(Exception):
    """Two live timers fall due together: nothing says which comes first."""

    def __init__(self, when: float) -> None:
        super().__init__(f"two live timers fall due at {when}")


class VirtualTime(asyncio.BaseEventLoop):
    """What the virtual loops share. A second of the program is 1.0 here, or whatever its sleeps count in."""

    #: Parts of the base class that have no public types.
    _scheduled: "list[asyncio.TimerHandle]"
    _clock_resolution: float

    #: What is raised if two timers fall due together.
    equal_timers: "type[Exception]" = EqualTimers

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.set_debug(False)
        self.now: float = 0
        self.refuse_equal_timers = True

    def time(self) -> float:
        return self.now

    def jump(self) -> None:
        """Makes the next timer due; there must be one."""
        when = self._scheduled[0].when()
        due = sum(timer.when() < when + self._clock_resolution and not timer.cancelled() for timer in self._scheduled)
        if due > 1 and self.refuse_equal_timers:
            self.refuse_equal_timers = False  # which lets the loop be wound up
            raise self.equal_timers(when)
        self.now = when


class _JumpingSelector(selectors.DefaultSelector):
    """Waits for descriptors alone; asked to wait for a timer, it has the loop's clock jump."""

    loop: VirtualTime

    def select(self, timeout: "float | None" = None) -> Any:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            return super().select(None)
        self.loop.jump()
        return ready


class VirtualLoop(VirtualTime, asyncio.SelectorEventLoop):
    """asyncio's own loop in virtual time, with descriptors."""

    def __init__(self) -> None:
        selector = _JumpingSelector()
        super().__init__(selector)
        selector.loop = self
