"""The paced run of the asyncio.Queue peer: items with a time to be sent, and how late they are consumed."""

from __future__ import annotations

import asyncio
from time import perf_counter_ns as clock
from typing import Any, List

from asyncio_workers import MAKE, OPEN, Samples, check, end_marker, shares_of, work
from peer_protocol import Cell, Row
from peer_usage import Usage


class Schedule:
    """An open loop: item n is meant for start + n / rate, whatever the queue does.

    At an infinite rate every item is late; that shows what the queue can do with a clock reading at both
    ends of each item.
    """

    def __init__(self, cell: Cell, count: int, rate: float) -> None:
        self.cell = cell
        self.count = count
        self.interval_ns = 1e9 / rate
        self.start = 0
        self.consuming = cell.consumers
        self.usage: Row = {}
        self.taken: Samples = [[] for _ in range(cell.consumers)]
        self.stamps: Samples = [[] for _ in range(cell.consumers)]

    async def run(self) -> "Schedule":
        queue: asyncio.Queue[Any] = asyncio.Queue(self.cell.capacity)
        consumers = [asyncio.ensure_future(self.consume(queue, *lists)) for lists in zip(self.taken, self.stamps)]
        await asyncio.sleep(0)
        self._spent = Usage()
        self.start = clock() + (100_000 if self.interval_ns else 0)
        shares = shares_of(range(self.count), self.cell.producers)
        await asyncio.gather(*(asyncio.ensure_future(self.produce(queue, share)) for share in shares))
        for _ in consumers:
            await queue.put(end_marker(self.cell.item_bytes))
        await asyncio.gather(*consumers)
        check(self.taken, self.count, self.cell.producers)
        return self

    async def produce(self, queue: Any, share: range) -> None:
        put, make, sleep, busy = queue.put, MAKE[self.cell.item_bytes], asyncio.sleep, self.cell.work_producer_ns
        start, interval = self.start, self.interval_ns
        for number in share:
            intended = start + number * interval
            while clock() < intended:
                await sleep(0)
            if busy:
                work(busy)
            await put(make(number))

    async def consume(self, queue: Any, taken: List[int], stamps: List[int]) -> None:
        get, open_item, busy = queue.get, OPEN[self.cell.item_bytes], self.cell.work_consumer_ns
        while True:
            number = open_item(await get())
            if number is None:
                break
            stamps.append(clock())
            taken.append(number)
            if busy:
                work(busy)
        self.consuming -= 1
        if not self.consuming:
            self.usage = self._spent.row()

    @property
    def ended(self) -> int:
        return max(stamps[-1] for stamps in self.stamps if stamps)

    @property
    def seconds(self) -> float:
        return (self.ended - self.start) / 1e9

    def latencies(self) -> List[float]:
        return sorted(
            stamp - (self.start + number * self.interval_ns)
            for numbers, stamps in zip(self.taken, self.stamps)
            for number, stamp in zip(numbers, stamps)
        )
