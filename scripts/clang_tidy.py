"""clang-tidy with the checks of .clang-tidy, on the product as clang compiles it."""

from __future__ import annotations

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import ROOT, Verdict, run, tool

#: The product, what is generated for its backends, and the tests that alone include some of its headers. All other
#: tests would take as long again, and they are run.
CHECKED = re.compile(r"(build/tidy/)?(queues|harness|bench|examples)/|tests/async/")


def tidy() -> Verdict:
    program = tool("clang-tidy-16", "clang-tidy")
    configured = run([tool("cmake"), "--preset", "tidy"])
    if configured.returncode != 0:
        return Verdict(False, configured.stdout)
    commands = [[program, "-p", "build/tidy", "--quiet", unit] for unit in _units()]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        try:
            found = [done.stdout for done in pool.map(run, commands) if done.returncode != 0]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return Verdict(not found, "".join(found))


def _units() -> list[str]:
    commands = (ROOT / "build/tidy/compile_commands.json").read_text(encoding="utf-8")
    files = {os.path.relpath(entry["file"], ROOT) for entry in json.loads(commands)}
    return sorted(name for name in files if CHECKED.match(Path(name).as_posix()))
