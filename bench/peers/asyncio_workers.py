"""The workers of the asyncio.Queue peer: producers, consumers, and the proof that every item arrived.

The loops contain nothing that a program moving such items would not contain, except one list append per
item, which keeps what arrived for a check after the window. Before the window, one task proves with a queue
full of items of all producers that they come out in the order in which they went in.

An 8-byte item is an int (the item's number), a 64-byte item a tuple of eight, a move-only item a list that
its consumer empties; a node of a tree is a tuple (peer_trees.py).
"""

from __future__ import annotations

import asyncio
from time import perf_counter_ns as clock
from typing import Any, Awaitable, Callable, Dict, List, Optional

from peer_protocol import Cell, Corrupt, Row
from peer_usage import Usage

ITEMS = ("8", "64", "move_only")
NODE = "32"
#: Items per consumer in a round of join, and in a round of shutdown before it is stopped.
JOIN_ITEMS = 32
SHUTDOWN_ITEMS = 8
FEWEST_ROUNDS = 3

Samples = List[List[int]]


def work(nanoseconds: int) -> None:
    until = clock() + nanoseconds
    while clock() < until:
        pass


class Transfer:
    """One window in which producers put `count` items and consumers take them, and its result.

    `counting`: None for the leanest loops; otherwise loops that differ only in whether they call task_done.
    """

    def __init__(self, cell: Cell, count: int, counting: Optional[bool] = None) -> None:
        self.cell = cell
        self.count = count
        self.counting = counting
        self.producing = cell.producers
        self.consuming = cell.consumers
        self.began = 0
        self.ended = 0
        self.usage: Row = {}
        self.taken: Samples = [[] for _ in range(cell.consumers)]

    async def run(self) -> "Transfer":
        queue: asyncio.Queue[Any] = asyncio.Queue(self.cell.capacity)
        consume, produce = self.loops()
        consumers = [asyncio.ensure_future(consume(self, queue, taken)) for taken in self.taken]
        await asyncio.sleep(0)
        shares = shares_of(range(self.count), self.cell.producers)
        await asyncio.gather(*(asyncio.ensure_future(self._producer(produce, queue, share)) for share in shares))
        await asyncio.gather(*consumers)
        self.check()
        return self

    def loops(self) -> "tuple[Any, Any]":
        stepwise = self.counting is not None or self.cell.work_consumer_ns
        consume = consume_by_steps if stepwise else PLAIN_CONSUMERS[self.cell.item_bytes]
        produce = produce_by_steps if self.cell.work_producer_ns else PRODUCERS[self.cell.item_bytes]
        return consume, produce

    async def _producer(self, produce: Callable[..., Awaitable[None]], queue: Any, share: range) -> None:
        if not self.began:
            self._spent = Usage()
            self.began = clock()
        await produce(self, queue, share)
        self.producing -= 1
        if not self.producing:
            # First in, first out, on one thread: the markers follow every item, and read no clock.
            for _ in self.taken:
                await queue.put(end_marker(self.cell.item_bytes))

    def leave(self) -> None:
        """Called when a consumer has its marker. The window ends with the last one."""
        self.consuming -= 1
        if not self.consuming:
            self.ended = clock()
            self.usage = self._spent.row()

    def check(self) -> None:
        check(self.taken, self.count, self.cell.producers)

    @property
    def seconds(self) -> float:
        return (self.ended - self.began) / 1e9


async def produce_ints(_: Transfer, queue: Any, share: range) -> None:
    put = queue.put
    for number in share:
        await put(number)


async def produce_tuples(_: Transfer, queue: Any, share: range) -> None:
    put = queue.put
    for number in share:
        await put((number, 0, 0, 0, 0, 0, 0, 0))


async def produce_lists(_: Transfer, queue: Any, share: range) -> None:
    put = queue.put
    for number in share:
        await put([number])


async def produce_by_steps(transfer: Transfer, queue: Any, share: range) -> None:
    put, make, busy = queue.put, MAKE[transfer.cell.item_bytes], transfer.cell.work_producer_ns
    for number in share:
        work(busy)
        await put(make(number))


# All consumers continue until the marker, whose number is None.


async def consume_ints(transfer: Transfer, queue: Any, taken: List[Any]) -> None:
    get, append = queue.get, taken.append
    while (number := await get()) is not None:
        append(number)
    transfer.leave()


async def consume_tuples(transfer: Transfer, queue: Any, taken: List[Any]) -> None:
    get, append = queue.get, taken.append
    while (number := (await get())[0]) is not None:
        append(number)
    transfer.leave()


async def consume_lists(transfer: Transfer, queue: Any, taken: List[Any]) -> None:
    get, append = queue.get, taken.append
    while (number := (await get()).pop()) is not None:
        append(number)
    transfer.leave()


async def consume_by_steps(transfer: Transfer, queue: Any, taken: List[Any]) -> None:
    get, append, open_item = queue.get, taken.append, OPEN[transfer.cell.item_bytes]
    busy, done = transfer.cell.work_consumer_ns, queue.task_done if transfer.counting else None
    while (number := open_item(await get())) is not None:
        if busy:
            work(busy)
        if done is not None:
            done()
        append(number)
    if done is not None:
        done()
    transfer.leave()


PRODUCERS = {"8": produce_ints, "64": produce_tuples, "move_only": produce_lists}
PLAIN_CONSUMERS = {"8": consume_ints, "64": consume_tuples, "move_only": consume_lists}
MAKE: Dict[str, Callable[[Any], Any]] = {
    "8": lambda number: number,
    "64": lambda number: (number, 0, 0, 0, 0, 0, 0, 0),
    "move_only": lambda number: [number],
    NODE: lambda number: (number, 0, (0, 0, 0, 0, 0)),
}
OPEN: Dict[str, Callable[[Any], Any]] = {
    "8": lambda item: item,
    "64": lambda item: item[0],
    "move_only": lambda item: item.pop(),
    NODE: lambda item: item[0],
}


def end_marker(kind: str) -> Any:
    """The item that ends one consumer: its number is None."""
    return MAKE[kind](None)


def shares_of(numbers: range, producers: int) -> List[range]:
    """Item n belongs to producer n % producers (if the numbers begin at a multiple of the producers)."""
    return [numbers[first::producers] for first in range(producers)]


def check(taken: Samples, count: int, producers: int) -> None:
    """Checks that each item arrived once, and each producer's in order at every consumer."""
    arrived = sum(len(numbers) for numbers in taken)
    if arrived != count:
        raise Corrupt(f"{arrived} items arrived of {count}")
    if sorted(number for numbers in taken for number in numbers) != list(range(count)):
        raise Corrupt(f"the {count} items that arrived are not those that were sent")
    for numbers in taken:
        for producer in range(producers):
            own = [number for number in numbers if number % producers == producer] if producers > 1 else numbers
            if any(later <= earlier for earlier, later in zip(own, own[1:])):
                raise Corrupt(f"items of producer {producer} arrived out of order")


async def prove_order(cell: Cell) -> None:
    """Proves the whole order, first in, first out: no other task is there."""
    queue: asyncio.Queue[Any] = asyncio.Queue(cell.capacity)
    numbers = list(range(min(cell.capacity, 64)))
    for number in numbers:
        await queue.put(MAKE[cell.item_bytes](number))
    if [OPEN[cell.item_bytes](await queue.get()) for _ in numbers] != numbers:
        raise Corrupt("the first items of a fresh queue did not come out in the order that it promises, fifo")


class JoinRounds:
    """Rounds of a few items and a join, with consumers that stay."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.items = 0
        self.joining = False
        self.last = -1
        self.ended = 0

    async def run(self, sample_s: float) -> List[int]:
        queue: asyncio.Queue[Any] = asyncio.Queue(self.cell.capacity)
        taken: Samples = [[] for _ in range(self.cell.consumers)]
        consumers = [asyncio.ensure_future(self.consume(queue, numbers)) for numbers in taken]
        until = clock() + sample_s * 1e9
        times: List[int] = []
        while len(times) < FEWEST_ROUNDS or clock() < until:
            times.append(await self.round(queue))
            if sum(map(len, taken)) != self.items:
                raise Corrupt(f"join returned with {sum(map(len, taken))} of {self.items} items done")
        for _ in consumers:
            await queue.put(end_marker(self.cell.item_bytes))
        await asyncio.gather(*consumers)
        check(taken, self.items, self.cell.producers)
        return times

    async def round(self, queue: Any) -> int:
        producers = self.cell.producers
        share = -(-JOIN_ITEMS * self.cell.consumers // producers)
        numbers = range(self.items, self.items + share * producers)
        self.items, self.last, self.joining = numbers.stop, numbers.stop - 1, False
        await asyncio.gather(
            *(asyncio.ensure_future(self.produce(queue, share)) for share in shares_of(numbers, producers))
        )
        self.joining = True
        await queue.join()
        return clock() - self.ended

    async def produce(self, queue: Any, share: range) -> None:
        for number in share:
            work(self.cell.work_producer_ns)
            await queue.put(MAKE[self.cell.item_bytes](number))

    async def consume(self, queue: Any, taken: List[int]) -> None:
        while True:
            number = OPEN[self.cell.item_bytes](await queue.get())
            if number is None:
                return
            work(self.cell.work_consumer_ns)
            taken.append(number)
            if number == self.last:
                # The round's last item stays in process until join() waits, so that its wake-up is measured.
                while not self.joining:
                    await asyncio.sleep(0)
            self.ended = clock()
            queue.task_done()


class ShutdownRound:
    """Consumers that prove the queue with a few items, block in get, and are then stopped."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.items = SHUTDOWN_ITEMS * cell.consumers
        self.taken: Samples = [[] for _ in range(cell.consumers)]
        self.left: List[int] = []
        self.queue: Any = asyncio.Queue(cell.capacity)

    async def run(self) -> "tuple[int, int]":
        """From the first stop action until the last consumer has left, and until all of them are gathered."""
        consumers = [asyncio.ensure_future(self.consume(numbers)) for numbers in self.taken]
        await asyncio.sleep(0)
        for number in range(self.items):
            await self.queue.put(MAKE[self.cell.item_bytes](number))
        while sum(map(len, self.taken)) < self.items:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        began = clock()
        await STOPS[self.cell.stop](self, consumers)
        await asyncio.gather(*consumers)
        joined = clock()
        check(self.taken, self.items, 1)
        return max(self.left) - began, joined - began

    async def consume(self, taken: List[int]) -> None:
        queue, open_item = self.queue, OPEN[self.cell.item_bytes]
        try:
            while True:
                number = open_item(await queue.get())
                if number is None:
                    break
                taken.append(number)
                queue.task_done()
            if self.cell.stop == "relay":
                await queue.put(end_marker(self.cell.item_bytes))
        except STOPPED:
            pass
        self.left.append(clock())

    async def sentinel(self, consumers: List[Any]) -> None:
        for _ in consumers:
            await self.queue.put(end_marker(self.cell.item_bytes))

    async def relay(self, _: List[Any]) -> None:
        await self.queue.put(end_marker(self.cell.item_bytes))

    async def close(self, _: List[Any]) -> None:
        self.queue.shutdown()

    async def join_cancel(self, consumers: List[Any]) -> None:
        await self.queue.join()
        for consumer in consumers:
            consumer.cancel()


STOPS = {
    "sentinel": ShutdownRound.sentinel,
    "relay": ShutdownRound.relay,
    "close": ShutdownRound.close,
    "join_cancel": ShutdownRound.join_cancel,
}
#: The exceptions by which get() tells a consumer to leave.
STOPPED: Any = (asyncio.CancelledError, getattr(asyncio, "QueueShutDown", asyncio.CancelledError))
