"""Every atomic operation of the product says who orders it.

What orders an operation stands beside it: on its line, in the three lines before or in the line after. One that is
not relaxed is numbered, or names its partner.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for folder in ("queues", "harness", "bench")
    for path in (ROOT / folder).rglob("*")
    if path.name.endswith((".hpp", ".cpp", ".hpp.in", ".cpp.in"))
)
ORDER = re.compile(r"\bmemory_order(?:_|::)(\w+)")
COMMENT = re.compile(r"//(.*)")
NUMBERED = re.compile(r"\(\d+\)|partner")


def unexplained(text: str) -> list[int]:
    """The lines, from 1, with an operation that nothing near it explains."""
    lines = text.splitlines()
    comments = [found[1] if (found := COMMENT.search(line)) else "" for line in lines]
    wrong = []
    for index, line in enumerate(lines):
        orders = ORDER.findall(line.split("//")[0])
        near = " ".join(comments[max(index - 3, 0) : index + 2])
        if orders and not near.strip():
            wrong.append(index + 1)
        elif set(orders) - {"relaxed"} and not NUMBERED.search(near):
            wrong.append(index + 1)
    return wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a.load(std::memory_order_relaxed);", [1]),
        ("a.load(std::memory_order_relaxed);  // a hint", []),
        ("// a hint\n\n\na.load(std::memory_order_relaxed);", []),
        ("// a hint\n\n\n\na.load(std::memory_order_relaxed);", [5]),
        ("a.load(std::memory_order_acquire);  // sees everything", [1]),
        ("a.load(std::memory_order::acquire);  // (2) partner: (1)", []),
        ("f(a.exchange(1,\n  std::memory_order_release));  // (1)", []),
        ("// memory_order_relaxed would do\nint a;", []),
    ],
)
def test_an_operation_without_an_explanation_is_found(text: str, wrong: list[int]) -> None:
    assert unexplained(text) == wrong


def test_every_atomic_operation_says_who_orders_it() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}" for path in SOURCES for line in unexplained(path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "nothing near says who orders it: " + ", ".join(wrong)
