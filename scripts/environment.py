"""environment.json: the machine, what was run, and the command that repeats it."""

from __future__ import annotations

import csv
import datetime
import json
import os
import platform
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import threads
from files import write_whole

ROOT = Path(__file__).resolve().parent.parent


def now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def host() -> dict[str, Any]:
    uname = platform.uname()
    return {
        "name": socket.gethostname(),
        "system": uname.system,
        "kernel": uname.release,
        "machine": uname.machine,
        "distribution": _distribution(),
        "cores": os.cpu_count(),
        "cores_allowed": threads.cores(),
        "python": platform.python_version(),
        "load_before": list(os.getloadavg()),
    }


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except (OSError, UnicodeDecodeError):
        return ""


def git_state(tree: Path = ROOT) -> dict[str, Any]:
    """The checked-out commit, and whether the tree differs from it.

    cmake/git_state.cmake says the same of a build.
    """
    commit = _output("git", "-C", str(tree), "rev-parse", "--verify", "HEAD")
    changes = _output("git", "-C", str(tree), "status", "--porcelain")
    if commit is None:
        return {"commit": None, "dirty": None}
    return {"commit": commit.strip(), "dirty": bool(changes)}


def packages() -> list[str]:
    """Debian's names of all packages that can matter to a run: all that scripts/setup knows but the tools that check."""
    with open(ROOT / "cmake" / "packages.csv", encoding="utf-8", newline="") as listed:
        return [row["debian"] for row in csv.DictReader(listed) if row["group"] != "check"]


def package_versions() -> dict[str, str]:
    """Versions of those packages that are installed."""
    if shutil.which("dpkg-query") is None:
        return {}
    told = _output(
        "dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version}\n", *packages(), any_status=True
    )
    fields = (line.split() for line in (told or "").splitlines())
    return {field[1]: field[2] for field in fields if len(field) == 3 and field[0] == "installed"}


def _output(*command: str, any_status: bool = False) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError:
        return None
    return done.stdout if any_status or done.returncode == 0 else None


def write(folder: Path, known: dict[str, Any]) -> None:
    write_whole(folder / "environment.json", json.dumps(known, indent=2, ensure_ascii=False) + "\n")


#: Entries of `machine` that must not differ between the parts of one run, or its figures do not compare. What an
#: older record lacks is not compared.
LASTING = {
    "host": "the host",
    "cpu_model": "the processor",
    "memory_bytes": "the memory",
    "cpus_allowed": "the set of allowed CPUs",
    "usable_threads": "the number of usable CPUs",
    "cpu_quota": "the CPU quota",
    "governor": "the frequency governor",
    "kernel": "the kernel",
    "libc": "the C library",
    "variables": "the environment of the program",
    "peers": "what the peers run on",
}


def difference(before: dict[str, Any], now: dict[str, Any]) -> str | None:
    """The first difference between the machine now and then, in words."""
    for name, words in LASTING.items():
        if name in before and name in now and before[name] != now[name]:
            old, new = (_shown(entry[name]) for entry in (before, now))
            return f"{words} has changed since this run began (then {old}, now {new})"
    return None


def _shown(value: Any) -> str:
    return "none" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
