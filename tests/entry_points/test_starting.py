"""Every entry point starts as it should, wherever it is called from and whatever the user's environment holds."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Callable

import pytest

ROOT = Path(__file__).parents[2]
ENTRY_POINTS = [
    path.name
    for path in sorted((ROOT / "scripts").iterdir())
    if not path.suffix and os.access(path, os.X_OK) and path.is_file()
]
PYTHON = [name for name in ENTRY_POINTS if name not in ("setup", "test")]
#: It loads nothing but Python's own.
WITHOUT_PANDAS = ("check", "pandas")

#: What a user's shell may hold that has nothing to do with us.
FOREIGN = {
    "PYTHONHOME": "/nowhere",
    "PYTHONSAFEPATH": "1",
    "PYTHONIOENCODING": "latin-1",
    "PYTHONWARNINGS": "error",
    "NPY_PROMOTION_STATE": "odd",
}


def helped(command: list[str | Path], cwd: Path = ROOT, **variables: str) -> None:
    """Asks for --help in that environment, and gets it."""
    done = subprocess.run(
        [*command, "--help"], cwd=cwd, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.lower().startswith("usage: scripts/")


def test_all_of_them_are_known() -> None:
    assert {
        "bench",
        "check",
        "compare",
        "fidelity",
        "instructions",
        "plot",
        "power",
        "setup",
        "summarize",
        "test",
    } <= set(ENTRY_POINTS)


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_the_users_search_path_for_cd_does_not_lead_them_astray(name: str, tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    helped([f"scripts/{name}"], CDPATH=str(tmp_path))
    helped([f"scripts/{name}"], CDPATH=".")


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_they_can_be_called_through_a_link(name: str, tmp_path: Path) -> None:
    (tmp_path / "target").symlink_to(ROOT / "scripts" / name)
    (tmp_path / "link").symlink_to("target")
    helped([tmp_path / "link"], cwd=tmp_path)


@pytest.mark.parametrize("name", PYTHON)
def test_variables_of_python_change_nothing(name: str, tmp_path: Path) -> None:
    for module in ("argparse", "failures", "json", "pandas", "schema"):
        (tmp_path / f"{module}.py").write_text(f"raise SystemExit('the user\\'s {module}')\n", encoding="utf-8")
    helped([ROOT / "scripts" / name], cwd=tmp_path, PYTHONPATH=str(tmp_path), **FOREIGN)


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_a_closed_console_is_no_fault(name: str) -> None:
    closed = subprocess.run(
        ["bash", "-c", 'exec "$0" --help <&- >&-', ROOT / "scripts" / name], stderr=subprocess.PIPE, check=False
    )
    assert (closed.returncode, closed.stderr) == (0, b"")
    all_closed = subprocess.run(["bash", "-c", 'exec "$0" --help <&- >&- 2>&-', ROOT / "scripts" / name], check=False)
    assert all_closed.returncode == 0


@pytest.mark.parametrize("name", PYTHON)
def test_an_answer_that_cannot_be_written_is_said_and_fails(name: str) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [ROOT / "scripts" / name, "--help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (1, f"scripts/{name}: standard output: No space left on device\n")


@pytest.mark.parametrize("folder, status", [(ROOT / "results" / "sample", 0), (Path("/nowhere"), 2)])
def test_what_cannot_be_said_changes_no_status(folder: Path, status: int, tmp_path: Path) -> None:
    run = tmp_path / "run"
    if folder.exists():
        shutil.copytree(folder, run)
        (run / "report.txt.new").mkdir()  # so that there is something to say
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [ROOT / "scripts" / "summarize", run if folder.exists() else folder],
            stdout=subprocess.PIPE,
            stderr=full,
            check=False,
        )
    assert done.returncode == status


@pytest.mark.parametrize(
    "name, moment",
    [(name, moment) for name in PYTHON for moment in ("pandas", "argparse") if (name, moment) != WITHOUT_PANDAS],
)
def test_an_interrupt_while_modules_are_loaded_ends_with_a_sentence(name: str, moment: str, tmp_path: Path) -> None:
    """SIGINT comes in the middle of an import, from a module that swallows every exception."""
    start = tmp_path / "start.py"
    trap = f"""
import os, signal, sys
class Trap:
    def find_spec(self, name, path=None, target=None):
        if name == {moment!r}:
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except BaseException:
                pass
sys.modules.pop({moment!r}, None)
sys.meta_path.insert(0, Trap())
"""
    start.write_text(
        trap + (ROOT / "scripts/start.py").read_text().replace("__file__", repr(str(ROOT / "scripts/start.py")))
    )
    module = "run_matrix" if name == "bench" else name
    command: list[str | Path] = [ROOT / ".venv/bin/python", "-I", "-X", "utf8", start, name, module, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", f"scripts/{name}: interrupted\n")


def test_an_interrupt_before_the_first_line_waits_for_its_answer(tmp_path: Path) -> None:
    """SIGINT comes before Python runs: the interpreter of the entry point is a program that sends it to itself."""
    for name in ("entry.sh", "summarize", *(path.name for path in (ROOT / "scripts").glob("*.py"))):
        (tmp_path / "scripts").mkdir(exist_ok=True)
        (tmp_path / "scripts" / name).write_bytes((ROOT / "scripts" / name).read_bytes())
        (tmp_path / "scripts" / name).chmod(0o755)
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nkill -INT $$\nexec {ROOT}/.venv/bin/python "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    done = subprocess.run(
        [tmp_path / "scripts/summarize", "--help"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "scripts/summarize: interrupted\n")


@pytest.mark.parametrize("name", PYTHON)
def test_an_interrupt_between_the_first_commands_is_not_forgotten(name: str, tmp_path: Path) -> None:
    """SIGINT comes to the shell while it waits for a command that goes on all the same."""
    tool = tmp_path / "env"
    tool.write_text(
        '#!/bin/sh\n[ "$2" = true ] && kill -INT $PPID && exit 0\nexec /usr/bin/env "$@"\n', encoding="utf-8"
    )
    tool.chmod(0o755)
    done = subprocess.run(
        [ROOT / "scripts" / name, "--help"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_a_word_that_a_terminal_would_obey_is_repeated_as_what_it_is(name: str) -> None:
    done = subprocess.run(
        [ROOT / "scripts" / name, "--\x1b[31mred", "a\rb", "c", "d"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    told = done.stderr.decode("utf-8")
    assert "red" in told and all(line.isprintable() for line in told.splitlines())
    if name in PYTHON:
        assert told.startswith(f"scripts/{name}: ") and told.count("\n") == 1


@pytest.fixture(name="alone")
def an_entry_point_without_the_project(tmp_path: Path) -> Callable[[str], Path]:
    """If it would go on by mistake it finds nothing to build."""

    def copied(name: str) -> Path:
        shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__", "setup"))
        shutil.copy(ROOT / "scripts/setup", tmp_path / "scripts/setup")
        for file in ("queues/CMakeLists.txt", "bench/peers/CMakeLists.txt", "cmake/packages.csv", "docs/columns.csv"):
            (tmp_path / file).parent.mkdir(parents=True)
            shutil.copy(ROOT / file, tmp_path / file)
        (tmp_path / ".venv").symlink_to(ROOT / ".venv")
        return tmp_path / "scripts" / name

    return copied


@pytest.mark.parametrize("stderr", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_a_mistake_has_its_status_although_nobody_can_read_of_it(
    name: str, stderr: str, alone: Callable[[str], Path]
) -> None:
    done = subprocess.run(
        ["bash", "-c", f'exec "$0" --no-such-option {stderr}', alone(name)], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize("name", ["setup", "test"])
def test_help_that_cannot_be_written_is_a_failure_and_nothing_else_is_done(
    name: str, alone: Callable[[str], Path]
) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([alone(name), "--help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("write error: No space left on device\n") and done.stderr.count("\n") == 1


def test_a_module_that_is_missing_is_named(alone: Callable[[str], Path]) -> None:
    """As after an update that needs one more."""
    summarize = alone("summarize")
    (summarize.parent / "summarize.py").write_text("import nosuch\n", encoding="utf-8")
    done = subprocess.run([summarize, "run"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "scripts/summarize: the Python module nosuch is missing; scripts/setup installs it\n"


def test_a_file_that_a_module_cannot_read_while_it_is_loaded_is_named(alone: Callable[[str], Path]) -> None:
    summarize = alone("summarize")
    (summarize.parent / "summarize.py").write_text("open('/nowhere/at/all')\n", encoding="utf-8")
    done = subprocess.run([summarize, "run"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "scripts/summarize: /nowhere/at/all: No such file or directory\n")
