"""What the patterns share: how they print, what they count, and how they are run.

Each of them is the counterpart of a C++ program, and prints the same lines: with the option --virtual-time at once,
else with its sleeps. CPython 3.11 or later.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass
from typing import Any, Callable, Coroutine

from support.virtual_time import VirtualLoop

INTERRUPTED = 130


@dataclass
class Traffic:
    """What went in and what came out, markers not counted."""

    produced: int = 0
    consumed: int = 0


def say(line: str) -> None:
    print(line, flush=True)


def say_accounting(traffic: Traffic, queue: "asyncio.Queue[Any]") -> None:
    """The last line of a pattern with an asyncio.Queue; markers count in what is left and unfinished."""
    unfinished = queue._unfinished_tasks  # type: ignore[attr-defined]
    say(
        f"produced {traffic.produced}, consumed {traffic.consumed}, "
        f"left in the queue {queue.qsize()}, unfinished {unfinished}"
    )


def create_task(work: Coroutine[Any, Any, Any], name: str) -> "asyncio.Task[Any]":
    return asyncio.create_task(work, name=name)


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs a pattern as a program: the command line, and the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--virtual-time", action="store_true", help="wait for no time")
    virtual_time = parser.parse_args().virtual_time
    try:
        with asyncio.Runner(loop_factory=VirtualLoop if virtual_time else None) as runner:
            runner.run(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
