"""The trees of the asyncio.Queue peer: whole, whatever finds room; and its checks."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from test_peer import AXES, NODES, cell_of, refused

import asyncio_growth
import asyncio_queue
import peer_protocol
import peer_trees


def test_a_tree_that_would_take_minutes_is_skipped() -> None:
    row = refused("tree", {**NODES, "tree": "uts_t1"})
    assert row["status"] == "skipped" and row["detail"] == "a tree of 4130071 nodes takes minutes here"


@pytest.mark.parametrize("tree", ["fib_16", "skynet_3", "nqueens_8", "uts_small"])
def test_a_tree_is_grown_whole_whatever_finds_room(tree: str) -> None:
    grown = peer_trees.tree_named(tree)
    for capacity in (1, 7, 10_000):
        growth = asyncio_growth.Growth(cell_of(scenario="tree", tree=tree, capacity=capacity, sample_ms=0.001, **NODES))
        asyncio.run(growth.open())
        row = asyncio.run(growth.take())
        assert row["items"] == grown.known.nodes
        assert (row["kept_share"] == 0) == (capacity == 10_000)


def test_a_tree_of_which_a_part_was_not_visited_is_corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue doubles a leaf, or swaps the second of two leaves for the first."""
    faults: list[tuple[type[asyncio.Queue[Any]], str]] = [
        (Doubling, "3194 nodes were visited of a tree that has 3193"),
        (Replacing, "not the same ones"),
    ]
    for fault, sentence in faults:
        monkeypatch.setattr(asyncio, "Queue", fault)
        server = peer_protocol.Server("", "", asyncio_queue.open_cell)
        request = {"scenario": "tree", "tree": "fib_16", **AXES, **NODES, "capacity": 10_000, "sample_ms": 1000}
        reply = server.reply("open", request)
        assert reply["status"] == "corrupt" and sentence in reply["detail"], reply


class Leafy(asyncio.Queue):  # type: ignore[type-arg]
    """Counts the leaves of fib(16) that call fib(0)."""

    leaves = 0
    last: Any = None

    def is_third_leaf(self, item: Any) -> bool:
        if item is None or item[1] == 0 or item[2][0] != 0:
            return False
        self.leaves += 1
        return self.leaves == 3


class Doubling(Leafy):
    def put_nowait(self, item: Any) -> None:
        super().put_nowait(item)
        if self.is_third_leaf(item):
            super().put_nowait(item)


class Replacing(Leafy):
    def put_nowait(self, item: Any) -> None:
        wrong = self.is_third_leaf(item)
        super().put_nowait(self.last if wrong else item)
        if item is not None and item[1] > 0 and item[2][0] == 0:
            self.last = item
