"""Measures how often a contender that is slower by a known share is detected, with the blocks of a matrix.

One cell of mutex_condvar with one producer and one consumer, whose time is the producer's work between its pushes; the
same cell with more of that work stands for the slower contenders. An equal one (a ring with one slot less, which is never
full) shows how often a nonexistent difference is reported, and how often `same`.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import math
import os
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import pandas as pd
from scipy import stats

import choice
import run_matrix
import schema
import spelling
import summarize
import units
import verdicts
from arguments import Parser
from failures import FAILED, UserError, say
from plan import Plan, Program, Selection, make_plan
from run import Run
from samples_file import SamplesFile

BACKEND = "mutex_condvar"
CAPACITY = 1024
#: The work of the contenders that are to be detected is longer by these shares.
SLOWER = (0.05, 0.20)
#: The verdicts, as the table counts them.
WORDS = ("slower", "cannot tell", "same", "faster")


@dataclass(frozen=True)
class Contender:
    """One of the cells, and the name under which it is compared."""

    label: str
    work_ns: int
    capacity: int = CAPACITY

    @property
    def equal(self) -> bool:
        return self.capacity != CAPACITY


def contenders(work_ns: int) -> list[Contender]:
    slower = [Contender(f"{share:.0%} slower", round(work_ns * (1 + share))) for share in SLOWER]
    return [Contender(BACKEND, work_ns), Contender("equal", work_ns, CAPACITY - 1), *slower]


@dataclass(frozen=True)
class Outcome:
    """One run's result for one contender."""

    label: str
    verdict: str
    ratio: float
    width: float


def matrix_text(settings: dict[str, Any], who: Sequence[Contender]) -> str:
    limit = settings["steal_limit"]
    each = "samples" if settings["rounds"] is None else "rounds"
    lines = [f"{key} = {settings[key]}" for key in ("blocks", each, "sample_ms", "seed")]
    lines += [f'reference = "{BACKEND}"', *([] if limit is None else [f"steal_limit = {limit}"])]
    lines += [f"equivalence = {settings['equivalence']}"]
    lines += ["[[cells]]", 'scenario = "throughput"', f'backends = ["{BACKEND}"]', 'pinning = "compact"']
    lines += [
        f"work_producer_ns = {sorted({c.work_ns for c in who})}",
        f"capacity = {sorted({c.capacity for c in who})}",
    ]
    return "\n".join(lines) + "\n"


def power_plan(program: Program, matrix: Path, seed: int, who: Sequence[Contender]) -> Plan:
    """The cells of `who` and the control of the first, as one neighbourhood: they are compared with each other."""
    plan = make_plan(program, Selection(str(matrix)), None, seed)
    table = plan.table
    labels = pd.Series(None, index=table.index, dtype=object)
    for contender in who:
        its = (table["work_producer_ns"] == contender.work_ns) & (table["capacity"] == contender.capacity)
        labels[its & (table["control"] == 0)] = contender.label
    first = (table["work_producer_ns"] == who[0].work_ns) & (table["capacity"] == who[0].capacity)
    labels[first & (table["control"] == 1)] = who[0].label
    chosen = table[labels.notna()].assign(backend=labels.dropna())
    if len(chosen) != len(who) + 1 or (chosen["status"] != "ok").any():
        raise UserError(f"{program.path.name} cannot run {BACKEND} with work and a control of it", status=FAILED)
    alike = {"work_producer_ns": float(who[0].work_ns), "capacity": float(who[0].capacity)}
    return dataclasses.replace(plan, table=chosen.assign(**alike).reset_index(drop=True))


def outcomes(samples: pd.DataFrame, plan: Plan) -> list[Outcome]:
    """The run's samples summarised as if its cells were contenders of one comparison group."""
    cells = plan.table.set_index("cell")
    alike = {name: samples["cell"].map(cells[name]) for name in ("backend", "work_producer_ns", "capacity")}
    margin = plan.matrix.get("equivalence", verdicts.EQUIVALENCE)
    settings = summarize.Settings(plan.matrix["steal_limit"], float(os.cpu_count() or 1), margin)
    summary = summarize.summary_of(samples.assign(**alike), settings)
    told = summary[~summary["verdict"].isin(("reference", "control"))]
    return [
        Outcome(
            str(row["backend"]),
            str(row["verdict"]),
            float(row["ratio"]),
            float(row["ratio_high"] / row["ratio_low"] - 1),
        )
        for _, row in told.iterrows()
    ]


def repeat(options: argparse.Namespace, folder: Path, who: Sequence[Contender]) -> tuple[list[Outcome], int]:
    """The outcomes of all complete runs, and their number."""
    program = program_of(options)
    defaults = {"samples": 1, "rounds": None, "steal_limit": None, "equivalence": verdicts.EQUIVALENCE}
    settings = defaults | program.ask_json("--matrix", options.matrix, "--matrix-info")
    matrix = folder / "power.toml"
    matrix.write_text(matrix_text(settings, who), encoding="utf-8")
    found: list[Outcome] = []
    for number in range(1, options.runs + 1):
        plan = power_plan(program, matrix, options.seed + number, who)
        place = folder / f"run-{number}"
        place.mkdir()
        say(f"run {number} of {options.runs}")
        with contextlib.closing(SamplesFile.begin(place)) as samples_file:
            run = Run(place, program, Selection(str(matrix)), plan, options.grace, samples_file)
            run.begin_rows()
            if not run_matrix.run_blocks(run):
                return found, number - 1
        samples = schema.read_samples(place / "samples.csv")
        failed = samples[samples["status"].isin(schema.FAILURES)]
        if not failed.empty:
            row = failed.iloc[0]
            raise UserError(f"{row['cell']}: {row['status']}: {row['detail']}".rstrip("."), status=FAILED)
        found += outcomes(samples, plan)
    return found, options.runs


def table(found: Sequence[Outcome], who: Sequence[Contender], runs: int) -> list[str]:
    lines = [
        f"{'contender':12}{''.join(f' {word:>11}' for word in WORDS)}   {'ratio':>6} {'of work':>8} {'width':>7}   told"
    ]
    for contender in who[1:]:
        own = [outcome for outcome in found if outcome.label == contender.label]
        counts = {word: sum(outcome.verdict == word for outcome in own) for word in WORDS}
        told = counts["slower"] + (counts["faster"] if contender.equal else 0)
        ratio, width = (statistics.median(values) for values in zip(*((o.ratio, o.width) for o in own)))
        same = f"; the same in {_share(counts['same'], runs)}" if contender.equal else ""
        lines.append(
            f"{contender.label:12}{''.join(f' {counts[word]:11}' for word in WORDS)}   "
            f"{units.ratio(ratio):>6} {units.ratio(who[0].work_ns / contender.work_ns):>8} "
            f"{'-' if math.isnan(width) else units.digits(100 * width) + ' %':>7}   "
            f"{told} of {runs}: {_share(told, runs)}{', wrongly' if contender.equal else ''}{same}"
        )
    return lines


def _share(told: int, runs: int) -> str:
    """With the exact (Clopper-Pearson) 95 % interval."""
    interval = stats.binomtest(told, runs).proportion_ci(0.95)
    return f"{told / runs:.0%} ({interval.low:.0%} to {interval.high:.0%})"


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog="scripts/power", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=20, metavar="N", help="number of runs (default: 20)")
    parser.add_argument(
        "--work-ns",
        type=int,
        default=20_000,
        metavar="NS",
        help="work before each push, in nanoseconds (default: 20000)",
    )
    parser.add_argument(
        "--matrix", default="standard", help="take blocks, samples and limits from MATRIX (default: standard)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the runs (default: 0)")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="keep the samples of every run in DIR (default: discard them)"
    )
    parser.add_argument("--no-setup", action="store_true", help="do not install, configure or build anything")
    parser.add_argument("--program", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--grace", type=float, default=10.0, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.runs < 1:
        raise UserError(f"--runs must be at least 1, not {options.runs}")
    if not 100 <= options.work_ns <= 100_000_000:
        raise UserError(
            f"--work-ns must be from 100 to 100000000, not {options.work_ns}: the work must last longer than a push"
        )
    if options.out is not None and options.out.exists():
        raise UserError(f"--out: {options.out} is there already; name a new folder")
    return options


def program_of(options: argparse.Namespace) -> Program:
    """The program that the entry point has built, with only the cells of BACKEND, or another that exists."""
    path = choice.program(argparse.Namespace(**vars(options), backends=BACKEND, resume=None))
    if not path.is_file():
        raise UserError(f"{path}: no such program; leave out --no-setup and --program to build one")
    return Program(path.resolve())


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    if options.check:
        return 0
    who = contenders(options.work_ns)
    run_matrix.stop_on_signals()
    with tempfile.TemporaryDirectory() as name:
        folder = options.out or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        found, runs = repeat(options, folder, who)
    if runs == 0:
        return 130
    like = spelling.for_terminal(options.matrix)
    print(f"{BACKEND}, 1P 1C, {units.time(options.work_ns)} of work per push; blocks and samples as in {like}")
    print("\n".join(table(found, who, runs)))
    print("ratio: median over the runs; of work: ratio of the work alone; width: of the ratio's interval, median")
    return 0 if runs == options.runs else 130
