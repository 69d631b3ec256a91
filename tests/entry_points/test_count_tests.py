"""The counts at the end of scripts/test and .ci/run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def count(folder: Path, **reports: str) -> subprocess.CompletedProcess[str]:
    for name, cases in reports.items():
        text = f"<testsuite>{cases}</testsuite>"
        (folder / f"{name.replace('__', '.')}.xml").write_text(text, encoding="utf-8")
    command: list[str | Path] = [sys.executable, ROOT / "tests/count_tests.py", "dev", folder]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_pytest_file_counts_with_its_own_tests(tmp_path: Path) -> None:
    result = count(
        tmp_path,
        ctest='<testcase name="a.b" status="run"/><testcase name="scripts.test_x" status="run"/>',
        scripts__test_x="<testcase/><testcase/><testcase><skipped/></testcase>",
    )
    assert result.stdout == "dev: 4 tests (C++ 1, Python 3): 3 passed, 0 failed, 1 skipped\n"
    assert result.returncode == 0


def test_a_failure_is_counted_and_is_the_exit_status(tmp_path: Path) -> None:
    result = count(tmp_path, ctest='<testcase name="a.b" status="fail"><failure/></testcase><testcase name="a.c"/>')
    assert result.stdout == "dev: 2 tests (C++ 2, Python 0): 1 passed, 1 failed, 0 skipped\n"
    assert result.returncode == 1


def test_a_pytest_file_that_died_after_its_report_is_a_failure(tmp_path: Path) -> None:
    result = count(
        tmp_path,
        ctest='<testcase name="scripts.test_x"><failure/></testcase>',
        scripts__test_x="<testcase/>",
    )
    assert "1 passed, 1 failed" in result.stdout
    assert result.returncode == 1


def test_no_test_at_all_is_no_success(tmp_path: Path) -> None:
    assert count(tmp_path, ctest="").returncode == 1
    assert count(tmp_path / "nowhere").returncode == 1
