"""A bounded queue made by hand from a deque and two events. The counterpart of async_queue.cpp."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Optional

from support.pattern import Traffic, create_task, run, say

ITEMS_EACH = 4
ROOM = 3
BETWEEN_ITEMS = (0.2, 0.31, 0.43)  # a producer
WORK = (0.37, 0.53)  # a consumer


class QueueByHand:
    def __init__(self, room: int) -> None:
        self._items: deque[int] = deque()
        self._room = room
        self._producers_done = False
        self._has_items = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()

    async def put(self, value: int) -> None:
        while len(self._items) >= self._room:
            self._has_room.clear()
            await self._has_room.wait()
        self._items.append(value)
        self._has_items.set()

    async def get(self) -> Optional[int]:
        """None when no producer will put any more, and all is taken."""
        while not self._items:
            if self._producers_done:
                return None
            self._has_items.clear()
            await self._has_items.wait()
        value = self._items.popleft()
        self._has_room.set()
        return value

    def mark_producers_done(self) -> None:
        self._producers_done = True
        self._has_items.set()

    def size(self) -> int:
        return len(self._items)


async def producer(queue: QueueByHand, traffic: Traffic, number: int) -> None:
    for value in range(100 * number, 100 * number + ITEMS_EACH):
        await queue.put(value)
        traffic.produced += 1
        say(f"producer {number} put {value}: {queue.size()} inside")
        await asyncio.sleep(BETWEEN_ITEMS[number])
    say(f"producer {number} has ended")


async def consumer(queue: QueueByHand, traffic: Traffic, number: int) -> None:
    while (value := await queue.get()) is not None:
        say(f"consumer {number} got {value}")
        await asyncio.sleep(WORK[number])
        traffic.consumed += 1
    say(f"consumer {number} found the queue closed and empty")


async def main() -> None:
    queue = QueueByHand(ROOM)
    traffic = Traffic()
    producing = [create_task(producer(queue, traffic, i), f"producer {i}") for i in range(len(BETWEEN_ITEMS))]
    consuming = [create_task(consumer(queue, traffic, i), f"consumer {i}") for i in range(len(WORK))]

    await asyncio.gather(*producing)
    queue.mark_producers_done()
    say("the producers are marked as done")
    await asyncio.gather(*consuming)
    say(f"produced {traffic.produced}, consumed {traffic.consumed}, left in the queue {queue.size()}")


if __name__ == "__main__":
    run(main)
