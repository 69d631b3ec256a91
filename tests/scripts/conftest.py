"""Paths, and runs of the scripts against the fake bench program."""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "scripts"), str(HERE)]

import pandas as pd  # noqa: E402
import run_matrix  # noqa: E402
import schema  # noqa: E402

GOLDEN = HERE / "golden"
#: Keywords of subprocess.run.
CAUGHT: dict[str, Any] = {"capture_output": True, "text": True, "check": False}


def _install_fake() -> Path:
    """The fake, with the interpreter of the tests in its first line: what `env python3` finds may start slowly."""
    folder = Path(tempfile.mkdtemp(prefix="handoff-fake-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    text = (HERE / "fake_bench.py").read_text(encoding="utf-8")
    text = text.replace("#!/usr/bin/env python3", f"#!{sys.executable} -IS", 1)
    fake = folder / "fake_bench.py"
    fake.write_text(text.replace("Path(__file__).resolve().parents[2]", f"Path({str(ROOT)!r})", 1), encoding="utf-8")
    fake.chmod(0o755)
    return fake


FAKE = _install_fake()


def script(name: str, *words: str) -> list[str]:
    """The command of an entry point, as a user gives it."""
    return [str(ROOT / "scripts" / name), *words]


@dataclass
class Bench:
    """A folder with a fake matrix, and runs of it."""

    folder: Path

    @property
    def out(self) -> Path:
        return self.folder / "run"

    @property
    def samples(self) -> pd.DataFrame:
        return schema.read_samples(self.out / "samples.csv")

    def matrix(self, **keys: Any) -> Path:
        path = self.folder / "matrix.json"
        small = {"name": "small", "blocks": 2, "scenarios": ["throughput"], "shapes": [[1, 1]]}
        small["backends"] = ["mutex_condvar", "tbb_bounded"]
        path.write_text(json.dumps({**small, **keys}), encoding="utf-8")
        return path

    def behave(self, **deeds: Any) -> None:
        """`behave(spin={"do": "crash"})`: what the tbb_bounded cell with that wait does from now on."""
        cells = {cell_name("tbb_bounded", wait): deed for wait, deed in deeds.items()}
        (self.folder / "behaviour.json").write_text(json.dumps(cells), encoding="utf-8")

    def arguments(self, *more: str) -> list[str]:
        return ["--program", str(FAKE), "--no-plots", "--grace", "0.3", *more]

    def run(self, *more: str) -> int:
        """A new run in this process; its exit status."""
        return run_matrix.main(self.arguments(str(self.folder / "matrix.json"), "--out", str(self.out), *more))

    def resume(self) -> int:
        return run_matrix.main(self.arguments("--resume", str(self.out)))

    def command(self, *more: str) -> list[str]:
        """What starts a run in a process of its own."""
        return script("bench", *self.arguments(*more))

    def start(self, *more: str, **how: Any) -> "subprocess.CompletedProcess[Any]":
        """A new run in a process of its own; `how` goes to subprocess.run."""
        return subprocess.run(self.command(*more), **{**CAUGHT, **how})

    def rows(self, wait: str) -> pd.DataFrame:
        samples = self.samples
        return samples[samples["cell"] == cell_name("tbb_bounded", wait)]


def cell_name(backend: str, wait: str) -> str:
    return f"throughput/{backend}/p:1/c:1/cap:1024/bytes:8/wait:{wait}"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.matrix()
    return made
