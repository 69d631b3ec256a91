"""Two producers and two consumers share a pool of two, and a controlled cancellation. The counterpart of pool.cpp."""

from __future__ import annotations

import asyncio

from support.pattern import Traffic, create_task, run, say, say_accounting

ITEMS_EACH = 4
ROOM = 2
BETWEEN_ITEMS = (0.31, 0.47)  # a producer
WORK = (0.7, 1.13)  # a consumer

Queue = asyncio.Queue[int]


async def producer(queue: Queue, traffic: Traffic, number: int) -> None:
    for item in range(100 * number, 100 * number + ITEMS_EACH):
        await asyncio.sleep(BETWEEN_ITEMS[number])
        await queue.put(item)
        traffic.produced += 1
        say(f"producer {number} put {item}: {queue.qsize()} in the pool")


async def consumer(queue: Queue, traffic: Traffic, number: int) -> None:
    while True:
        item = await queue.get()
        say(f"consumer {number} took {item}")
        await asyncio.sleep(WORK[number])
        traffic.consumed += 1
        queue.task_done()


async def main() -> None:
    queue: Queue = asyncio.Queue(ROOM)
    traffic = Traffic()
    producing = [create_task(producer(queue, traffic, i), f"producer {i}") for i in range(len(BETWEEN_ITEMS))]
    consuming = [create_task(consumer(queue, traffic, i), f"consumer {i}") for i in range(len(WORK))]

    await asyncio.gather(*producing)
    say("both producers have ended")
    await queue.join()
    say("nothing is in flight any more")
    for task in consuming:
        task.cancel()
    results = await asyncio.gather(*consuming, return_exceptions=True)
    for number, result in enumerate(results):
        cancelled = isinstance(result, asyncio.CancelledError)
        say(f"consumer {number} {'was cancelled, as planned' if cancelled else 'ended by itself'}")
    say_accounting(traffic, queue)


if __name__ == "__main__":
    run(main)
