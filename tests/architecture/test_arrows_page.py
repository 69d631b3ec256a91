"""docs/architecture.md lets each part include what include_arrows.py lets it include: neither can change alone."""

from __future__ import annotations

import re
from pathlib import Path

import include_arrows

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")

HEADER = "| files of | may include |\n|---|---|\n"
BELOW = "the rooms of `bench` below it in this list, "


def named(text: str) -> list[str]:
    return re.findall(r"`([\w/.]+)`", text)


def rooms_of_bench() -> list[str]:
    """From the lowest up; the page lists them from the highest down."""
    listed = re.search(r"^bench/ .*\n((?: .*\n)+)", PAGE, re.MULTILINE)
    assert listed is not None
    return list(reversed(re.findall(r"^  (\w+)/ ", listed[1], re.MULTILINE)))


def table() -> dict[str, set[str]]:
    """What each part may include, itself among it."""
    rows = re.findall(r"^\| (.*?) \| (.*?) \|$", PAGE.split(HEADER)[1].split("\n\n")[0], re.MULTILINE)
    allowed: dict[str, set[str]] = {}
    for files, included in rows:
        for part in named(files):
            if files.startswith("a room of"):
                assert included.startswith(BELOW)
                rooms = [f"{part}/{room}" for room in rooms_of_bench()]
                for floor, room in enumerate(rooms, start=1):
                    allowed[room] = {*rooms[:floor], *named(included.removeprefix(BELOW))}
            else:
                assert included == "nothing" or named(included), f"what is '{included}'?"
                allowed[part] = {part, *named(included)}
    return allowed


def test_the_page_has_the_arrows_that_the_check_allows() -> None:
    assert table() == {part: set(included) for part, included in include_arrows.ALLOWED.items()}


def test_the_page_has_the_rooms_of_the_bench_program_in_the_order_of_their_floors() -> None:
    assert tuple(rooms_of_bench()) == include_arrows.FLOORS
