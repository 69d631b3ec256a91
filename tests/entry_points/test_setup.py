"""scripts/setup on machines that are made up: dpkg-query, apt-get, sudo and id are small stand-ins that write
down how they were called."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEBIAN = "ID=debian\n"


class Machine:
    """A copy of scripts/setup, and a PATH whose package tools are ours."""

    def __init__(self, folder: Path, os_release: str = DEBIAN, uid: int = 0) -> None:
        self.folder = folder
        self.tools = folder / "tools"
        self.tools.mkdir()
        (folder / "scripts").mkdir()
        for name in ("setup", "entry.sh"):
            shutil.copy(ROOT / "scripts" / name, folder / "scripts" / name)
        (folder / "cmake").mkdir()
        shutil.copy(ROOT / "cmake/packages.csv", folder / "cmake")
        (folder / "os-release").write_text(os_release, encoding="utf-8")
        (folder / "installed").touch()
        (folder / "log").touch()
        for name in ("bash", "dirname", "readlink", "env", "cat", "sed", "grep", "touch"):
            (self.tools / name).symlink_to(shutil.which(name) or "/nowhere")
        self.tool("id", f"echo {uid}")
        self.tool("dpkg-query", f'grep -qx "${{@: -1}}" {folder}/installed && echo installed')
        self.apt_get()

    def tool(self, name: str, body: str) -> None:
        path = self.tools / name
        path.write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def apt_get(self, fails_until_updated: bool = False, fails: bool = False) -> None:
        """Notes each call but simulations, and installs what follows the options."""
        updated = self.folder / "updated"
        refuse = f"[[ ! -e {updated} ]] && exit 100" if fails_until_updated else "exit 100" if fails else ":"
        self.tool(
            "apt-get",
            f"""
            [[ " $* " == *" --simulate "* ]] || echo "apt-get ${{DEBIAN_FRONTEND:-}} $*" >> {self.folder}/log
            if [[ " $* " == *" update "* ]]; then touch {updated}; exit 0; fi
            {refuse}
            [[ " $* " == *" --simulate "* ]] && exit 0
            for word in "$@"; do [[ $word == -* || $word == *=* || $word == install ]] || echo "$word"; done >> {self.folder}/installed
            """,
        )

    def has(self, *packages: str) -> None:
        with (self.folder / "installed").open("a", encoding="utf-8") as out:
            out.writelines(f"{package}\n" for package in packages)

    def setup(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """`more`: variables of its environment."""
        environment = {"PATH": str(self.tools), "HANDOFF_OS_RELEASE": str(self.folder / "os-release"), **more}
        return subprocess.run(
            ["scripts/setup", *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def installs(self) -> list[str]:
        return [line for line in self.log() if " install " in line]

    def updates(self) -> list[str]:
        return [line for line in self.log() if line.endswith(" update")]

    def log(self) -> list[str]:
        return (self.folder / "log").read_text(encoding="utf-8").splitlines()


def test_check_lists_what_is_missing_and_changes_nothing(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.has("g++", "cmake")
    result = machine.setup("--check")
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert {"ninja-build", "libtbb-dev", "python3-scipy", ".venv"} <= set(lines)
    assert not {"g++", "cmake", "clang-16"} & set(lines)
    assert machine.log() == []
    assert not (tmp_path / ".venv").exists()


def test_only_what_is_missing_is_installed_and_the_second_time_nothing(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.has("g++", "cmake", "python3-numpy")
    assert machine.setup().returncode == 0
    (line,) = machine.installs()
    words = line.split()
    assert "noninteractive" in words and "ninja-build" in words
    assert not {"g++", "cmake", "python3-numpy", "clang-16"} & set(words)
    assert machine.updates() == []

    assert machine.setup().returncode == 0
    assert len(machine.installs()) == 1
    assert machine.setup("--check").stdout == "nothing is missing\n"


def test_dev_adds_the_tools_of_development(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.setup("--dev").returncode == 0
    assert {"clang-16", "clang-format-14", "clang-tidy-16", "black", "mypy", "codespell"} <= set(
        machine.installs()[0].split()
    )


def test_peers_adds_what_builds_contenders_in_other_languages(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.setup().returncode == 0
    assert "golang-go" not in machine.installs()[0].split()
    assert machine.setup("--peers").returncode == 0
    assert "golang-go" in machine.installs()[1].split()
    assert machine.setup("--peers", "--check").stdout == "nothing is missing\n"


def test_the_lists_are_updated_only_where_they_do_not_know_the_packages(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.apt_get(fails_until_updated=True)
    result = machine.setup()
    assert result.returncode == 0, result.stderr
    assert len(machine.updates()) == 1
    assert len(machine.installs()) == 1


def test_packages_that_cannot_be_installed_end_with_a_sentence(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.apt_get(fails=True)
    result = machine.setup()
    assert result.returncode == 1
    assert "could not install" in result.stderr.splitlines()[-1]


def test_sudo_is_for_those_who_are_not_root(tmp_path: Path) -> None:
    machine = Machine(tmp_path, uid=1000)
    machine.tool("sudo", f'echo "sudo $*" >> {tmp_path}/log; exec "$@"')
    assert machine.setup().returncode == 0
    assert any(line.startswith("sudo env DEBIAN_FRONTEND=noninteractive apt-get") for line in machine.log())


def test_without_root_and_sudo_the_command_for_an_administrator_is_printed(tmp_path: Path) -> None:
    machine = Machine(tmp_path, uid=1000)
    machine.has("g++")
    result = machine.setup()
    assert result.returncode == 1
    assert "apt-get update && apt-get install cmake" in result.stderr
    assert machine.installs() == []


@pytest.mark.parametrize("os_release", ["ID=ubuntu\nID_LIKE=debian\n", "ID=linuxmint\nID_LIKE='ubuntu debian'\n"])
def test_what_is_made_from_debian_is_treated_like_it(tmp_path: Path, os_release: str) -> None:
    machine = Machine(tmp_path, os_release)
    assert machine.setup().returncode == 0
    assert len(machine.installs()) == 1


def test_another_system_is_told_what_to_install_and_left_alone(tmp_path: Path) -> None:
    machine = Machine(tmp_path, 'ID=fedora\nID_LIKE="rhel centos"\n')
    result = machine.setup()
    assert result.returncode == 1
    assert "this is fedora" in result.stderr
    assert "requirements.txt" in result.stderr
    assert machine.log() == []


def test_a_venv_without_the_modules_is_made_anew(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    broken = tmp_path / ".venv/bin/python"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/bin/bash\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    assert machine.setup().returncode == 0
    found = subprocess.run([broken, "-c", "import numpy, sys; print(sys.prefix)"], capture_output=True, text=True)
    assert found.stdout.strip() == str(tmp_path / ".venv")


def test_the_venv_lies_in_the_project_whatever_the_users_search_path_for_cd(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    stray = tmp_path / "stray"
    (stray / "scripts").mkdir(parents=True)
    assert machine.setup(CDPATH=str(stray)).returncode == 0
    assert (tmp_path / ".venv/bin/python").exists()
    assert not (stray / ".venv").exists()


def test_an_unknown_argument_ends_with_status_2(tmp_path: Path) -> None:
    result = Machine(tmp_path).setup("--chekc")
    assert result.returncode == 2
    assert "unknown argument '--chekc'" in result.stderr
