"""One producer, one consumer: both know how many items there are. The counterpart of simple.cpp."""

from __future__ import annotations

import asyncio

from support.pattern import Traffic, create_task, run, say, say_accounting

ITEMS = 3
BETWEEN_ITEMS = 1.0


async def producer(queue: "asyncio.Queue[int]", traffic: Traffic) -> None:
    for item in range(ITEMS):
        await asyncio.sleep(BETWEEN_ITEMS)
        await queue.put(item)
        traffic.produced += 1
        say(f"produced {item}")


async def consumer(queue: "asyncio.Queue[int]", traffic: Traffic) -> None:
    for _ in range(ITEMS):
        item = await queue.get()
        traffic.consumed += 1
        say(f"consumed {item}")


async def main() -> None:
    queue: "asyncio.Queue[int]" = asyncio.Queue()
    traffic = Traffic()
    await asyncio.gather(
        create_task(producer(queue, traffic), "producer"),
        create_task(consumer(queue, traffic), "consumer"),
    )
    say_accounting(traffic, queue)


if __name__ == "__main__":
    run(main)
