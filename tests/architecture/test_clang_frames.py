"""Without -fcoro-aligned-allocation clang misplaces objects in a coroutine's frame: so no coroutine compiles there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OPTION = "-fcoro-aligned-allocation"
PROGRAM = """
#include "queues/async/run.hpp"

handoff::async::task<> nothing(int) { co_return; }
int main() { handoff::async::run(nothing(1)); }
"""


def found(*names: str) -> list[str]:
    return [name for name in names if shutil.which(name)]


def compile_with(compiler: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    source = folder / "program.cpp"
    source.write_text(PROGRAM, encoding="utf-8")
    command: list[str | Path] = [compiler, "-std=c++20", "-fsyntax-only", f"-I{ROOT}", *options, source]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("compiler", found("clang++-16", "clang++-19"))
def test_clang_refuses_a_coroutine_whose_frame_it_would_misplace(compiler: str, tmp_path: Path) -> None:
    result = compile_with(compiler, tmp_path)
    assert result.returncode != 0
    assert f"without {OPTION}" in result.stderr


@pytest.mark.parametrize("compiler", found("clang++-14", "clang++-15"))
def test_a_clang_that_cannot_say_it_is_refused(compiler: str, tmp_path: Path) -> None:
    result = compile_with(compiler, tmp_path)
    assert result.returncode != 0
    assert "coroutines need clang 16" in result.stderr


@pytest.mark.parametrize("compiler", found("clang++-16", "clang++-19"))
def test_clang_takes_it_where_it_says_the_alignment_of_frames(compiler: str, tmp_path: Path) -> None:
    result = compile_with(compiler, tmp_path, OPTION)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("compiler", found("g++-12", "g++"))
def test_gcc_needs_no_option(compiler: str, tmp_path: Path) -> None:
    result = compile_with(compiler, tmp_path)
    assert result.returncode == 0, result.stderr
