"""Which packages the project takes from the distribution stands in cmake/packages.csv alone."""

from __future__ import annotations

import csv
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
with open(ROOT / "cmake/packages.csv", encoding="utf-8", newline="") as listed:
    PACKAGES = list(csv.DictReader(listed))


def column(name: str) -> set[str]:
    return {row[name] for row in PACKAGES if row[name]}


def test_a_package_is_listed_once_in_a_group_that_setup_knows() -> None:
    assert len(column("debian")) == len(PACKAGES)
    assert column("group") == {"build", "python", "peers", "sanitizers", "check", "system"}


def test_every_library_that_is_looked_for_is_listed() -> None:
    files = [ROOT / "CMakeLists.txt"] + [
        path
        for folder in ("bench", "cmake", "examples", "harness", "queues", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.name == "CMakeLists.txt" or path.suffix == ".cmake"
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    wanted = set(re.findall(r"find_package\((\w+)", text)) | set(re.findall(r" REQUIRES (\w+)", text))
    assert {"GTest", "TBB", "asio"} <= wanted
    # What every system with a compiler has, and the project itself.
    assert wanted - column("cmake") == {"Threads", "OpenMP", "PkgConfig", "handoff"}


def test_python_modules_are_those_of_requirements() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert {line.split(">=")[0] for line in lines if line and not line.startswith("#")} == column("python")


def test_no_other_file_lists_packages() -> None:
    names = column("debian") - {"cmake", "python3", "g++", "black", "mypy", "codespell"}  # also names of programs
    name = re.compile(r"(?<![\w/.-])(" + "|".join(re.escape(one) for one in sorted(names)) + r")(?![\w/.-])")
    several = []
    for folder in ("cmake", "scripts", "bench", "queues"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc" and path.name != "packages.csv":
                found = set(name.findall(path.read_text(encoding="utf-8")))
                several += [f"{path.relative_to(ROOT)}: {', '.join(sorted(found))}"] if len(found) > 2 else []
    assert not several
