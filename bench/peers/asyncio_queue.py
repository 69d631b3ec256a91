#!/usr/bin/env python3
"""asyncio.Queue as a contender: the scenarios of docs/results-schema.md with coroutines for workers.

Prints measured columns as CSV, one row per sample. Standard library only, Python 3.9 or later, and everything
as in a reader's own program: default event loop, default garbage collection, `await queue.put()` and
`await queue.get()`.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import math
import os
import platform
import statistics
import sys
from time import perf_counter_ns as clock
from typing import Any, Callable, List, Optional

from asyncio_schedule import Schedule
from asyncio_workers import (
    FEWEST_ROUNDS,
    ITEMS,
    MAKE,
    OPEN,
    Corrupt,
    JoinRounds,
    Samples,
    ShutdownRound,
    STOPS,
    Transfer,
    check,
    prove_order,
)
from peer_usage import Row, Usage

COLUMNS = (
    "status", "detail", "items", "seconds", "items_per_second", "rate_items_per_second", "latency_count",
    "latency_p50_ns", "latency_p90_ns", "latency_p99_ns", "latency_p999_ns", "latency_max_ns", "join_ns",
    "task_done_ns", "shutdown_ns", "threads_joined_ns", "clock_ns", "cpu_user_s", "cpu_system_s",
    "switches_voluntary", "switches_involuntary", "steal_s", "fairness_consumers", "peak_rss_bytes",
)  # fmt: skip
SCENARIOS = ("throughput", "ping_pong", "paced", "join", "shutdown")
#: Fewest items of a paced sample: the 99th percentile needs ten beyond it.
FEWEST_PACED = 1100
FULL_PACE = 0.97
#: As in harness/sizing.hpp: fillings of the queue, turns per worker, and the limit on both.
FILLINGS = 4
FEWEST_TURNS = 64
LONGEST_SAMPLE = 4


def balance(taken: Samples) -> float:
    sizes = [len(numbers) for numbers in taken]
    return min(sizes) / max(sizes)


class Session:
    """An opened cell: warmed up, with the number of items that fills a sample."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.sample_s = options.sample_ms / 1e3
        self.clock_ns = clock_cost()
        self.count = options.producers

    async def calibrate(self) -> None:
        """As in harness/sizing.hpp: a sample fills the queue several times and gives every worker many turns,
        unless that takes several times as long as requested."""
        options = self.options
        fewest = max(FILLINGS * options.capacity, FEWEST_TURNS * max(options.producers, options.consumers))
        count = self.first_count()
        while True:
            seconds = await self.seconds_of(count)
            proportional = count * self.sample_s / seconds
            at_least = min(fewest, LONGEST_SAMPLE * proportional)
            enough = count >= at_least / 2
            if seconds >= self.sample_s / 4 and enough:
                break
            count = max(2 * count, 0 if enough else math.ceil(at_least))
        self.count = max(options.producers, round(max(proportional, at_least)))

    async def seconds_of(self, count: int) -> float:
        """The time that the scenario takes to move `count` items as fast as it can."""
        if self.options.scenario == "paced":
            return (await Schedule(self.options, count, math.inf).run()).seconds
        return (await Transfer(self.options, count).run()).seconds

    def first_count(self) -> int:
        """Fewer if the work alone of so many items would take a quarter of a sample."""
        most, work_s = 256, (self.options.work_producer_ns + self.options.work_consumer_ns) / 1e9
        fitting = int(self.sample_s / 4 / work_s) if work_s else most
        return max(self.options.producers, min(most, fitting))

    async def throughput(self) -> Row:
        transfer = await Transfer(self.options, self.count).run()
        return {
            "items": transfer.count,
            "seconds": transfer.seconds,
            "items_per_second": transfer.count / transfer.seconds,
            "fairness_consumers": balance(transfer.taken),
            **transfer.usage,
        }

    async def ping_pong(self) -> Row:
        """`items` counts half round trips: each round trip moves its item through two queues."""
        trips, kind = max(FEWEST_TURNS, self.count // 4), self.options.item
        there: asyncio.Queue[Any] = asyncio.Queue(self.options.capacity)
        back: asyncio.Queue[Any] = asyncio.Queue(self.options.capacity)

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
        own = statistics.median([self.count / await self.seconds_of(self.count) for _ in range(3)])
        rate = own * self.options.rate
        count = round(max(rate * self.sample_s, min(FEWEST_PACED, rate * self.sample_s * 10), self.options.producers))
        schedule = await Schedule(self.options, count, rate).run()
        seconds = schedule.seconds
        reached = max(1, count - 1) / seconds
        row = {"items": count, "seconds": seconds, "items_per_second": reached, "rate_items_per_second": rate}
        row.update(percentiles(schedule.latencies()), **schedule.usage)
        if reached < FULL_PACE * rate:
            detail = f"reached {reached / rate * 100:.0f} % of the schedule, 97 % are asked for"
            row.update(status="unsustained", detail=detail)
        return row

    async def join(self) -> Row:
        rounds = JoinRounds(self.options)
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
        count = max(self.options.producers, self.count // 4)
        return (await Transfer(self.options, count, counting).run()).seconds / count

    async def shutdown(self) -> Row:
        left: List[int] = []
        joined: List[int] = []
        items = 0
        usage, began = Usage(), clock()
        until = began + self.sample_s * 1e9
        while len(left) < FEWEST_ROUNDS or clock() < until:
            one = ShutdownRound(self.options)
            for times, time in zip((left, joined), await one.run()):
                times.append(time)
            items += one.items
        row = {"items": items, "seconds": (clock() - began) / 1e9, "shutdown_ns": statistics.median(left)}
        return {**row, "threads_joined_ns": statistics.median(joined), **usage.row()}

    async def take(self) -> Row:
        row: Row = {"status": "ok", "detail": "", "clock_ns": self.clock_ns}
        try:
            await prove_order(self.options)
            row.update(await getattr(self, self.options.scenario)())
        except Corrupt as error:
            row.update(status="corrupt", detail=str(error))
        return row


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


def why_not(options: argparse.Namespace) -> Optional[str]:
    """Why this cell cannot run here, or nothing if it can."""
    if options.scenario == "ping_pong" and (options.producers, options.consumers) != (1, 1):
        return "ping_pong has two workers: one producer, one consumer"
    if options.scenario == "shutdown" and options.stop == "close" and not hasattr(asyncio.Queue, "shutdown"):
        version = ".".join(map(str, sys.version_info[:2]))
        return f"not closable: asyncio.Queue has shutdown() from Python 3.13 on, this is {version}"
    return None


async def measure(options: argparse.Namespace) -> List[Row]:
    session = Session(options)
    if options.scenario != "shutdown":
        await session.calibrate()
    return [await session.take() for _ in range(options.samples)]


def whole(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, {least} or more")
        return int(text)

    return parse


def share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a share above 0, at most 1")
    return value


def refuse(sentence: str) -> None:
    print(f"asyncio_queue.py: {sentence.rstrip('.')}.", file=sys.stderr)
    sys.exit(2)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Measures asyncio.Queue in one cell; prints CSV rows.", allow_abbrev=False
    )
    parser.error = refuse  # type: ignore[assignment]
    parser.add_argument("--scenario", required=True, choices=SCENARIOS)
    parser.add_argument("--producers", required=True, type=whole(1))
    parser.add_argument("--consumers", required=True, type=whole(1))
    parser.add_argument("--capacity", required=True, type=whole(1))
    parser.add_argument("--item", required=True, choices=ITEMS)
    parser.add_argument("--work-producer-ns", type=whole(0), default=0)
    parser.add_argument("--work-consumer-ns", type=whole(0), default=0)
    parser.add_argument("--rate", type=share, help="paced only: share of the cell's own throughput")
    parser.add_argument("--stop", choices=list(STOPS), help="shutdown only")
    parser.add_argument("--sample-ms", type=whole(1), default=50)
    parser.add_argument("--samples", type=whole(1), default=1)
    parser.add_argument("--seed", type=whole(0), default=0, help="taken, and of no use: nothing here is drawn by lot")
    options = parser.parse_args()
    for scenario, option in (("paced", "rate"), ("shutdown", "stop")):
        if (options.scenario == scenario) != (getattr(options, option) is not None):
            refuse(f"--{option} goes with --scenario {scenario}, and only with it")
    return options


def plain(value: Any) -> str:
    """A number as a plain decimal."""
    if not isinstance(value, float):
        return "" if value is None else str(value)
    return f"{value:.10f}".rstrip("0").rstrip(".")


def description() -> str:
    """The interpreter that is measured: whichever `python3` the PATH finds."""
    return f"{platform.python_implementation()} {platform.python_version()} ({os.path.realpath(sys.executable)})"


def main() -> int:
    if sys.argv[1:] == ["--describe"]:
        print(description())
        return 0
    options = parse_arguments()
    reason = why_not(options)
    skipped: List[Row] = [{"status": "skipped", "detail": reason}]
    rows = asyncio.run(measure(options)) if reason is None else skipped
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([plain(row.get(name)) for name in COLUMNS] for row in rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
