"""Two producers put a None each; each consumer leaves at the first it takes. The counterpart of none_each.cpp."""

from __future__ import annotations

import asyncio
from typing import Optional

from support.pattern import Traffic, create_task, run, say, say_accounting

ITEMS = (3, 5)  # a producer
BETWEEN_ITEMS = (0.21, 0.34)  # a producer
WORK = (0.45, 0.61)  # a consumer

Queue = asyncio.Queue[Optional[int]]


async def producer(queue: Queue, traffic: Traffic, number: int) -> None:
    for item in range(100 * number, 100 * number + ITEMS[number]):
        await queue.put(item)
        traffic.produced += 1
        say(f"producer {number} added {item}")
        await asyncio.sleep(BETWEEN_ITEMS[number])
    await queue.put(None)
    say(f"producer {number} added None")


async def consumer(queue: Queue, traffic: Traffic, number: int) -> None:
    while (item := await queue.get()) is not None:
        say(f"consumer {number} took {item}")
        await asyncio.sleep(WORK[number])
        traffic.consumed += 1
        queue.task_done()
    queue.task_done()
    say(f"consumer {number} took None and leaves")


async def main() -> None:
    queue: Queue = asyncio.Queue()
    traffic = Traffic()
    await asyncio.gather(
        *(create_task(producer(queue, traffic, i), f"producer {i}") for i in range(len(ITEMS))),
        *(create_task(consumer(queue, traffic, i), f"consumer {i}") for i in range(len(WORK))),
    )
    say_accounting(traffic, queue)


if __name__ == "__main__":
    run(main)
