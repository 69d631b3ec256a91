"""How the trees of the scenario `tree` grow: the rules of harness/trees, for peers in Python, with the numbers that
trees.csv gives them."""

from __future__ import annotations

import csv
import hashlib
import math
import os
import struct
from dataclasses import dataclass
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from peer_protocol import Corrupt, Skipped

#: place (differs for every node of a tree), depth, and five words that the rule understands.
Node = Tuple[int, int, Sequence[int]]
Expand = Callable[[Node], List[Node]]

NOTHING = (0, 0, 0, 0, 0)
MASK = 2**64 - 1
TREES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trees.csv")


def child(parent: Node, index: int, state: Sequence[int]) -> Node:
    key = (parent[0] + index + 1) * 0x9E3779B97F4A7C15 & MASK
    return (key ^ key >> 29) >> 1, parent[1] + 1, state


@dataclass
class Tally:
    """What was visited. The content does not depend on the order."""

    nodes: int = 0
    leaves: int = 0
    depth: int = 0
    content: int = 0

    def enter(self, node: Node, is_leaf: bool) -> None:
        place, depth, state = node
        self.nodes += 1
        if is_leaf:
            self.leaves += 1
        if depth > self.depth:
            self.depth = depth
        key = place ^ state[0] ^ state[4] << 32
        key = (key ^ key >> 32) * 0xD6E8FEB86659FD93 & MASK
        self.content = self.content + (key ^ key >> 29) & MASK

    def check(self, expected: "Tally") -> None:
        for what in ("nodes", "leaves", "depth"):
            found, wanted = getattr(self, what), getattr(expected, what)
            if found != wanted:
                word = "levels" if what == "depth" else what
                raise Corrupt(f"{found} {word} were visited of a tree that has {wanted}")
        if self.content != expected.content:
            raise Corrupt("as many nodes were visited as the tree has, but not the same ones")


@dataclass(frozen=True)
class Tree:
    root: Node
    expand: Expand
    known: Tally  #: but for the content

    def walk(self, before_each: Callable[[], None]) -> Tally:
        """Visits every node, without a queue."""
        visited, left, expand = Tally(), [self.root], self.expand
        while left:
            node = left.pop()
            before_each()
            children = expand(node)
            visited.enter(node, not children)
            left += children
        return visited


def fib(row: Dict[str, str]) -> Tuple[Node, Expand]:
    def expand(node: Node) -> List[Node]:
        of = node[2][0]
        return [child(node, i, (of - 1 - i, 0, 0, 0, 0)) for i in (0, 1)] if of >= 2 else []

    return (0, 0, (int(row["size"]), 0, 0, 0, 0)), expand


def skynet(row: Dict[str, str]) -> Tuple[Node, Expand]:
    depth = int(row["size"])
    return (0, 0, NOTHING), lambda node: [child(node, i, NOTHING) for i in range(10)] if node[1] < depth else []


def nqueens(row: Dict[str, str]) -> Tuple[Node, Expand]:
    size = int(row["size"])
    every = 2**size - 1

    def expand(node: Node) -> List[Node]:
        taken, left, right = node[2][:3]
        free = every & ~(taken | left | right) if node[1] < size else 0
        children: List[Node] = []
        while free:
            queen = free & -free
            free ^= queen
            state = (taken | queen, (left | queen) << 1 & every, (right | queen) >> 1, 0, 0)
            children.append(child(node, len(children), state))
        return children

    return (0, 0, NOTHING), expand


def uts(row: Dict[str, str]) -> Tuple[Node, Expand]:
    """Unbalanced Tree Search: how many children a node has is drawn from its random numbers."""
    sha1, unpack = hashlib.sha1, struct.Struct(">5I").unpack
    count = binomial(row) if row["rule"] == "uts_binomial" else geometric(row)

    def expand(node: Node) -> List[Node]:
        state = node[2]
        children = count(node[1], (state[4] & 0x7FFFFFFF) / 2**31)
        if not children:
            return []
        start = struct.pack(">5I", *state)
        return [child(node, i, unpack(sha1(start + struct.pack(">I", i)).digest())) for i in range(children)]

    return (0, 0, unpack(sha1(struct.pack(">5I", 0, 0, 0, 0, int(row["seed"]))).digest())), expand


def binomial(row: Dict[str, str]) -> Callable[[int, float], int]:
    of_root, children, probability = int(row["branching"]), int(row["children"]), float(row["probability"])
    return lambda depth, drawn: of_root if depth == 0 else children if drawn < probability else 0


def geometric(row: Dict[str, str]) -> Callable[[int, float], int]:
    shape, depth, branching = row["rule"], int(row["size"]), float(row["branching"])

    def expected(level: int) -> float:
        if level > 0 and shape == "uts_linear":
            return branching * (1 - level / depth)
        if level > 0 and shape == "uts_cyclic":
            return float(branching ** math.sin(2 * math.pi * level / depth))
        return branching

    levels = 5 * depth + 1 if shape == "uts_cyclic" else depth
    log_failure = [math.log(1 - 1 / (1 + expected(level))) for level in range(levels)]

    def count(level: int, drawn: float) -> int:
        return min(math.floor(math.log(1 - drawn) / log_failure[level]), 100) if level < levels else 0

    return count


RULES = {"fib": fib, "skynet": skynet, "nqueens": nqueens}


def tree_named(name: str) -> Tree:
    with open(TREES, encoding="utf-8", newline="") as file:
        row: Optional[Dict[str, str]] = next((row for row in csv.DictReader(file) if row["tree"] == name), None)
    if row is None:
        raise Skipped(f"the peer does not know tree '{name}'")
    root, expand = RULES.get(row["rule"], uts)(row)
    return Tree(root, expand, Tally(int(row["nodes"]), int(row["leaves"]), int(row["depth"])))
