"""One DONE ends two pullers, each of which puts it back for the next. The counterpart of done_signal.cpp."""

from __future__ import annotations

import asyncio
from typing import Optional

from support.pattern import Traffic, create_task, run, say, say_accounting

ITEMS = 8
BETWEEN_ITEMS = 0.5
PULLERS = {"Ada": 1.31, "Grace": 1.73}  # and how long each works on an item
DONE = None

Queue = asyncio.Queue[Optional[int]]


async def pusher(queue: Queue, traffic: Traffic) -> None:
    for item in range(ITEMS):
        await queue.put(item)
        traffic.produced += 1
        say(f"pushed {item}")
        await asyncio.sleep(BETWEEN_ITEMS)
    await queue.put(DONE)
    say("pushed DONE")


async def puller(queue: Queue, traffic: Traffic, name: str) -> None:
    while (item := await queue.get()) is not DONE:
        say(f"{name} pulled {item}, {queue.qsize()} left")
        await asyncio.sleep(PULLERS[name])
        traffic.consumed += 1
        queue.task_done()
    queue.put_nowait(DONE)
    say(f"{name} pulled DONE and put it back")


async def main() -> None:
    queue: Queue = asyncio.Queue()
    traffic = Traffic()
    await asyncio.gather(
        create_task(pusher(queue, traffic), "pusher"),
        *(create_task(puller(queue, traffic, name), name) for name in PULLERS),
    )
    unfinished = queue._unfinished_tasks  # type: ignore[attr-defined]
    say(f"a join() would wait forever: DONE was put {unfinished} times and never reported as done")
    say_accounting(traffic, queue)


if __name__ == "__main__":
    run(main)
