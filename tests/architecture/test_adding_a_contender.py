"""What a line handoff_add_backend() or handoff_add_peer() does to the build, on a copy of the project.

Nothing is compiled: what a build would repeat follows from the commands that ninja would run and from the
generated sources that were written anew.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BACKENDS = "queues/CMakeLists.txt"
PEERS = "bench/peers/CMakeLists.txt"
# A package that no other backend needs, so that its flags show wherever they leak to.
FIND_SCRATCH = """
if(NOT TARGET Scratch::Scratch)
  add_library(Scratch::Scratch INTERFACE IMPORTED)
  target_compile_definitions(Scratch::Scratch INTERFACE SCRATCH_LEAKED)
endif()
set(Scratch_FOUND TRUE)
"""


class Copy:
    """A configured copy of the project's sources."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "source"
        self.build = folder / "build"
        ignore = shutil.ignore_patterns("build", "results", ".*", "__pycache__", "docs", "scripts")
        shutil.copytree(ROOT, self.source, ignore=ignore)
        (folder / "modules").mkdir()
        (folder / "modules" / "FindScratch.cmake").write_text(FIND_SCRATCH, encoding="utf-8")
        self.modules = folder / "modules"

    def configure(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command: list[str | Path] = [
            "cmake",
            "-S",
            self.source,
            "-B",
            self.build,
            "-G",
            "Ninja",
            f"-DCMAKE_MODULE_PATH={self.modules}",
        ]
        return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)

    def append(self, file: str, text: str) -> None:
        with (self.source / file).open("a", encoding="utf-8") as out:
            out.write(text)

    def commands(self) -> dict[str, str]:
        text = subprocess.run(["ninja", "-C", self.build, "-t", "compdb"], capture_output=True, text=True, check=True)
        return {step["output"]: step["command"] for step in json.loads(text.stdout)}

    def generated(self) -> dict[str, int]:
        """When each generated source was written."""
        return {
            path.relative_to(self.build).as_posix(): path.stat().st_mtime_ns
            for path in self.build.rglob("generated/**/*")
            if path.is_file()
        }

    def registry(self, folder: str = "") -> str:
        return (self.build / "bench/generated" / folder / "registry.cpp").read_text(encoding="utf-8")

    def needs(self, folder: str = "") -> dict[str, str]:
        """What each registered backend lacks, "" if nothing, in the order of the registry."""
        entry = re.compile(
            r'^ +(?:generated::backend_(\w+)\(\)|unavailable_backend\("(\w+)", "(.*)"\)),$', re.MULTILINE
        )
        return {there or missing: needs for there, missing, needs in entry.findall(self.registry(folder))}


@pytest.fixture(name="copy")
def configured_copy(tmp_path: Path) -> Iterator[Copy]:
    copy = Copy(tmp_path)
    result = copy.configure()
    assert result.returncode == 0, result.stderr
    yield copy


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def test_a_new_backend_rebuilds_its_cells_its_tests_its_patterns_and_the_registry(copy: Copy) -> None:
    commands, generated = copy.commands(), copy.generated()
    (copy.source / "queues/scratch_ring.hpp").write_text("#pragma once\n", encoding="utf-8")
    copy.append(BACKENDS, "handoff_add_backend(scratch_ring REQUIRES Scratch)\n")
    result = copy.configure()
    assert result.returncode == 0, result.stderr

    rewritten = changed(generated, copy.generated())
    assert rewritten == {
        "bench/generated/registry.cpp",
        "bench/generated/backend_scratch_ring.cpp",
        "examples/generated/thread_backends.cpp",
        "examples/generated/thread_backend_scratch_ring.cpp",
        "tests/conformance/generated/conformance_scratch_ring.cpp",
        "tests/conformance/generated/alignment_refusal_scratch_ring.cpp",
        "tests/conformance/generated/refusal_scratch_ring.cpp",
    }
    compiled = {output for output in changed(commands, copy.commands()) if output.endswith(".o")}
    assert compiled, "the new backend's own objects"
    assert {output for output in compiled if "scratch_ring" not in output} == set()
    assert "SCRATCH_LEAKED" in copy.commands()[next(output for output in compiled if "backend_" in output)]
    assert copy.needs()["scratch_ring"] == ""
    assert '.name = "Scratch"' in copy.registry()


def test_a_backend_whose_library_is_missing_stays_listed_with_what_it_needs(copy: Copy) -> None:
    assert copy.configure("-DHANDOFF_WITHOUT=TBB;moodycamel;asio").returncode == 0
    needs = copy.needs()
    assert needs["mutex_condvar"] == ""
    for name, package in (
        ("moodycamel", "moodycamel (Debian: libconcurrentqueue-dev)"),
        ("tbb_bounded", "TBB (Debian: libtbb-dev)"),
        ("asio_channel", "asio (Debian: libasio-dev)"),
    ):
        assert needs[name] == package
        assert f"backend_{name}" not in copy.registry().replace("unavailable_backend", "")
    assert not any("tbb" in output for output in copy.commands() if output.endswith(".o"))


def test_the_line_of_the_page_about_peers_is_accepted(copy: Copy) -> None:
    page = (ROOT / "docs/anatomy-of-a-peer.md").read_text(encoding="utf-8")
    begin = page.index("```cmake\n") + len("```cmake\n")
    copy.append(PEERS, page[begin : page.index("```", begin)])
    result = copy.configure()
    assert result.returncode == 0, result.stderr
    for text in ('peer_backend({.name = "c_ring"', '.command = {"c-ring"}', '.wait = "native"'):
        assert text in copy.registry()


def test_a_build_of_tests_alone_has_sessions_over_one_backend_of_each_kind(copy: Copy) -> None:
    for name in ("scratch_ring", "scratch_stack"):
        (copy.source / f"queues/{name}.hpp").write_text("#pragma once\n", encoding="utf-8")
    copy.append(BACKENDS, "handoff_add_backend(scratch_ring)\nhandoff_add_backend(scratch_stack LIKE scratch_ring)\n")
    assert copy.configure("-DHANDOFF_BUILD_BENCH=OFF").returncode == 0
    sessions = {path.stem.removeprefix("real_") for path in copy.build.glob("tests/harness/generated/real_*.cpp")}
    assert {"mutex_condvar", "coroutine", "scratch_ring"} <= sessions
    assert not {"coroutine_lifo", "scratch_stack"} & sessions


def test_what_builds_the_peer_of_the_page_is_built_with_the_bench_program(copy: Copy) -> None:
    page = (ROOT / "docs/anatomy-of-a-peer.md").read_text(encoding="utf-8")
    begin = page.index("```cmake\nset(c_ring") + len("```cmake\n")
    (copy.source / "bench/peers/c_ring.c").write_text("", encoding="utf-8")
    copy.append(PEERS, page[begin : page.index("```", begin)])
    result = copy.configure()
    assert result.returncode == 0, result.stderr
    built = subprocess.run(
        ["ninja", "-C", copy.build, "-t", "commands", "handoff-bench"], capture_output=True, text=True, check=True
    )
    program = f"{copy.build}/bench/peers/c-ring"
    assert f"cc -O2 -pthread -o {program} {copy.source}/bench/peers/c_ring.c" in built.stdout
    assert f'.command = {{"{program}"}}' in copy.registry()


def test_a_peer_without_its_toolchain_says_what_to_install(copy: Copy) -> None:
    assert copy.configure("-DHANDOFF_WITHOUT=go;cargo;javac").returncode == 0
    registry = copy.registry()
    for name, debian in (("go", "golang-go"), ("cargo", "cargo"), ("javac", "default-jdk-headless")):
        assert f'.needs = "{name} (Debian: {debian}), which scripts/setup --peers installs"' in registry
    assert registry.count("scripts/setup --peers installs") == registry.count("peer_backend(") - 1, "all but asyncio"


def test_a_new_peer_changes_the_registry_alone(copy: Copy) -> None:
    commands, generated = copy.commands(), copy.generated()
    copy.append(
        PEERS,
        'handoff_add_peer(echo COMMAND python3 "say \\"hi\\".py" SCENARIOS throughput join SUMMARY "a; b")\n',
    )
    assert copy.configure().returncode == 0
    assert changed(generated, copy.generated()) == {"bench/generated/registry.cpp"}
    assert changed(commands, copy.commands()) == set()
    for text in (
        r'.command = {"python3", "say \"hi\".py"}',
        '.scenarios = {"throughput", "join"}',
        '.summary = "a; b"',
    ):
        assert text in copy.registry()


@pytest.mark.parametrize(
    ("file", "line", "words"),
    [
        (BACKENDS, "handoff_add_backend(no_such_queue)", "no_such_queue.hpp is missing; it must define"),
        (BACKENDS, "handoff_add_backend(Ring)", "snake_case"),
        (BACKENDS, "handoff_add_backend(mutex_condvar)", "already"),
        (BACKENDS, "handoff_add_backend(mutex_condvar2 NEEDS TBB)", "unknown arguments NEEDS;TBB"),
        (BACKENDS, "handoff_add_backend(coroutine2 LIKE coroutines)", "LIKE coroutines: no such backend"),
        (PEERS, "handoff_add_peer(echo SCENARIOS join)", "COMMAND is missing"),
        (PEERS, "handoff_add_peer(echo COMMAND echo)", "SCENARIOS is missing"),
    ],
)
def test_a_wrong_line_ends_with_a_sentence_and_its_place(copy: Copy, file: str, line: str, words: str) -> None:
    copy.append(file, line + "\n")
    number = len((copy.source / file).read_text(encoding="utf-8").splitlines())
    result = copy.configure()
    assert result.returncode != 0
    message = " ".join(result.stderr.split())
    assert words in message
    assert f"{file}:{number}" in message


def compiled_for(copy: Copy, target: str) -> set[str]:
    """The objects that building a target would compile, of a build in which nothing is compiled yet."""
    done = subprocess.run(
        ["ninja", "-C", copy.build, "-t", "commands", target], capture_output=True, text=True, check=True
    )
    words = [word for line in done.stdout.splitlines() for word in line.split()]
    return {word for before, word in zip(words, words[1:]) if before == "-o" and word.endswith(".o")}


def cells_among(objects: set[str]) -> set[str]:
    return {path.rsplit("/backend_", 1)[1].removesuffix(".cpp.o") for path in objects if "handoff_cells_" in path}


def test_a_program_of_a_few_backends_compiles_their_cells_alone(copy: Copy) -> None:
    assert copy.configure("-DHANDOFF_ONLY=coroutine;python_asyncio;mutex_condvar;coroutine").returncode == 0
    assert cells_among(compiled_for(copy, "handoff-bench-only")) == {"mutex_condvar", "coroutine"}
    assert len(cells_among(compiled_for(copy, "handoff-bench"))) > 2, "the program of all backends is what it was"
    assert not any("only" in path for path in compiled_for(copy, "all")), "nobody builds it who did not ask for it"
    folder = "only/coroutine+mutex_condvar+python_asyncio"
    assert f"bench/{folder}/handoff-bench" in copy.commands()

    needs = copy.needs(folder)
    assert needs.keys() == copy.needs().keys(), "it knows all by name"
    assert {name for name, missing in needs.items() if not missing} == {"mutex_condvar", "coroutine"}
    assert needs["coroutine_lifo"].startswith("handoff-bench itself")


def test_a_second_choice_leaves_the_objects_of_the_first_as_they_are(copy: Copy) -> None:
    assert copy.configure("-DHANDOFF_ONLY=mutex_condvar").returncode == 0
    commands, generated = copy.commands(), copy.generated()
    assert copy.configure("-DHANDOFF_ONLY=coroutine").returncode == 0
    shared = commands.keys() & copy.commands().keys()
    assert {
        output for output in shared if output.endswith(".o") and commands[output] != copy.commands()[output]
    } == set()
    assert changed(generated, copy.generated()) == {"bench/generated/only/coroutine/registry.cpp"}


def test_a_choice_of_unknown_contenders_is_refused_with_those_there_are(copy: Copy) -> None:
    result = copy.configure("-DHANDOFF_ONLY=mutex_condvar;corutine")
    assert result.returncode != 0
    said = " ".join(result.stderr.split())
    assert "HANDOFF_ONLY: unknown contender corutine; expected some of mutex_condvar, coroutine," in said
