#!/usr/bin/env python3
"""asyncio.Queue as a contender: the scenarios of docs/anatomy-of-a-measurement.md with coroutines for workers.

A peer by the protocol of docs/anatomy-of-a-peer.md. Standard library only, Python 3.9 or later, and everything
as in a reader's own program: default event loop, default garbage collection, `await queue.put()` and
`await queue.get()`. Every sample has an event loop and queues of its own.
"""

from __future__ import annotations

import asyncio
import math
import os
import platform
import statistics
import sys
from time import perf_counter_ns as clock
from typing import Any, Callable, List, Optional

from asyncio_growth import Growth
from asyncio_schedule import Schedule
from asyncio_workers import (
    FEWEST_ROUNDS,
    ITEMS,
    MAKE,
    NODE,
    OPEN,
    JoinRounds,
    Samples,
    ShutdownRound,
    STOPS,
    Transfer,
    check,
    prove_order,
)
from peer_protocol import Cell, Corrupt, Row, Server, Skipped
from peer_usage import Usage

SCENARIOS = ("throughput", "ping_pong", "paced", "join", "shutdown", "tree")
#: Fewest items of a paced sample: the 99th percentile needs ten beyond it.
FEWEST_PACED = 1100
FULL_PACE = 0.97
#: As in harness/sizing.hpp: fillings of the queue, turns per worker, and the limit on both.
FILLINGS = 4
FEWEST_TURNS = 64
LONGEST_SAMPLE = 4
#: A run whose items take so many times as long as those of the run before may have been interrupted.
INTERRUPTED = 2


def balance(taken: Samples) -> float:
    sizes = [len(numbers) for numbers in taken]
    return min(sizes) / max(sizes)


class Session:
    """A cell: warmed up, with the number of items that fills a sample."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.sample_s = cell.sample_ms / 1e3
        self.clock_ns = clock_cost()
        self.count = cell.producers
        self.rate = 0.0  # paced only: items per second
        self.growth = Growth(cell) if cell.tree else None

    async def open(self) -> None:
        """The warm-up. A paced cell's own throughput is measured here, in the process of its samples."""
        if self.growth is not None:
            await self.growth.open()
        elif self.cell.scenario != "shutdown":
            await self.calibrate()
        if self.cell.rate is not None:
            own = statistics.median([self.count / await self.seconds_of(self.count) for _ in range(3)])
            self.rate = own * self.cell.rate

    async def calibrate(self) -> None:
        """As in harness/sizing.hpp: a sample fills the queue several times and gives every worker many turns,
        unless that takes several times as long as requested, and an unexpectedly long run is done twice."""
        cell = self.cell
        fewest = max(FILLINGS * cell.capacity, FEWEST_TURNS * max(cell.producers, cell.consumers))
        count = self.first_count()
        expected = self.work_s()  # seconds per item, from the run before
        while True:
            seconds = await self.seconds_of(count)
            if seconds >= self.sample_s / 4 and seconds > INTERRUPTED * count * expected:
                seconds = min(seconds, await self.seconds_of(count))
            expected = seconds / count
            proportional = count * self.sample_s / seconds
            at_least = min(fewest, LONGEST_SAMPLE * proportional)
            enough = count >= at_least / 2
            if seconds >= self.sample_s / 4 and enough:
                break
            count = max(2 * count, 0 if enough else math.ceil(at_least))
        self.count = max(cell.producers, round(max(proportional, at_least)))

    async def seconds_of(self, count: int) -> float:
        """The time that the scenario takes to move `count` items as fast as it can."""
        if self.cell.scenario == "paced":
            return (await Schedule(self.cell, count, math.inf).run()).seconds
        return (await Transfer(self.cell, count).run()).seconds

    def work_s(self) -> float:
        """Seconds of work around an item, by its producer and its consumer together."""
        return (self.cell.work_producer_ns + self.cell.work_consumer_ns) / 1e9

    def first_count(self) -> int:
        """Fewer if the work alone of so many items would take a quarter of a sample."""
        most, work_s = 256, self.work_s()
        fitting = int(self.sample_s / 4 / work_s) if work_s else most
        return max(self.cell.producers, min(most, fitting))

    async def throughput(self) -> Row:
        transfer = await Transfer(self.cell, self.count).run()
        return {
            "items": transfer.count,
            "seconds": transfer.seconds,
            "items_per_second": transfer.count / transfer.seconds,
            "fairness_consumers": balance(transfer.taken),
            **transfer.usage,
        }

    async def ping_pong(self) -> Row:
        """`items` counts half round trips: each round trip moves its item through two queues."""
        trips, kind = max(FEWEST_TURNS, self.count // 4), self.cell.item_bytes
        there: asyncio.Queue[Any] = asyncio.Queue(self.cell.capacity)
        back: asyncio.Queue[Any] = asyncio.Queue(self.cell.capacity)

        async def answer() -> None:
            get, put = there.get, back.put
            for _ in range(trips):
                await put(await get())

        async def ask() -> List[int]:
            put, get, make, open_item = there.put, back.get, MAKE[kind], OPEN[kind]
            returned = []
            for number in range(trips):
                await put(make(number))
                returned.append(open_item(await get()))
            return returned

        answering = asyncio.ensure_future(answer())
        await asyncio.sleep(0)
        usage, began = Usage(), clock()
        returned = await ask()
        seconds = (clock() - began) / 1e9
        spent = usage.row()
        await answering
        check([returned], trips, 1)
        return {"items": 2 * trips, "seconds": seconds, "items_per_second": 2 * trips / seconds, **spent}

    async def paced(self) -> Row:
        rate = self.rate
        count = round(max(rate * self.sample_s, min(FEWEST_PACED, rate * self.sample_s * 10), self.cell.producers))
        schedule = await Schedule(self.cell, count, rate).run()
        seconds = schedule.seconds
        reached = max(1, count - 1) / seconds
        row: Row = {"items": count, "seconds": seconds, "items_per_second": reached, "rate_items_per_second": rate}
        row.update(percentiles(schedule.latencies()), **schedule.usage)
        if reached < FULL_PACE * rate:
            detail = f"reached {reached / rate * 100:.0f} % of the schedule, 97 % are asked for"
            row.update(status="unsustained", detail=detail)
        return row

    async def join(self) -> Row:
        rounds = JoinRounds(self.cell)
        usage, began = Usage(), clock()
        times = await rounds.run(self.sample_s)
        row = {"items": rounds.items, "seconds": (clock() - began) / 1e9, "join_ns": statistics.median(times)}
        row.update(usage.row())
        counted = []
        for _ in range(5):
            costs = [await self._seconds_an_item(counting) for counting in (True, False)]
            counted.append((costs[0] - costs[1]) * 1e9)
        return {**row, "task_done_ns": statistics.median(counted)}

    async def _seconds_an_item(self, counting: bool) -> float:
        count = max(self.cell.producers, self.count // 4)
        return (await Transfer(self.cell, count, counting).run()).seconds / count

    async def shutdown(self) -> Row:
        left: List[int] = []
        joined: List[int] = []
        items = 0
        usage, began = Usage(), clock()
        until = began + self.sample_s * 1e9
        while len(left) < FEWEST_ROUNDS or clock() < until:
            one = ShutdownRound(self.cell)
            for times, time in zip((left, joined), await one.run()):
                times.append(time)
            items += one.items
        row = {"items": items, "seconds": (clock() - began) / 1e9, "shutdown_ns": statistics.median(left)}
        return {**row, "threads_joined_ns": statistics.median(joined), **usage.row()}

    async def tree(self) -> Row:
        assert self.growth is not None, "a cell of tree has one"
        return await self.growth.take()

    async def take(self) -> Row:
        await prove_order(self.cell)
        measured: Row = await getattr(self, self.cell.scenario)()
        return {"status": "ok", "clock_ns": self.clock_ns, **measured}


def percentiles(ordered: List[float]) -> Row:
    """Exact percentiles; one with fewer than ten values beyond it is omitted."""
    count = len(ordered)
    row: Row = {"latency_count": count, "latency_max_ns": ordered[-1]}
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)):
        rank = math.ceil(share * count)
        if count - rank >= 10:
            row[f"latency_{name}_ns"] = ordered[rank - 1]
    return row


def clock_cost() -> float:
    """Nanoseconds per reading of the clock, including the loop around it."""
    costs = []
    for _ in range(11):
        began = clock()
        for _ in range(1000):
            clock()
        costs.append((clock() - began) / 1000)
    return statistics.median(costs)


def why_not(cell: Cell) -> Optional[str]:
    """Why this cell cannot run here, or nothing if it can."""
    items = (NODE,) if cell.scenario == "tree" else ITEMS
    for name, words in (("scenario", SCENARIOS), ("item_bytes", items), ("stop", (*STOPS, ""))):
        if getattr(cell, name) not in words:
            return f"the peer does not know {name} {getattr(cell, name)!r}"
    if cell.scenario == "ping_pong" and (cell.producers, cell.consumers) != (1, 1):
        return "ping_pong has two workers: one producer, one consumer"
    if cell.scenario == "shutdown" and cell.stop == "close" and not hasattr(asyncio.Queue, "shutdown"):
        this = ".".join(map(str, sys.version_info[:2]))
        return f"not closable: asyncio.Queue has shutdown() from Python 3.13 on, this is {this}"
    return None


def open_cell(cell: Cell) -> Callable[[], Row]:
    reason = why_not(cell)
    if reason is not None:
        raise Skipped(reason)
    session = Session(cell)
    asyncio.run(session.open())
    return lambda: asyncio.run(session.take())


def version() -> str:
    """Of the interpreter that is measured: whichever `python3` the PATH finds."""
    return f"{platform.python_version()} ({os.path.realpath(sys.executable)})"


if __name__ == "__main__":
    sys.exit(Server(platform.python_implementation(), version(), open_cell).serve())
