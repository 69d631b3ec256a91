"""The command lines: mistakes end with one sentence and status 2, before anything is built."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import bench_arguments
import pytest
from conftest import ROOT

WRONG = {
    "--blocks 0": "'0' must be a whole number, 1 or more",
    "--blocks many": "'many' must be a whole number",
    "--seed -1": "'-1' must be a whole number, 0 or more",
    "--colour": "unrecognized arguments: --colour",
    "quick standard": "unrecognized arguments: standard",
    "--resume run quick": "leave out MATRIX",
    "--resume run --blocks 3": "leave out --blocks",
    "--resume run --seed 3": "leave out --seed",
    "--grace forever": "must be a number of seconds",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_mistake_is_one_sentence_and_status_2(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        bench_arguments.parse(line.split())
    told = capsys.readouterr().err
    assert caught.value.code == 2
    assert WRONG[line] in told
    assert told.startswith("scripts/bench: ") and told.endswith(".\n") and told.count("\n") == 1


def test_the_command_line_is_checked_before_setup_and_build(tmp_path: Path) -> None:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    for name in ("bench", "bench_arguments.py", "python.sh"):
        shutil.copy(ROOT / "scripts" / name, scripts / name)
    (scripts / "setup").write_text("#!/bin/sh\necho setting up\n")
    (scripts / "setup").chmod(0o755)
    done = subprocess.run([scripts / "bench", "--blocks", "0"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    helped = subprocess.run([scripts / "bench", "--help"], capture_output=True, text=True, check=False)
    assert helped.returncode == 0 and helped.stdout.startswith("usage: scripts/bench")
    missing = subprocess.run([scripts / "bench", "--no-setup"], capture_output=True, text=True, check=False)
    assert missing.returncode == 2 and missing.stderr.endswith("run scripts/setup first.\n")


@pytest.mark.parametrize("script", ["summarize", "plot"])
def test_a_folder_without_samples_is_named(script: str, tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / f"{script}.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"scripts/{script}: {tmp_path}/samples.csv: no such file; a run's folder holds samples.csv.\n"
