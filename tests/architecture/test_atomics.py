"""Every atomic operation of the product says who orders it.

The comment stands beside the operation: on its line, in the three lines before or in the line after. An operation that
is not relaxed is numbered, or names its partner. None leaves its order to the default.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for folder in ("queues", "harness", "bench", "examples")
    for path in (ROOT / folder).rglob("*")
    if path.name.endswith((".hpp", ".cpp", ".hpp.in", ".cpp.in"))
)
ORDER = re.compile(r"\bmemory_order(?:_|::)(\w+)")
COMMENT = re.compile(r"//(.*)")
NUMBERED = re.compile(r"\(\d+\)|partner")
DECLARED = re.compile(r"\batomic(?:_flag|<[^;{}()]*>)\s+(\w+)\s*[{;=]")
OPERATION = r"(?:load|store|exchange|fetch_\w+|compare_exchange_\w+|test|test_and_set|clear)\("


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


def arguments(text: str) -> str:
    """What stands between the parenthesis before `text` and the one that closes it."""
    depth = 1
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text[:place]
    return text


def implicit(text: str) -> list[int]:
    """The lines, from 1, with an operation on an atomic variable of this file that names no order."""
    code = [line.split("//")[0] for line in text.splitlines()]
    names = "|".join(DECLARED.findall("\n".join(code)))
    if not names:
        return []
    called = re.compile(rf"\b(?:{names})(?:\[\w+\])?\.{OPERATION}")
    stepped = re.compile(rf"(?:\+\+|--)(?:\w+(?:\.|->))*(?:{names})\b|\b(?:{names})\s*(?:\+\+|--|[-+|&^]=)")
    wrong = []
    for index, line in enumerate(code):
        rest = "\n".join(code[index:])
        calls = [arguments(rest[call.end() :]) for call in called.finditer(line)]
        if stepped.search(line) or not all(ORDER.search(call) for call in calls):
            wrong.append(index + 1)
    return wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("std::atomic<int> a{0};\nint b = a.load();", [2]),
        ("std::atomic<int> a{0};\nint b = a.load(std::memory_order_relaxed);", []),
        ("std::atomic<int> a{0};\nf(a.exchange(\n  1, std::memory_order_release));", []),
        ("std::atomic<int> a{0};\n++this->a;\nwith->a--;\na += 2;\na == 2;", [2, 3, 4]),
        ("std::atomic<int> a{0};\nfor (int i = 0; a.load(std::memory_order_acquire); ++i) a.load();", [2]),
        ("std::atomic_flag a;\na.test_and_set();", [2]),
        ("std::atomic<int> a{0};\nb.load();  // a.load()", []),
    ],
)
def test_an_operation_with_the_default_order_is_found(text: str, wrong: list[int]) -> None:
    assert implicit(text) == wrong


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


def test_every_atomic_operation_names_its_order() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}" for path in SOURCES for line in implicit(path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "the order is the default: " + ", ".join(wrong)


def test_every_atomic_operation_says_who_orders_it() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}" for path in SOURCES for line in unexplained(path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "nothing near says who orders it: " + ", ".join(wrong)
