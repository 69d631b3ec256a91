"""scripts/bench --backends a,b builds and takes a program with these backends alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable

import pytest

import bench_arguments
import choice

ROOT = Path(__file__).parents[2]
#: Stands in for cmake: notes how it was called, and builds what it was told to.
CMAKE = """#!/bin/bash
echo "$*" >> "$root/calls"
for word in "$@"; do [[ $word == -DHANDOFF_ONLY=* ]] && echo "${word#*=}" > "$root/only"; done
[[ $1 == --build ]] || exit 0
program=$root/build/release/bench
[[ " $* " == *" handoff-bench-only "* ]] && program+=/only/$(tr ';' '+' < "$root/only")
mkdir -p "$program"
printf '#!/bin/sh\\necho "handoff-bench: this is $0" >&2\\nexit 2\\n' > "$program/handoff-bench"
chmod +x "$program/handoff-bench"
"""


@pytest.fixture(name="build")
def a_build_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    build = tmp_path / "build" / "release" / "bench"
    build.mkdir(parents=True)
    monkeypatch.setattr(bench_arguments, "ROOT", tmp_path)
    monkeypatch.setattr(bench_arguments, "PROGRAM", build / "handoff-bench")
    return build


def names(*arguments: str) -> tuple[str, ...]:
    return choice.names(bench_arguments.parse(arguments))


def test_every_line_of_the_build_is_a_contender() -> None:
    declared = bench_arguments.contenders()
    assert declared["mutex_condvar"] == "backend" and declared["python_asyncio"] == "peer"
    assert len(declared) == sum(
        file.read_text().count("\nhandoff_add_backend(") + file.read_text().count("\nhandoff_add_peer(")
        for file in bench_arguments.DECLARATIONS
    )


def test_names_choose_a_program_and_groups_take_the_one_of_all() -> None:
    assert names("--backends", "mutex_condvar, coroutine,mutex_condvar") == ("coroutine", "mutex_condvar")
    peers = {name for name, kind in bench_arguments.contenders().items() if kind == "peer"}
    assert "python_asyncio" in peers
    assert names("--backends", "peers,coroutine") == tuple(sorted({"coroutine", *peers}))
    for group in ("all", "threads", "coroutines,mutex_condvar"):
        assert names("--backends", group) == ()
    assert names() == ()


def test_an_unknown_backend_is_refused_before_the_build(capsys: pytest.CaptureFixture[str]) -> None:
    for word, advice in (
        ("corutine", "did you mean 'coroutine'?"),
        ("xyz", "expected one of all, threads, coroutines, peers, "),
    ):
        with pytest.raises(SystemExit) as caught:
            names("--backends", f"mutex_condvar,{word}")
        assert caught.value.code == 2
        assert f"scripts/bench: --backends: unknown backend '{word}'; {advice}" in capsys.readouterr().err
    assert bench_arguments.parse(["--backends", "corutine", "--program", "another"]).backends == "corutine"


def test_what_was_built_last_is_taken_where_nothing_is_built(build: Path) -> None:
    everything, of_two = build / "handoff-bench", build / "only" / "coroutine+mutex_condvar" / "handoff-bench"
    chosen = ["--backends", "mutex_condvar,coroutine"]
    asked = bench_arguments.parse([*chosen, "--no-setup"])
    assert choice.program(asked) == of_two
    everything.touch()
    assert choice.program(asked) == everything
    of_two.parent.mkdir(parents=True)
    of_two.touch()
    os.utime(everything, ns=(0, 10))
    os.utime(of_two, ns=(0, 5))
    assert choice.program(asked) == everything
    assert choice.program(bench_arguments.parse(chosen)) == of_two, "it has just been built"
    os.utime(of_two, ns=(0, 15))
    assert choice.program(asked) == of_two


@pytest.mark.parametrize("path", ["build/release/bench/handoff-bench", "build/release/bench/only/a+b/handoff-bench"])
def test_a_resumed_run_takes_the_program_that_it_began_with(build: Path, path: str, tmp_path: Path) -> None:
    (tmp_path / "environment.json").write_text(json.dumps({"program": {"path": path}}))
    options = bench_arguments.parse(["--resume", str(tmp_path)])
    assert choice.program(options) == tmp_path / path
    assert choice.names(options) == (("a", "b") if "only" in path else ())
    assert build.is_dir()


def test_a_run_of_another_program_or_without_a_record_leaves_the_choice_to_the_build(
    build: Path, tmp_path: Path
) -> None:
    options = bench_arguments.parse(["--resume", str(tmp_path)])
    for record in (
        None,
        "not JSON",
        "[]",
        '{"program": {"path": "/elsewhere/only/a/handoff-bench"}}',
        '{"program": 3}',
    ):
        if record is not None:
            (tmp_path / "environment.json").write_text(record)
        assert choice.names(options) == ()
        assert choice.program(options) == build / "handoff-bench"


@pytest.fixture(name="told")
def a_project_whose_cmake_makes_notes(tmp_path: Path) -> Callable[..., str]:
    """Starts a script of it; what that said."""
    for name in (
        "scripts",
        "queues/CMakeLists.txt",
        "bench/peers/CMakeLists.txt",
        "bench/matrices",
        "docs/columns.csv",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name)
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "scripts/setup").write_text("#!/bin/sh\n")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/cmake").write_text(CMAKE)
    (tmp_path / "tools/cmake").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path / 'tools'}:{os.environ['PATH']}", "root": str(tmp_path)}

    def told(name: str, *arguments: str) -> str:
        command: list[str | Path] = [tmp_path / "scripts" / name, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment).stderr

    return told


def test_the_script_builds_what_the_choice_needs_and_measures_with_it(told: Callable[..., str], tmp_path: Path) -> None:
    assert "this is" in (of_two := told("bench", "smoke", "--backends", "mutex_condvar,coroutine"))
    assert f"{tmp_path}/build/release/bench/only/coroutine+mutex_condvar/handoff-bench" in of_two
    assert f"{tmp_path}/build/release/bench/handoff-bench" in told("bench", "smoke")
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls == [
        "--preset release -DHANDOFF_ONLY=coroutine;mutex_condvar",
        "--build --preset release --target handoff-bench-only",
        "--preset release -DHANDOFF_ONLY=",
        "--build --preset release --target handoff-bench",
    ]


@pytest.mark.parametrize(
    ("name", "only", "folder"), [("fidelity", "", ""), ("power", "mutex_condvar", "only/mutex_condvar/")]
)
def test_what_checks_the_harness_builds_what_it_measures_with(
    told: Callable[..., str], tmp_path: Path, name: str, only: str, folder: str
) -> None:
    """Also where a run of a few backends has left a program with their cells alone."""
    told("bench", "smoke", "--backends", "coroutine")
    (tmp_path / "calls").unlink()
    assert "this is" in (said := told(name))
    assert f"{tmp_path}/build/release/bench/{folder}handoff-bench" in said
    assert (tmp_path / "calls").read_text().splitlines() == [
        f"--preset release -DHANDOFF_ONLY={only}",
        f"--build --preset release --target handoff-bench{'-only' if only else ''}",
    ]


@pytest.mark.parametrize("name", ["fidelity", "power"])
def test_a_mistake_shows_before_the_build_and_a_missing_program_where_none_is_wanted(
    told: Callable[..., str], tmp_path: Path, name: str
) -> None:
    assert told(name, "--colour").count("\n") == 1
    assert "no such program; leave out --no-setup and --program to build one" in told(name, "--no-setup")
    assert not (tmp_path / "calls").exists()
