"""environment.json: what the machine was, what was run, and the command that runs it again."""

from __future__ import annotations

import datetime
import json
import os
import platform
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "libbenchmark-dev", "libtbb-dev", "libconcurrentqueue-dev", "libfmt-dev", "libcli11-dev", "libtomlplusplus-dev",
    "nlohmann-json3-dev", "libhwloc-dev", "libgtest-dev", "g++", "clang-16", "cmake", "libc6", "python3", "python3-numpy",
    "python3-scipy", "python3-pandas", "python3-matplotlib",
)  # fmt: skip


def now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def describe(program: dict[str, Any]) -> dict[str, Any]:
    """Everything that is known before the first block; `program` is what --environment told."""
    return {
        "host": host(),
        "git": git_state(),
        "packages": package_versions(),
        "program": program,
    }


def host() -> dict[str, Any]:
    uname = platform.uname()
    return {
        "name": socket.gethostname(),
        "system": uname.system,
        "kernel": uname.release,
        "machine": uname.machine,
        "distribution": _distribution(),
        "cores": os.cpu_count(),
        "cores_allowed": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "load_before": list(os.getloadavg()),
    }


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return ""


def git_state(tree: Path = ROOT) -> dict[str, Any]:
    """The commit that the tree stands on, and whether it holds anything that this commit does not.

    cmake/git_state.cmake says the same of a build.
    """
    commit = _output("git", "-C", str(tree), "rev-parse", "--verify", "HEAD")
    changes = _output("git", "-C", str(tree), "status", "--porcelain")
    if commit is None:
        return {"commit": None, "dirty": None}
    return {"commit": commit.strip(), "dirty": bool(changes)}


def package_versions() -> dict[str, str]:
    """Versions of the distribution's packages that matter, those that are installed."""
    if shutil.which("dpkg-query") is None:
        return {}
    told = _output("dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version}\n", *PACKAGES, any_status=True)
    fields = (line.split() for line in (told or "").splitlines())
    return {field[1]: field[2] for field in fields if len(field) == 3 and field[0] == "installed"}


def _output(*command: str, any_status: bool = False) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout if any_status or done.returncode == 0 else None


def write(folder: Path, known: dict[str, Any]) -> None:
    """Replaces environment.json as a whole: a reader never sees half of one."""
    path = folder / "environment.json"
    fresh = path.with_suffix(".json.new")
    fresh.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(path)
