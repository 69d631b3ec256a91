"""Findmoodycamel.cmake knows the places where distributions and moodycamel's own install put the headers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = """
cmake_minimum_required(VERSION 3.25)
project(finds_moodycamel LANGUAGES NONE)
set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)
set(CMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH OFF)
find_package(moodycamel)
if(TARGET moodycamel::moodycamel)
  get_target_property(folder moodycamel::moodycamel INTERFACE_INCLUDE_DIRECTORIES)
  message(STATUS "folder=${folder}=")
endif()
"""


def configure(folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "CMakeLists.txt").write_text(PROJECT, encoding="utf-8")
    options = [f"-DCMAKE_MODULE_PATH={ROOT}/cmake", f"-DCMAKE_PREFIX_PATH={folder}/prefix"]
    command: list[str | Path] = ["cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("place", ["concurrentqueue", "concurrentqueue/moodycamel", "moodycamel", "."])
def test_the_headers_are_found_and_included_by_their_bare_names(tmp_path: Path, place: str) -> None:
    headers = tmp_path / "prefix/include" / place
    headers.mkdir(parents=True)
    for name in ("concurrentqueue.h", "blockingconcurrentqueue.h"):
        (headers / name).touch()
    result = configure(tmp_path)
    assert f"folder={headers}=" in result.stdout, result.stdout + result.stderr


def test_without_the_headers_there_is_no_target_and_no_error(tmp_path: Path) -> None:
    result = configure(tmp_path)
    assert result.returncode == 0
    assert "folder=" not in result.stdout
