"""Findasio.cmake takes an Asio that has channels, and knows its version."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = """
cmake_minimum_required(VERSION 3.25)
project(finds_asio LANGUAGES CXX)
set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)
set(CMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH OFF)
find_package(asio)
if(TARGET asio::asio)
  get_target_property(folder asio::asio INTERFACE_INCLUDE_DIRECTORIES)
  message(STATUS "folder=${folder}= version=${asio_VERSION}=")
endif()
"""
VERSION = (
    "#define ASIO_VERSION_HPP\n\n// ASIO_VERSION / 100000 is the major version\n#define ASIO_VERSION 102201 // 1.22.1\n"
)


def configure(folder: Path, *headers: str) -> subprocess.CompletedProcess[str]:
    for header in ("asio/version.hpp", *headers):
        path = folder / "prefix/include" / header
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(VERSION, encoding="utf-8")
    (folder / "CMakeLists.txt").write_text(PROJECT, encoding="utf-8")
    options = [f"-DCMAKE_MODULE_PATH={ROOT}/cmake", f"-DCMAKE_PREFIX_PATH={folder}/prefix"]
    command: list[str | Path] = ["cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_headers_are_found_with_their_version(tmp_path: Path) -> None:
    result = configure(tmp_path, "asio/experimental/channel.hpp")
    assert f"folder={tmp_path}/prefix/include= version=1.22.1=" in result.stdout, result.stdout + result.stderr


def test_an_asio_without_channels_is_not_taken_and_is_no_error(tmp_path: Path) -> None:
    result = configure(tmp_path)
    assert result.returncode == 0
    assert "folder=" not in result.stdout
