"""A fast producer, a queue of three that holds it back, a marker and a join. The counterpart of bounded.cpp."""

from __future__ import annotations

import asyncio
from typing import Optional

from support.pattern import Traffic, create_task, run, say, say_accounting

ITEMS = 6
ROOM = 3
BETWEEN_ITEMS = 0.3
WORK = 0.8

Queue = asyncio.Queue[Optional[int]]


async def producer(queue: Queue, traffic: Traffic) -> None:
    for item in range(ITEMS):
        await asyncio.sleep(BETWEEN_ITEMS)
        if queue.full():
            say(f"the queue is full: {item} waits for room")
        await queue.put(item)
        traffic.produced += 1
        say(f"produced {item}, now {queue.qsize()} in the queue")
    await queue.put(None)
    say("the producer put its marker")


async def consumer(queue: Queue, traffic: Traffic) -> None:
    while (item := await queue.get()) is not None:
        await asyncio.sleep(WORK)
        traffic.consumed += 1
        say(f"consumed {item}")
        queue.task_done()
    say("the consumer took the marker")
    queue.task_done()


async def main() -> None:
    queue: Queue = asyncio.Queue(ROOM)
    traffic = Traffic()
    producing = create_task(producer(queue, traffic), "producer")
    consuming = create_task(consumer(queue, traffic), "consumer")
    await producing
    say("the producer has ended")
    await queue.join()
    say("every item has been processed")
    cancelled = consuming.cancel()
    say("the consumer was cancelled" if cancelled else "nothing to cancel: the consumer has ended")
    say_accounting(traffic, queue)


if __name__ == "__main__":
    run(main)
