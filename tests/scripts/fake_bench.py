#!/usr/bin/env python3
"""Stands in for handoff-bench: the same command line, made-up figures, and cells that misbehave when told to.

Its matrix is a JSON file, or TOML with one [[cells]] table:
  name, blocks, samples, rounds, seed, steal_limit, equivalence   as --matrix-info gives them
  backends, scenarios, shapes       what to expand (defaults below); shapes are [producers, consumers]
  capacity, work_producer_ns        lists (of bounded backends); work makes an item that much longer
  waits                             keeps the cells that wait so (default: all)
  noise                             standard deviation of the logarithm of every figure
  behaviour                         a JSON file beside it, {cell: {"do": ..., "block": N}}, if it exists;
                                    without a block: in every one; FAKE_BEHAVIOUR names another file
What a cell can be told to do: corrupt, wordy (corrupt, told in several lines), watchdog, unsustained, few (one sample alone), crash, late_crash, hang, exit, silent, cut,
interrupt (sends SIGINT to the script that runs it), kill (SIGKILL), unwritten (has no place for its row),
call (runs its "command", whose words go to the file "to", and is ok).
A cell that takes turns with others can be told: corrupt, watchdog, crash, hang, and in which "round" (1); late_crash, at the end.
The environment variable FAKE_MACHINE holds JSON that is added to what --environment tells; FAKE_SCHEMA the schema of its rows.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator

# Not by the scripts' own module: a fake of them would agree with whatever they make of the list.
ROOT = Path(__file__).resolve().parents[2]
with (ROOT / "docs" / "columns.csv").open(encoding="utf-8", newline="") as listed:
    COLUMNS = list(csv.DictReader(listed))
IDENTITY = [column["name"] for column in COLUMNS if column["part"] == "cell"]
SAMPLES = [column["name"] for column in COLUMNS if column["part"] in ("origin", "cell", "measured")]
LISTED = [*IDENTITY, "status", "detail", *(column["name"] for column in COLUMNS if column["part"] == "plan")]
WORDS = {column["name"]: column["words"].split() for column in COLUMNS}
#: The usual values of the axes that these cells do not vary.
UNSAID = {column["name"]: column["unsaid"].strip("-") for column in COLUMNS if column["unsaid"]}
#: What samples of a scenario have, and not those of all.
OWN = {
    word: [column["name"] for column in COLUMNS if column["part"] == "measured" and word in column["scenarios"].split()]
    for word in WORDS["scenario"]
}
WHOLE = {column["name"] for column in COLUMNS if column["type"] == "whole"}

SCENARIOS = WORDS["scenario"]
STOPS = ("sentinel", "relay", "close", "join_cancel")
SHAPES = ((1, 1), (2, 2), (4, 4))
LOOPS = ("coroutine", "python_asyncio")
#: backend: waits, ordering, bounded, items per second at 1P1C
BACKENDS: dict[str, tuple[tuple[str, ...], str, bool, float]] = {
    "mutex_condvar": (("native",), "fifo", True, 9.1e6),
    "coroutine": (("loop",), "fifo", True, 41e6),
    "moodycamel": (("spin", "yield", "park"), "per_producer_fifo", False, 18e6),
    "moodycamel_blocking": (("native",), "per_producer_fifo", False, 11e6),
    "tbb_bounded": (("native", "spin", "yield", "park"), "fifo", True, 5.5e6),
    "python_asyncio": (("loop",), "fifo", True, 0.71e6),
}
WAIT_FACTOR = {"native": 1.0, "loop": 1.0, "spin": 1.35, "yield": 1.3, "park": 0.93}


def cells_of(matrix: dict[str, Any], backends: list[str], scenarios: list[str]) -> Iterator[dict[str, Any]]:
    for scenario in scenarios:
        for backend in backends:
            waits, ordering, bounded, _ = BACKENDS[backend]
            for wait in waits:
                for axes in axes_of(matrix, scenario, backend, bounded):
                    cell = {"scenario": scenario, "backend": backend, "ordering": ordering, "wait": wait, **axes}
                    yield finished(cell, 0)
                    if backend == matrix.get("reference", "mutex_condvar"):
                        yield finished(cell, 1)


def axes_of(matrix: dict[str, Any], scenario: str, backend: str, bounded: bool) -> Iterator[dict[str, Any]]:
    shapes = matrix.get("shapes", SHAPES) if scenario != "ping_pong" else ((1, 1),)
    capacities: tuple[object, ...] = tuple(matrix.get("capacity", (1024,))) if bounded else ("",)
    if backend in LOOPS and scenario == "throughput":
        capacities = (1, 1024)
    for producers, consumers in shapes:
        for capacity in capacities:
            for rate in (0.1, 0.5, 0.8) if scenario == "paced" else ("",):
                for stop in STOPS if scenario == "shutdown" else ("",):
                    for work in matrix.get("work_producer_ns", (0,)):
                        yield {
                            "producers": producers, "consumers": consumers, "capacity": capacity, "rate": rate, "stop": stop,
                            "work_producer_ns": work,
                        }  # fmt: skip


def finished(cell: dict[str, Any], control: int) -> dict[str, Any]:
    workers = cell["producers"] + cell["consumers"]
    cell = {
        **UNSAID, **cell, "control": control, "item_bytes": 8, "item": "trivial", "work_consumer_ns": 0,
        "pinning": "none", "oversubscribed": int(cell["wait"] != "loop" and workers > 2),
        "status": "ok", "detail": "", "estimate_s": 0.05, "timeout_s": 60,
    }  # fmt: skip
    unclosable = cell["wait"] == "native" and cell["backend"] != "mutex_condvar"
    if unclosable and (cell["stop"] in ("close", "join_cancel") or cell["scenario"] in ("join", "tree")):
        reason = {"close": "not closable", "join_cancel": "not cancellable"}.get(cell["stop"], "not joinable")
        cell |= {"status": "skipped", "detail": reason}
    if cell["scenario"] == "tree":
        cell |= {"tree": "fib_16", "item_bytes": 32}
    cell["cell"] = name_of(cell)
    return cell


def name_of(cell: dict[str, Any]) -> str:
    capacity = cell["capacity"] if cell["capacity"] != "" else "-"
    name = (
        f"{cell['scenario']}/{cell['backend']}/p:{cell['producers']}/c:{cell['consumers']}/cap:{capacity}/bytes:{cell['item_bytes']}"
        f"/wait:{cell['wait']}"
    )
    name += f"/stop:{cell['stop']}" if cell["stop"] else ""
    name += f"/rate:{cell['rate']}" if cell["rate"] else ""
    name += f"/tree:{cell['tree']}" if cell["scenario"] == "tree" else ""
    name += f"/work:{cell['work_producer_ns']}-0" if cell["work_producer_ns"] else ""
    return name + ("/control:1" if cell["control"] else "")


def sample_row(cell: dict[str, Any], options: argparse.Namespace, noise: float) -> dict[str, Any]:
    draw = random.Random(f"{options.seed}/{options.block}/{cell['cell']}")

    def about(value: float) -> float:
        return float(f"{value * math.exp(draw.gauss(0, noise)):.9g}")

    workers = cell["producers"] + cell["consumers"]
    speed = BACKENDS[cell["backend"]][3] * WAIT_FACTOR[cell["wait"]] / (1 if cell["wait"] == "loop" else workers / 2)
    if cell["capacity"] == 1:
        speed /= 6
    speed = 1 / (1 / speed + cell["work_producer_ns"] * 1e-9)
    row: dict[str, Any] = {name: cell[name] for name in IDENTITY}
    row |= {
        "schema": int(os.environ.get("FAKE_SCHEMA", "2")),
        "run": options.run,
        "block": options.block,
        "sample": 1,
        "seed": options.seed,
    }
    row |= {"status": "ok", "clock_ns": 21.5, "steal_s": about(0.0001), "peak_rss_bytes": 9_000_000}
    busy = (1 if cell["wait"] == "loop" else workers) * (0.6 if cell["wait"] in ("park", "native") else 1.0)
    row |= {"cpu_user_s": about(0.045 * busy), "cpu_system_s": about(0.005 * busy), "seconds": 0.05}
    row |= {"switches_voluntary": 12, "switches_involuntary": 3}
    row |= figures_of(cell, speed, about)
    return row


def figures_of(cell: dict[str, Any], speed: float, about: Any) -> dict[str, Any]:
    wake = {"native": 5500.0, "park": 6000.0, "spin": 210.0, "yield": 480.0, "loop": 1e9 / speed}[cell["wait"]]
    if cell["scenario"] == "throughput":
        reached = about(speed)
        fairness = {"fairness_producers": 0.97, "fairness_consumers": 0.91}
        return {
            "items": round(reached * 0.05),
            "items_per_second": reached,
            "push_failed": 0,
            "pop_failed": 0,
            **fairness,
        }
    if cell["scenario"] == "ping_pong":
        half = about(wake)
        return {"items": 100_000, "seconds": float(f"{half * 1e-4:.9g}")}
    if cell["scenario"] == "paced":
        load = 1 / (1 - float(cell["rate"]))
        steps = {"p50": 1.0, "p90": 1.6, "p99": 4.0, "p999": 11.0, "max": 40.0}
        latencies = {f"latency_{name}_ns": about(wake * load * step) for name, step in steps.items()}
        return {
            "items": 50_000,
            "latency_count": 50_000,
            "rate_items_per_second": speed * float(cell["rate"]),
            **latencies,
        }
    if cell["scenario"] == "join":
        return {"items": 6400, "join_ns": about(wake * 1.2), "task_done_ns": about(1e8 / speed) - 9.0}
    if cell["scenario"] == "tree":
        serial, node = about(20), about(1e9 / speed)
        shares = {"speed_up": serial / node, "idle_share": 0.25, "kept_share": 0.0}
        return {"items": 3193 * 20, "node_ns": node, "serial_node_ns": serial, **shares}
    if cell["scenario"] != "shutdown":  # one of which nothing more is known here
        own = {name: about(wake) for name in OWN[cell["scenario"]]}
        return {"items": 6400, **{name: round(own[name]) if name in WHOLE else own[name] for name in own}}
    factor = {"sentinel": 1.0, "relay": 1.8, "close": 0.9, "join_cancel": 1.4}[cell["stop"]]
    left = about(wake * factor * (1 + 0.6 * cell["consumers"]))
    return {"shutdown_ns": left, "threads_joined_ns": left + 9000}


def behaviour_of(path: str, matrix: dict[str, Any]) -> dict[str, Any]:
    # A file of its own: what a cell does may change between a run and its resumption, the matrix may not.
    file = Path(os.environ.get("FAKE_BEHAVIOUR") or Path(path).parent / matrix.get("behaviour", "behaviour.json"))
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def run_cells(matrix: dict[str, Any], known: dict[str, dict[str, Any]], options: argparse.Namespace) -> int:
    wanted = [known[name] for name in options.cell]
    return run_launch(matrix, wanted, options) if options.at_work else run_cell(matrix, wanted[0], options)


def run_cell(matrix: dict[str, Any], cell: dict[str, Any], options: argparse.Namespace) -> int:
    told = behaviour_of(options.matrix, matrix).get(cell["cell"], {})
    deed = told.get("do", "ok") if told.get("block", options.block) == options.block else "ok"
    row = sample_row(cell, options, matrix.get("noise", 0.02))
    if deed == "interrupt":
        os.kill(os.getppid(), signal.SIGINT)
    if deed == "kill":
        Path(told["pid"]).write_text(str(os.getpid()), encoding="utf-8")
        os.kill(os.getppid(), signal.SIGKILL)
    if deed == "call":
        done = subprocess.run(told["command"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        Path(told.get("to", os.devnull)).write_bytes(done.stdout)
    if deed == "unwritten":
        print("handoff-bench: cannot write samples to samples.csv: No space left on device", file=sys.stderr)
        return 3
    if deed in ("hang", "interrupt", "kill"):
        print("still waiting for the last item", file=sys.stderr, flush=True)
        signal.pause()
    if deed == "crash":
        os.abort()
    if deed == "exit":
        print("no memory for the ring", file=sys.stderr)
        return 7
    wordy = 'lost 2\nof\r\n100\x0citems,\u2028"first" 7\x1b'
    failed = {"corrupt": "lost 2 of 100 items", "wordy": wordy, "watchdog": "no progress for 0.3 s"}
    if deed in failed:
        row |= {
            "status": "timeout" if deed == "watchdog" else "corrupt",
            "detail": failed[deed],
            "items_per_second": "",
        }
    if deed == "unsustained":
        row |= {"status": deed, "detail": "reached 91 % of the schedule"}
    samples = matrix.get("samples", 1) if deed in ("ok", "unsustained") else 1
    for number in range(1, samples + 1):
        if deed != "silent":
            write_row(options.samples, {**row, "sample": number}, cut=deed == "cut")
    if deed in ("late_crash", "cut"):
        os.kill(os.getpid(), signal.SIGSEGV)
    return 1 if deed in failed else 0


def run_launch(matrix: dict[str, Any], cells: list[dict[str, Any]], options: argparse.Namespace) -> int:
    """Rounds of all cells."""
    told = {
        name: deed
        for name, deed in behaviour_of(options.matrix, matrix).items()
        if deed.get("block", options.block) == options.block
    }
    draw, left, failed = random.Random(options.seed), list(cells), 0
    for number in range(1, matrix["rounds"] + 1):
        draw.shuffle(left)
        for cell in list(left):
            Path(options.at_work).write_text(cell["cell"] + "\n", encoding="utf-8")
            deed = told.get(cell["cell"], {})
            due = deed.get("do") if deed.get("round", 1) == number else None
            if due == "crash":
                os.abort()
            if due == "hang":
                signal.pause()
            row = sample_row(cell, options, matrix.get("noise", 0.02)) | {"sample": number}
            if due in ("corrupt", "watchdog"):
                row |= {"status": "corrupt" if due == "corrupt" else "timeout", "detail": due, "items_per_second": ""}
            write_row(options.samples, row, cut=False)
            if due == "watchdog":
                return 1
            if due == "corrupt":
                failed = 1
                left.remove(cell)
    for cell in cells:
        Path(options.at_work).write_text(cell["cell"] + "\n", encoding="utf-8")
        if told.get(cell["cell"], {}).get("do") == "late_crash":
            os.abort()
    return failed


def write_row(path: str, row: dict[str, Any], cut: bool) -> None:
    fresh = not os.path.exists(path) or os.path.getsize(path) == 0
    with open(path, "a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, SAMPLES, lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerow(row)
        if cut:
            file.flush()
            file.truncate(file.tell() - 30)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--matrix")
    parser.add_argument("--backends")
    parser.add_argument("--scenarios")
    parser.add_argument("--list-cells", nargs="?", const="names")
    for flag in ("--matrix-info", "--environment"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--cell", action="append")
    for option in ("--samples", "--run", "--at-work"):
        parser.add_argument(option)
    parser.add_argument("--block", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def chosen(given: str | None, listed: list[str], what: str) -> list[str]:
    names = listed if given is None else given.split(",")
    for name in names:
        if name not in listed:
            # With the bytes that it was given, as handoff-bench writes them.
            sys.stderr.buffer.write(
                os.fsencode(f"fake_bench: --{what}: no such name '{name}'; expected one of {', '.join(listed)}.\n")
            )
            sys.exit(2)
    return names


def matrix_of(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".toml":
        return json.loads(text)
    import tomllib

    matrix = tomllib.loads(text)
    (cells,) = matrix.pop("cells")
    if isinstance(cells["scenario"], str):
        cells["scenario"] = [cells["scenario"]]
    return {"name": path.stem, "shapes": ((1, 1),), **matrix, **cells, "scenarios": cells["scenario"]}


def main() -> int:
    options = arguments()
    if options.environment:
        machine = {
            "compiler": "none",
            "cpu_model": "made up",
            "cores": 2,
            "usable_threads": len(os.sched_getaffinity(0)),
        }
        print(json.dumps({**machine, **json.loads(os.environ.get("FAKE_MACHINE", "{}"))}))
        return 0
    matrix = matrix_of(Path(options.matrix))
    if options.matrix_info:
        info: dict[str, Any] = {"samples": 1, "rounds": None, "sample_ms": 50, "reference": "mutex_condvar"}
        info |= {"steal_limit": None, "equivalence": 0.05, "seed": 1, "blocks": 7}
        print(json.dumps({**info, **{key: matrix[key] for key in info if key in matrix},
                          "name": matrix["name"], "file": str(Path(options.matrix).resolve())}))  # fmt: skip
        return 0
    backends = chosen(options.backends, matrix.get("backends", list(BACKENDS)), "backends")
    scenarios = chosen(options.scenarios, matrix.get("scenarios", list(SCENARIOS)), "scenarios")
    cells = [cell for cell in cells_of(matrix, backends, scenarios) if cell["wait"] in matrix.get("waits", WAIT_FACTOR)]
    if options.cell:
        return run_cells(matrix, {cell["cell"]: cell for cell in cells}, options)
    if options.list_cells == "csv":
        behaviour = behaviour_of(options.matrix, matrix)
        for cell in cells:  # only what hangs is to be given up soon, however busy the machine is
            if behaviour.get(cell["cell"], {}).get("do") == "hang":
                cell["timeout_s"] = 3
        writer = csv.DictWriter(sys.stdout, LISTED, lineterminator="\n")
        writer.writeheader()
        writer.writerows(cells)
    else:
        print("\n".join(cell["cell"] for cell in cells))
    return 0


if __name__ == "__main__":
    sys.exit(main())
