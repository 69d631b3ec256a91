"""A whole run, plots and all, is the same whatever the user has set for Python and matplotlib."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from conftest import Bench

SETTINGS = {
    "an encoding": {"PYTHONIOENCODING": "latin-1"},
    "a locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "a backend": {"MPLBACKEND": "nosuch"},
    "safe paths": {"PYTHONSAFEPATH": "1"},
    "a home": {"PYTHONHOME": "/nowhere"},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_a_table_is_printed(bench: Bench, settings: dict[str, str]) -> None:
    """With a title that latin-1 and ASCII cannot write."""
    out = bench.folder / "läufe ≥ 1"
    done = bench.start(str(bench.matrix()), "--out", str(out), env={**os.environ, **settings}, text=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("utf-8").startswith("Handoff: läufe ≥ 1\n")


def test_plots_are_drawn_by_our_own_settings(bench: Bench, tmp_path: Path) -> None:
    """matplotlib takes a matplotlibrc of the working directory before any other; this one is not even text."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "matplotlibrc").write_bytes(b"font.size: 99\xff\n")
    words = [word for word in bench.arguments() if word != "--no-plots"]
    command = [bench.command()[0], *words, str(bench.matrix()), "--out", "../run"]
    done = subprocess.run(
        command, cwd=elsewhere, env={**os.environ, "MPLBACKEND": "nosuch"}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr, "matplotlib" in done.stderr) == (0, False, False), done.stderr
    assert list((bench.out / "plots").glob("*.svg"))
