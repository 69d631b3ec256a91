"""How scripts/check runs the tools of development. Needs nothing but Python."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from failures import FAILED, UserError

ROOT = Path(__file__).resolve().parent.parent
#: Variables that begin with these would change a tool's settings, which are in the project.
FOREIGN = ("PYTHON", "MYPY", "BLACK")


@dataclass(frozen=True)
class Verdict:
    """What a check found: nothing (`passed`), or the words of its tools."""

    passed: bool
    words: str = ""


def tool(*names: str) -> str:
    """The first of these programs that is installed."""
    for name in names:
        if shutil.which(name) is not None:
            return name
    raise UserError(f"there is no {names[0]}; scripts/setup --dev installs it", FAILED)


def run(command: Sequence[str | Path], text: str = "") -> "subprocess.CompletedProcess[str]":
    """Runs a tool in the project's folder on the input `text`; all its output is in `stdout`."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)},
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def verdict(command: Sequence[str | Path]) -> Verdict:
    """The tool's own verdict, by its exit status."""
    done = run(command)
    return Verdict(done.returncode == 0, "" if done.returncode == 0 else done.stdout)


def files() -> list[str]:
    """The project's files: those that git knows or would add, and that exist."""
    listed = run([tool("git"), "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
    if listed.returncode != 0:
        raise UserError(f"git cannot list the files of the project: {listed.stdout.strip()}", FAILED)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
