"""The peers that the build compiles: how each is started, and how a changed one is built."""

from __future__ import annotations

import csv
import glob
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "bench" / "peers"
TREES = SOURCES / "trees.csv"
#: Where the build puts the programs.
BUILT = Path(os.environ.get("HANDOFF_PEERS", ROOT / "build/release/bench/peers"))

Row = dict[str, Any]


@dataclass(frozen=True)
class Toolchain:
    """`build`: the arguments with which the compiler makes `made` of the sources in the working folder. `libraries`: a
    file of those that it needs. `launch`: the words that start it."""

    compiler: str
    folder: str
    program: str
    build: tuple[str | Path, ...]
    made: str | Path
    libraries: str = "/"
    launch: tuple[str, ...] = ("{program}",)

    def is_there(self) -> bool:
        return shutil.which(self.compiler) is not None and bool(glob.glob(self.libraries))

    def changed(self, file: str, line: str, fault: str, into: Path) -> Path:
        """The program with one line of its source replaced."""
        copy = into / self.folder
        shutil.copytree(SOURCES / self.folder, copy)
        text = (copy / file).read_text(encoding="utf-8")
        assert text.count(line) == 1, f"{file} has the line once: {line}"
        (copy / file).write_text(text.replace(line, fault), encoding="utf-8")
        environment = {**os.environ, "GOCACHE": str(BUILT / "go-cache"), "GOPROXY": "off", "CGO_ENABLED": "0"}
        command = [self.compiler, *self.build, *(sorted(copy.glob("*.java")))]
        built = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
        assert built.returncode == 0, built.stderr
        program = into / self.program
        if (copy / self.made).is_dir():
            shutil.copytree(copy / self.made, program)
        else:
            shutil.copy(copy / self.made, program)
        return program


GO = Toolchain("go", "go", "handoff-go", ("build", "-o", "made", "."), "made")
CRATES = "/usr/share/cargo/registry"
CARGO_OPTIONS = ("--quiet", "--release", "--offline", "--target-dir", BUILT / "rust-target")
CARGO_SOURCES = (
    "--config",
    'source.crates-io.replace-with="debian"',
    "--config",
    f'source.debian.directory="{CRATES}"',
)
RUST = Toolchain(
    "cargo",
    "rust",
    "handoff-rust",
    ("build", *CARGO_OPTIONS, *CARGO_SOURCES),
    BUILT / "rust-target/release/handoff-rust",
    f"{CRATES}/tokio-1.*",
)
DISRUPTOR = "/usr/share/java/disruptor.jar"
JARS = f"/usr/share/java/jctools-core.jar:{DISRUPTOR}"
JAVA = Toolchain(
    "javac",
    "java",
    "handoff-java",
    ("-cp", JARS, "-d", "made"),
    "made",
    DISRUPTOR,
    ("java", "-Xss64m", "-cp", "{program}:" + JARS, "Peer"),
)


@dataclass(frozen=True)
class Peer:
    name: str
    toolchain: Toolchain
    mode: str
    scenarios: tuple[str, ...]
    receivers: int | None = None  # that a queue of it has, if not any number

    def command(self, program: Path | None = None) -> list[str]:
        built = str(program or BUILT / self.toolchain.program)
        return [*(word.format(program=built) for word in self.toolchain.launch), self.mode, str(TREES)]

    def opening(self, scenario: str, **options: Any) -> Row:
        if scenario == "throughput" and self.receivers is not None:
            options["consumers"] = self.receivers
        return opening(scenario, **options)


PEERS = [
    Peer("go_channel", GO, "channel", ("throughput", "tree")),
    Peer("go_goroutines", GO, "goroutines", ("tree",)),
    Peer("rust_crossbeam", RUST, "channel", ("throughput", "tree")),
    Peer("rust_crossbeam_deque", RUST, "deque", ("tree",)),
    Peer("rust_rayon", RUST, "rayon", ("tree",)),
    Peer("rust_tokio", RUST, "tokio", ("throughput", "tree"), receivers=1),
    Peer("java_disruptor", JAVA, "disruptor", ("throughput",)),
    Peer("java_forkjoin", JAVA, "forkjoin", ("tree",)),
    Peer("java_jctools", JAVA, "jctools", ("throughput",)),
]
BY_NAME = {peer.name: peer for peer in PEERS}

STREAM: Row = {"producers": 2, "consumers": 3, "capacity": 4, "item_bytes": "8", "sample_ms": 2, "seed": 1}
GROWTH: Row = {**STREAM, "producers": 3, "capacity": 16, "item_bytes": "32"}


def need(peer: Peer) -> None:
    """Skips the test if the peer cannot have been built here."""
    if not peer.toolchain.is_there():
        pytest.skip(f"there is no {peer.toolchain.compiler}; scripts/setup --peers installs it")


def opening(scenario: str, **options: Any) -> Row:
    axes = GROWTH if scenario == "tree" else STREAM
    return {"id": 2, "request": "open", "scenario": scenario, **axes, **options}


def call(command: Sequence[str], *requests: Row | str) -> subprocess.CompletedProcess[str]:
    lines = "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in requests)
    return subprocess.run(command, input=lines, capture_output=True, text=True, check=False, timeout=100)


def answers(command: Sequence[str], *requests: Row) -> list[Row]:
    done = call(command, *requests)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def nodes_of(tree: str) -> int:
    with open(TREES, encoding="utf-8", newline="") as file:
        return next(int(row["nodes"]) for row in csv.DictReader(file) if row["tree"] == tree)
