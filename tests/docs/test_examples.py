"""The examples in docs/ compile as they stand."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPILER = os.environ.get("HANDOFF_CXX", "c++")
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def compile_text(text: str, folder: Path) -> None:
    source = folder / "example.cpp"
    source.write_text(text, encoding="utf-8")
    command: list[str | Path] = [COMPILER, "-std=c++20", "-fsyntax-only", *WARNINGS, f"-I{folder}", f"-I{ROOT}", source]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_the_backend_of_the_anatomy_compiles_and_is_layered(tmp_path: Path) -> None:
    text = (ROOT / "docs/anatomy-of-a-backend.md").read_text(encoding="utf-8")
    name = re.search(r"`queues/(\w+)\.hpp`:\n\n```cpp\n", text)
    assert name is not None, "the page shows a header to be saved under queues/"
    header = text[name.end() : text.index("```", name.end())]
    assert f"handoff_add_backend({name[1]})" in text
    (tmp_path / "queues").mkdir()
    (tmp_path / f"queues/{name[1]}.hpp").write_text(header, encoding="utf-8")
    compile_text(
        f"""
        #include "queues/{name[1]}.hpp"
        #include "queues/support/layered.hpp"
        using queue = handoff::support::layered<handoff::{name[1]}<int>, handoff::support::park>;
        static_assert(handoff::blocking_queue<queue> && handoff::closable<queue> && handoff::joinable<queue>);
        handoff::op_status use(queue& q) {{
          auto handle = q.producer();
          return handle.push(1);
        }}
        """,
        tmp_path,
    )


@pytest.mark.parametrize("page", ["docs/async.md", "README.md"])
def test_the_program_of_a_page_runs(page: str, tmp_path: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    begin = text.index("```cpp\n") + len("```cpp\n")
    (tmp_path / "program.cpp").write_text(text[begin : text.index("```", begin)], encoding="utf-8")
    program = tmp_path / "program"
    command: list[str | Path] = [
        COMPILER,
        "-std=c++20",
        "-O1",
        "-pthread",
        *WARNINGS,
        f"-I{ROOT}",
        tmp_path / "program.cpp",
        "-o",
        program,
    ]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert subprocess.run([program], check=False, timeout=60).returncode == 0, "it returns 0 where all went well"


@pytest.mark.skipif("TBB" not in os.environ.get("HANDOFF_FOUND", "TBB"), reason="oneTBB is not installed")
def test_the_program_about_tbbs_abort_compiles(tmp_path: Path) -> None:
    compile_text((ROOT / "docs/tbb_abort.cpp").read_text(encoding="utf-8"), tmp_path)
