"""scripts/check on a small project of its own; its tools are stand-ins that write down how they were called."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("clang-format-14", "black", "mypy", "codespell", "clang-tidy-16")
#: What the entry point, git and the stand-ins need.
SYSTEM = ("bash", "basename", "cp", "dirname", "env", "git", "mkdir", "readlink", "sed")
PARTS = ["cpp", "python", "types", "spelling", "includes", "subjects", "tidy"]
NOBODY = ("-c", "user.name=nobody", "-c", "user.email=nobody@localhost")


class Project:
    """A copy of scripts/ in a repository with one commit, and a PATH whose tools find nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in SYSTEM:
            (self.bin / name).symlink_to(shutil.which(name) or "/nowhere")
        for name in TOOLS:
            self.tool(name, "")
        self.tool("cmake", "mkdir -p build/tidy && echo [] > build/tidy/compile_commands.json")
        shutil.copytree(ROOT / "scripts", self.folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        (self.folder / ".venv").symlink_to(ROOT / ".venv")
        self.file(".gitignore", "/.venv\n/build/\n__pycache__/\n")
        self.file("queues/contract/status.hpp", "enum class status { ok };\n")
        arrows = "tests/architecture/include_arrows.py"
        self.file(arrows, (ROOT / arrows).read_text(encoding="utf-8"))
        self.git("init", "-q", "-b", "main")
        self.commit("Everything")

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *NOBODY, *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self, subject: str) -> None:
        self.git("add", ".")
        self.git("commit", "-q", "--allow-empty", "-m", subject)

    def tool(self, name: str, body: str) -> None:
        """One that notes its arguments before it does what it is made for."""
        path = self.bin / name
        note = f'printf "%s\\n" "$*" >> {self.bin}/{name}.called'
        path.write_text(f"#!/bin/bash\n{note}\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def calls(self, name: str) -> list[str]:
        noted = self.bin / f"{name}.called"
        return noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []

    def check(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [self.folder / "scripts/check", *arguments],
            env={"PATH": str(self.bin), **variables},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(name="project")
def a_project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def lines_of(done: "subprocess.CompletedProcess[str]") -> dict[str, str]:
    """How each part ended."""
    told = [line.split(maxsplit=3) for line in done.stdout.splitlines() if line.split()[0] in PARTS]
    return {part: ending for part, _, _, ending in told}


def test_each_part_has_a_line_and_nothing_found_is_status_0(project: Project) -> None:
    done = project.check()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines_of(done) == dict.fromkeys(PARTS, "passed")


def test_what_a_tool_finds_is_told_with_how_to_mend_it_and_the_other_parts_go_on(project: Project) -> None:
    project.tool("codespell", 'echo "a.md:1: one ==> two"; exit 65')
    done = project.check()
    assert done.returncode == 1
    assert "a.md:1: one ==> two\nspelling " in done.stdout
    endings = lines_of(done)
    assert endings["spelling"] == "FAILED: correct the words, or add what is right to .codespellrc"
    assert list(endings) == PARTS and endings["includes"] == "passed"


@pytest.mark.parametrize("tool, part", [("black", "python"), ("mypy", "types"), ("clang-format-14", "cpp")])
def test_a_tool_that_is_missing_fails_its_part_and_is_named(project: Project, tool: str, part: str) -> None:
    (project.bin / tool).unlink()
    done = project.check()
    assert done.returncode == 1 and lines_of(done)[part].startswith("FAILED")
    assert f"there is no {tool}; scripts/setup --dev installs it" in done.stdout
    assert [name for name, ending in lines_of(done).items() if ending.startswith("FAILED")] == [part]


def test_parts_that_are_named_are_checked_and_no_others(project: Project) -> None:
    assert list(lines_of(project.check("types", "includes"))) == ["types", "includes"]
    assert project.calls("black") == []


def test_nothing_is_written_unless_it_is_asked_for(project: Project) -> None:
    assert project.check().returncode == 0
    assert all("-i" not in call.split() for call in project.calls("clang-format-14"))
    assert project.calls("black") == ["--check ."]
    assert project.check("--fix", "cpp", "python").returncode == 0
    assert project.calls("clang-format-14")[-1].startswith("-i ")
    assert project.calls("black")[-1] == "."


def test_a_template_is_judged_and_formatted_with_its_variables_in_place(project: Project) -> None:
    project.tool("clang-format-14", "sed 's/ \\+/ /g'")
    template = project.file("bench/entry.cpp.in", "int  @NAME@  =  1;\n")
    done = project.check("cpp")
    assert done.returncode == 1 and "bench/entry.cpp.in: is not formatted\n" in done.stdout
    assert template.read_text() == "int  @NAME@  =  1;\n"
    assert project.check("cpp", "--fix").returncode == 0
    assert template.read_text() == "int @NAME@ = 1;\n"
    assert project.check("cpp").returncode == 0


@pytest.mark.parametrize("version, warned", [("black, 23.1.0 (compiled: no)", False), ("black, 24.2.0", True)])
def test_what_another_years_black_finds_or_formats_comes_with_a_warning(
    project: Project, version: str, warned: bool
) -> None:
    project.tool("black", f'[[ $1 != --version ]] || {{ echo "{version}"; exit; }}; [[ $1 != --check ]]')
    for done, status in (project.check("python"), 1), (project.check("python", "--fix"), 0):
        assert done.returncode == status
        assert ("this is black 24, which differs in places from black 23" in done.stdout) == warned


def test_spelling_is_that_of_files_that_are_new_and_not_of_ignored_or_removed_ones(project: Project) -> None:
    project.file("docs/new.md", "new")
    project.file("build/made.md", "made")
    project.file("docs/gone.md", "gone")
    project.git("add", "docs/gone.md")
    (project.folder / "docs/gone.md").unlink()
    assert project.check("spelling").returncode == 0
    (call,) = project.calls("codespell")
    assert {"docs/new.md", "queues/contract/status.hpp"} <= set(call.split())
    assert not {"build/made.md", "docs/gone.md"} & set(call.split())


def test_an_include_that_runs_up_is_told_with_file_and_line(project: Project) -> None:
    project.file("queues/ring.hpp", '#include "bench/main.hpp"\n')
    done = project.check("includes")
    assert done.returncode == 1
    assert done.stdout.startswith("queues/ring.hpp:1: ")


def test_a_users_settings_of_the_tools_do_not_reach_them(project: Project) -> None:
    project.tool("mypy", 'env; [[ -z "${MYPYPATH:-}${PYTHONPATH:-}" ]]')
    assert project.check("types", MYPYPATH="/nowhere", PYTHONPATH="/nowhere").returncode == 0


CELLS = "build/tidy/bench/generated/backend_"
CHECKED = {
    "bench/main.cpp": "",
    "bench/text/csv.cpp": '#include "bench/text/csv.hpp"\n',
    "bench/text/csv.hpp": '#include "queues/contract/status.hpp"\n',
    "build/tidy/bench/generated/registry.cpp": "",
    f"{CELLS}one.cpp": '#include "bench/cells.hpp"\n',
    f"{CELLS}two.cpp": '#include "bench/cells.hpp"\n',
    "bench/cells.hpp": "",
    "examples/pool.cpp": "",
    "examples/simple.cpp": "",
    "tests/async/lock_test.cpp": "",
}
NOT_CHECKED = {"tests/bench/csv_test.cpp": "", "build/tidy/tests/conformance/a.cpp": ""}


@pytest.fixture(name="compiled")
def a_project_with_compile_commands(project: Project) -> Project:
    for name, text in {**CHECKED, **NOT_CHECKED}.items():
        project.file(name, text)
    project.commit("Sources")
    entries = [
        {"file": str(project.folder / name), "command": f"ccache /bin/clang++-16 -D{Path(name).stem} -o a.o -c {name}"}
        for name in (*CHECKED, *NOT_CHECKED, "../elsewhere/bench/main.cpp")
        if name.endswith(".cpp")
    ]
    project.file("build/commands.json", json.dumps(entries))
    project.tool("cmake", "mkdir -p build/tidy && cp build/commands.json build/tidy/compile_commands.json")
    return project


def read_by_clang_tidy(project: Project) -> dict[str, str]:
    """The options of each file."""
    calls = [call.removeprefix("--quiet ").split(" -- ") for call in project.calls("clang-tidy-16")]
    return dict(sorted(calls))


def test_clang_tidy_reads_the_product_as_its_preset_compiles_it_and_a_part_of_it_at_once(compiled: Project) -> None:
    assert lines_of(compiled.check("tidy")) == {"tidy": "passed"}
    assert compiled.calls("cmake") == ["--preset tidy"]
    assert read_by_clang_tidy(compiled) == {
        "build/tidy/bench/generated/backend_one.cpp": "-Dbackend_one",
        "build/tidy/bench/generated/registry.cpp": "-Dregistry",
        "build/tidy/together/bench.cpp": "-Dmain -Dcsv",
        "examples/pool.cpp": "-Dpool",
        "examples/simple.cpp": "-Dsimple",
        "tests/async/lock_test.cpp": "-Dlock_test",
    }
    together = compiled.folder / "build/tidy/together/bench.cpp"
    assert together.read_text() == '#include "bench/main.cpp"\n#include "bench/text/csv.cpp"\n'


def test_cells_that_include_what_no_others_do_are_read_too(compiled: Project) -> None:
    compiled.file(f"{CELLS}two.cpp", '#include "bench/cells.hpp"\n#include "queues/two.hpp"\n')
    compiled.file("queues/two.hpp", "")
    assert compiled.check("tidy").returncode == 0
    assert read_by_clang_tidy(compiled)["build/tidy/together/cells.cpp"] == "-Dbackend_one -Dbackend_two"


@pytest.mark.parametrize("found, status", [("", 0), ("main.cpp", 1)])
def test_files_that_do_not_compile_together_are_read_alone(compiled: Project, found: str, status: int) -> None:
    clash = '[[ $* != *together* ]] || { echo "error: redefinition [clang-diagnostic-error]"; exit 1; }'
    compiled.tool("clang-tidy-16", f'{clash}\n[[ -z "{found}" || $* != *{found}* ]] || {{ echo "found"; exit 1; }}')
    done = compiled.check("tidy")
    assert done.returncode == status
    found_there = "found\n" if status else ""
    note = "bench: the files do not compile together, so each was read alone\n"
    assert done.stdout.startswith(f"{note}{found_there}tidy ")
    assert {"bench/main.cpp", "bench/text/csv.cpp"} < set(read_by_clang_tidy(compiled))


def test_changed_files_are_those_that_differ_from_the_main_branch_or_include_such(compiled: Project) -> None:
    compiled.git("checkout", "-q", "-b", "work")
    compiled.check("tidy", "--changed")
    assert compiled.calls("clang-tidy-16") == []
    compiled.file("examples/pool.cpp", "int i;\n")
    compiled.commit("A change")
    compiled.file("bench/text/csv.hpp", "int j;\n")
    assert lines_of(compiled.check("tidy", "--changed")) == {"tidy": "passed"}
    assert read_by_clang_tidy(compiled) == {"bench/text/csv.cpp": "-Dcsv", "examples/pool.cpp": "-Dpool"}


def test_all_files_are_read_if_the_list_of_checks_has_changed(compiled: Project) -> None:
    compiled.git("checkout", "-q", "-b", "work")
    compiled.file(".clang-tidy", "")
    assert compiled.check("tidy", "--changed").returncode == 0
    assert "examples/simple.cpp" in read_by_clang_tidy(compiled)


def test_a_branch_that_has_nothing_in_common_with_the_main_branch_is_told_so(compiled: Project) -> None:
    compiled.git("checkout", "-q", "--orphan", "work")
    compiled.commit("Anew")
    done = compiled.check("tidy", "--changed")
    assert done.returncode == 1
    assert done.stdout.startswith("git cannot say which files differ from the main branch: the branch has no commit")


def test_what_clang_tidy_finds_fails_its_part(compiled: Project) -> None:
    compiled.tool("clang-tidy-16", '[[ $* != *pool.cpp* ]] || { echo "pool.cpp:1: moved from"; exit 1; }')
    done = compiled.check("tidy")
    assert done.returncode == 1 and done.stdout.startswith("pool.cpp:1: moved from\ntidy ")


def test_a_preset_that_cannot_be_configured_fails_the_part_of_clang_tidy(compiled: Project) -> None:
    compiled.tool("cmake", 'echo "The compiler clang++-16 is not installed."; exit 1')
    done = compiled.check("tidy")
    assert done.returncode == 1 and done.stdout.startswith("The compiler clang++-16 is not installed.\ntidy ")
    assert compiled.calls("clang-tidy-16") == []


def test_subjects_of_new_commits_are_short(project: Project) -> None:
    project.git("checkout", "-q", "-b", "work")
    project.commit("x" * 65)
    assert project.check("subjects").returncode == 0
    project.commit("y" * 66)
    project.commit("z")
    done = project.check("subjects")
    assert done.returncode == 1
    assert done.stdout.startswith(f"66 characters: {'y' * 66}\nsubjects ")


def test_on_the_main_branch_the_last_commit_is_judged_and_a_merge_is_none(project: Project) -> None:
    project.commit("y" * 66)
    assert project.check("subjects").returncode == 1
    project.commit("z")
    project.commit("Merge " + "y" * 66)
    assert project.check("subjects").returncode == 0


def test_a_message_is_judged_by_its_subject_before_it_is_committed(project: Project) -> None:
    message = project.file("MESSAGE", f"# {'c' * 70}\n\n{'s' * 65}\n\n{'b' * 80}\n")
    assert project.check("--message", str(message)).returncode == 0
    message.write_text(f"{'s' * 66}\n")
    done = project.check("--message", str(message))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("scripts/check: the subject must have at most 65 characters; 66 characters: sss")


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["spel"], "unknown part 'spel'; expected one of cpp, python, types, spelling, includes, subjects, tidy"),
        (["--message", "x", "--fix"], "--message cannot be combined with other arguments"),
        (["--fxi"], "unrecognized arguments: --fxi"),
    ],
)
def test_a_mistake_on_the_command_line_ends_with_status_2(project: Project, arguments: list[str], told: str) -> None:
    done = project.check(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"scripts/check: {told}\n")


def test_hooks_call_parts_that_there_are() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    calls = [line.split("entry: scripts/check ")[1].split() for line in text.splitlines() if "entry:" in line]
    assert calls == [[part for part in PARTS if part not in ("subjects", "tidy")], ["--message"]]
    assert os.access(ROOT / "scripts/check", os.X_OK)
