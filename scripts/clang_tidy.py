"""clang-tidy with the checks of .clang-tidy, on the product and the tests of async as clang compiles them.

Most of its time goes into the headers of the standard library, which it reads anew for each file that it is given. So
the files of a part are read as one that includes them all. If that does not compile, because two of them give the same
name to things of their own, each is read alone, which takes longer and finds the same.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Sequence

from commits import main_branches
from failures import FAILED, UserError
from tools import ROOT, Verdict, run, tool, verdict

BUILD = Path("build/tidy")
#: What is checked, by how names of files begin, and what the files are called that are read together; a file is read
#: alone where that is empty, for the example programs give the same names to the same things. All other tests would
#: take as long as the product.
PARTS = (
    (r"bench/(channel|fork_join|instructions)/", r"\1"),
    (r"(queues|harness|bench)/", r"\1"),
    (r"examples/support/", "examples"),
    (r"examples/", ""),
    (r"build/tidy/bench/generated/backend_", "cells"),
    (r"build/tidy/(bench|examples)/", r"\1_generated"),
    (r"tests/async/(differential)/", r"\1"),
    (r"tests/async/", "async"),
)
#: The cells of one backend take as long as a room, and differ in what they include.
CELLS = re.compile(r"build/tidy/bench/generated/backend_")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Unit:
    """A file that is compiled, as the project's folder knows it, the part it is read with, and how it is compiled."""

    file: str
    part: str
    options: tuple[str, ...]


def tidy(changed: bool = False) -> Verdict:
    """What it finds; if `changed`, in the files that are not as on the main branch, or include one that is not."""
    program = tool("clang-tidy-16", "clang-tidy")
    configured = run([tool("cmake"), "--preset", "tidy"])
    if configured.returncode != 0:
        return Verdict(False, configured.stdout)
    units = _without_alike(_units())
    if changed:
        different = _changed()
        if ".clang-tidy" not in different:
            units = [unit for unit in units if different & _read_with(unit.file)]
    parts = [list(members) for _, members in groupby(units, lambda unit: unit.part)]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        try:
            found = list(pool.map(lambda part: _judge(program, part), parts))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return Verdict(all(one.passed for one in found), "".join(one.words for one in found))


def _units() -> list[Unit]:
    """All that is checked, part by part."""
    units = set()
    for entry in json.loads((ROOT / BUILD / "compile_commands.json").read_text(encoding="utf-8")):
        file = os.path.relpath(entry["file"], ROOT)
        name = _part_of(file)
        if name is not None:
            words = shlex.split(entry["command"])  # [LAUNCHER] COMPILER OPTION… -o OBJECT -c FILE
            compiler = next(place for place, word in enumerate(words) if Path(word).name.startswith("clang++"))
            units.add(Unit(file, name, tuple(words[compiler + 1 : words.index("-o")])))
    return sorted(units, key=lambda unit: (unit.part, unit.file))


def _part_of(file: str) -> str | None:
    for begin, name in PARTS:
        found = re.match(begin, file)
        if found:
            return found.expand(name) or file
    return None


def _without_alike(units: list[Unit]) -> list[Unit]:
    """Without the cells of the backends that include nothing but what others include."""
    read = set().union(*(_read_with(unit.file) for unit in units if not CELLS.match(unit.file)))
    alike = set()
    for unit in units:
        if CELLS.match(unit.file):
            new = _read_with(unit.file) - {unit.file} - read
            read |= new
            if not new:
                alike.add(unit)
    return [unit for unit in units if unit not in alike]


@cache
def _read_with(file: str) -> frozenset[str]:
    """The file, and those of the project that it includes, by whatever way."""
    read = {file}
    unread = [file]
    while unread:
        text = (ROOT / unread.pop()).read_text(encoding="utf-8")
        new = {name for name in INCLUDE.findall(text) if (ROOT / name).is_file()} - read
        read |= new
        unread += new
    return frozenset(read)


def _changed() -> set[str]:
    """The files that are not as they were where the branch left the main branch."""
    main = [*main_branches(), "HEAD"][0]
    left = _git("merge-base", "HEAD", main).strip()
    changed = _git("diff", "-z", "--name-only", left)
    new = _git("ls-files", "-z", "--others", "--exclude-standard")
    return set((changed + new).split("\0"))


def _git(*arguments: str) -> str:
    done = run([tool("git"), *arguments])
    if done.returncode != 0:
        told = done.stdout.strip() or "the branch has no commit in common with the main branch"
        raise UserError(f"git cannot say which files differ from the main branch: {told}", FAILED)
    return done.stdout


def _judge(program: str, part: list[Unit]) -> Verdict:
    """What it finds in files that are read together."""
    if len(part) == 1:
        return _read(program, part[0].file, part[0].options)
    file = BUILD / "together" / f"{part[0].part}.cpp"
    (ROOT / file).parent.mkdir(exist_ok=True)
    (ROOT / file).write_text("".join(f'#include "{unit.file}"\n' for unit in part), encoding="utf-8")
    together = _read(program, str(file), [word for options in {unit.options: 1 for unit in part} for word in options])
    if "clang-diagnostic-error" not in together.words:
        return together
    alone = [_read(program, unit.file, unit.options) for unit in part]
    note = f"{part[0].part}: the files do not compile together, so each was read alone\n"
    return Verdict(all(one.passed for one in alone), note + "".join(one.words for one in alone))


def _read(program: str, file: str, options: Sequence[str]) -> Verdict:
    return verdict([program, "--quiet", file, "--", *options])
