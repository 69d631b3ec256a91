"""The header of every backend opens with the same labels, in the same order."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BACKENDS = re.findall(
    r"^handoff_add_backend\((\w+)", (ROOT / "queues/CMakeLists.txt").read_text(encoding="utf-8"), re.M
)
LABELS = ["When to use", "When not", "Ordering", "Progress", "Memory", "close, join", "Reference"]
LABEL = re.compile(r"// (\S+(?: \S+)*) {2,}\S")
INDENT = "//" + 15 * " "


def labels(header: str) -> list[str]:
    """The labels of the opening comment's second paragraph, each of which begins a line."""
    opening = itertools.takewhile(lambda line: line.startswith("//"), header.splitlines())
    paragraphs = [list(lines) for blank, lines in itertools.groupby(opening, lambda line: line == "//") if not blank]
    if len(paragraphs) < 2:
        return []
    found = [(line, LABEL.match(line)) for line in paragraphs[1] if not line.startswith(INDENT)]
    return [match[1] if match else line for line, match in found]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("// A queue.\n//\n// Ordering      FIFO\n// close, join   none\n#pragma once", ["Ordering", "close, join"]),
        ("// A queue.\n//\n// Memory        a ring, which\n//               grows\n#pragma once", ["Memory"]),
        ("// A queue.\n//\n// Memory: a ring\n#pragma once", ["// Memory: a ring"]),
        ("// A queue.\n#pragma once\n// Memory        a ring", []),
        ("// A queue.\n//\n// Memory        a ring\n//\n// Ordering      FIFO\n", ["Memory"]),
    ],
)
def test_labels_are_read_from_the_opening_alone(header: str, expected: list[str]) -> None:
    assert labels(header) == expected


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backend_says_when_to_use_it_and_what_it_promises(backend: str) -> None:
    assert labels((ROOT / f"queues/{backend}.hpp").read_text(encoding="utf-8")) == LABELS


def test_the_anatomy_of_a_backend_shows_the_same_labels() -> None:
    page = (ROOT / "docs/anatomy-of-a-backend.md").read_text(encoding="utf-8")
    header = page.split("```cpp\n", 1)[1]
    assert labels(header) == LABELS
