"""What a preset says if it cannot be configured."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("preset", ["asan", "tsan", "tidy"])
def test_a_compiler_that_is_not_installed_is_named_with_what_installs_it(preset: str, tmp_path: Path) -> None:
    cmake = shutil.which("cmake")
    assert cmake is not None
    (tmp_path / "empty").mkdir()
    result = subprocess.run(
        [cmake, "--preset", preset, "-B", tmp_path / "build"],
        cwd=ROOT,
        env={"PATH": str(tmp_path / "empty")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    said = " ".join(result.stderr.split())
    assert "The compiler clang++-16 is not installed. scripts/setup --dev installs clang 16" in said
    assert said.count("CMake Error") == 1
