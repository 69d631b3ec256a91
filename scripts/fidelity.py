"""Compares the harness with plain loops: the median of each benchmark's ratio over several processes.

A process's earlier measurements leave their mark on its heap, and a queue's address alone can change a result by ten
percent: so every ratio comes from a process of its own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Sequence

from arguments import Parser
from bench_arguments import PROGRAM
from failures import FAILED, UserError
from plan import Program
from processes import run_process

TIMEOUT_S = 120.0


def names_of(program: Path, pattern: str) -> list[str]:
    """The names that Google Benchmark lists for `pattern`, a regular expression."""
    if not program.exists():
        raise UserError(f"{program}: no such program; leave out --no-setup and --program to build one")
    listed = Program(program).ask("--benchmark_list_tests", f"--benchmark_filter={pattern}")
    names = [line.strip() for line in listed.splitlines() if line.strip()]
    if not names:
        raise UserError(f"--filter: no benchmark matches '{pattern}'; {program.name} --benchmark_list_tests names them")
    return names


def ratio_of(program: Path, name: str) -> float:
    """The counter `ratio` of one benchmark, measured in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        command = [
            str(program),
            f"--benchmark_filter=^{name}$",
            f"--benchmark_out={out}",
            "--benchmark_out_format=json",
        ]
        ended = run_process(command, TIMEOUT_S, lambda: None)
        if ended.status != 0:
            how = f"ended with status {ended.status}" if ended.status is not None else f"took over {TIMEOUT_S:.0f} s"
            raise UserError(f"{name}: {how}{f': {ended.last_words}' if ended.last_words else ''}", status=FAILED)
        (measured,) = json.loads(out.read_text())["benchmarks"]
    if measured.get("error_occurred"):
        raise UserError(f"{name}: {measured.get('error_message')}", status=FAILED)
    if "ratio" not in measured:
        raise UserError(f"{name}: has no counter 'ratio'; fidelity/ and micro/layering/ have one")
    return float(measured["ratio"])


def main(arguments: Sequence[str]) -> int:
    parser = Parser(prog="scripts/fidelity", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--filter",
        default="fidelity/",
        metavar="REGEX",
        help="benchmarks to run (default: fidelity/, throughput in the harness ÷ in a plain loop, higher is better); "
        "micro/layering/c.* is the time with ÷ without close or completion, lower is better",
    )
    parser.add_argument("--processes", type=int, default=9, metavar="N", help="processes per benchmark (default: 9)")
    parser.add_argument("--no-setup", action="store_true", help="do not install, configure or build anything")
    parser.add_argument("--program", type=Path, default=PROGRAM, help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.processes < 1:
        raise UserError(f"--processes must be at least 1, not {options.processes}")
    if options.check:
        return 0
    names = names_of(options.program, options.filter)
    labels = [name.split("/iterations:")[0] for name in names]
    width = max(map(len, labels))
    print(f"{'benchmark':{width}}  median  lowest highest   ratio, {options.processes} processes each")
    for name, label in zip(names, labels):
        ratios = []
        for i in range(options.processes):
            if sys.stderr.isatty():
                print(f"\r{label}: {i + 1} of {options.processes}", end="\033[K\r", file=sys.stderr, flush=True)
            ratios.append(ratio_of(options.program, name))
        print(f"{label:{width}} {statistics.median(ratios):7.3f} {min(ratios):7.3f} {max(ratios):7.3f}", flush=True)
    return 0
