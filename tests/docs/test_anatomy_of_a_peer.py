"""The peer of docs/anatomy-of-a-peer.md, compiled as it stands and measured by handoff-bench."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/anatomy-of-a-peer.md").read_text(encoding="utf-8")
BENCH = os.environ.get("HANDOFF_BENCH", "")
CELL = "throughput/python_asyncio/p:2/c:2/cap:16/bytes:8/wait:loop"
MATRIX = """
samples = 3
sample_ms = 2
[[cells]]
scenario = "throughput"
backends = "python_asyncio"
shapes = [[2, 2]]
capacity = 16
"""


def program() -> str:
    begin = PAGE.index("```c\n") + len("```c\n")
    return PAGE[begin : PAGE.index("```", begin)]


def compile_peer(text: str, folder: Path) -> Path:
    """handoff-bench finds the program as `python3`, in the place of the peer that is registered."""
    source, peer = folder / "c_ring.c", folder / "path" / "python3"
    source.write_text(text, encoding="utf-8")
    peer.parent.mkdir()
    options = re.search(r"`cc (.*) -o c-ring c_ring\.c`", PAGE)
    assert options is not None, "the page says how the program is built"
    warnings = ["-Wall", "-Wextra", "-Werror"]
    built = subprocess.run(
        ["cc", *options[1].split(), *warnings, "-o", peer, source], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    return peer.parent


def rows(path: Path) -> list[dict[str, str]]:
    matrix = path.parent / "m.toml"
    matrix.write_text(MATRIX, encoding="utf-8")
    environment = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}"}
    command: list[str | Path] = [BENCH, "--matrix", matrix, "--cell", CELL]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    return list(csv.DictReader(done.stdout.splitlines()))


measured = pytest.mark.skipif(
    not BENCH or shutil.which("cc") is None, reason="handoff-bench is not built, or there is no C compiler"
)


@measured
def test_the_peer_of_the_page_is_measured(tmp_path: Path) -> None:
    samples = rows(compile_peer(program(), tmp_path))
    assert [(row["sample"], row["status"], row["detail"]) for row in samples] == [
        (number, "ok", "") for number in ("1", "2", "3")
    ]
    for row in samples:
        assert int(row["items"]) > 0
        assert float(row["items_per_second"]) == pytest.approx(int(row["items"]) / float(row["seconds"]), rel=1e-3)


@measured
@pytest.mark.parametrize(
    ("line", "fault", "sentence"),
    [
        ("producers) push(item);", "producers) if (item != 7) push(item);", "not those that were sent"),
        ("producers) push(item);", "producers) push(item == 7 ? 9 : item);", "not those that were sent"),
        ("producers) push(item);", "producers) push(count - 1 - item);", "out of order"),
        ("ring.head = (ring.head + 1) %", "ring.head = (ring.head + 3) %", "did not come out in order"),
    ],
)
def test_a_queue_that_errs_is_corrupt(tmp_path: Path, line: str, fault: str, sentence: str) -> None:
    good = program()
    assert good.count(line) >= 1
    samples = rows(compile_peer(good.replace(line, fault), tmp_path))
    assert len(samples) == 3
    for row in samples:
        assert row["status"] == "corrupt" and sentence in row["detail"], row


@measured
def test_a_cell_that_it_does_not_know_is_skipped(tmp_path: Path) -> None:
    text = program()
    known = 'if (!strcmp(name, "capacity"))'
    assert known in text
    (row, *_) = rows(compile_peer(text.replace(known, 'if (!strcmp(name, "size"))'), tmp_path))
    assert (row["status"], row["detail"]) == ("skipped", "the peer does not know capacity 16")


def test_the_page_names_every_axis() -> None:
    axes = re.findall(r'\.key = "(\w+)"', (ROOT / "harness/axes.cpp").read_text(encoding="utf-8"))
    section = PAGE[PAGE.index("## 3. The requests") : PAGE.index("## 4.")]
    table = section[section.index("| field | |") :]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = set(axes) - {"wait", "pinning", "control"}
    assert set(re.findall(r"`(\w+)`", " ".join(cells))) == told | {"scenario", "sample_ms", "seed"}
