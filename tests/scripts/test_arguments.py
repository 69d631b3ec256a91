"""The command lines: mistakes end with one sentence and status 2, before anything is built."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import bench_arguments
import pytest
from conftest import ROOT

WRONG = {
    "--blocks 0": "'0' must be a whole number from 1 to 100000",
    "--blocks 99999999999999999999": "'99999999999999999999' must be a whole number from 1 to 100000",
    f"--blocks {'9' * 5000}": "...' must be a whole number from 1 to 100000",
    "--blocks many": "'many' must be a whole number",
    "--seed -1": "'-1' must be a whole number from 0 to",
    "--out=": "argument --out: '' is not a folder",
    "--resume=": "argument --resume: '' is not a folder",
    "--colour": "unrecognized arguments: --colour",
    "quick standard": "unrecognized arguments: standard",
    "--resume run quick": "leave out MATRIX",
    "--resume run --blocks 3": "leave out --blocks",
    "--resume run --seed 3": "leave out --seed",
    "--grace forever": "must be a number of seconds",
    "quik": "there is no matrix named 'quik'; give the path of a TOML file, or one of the names async, full, quick, smoke, standard",
    "bench/matrices": "there is no matrix file 'bench/matrices'; give the path of a TOML file, or one of the names async, full,",
    "quick.toml": "there is no matrix file 'quick.toml'; give the path of a TOML file",
    f"--out {__file__}": f"--out {__file__}: {__file__} is not a folder; give a folder, new or without a run in it",
    f"--out {__file__}/run": f"--out {__file__}/run: {__file__} is not a folder; give a folder",
    f"--out {ROOT}/results/sample": f"--out {ROOT}/results/sample: already contains a run; give another --out",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_mistake_is_one_sentence_and_status_2(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        bench_arguments.parse(line.split())
    told = capsys.readouterr().err
    assert caught.value.code == 2
    assert WRONG[line] in told
    assert told.startswith("scripts/bench: ") and not told.endswith(".\n") and told.count("\n") == 1


@pytest.mark.parametrize("line", ["smoke", f"{ROOT}/bench/matrices/smoke.toml", "of_another_program --program other"])
def test_a_matrix_is_found_by_its_name_or_file_and_another_program_knows_others(line: str) -> None:
    assert bench_arguments.parse(line.split()).matrix == line.split()[0]


def test_a_matrix_in_the_folder_of_the_reader_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = tmp_path / "below"
    (tmp_path / "bench" / "matrices").mkdir(parents=True)
    below.mkdir()
    (tmp_path / "bench" / "matrices" / "own.toml").write_text("")
    monkeypatch.chdir(below)
    assert bench_arguments.parse(["own"]).matrix == "own"


@pytest.mark.parametrize(
    ("environment", "advice"),
    [
        ('{"complete": false}', "give --resume {0} to continue it, or another --out"),
        ("{}", "give --resume {0} to continue it, or another --out"),
        ('{"complete": true}', "give another --out"),
        ("not JSON", "give another --out"),
        (None, "give another --out"),
    ],
)
def test_resume_is_advised_only_where_it_can_work(
    environment: str | None, advice: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "samples.csv").write_text("schema")
    if environment is not None:
        (tmp_path / "environment.json").write_text(environment)
    with pytest.raises(SystemExit):
        bench_arguments.parse(["--out", str(tmp_path)])
    assert capsys.readouterr().err.endswith(f": already contains a run; {advice.format(tmp_path)}\n")


def test_a_folder_whose_run_was_killed_before_it_had_begun_is_free(tmp_path: Path) -> None:
    (tmp_path / "samples.csv").write_text("")
    assert bench_arguments.parse(["--out", str(tmp_path)]).out == tmp_path


def test_help_says_when_latest_stays(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench_arguments.parse(["--help"])
    assert "results/latest is not moved to a folder elsewhere" in " ".join(capsys.readouterr().out.split())


def test_the_command_line_is_checked_before_setup_and_build(tmp_path: Path) -> None:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    for name in ("bench", "arguments.py", "bench_arguments.py", "entry.sh", "start.py", "failures.py", "spelling.py"):
        shutil.copy(ROOT / "scripts" / name, scripts / name)
    (scripts / "setup").write_text("#!/bin/sh\necho setting up\n")
    (scripts / "setup").chmod(0o755)
    done = subprocess.run([scripts / "bench", "--blocks", "0"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    unknown = subprocess.run([scripts / "bench", "quik"], capture_output=True, text=True, check=False)
    assert (unknown.returncode, unknown.stdout) == (2, "") and "no matrix named 'quik'" in unknown.stderr
    helped = subprocess.run([scripts / "bench", "--help"], capture_output=True, text=True, check=False)
    assert helped.returncode == 0 and helped.stdout.startswith("usage: scripts/bench")
    missing = subprocess.run([scripts / "bench", "--no-setup"], capture_output=True, text=True, check=False)
    assert missing.returncode == 2 and missing.stderr.endswith("run scripts/setup first\n")


@pytest.mark.parametrize("script", ["summarize", "plot"])
def test_a_folder_without_samples_is_named(script: str, tmp_path: Path) -> None:
    done = subprocess.run([ROOT / "scripts" / script, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"scripts/{script}: {tmp_path}/samples.csv: no such file; a run's folder holds samples.csv\n"
