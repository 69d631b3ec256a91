"""The folders and files of the product keep to the sizes that a reader can take in."""

from __future__ import annotations

from pathlib import Path

import include_arrows

ROOT = Path(__file__).parents[2]
PRODUCT = ("queues", "harness", "bench", "examples", "scripts")
MOST_FILES = 13
MOST_LINES = 400


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]


def test_a_room_of_the_bench_program_holds_at_most_thirteen_files() -> None:
    rooms = [
        ROOT / "bench",
        *(path for path in (ROOT / "bench").rglob("*") if path.is_dir() and path.name != "__pycache__"),
    ]
    counted = {str(room.relative_to(ROOT)): len(files_of(room)) for room in rooms}
    assert {room: count for room, count in counted.items() if count > MOST_FILES} == {}


def test_every_room_of_the_bench_program_that_holds_code_has_its_floor() -> None:
    rooms = {path.parent.name for path in (ROOT / "bench").glob("*/*.hpp")}
    assert rooms == set(include_arrows.FLOORS)


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    sources = [
        path
        for part in (*PRODUCT, "tests")
        for path in (ROOT / part).rglob("*")
        if path.suffix in (".hpp", ".cpp", ".py", ".in")
    ]
    assert len(sources) > 100
    long = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources}
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}
