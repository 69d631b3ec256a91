"""The commands of a page work in the order in which they stand: a program is built before it is called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
CALLED = re.compile(r"build/(?:release|dev)/(?:bench|examples|tests)/(handoff-\w+)")
ALL = frozenset(("handoff-bench", "handoff-patterns", "handoff-trace"))


def built_by(command: str) -> frozenset[str]:
    """The programs that a line of a page builds."""
    if re.match(r"scripts/bench\b", command):
        return frozenset(re.findall(r"\btarget=(handoff-\w+)", (ROOT / "scripts/bench").read_text(encoding="utf-8")))
    targets = re.findall(r"cmake --build --preset \w+( --target ([\w -]+))?", command)
    if re.match(r"scripts/test\b", command) or any(not option for option, _ in targets):
        return ALL
    return frozenset(name for _, names in targets for name in names.split())


@pytest.mark.parametrize(
    "page", [path for path in PAGES if CALLED.search(path.read_text(encoding="utf-8"))], ids=lambda path: path.name
)
def test_a_program_is_built_before_it_is_called(page: Path) -> None:
    built: frozenset[str] = frozenset()
    for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        for command in block.splitlines():
            command = command.split(" #")[0].removeprefix("$ ").strip()
            for program in CALLED.findall(command):
                assert program in built, f"{command}: nothing above it builds {program}"
            built |= built_by(command)


def test_a_program_that_is_spoken_of_in_the_text_is_built_in_a_block() -> None:
    """If only a sentence names it, a reader types it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = "".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    assert set(CALLED.findall(text)) <= set(CALLED.findall(blocks))
