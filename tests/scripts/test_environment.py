"""What a build and a run say of the tree that they came from."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import environment
import pytest
from conftest import ROOT

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None or shutil.which("cmake") is None, reason="needs git and cmake"
)


def said_by_a_build(tree: Path, folder: Path) -> dict[str, Any]:
    out = folder / "git.json"
    script = ROOT / "cmake" / "git_state.cmake"
    subprocess.run(["cmake", "-D", f"SOURCE={tree}", "-D", f"OUTPUT={out}", "-P", str(script)], check=True)
    return json.loads(out.read_text(encoding="utf-8"))


def test_a_build_and_a_run_mean_the_same_by_dirty(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(tree), *who, *arguments], check=True, capture_output=True)

    def said() -> dict[str, Any]:
        state = environment.git_state(tree)
        assert said_by_a_build(tree, tmp_path) == state
        return state

    assert said() == {"commit": None, "dirty": None}, "no repository"
    git("init", "-q")
    assert said() == {"commit": None, "dirty": None}, "no commit"
    (tree / "a").write_text("1")
    (tree / ".gitignore").write_text("ignored\n")
    git("add", "-A")
    git("commit", "-qm", "first")
    assert said()["dirty"] is False
    assert len(said()["commit"]) == 40
    (tree / "ignored").write_text("2")
    assert said()["dirty"] is False
    (tree / "queue.hpp").write_text("3")
    assert said()["dirty"] is True, "an untracked file may be built"
    (tree / "queue.hpp").unlink()
    (tree / "a").write_text("4")
    assert said()["dirty"] is True
