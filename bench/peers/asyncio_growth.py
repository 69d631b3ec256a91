"""tree on an asyncio.Queue: workers expand a tree into the queue until nothing is left of it."""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import replace
from time import perf_counter_ns as clock
from typing import Any, List, Optional

from asyncio_workers import work
from peer_protocol import Cell, Row, Skipped
from peer_trees import Node, Tally, tree_named
from peer_usage import Usage

#: At some 5 µs each, twice in a sample; a sample must not last half a minute.
MOST_NODES = 2_000_000


class Growth:
    """A cell: its tree, walked once without a queue and grown once with one unless it lasts longer than a sample."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.tree = tree_named(cell.tree)
        if self.tree.known.nodes > MOST_NODES:
            raise Skipped(f"a tree of {self.tree.known.nodes} nodes takes minutes here")
        self.sample_ns = cell.sample_ms * 1e6
        self.expected = Tally()

    async def open(self) -> None:
        took = self.walk()
        self.expected.check(replace(self.tree.known, content=self.expected.content))
        if took < self.sample_ns:
            await Round(self).run(0)

    def work(self) -> None:
        if self.cell.work_consumer_ns:
            work(self.cell.work_consumer_ns)

    def walk(self) -> int:
        """Its length in nanoseconds."""
        began = clock()
        self.expected = self.tree.walk(self.work)
        return clock() - began

    async def take(self) -> Row:
        walks: List[int] = []
        while sum(walks) < self.sample_ns / 2:
            walks.append(self.walk())
        serial = statistics.median(walks)
        growth = Round(self)
        usage = Usage()
        lengths = await growth.run(self.sample_ns)
        spent = usage.row()
        total, round_ns, nodes = sum(lengths), statistics.median(lengths), self.expected.nodes
        return {
            "items": nodes * len(lengths),
            "seconds": total / 1e9,
            "node_ns": round_ns / nodes,
            "serial_node_ns": serial / nodes,
            "speed_up": serial / round_ns,
            "idle_share": max(0.0, 1 - (spent["cpu_user_s"] + spent["cpu_system_s"]) * 1e9 / total),
            "kept_share": growth.kept / (nodes * len(lengths)),
            **spent,
        }


class Round:
    """A queue, and workers that stay from one tree to the next."""

    def __init__(self, growth: Growth) -> None:
        self.growth = growth
        self.visited = Tally()
        self.kept = 0

    async def run(self, sample_ns: float) -> List[int]:
        """The lengths of the rounds, one at least."""
        queue: "asyncio.Queue[Optional[Node]]" = asyncio.Queue(self.growth.cell.capacity)
        workers = [asyncio.ensure_future(self.expand_all(queue)) for _ in range(self.growth.cell.consumers)]
        await asyncio.sleep(0)
        lengths: List[int] = []
        while not lengths or sum(lengths) < sample_ns:
            self.visited = Tally()
            began = clock()
            await queue.put(self.growth.tree.root)
            await queue.join()
            lengths.append(clock() - began)
            self.visited.check(self.growth.expected)
        for _ in workers:
            await queue.put(None)
        await asyncio.gather(*workers)
        return lengths

    async def expand_all(self, queue: Any) -> None:
        get, done = queue.get, queue.task_done
        while (node := await get()) is not None:
            self.expand(queue, node)
            done()

    def expand(self, queue: Any, popped: Node) -> None:
        """Visits a node, and those of its descendants that find the queue full: a worker that waited for room would
        wait for itself."""
        expand, busy, enter = self.growth.tree.expand, self.growth.work, self.visited.enter
        left = [popped]
        self.kept -= 1  # the first one was not kept
        while left:
            node = left.pop()
            busy()
            children = expand(node)
            enter(node, not children)
            self.kept += 1
            while children and not queue.full():
                queue.put_nowait(children.pop())
            left += children
