"""README names every script and matrix, and nothing that is not there."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import bench_arguments  # noqa: E402

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_script_is_named() -> None:
    scripts = {path.name for path in (ROOT / "scripts").iterdir() if os.access(path, os.X_OK) and path.is_file()}
    assert set(re.findall(r"\bscripts/(\w+)", README)) == scripts


def test_every_matrix_is_named() -> None:
    named = set(re.findall(r"^\| .*`scripts/bench (\w+)`", README, re.MULTILINE))
    assert named == {path.stem for path in (ROOT / "bench/matrices").glob("*.toml")}


def test_every_queue_that_is_named_is_there() -> None:
    """One that is added need not be named at once: it takes two files."""
    queues = re.search(r"^\*\*Queues:\*\*(.*?)\n\n", README, re.MULTILINE | re.DOTALL)
    assert queues is not None
    named = re.findall(r"`(\w+)`", queues[1])
    assert len(named) > 5
    assert set(named) <= set(bench_arguments.contenders())


def test_its_table_stands_in_the_report_of_the_sample_run() -> None:
    report = (ROOT / "results/sample/report.txt").read_text(encoding="utf-8").splitlines()
    table = re.search(r"^```\n(1P 1C.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert table is not None
    assert len(table[1].splitlines()) == 10
    assert [line for line in table[1].splitlines() if line not in report] == []
