"""The asyncio.Queue peer: every scenario by the command line, its checks, its refusals."""

from __future__ import annotations

import argparse
import asyncio
import csv
import re
import subprocess
import sys
from typing import Any

import pytest
import schema
from conftest import ROOT

PEERS = ROOT / "bench" / "peers"
sys.path.insert(0, str(PEERS))

import asyncio_queue  # noqa: E402
import asyncio_schedule  # noqa: E402
import asyncio_workers  # noqa: E402

AXES = {"--producers": "2", "--consumers": "2", "--capacity": "3", "--item": "8", "--sample-ms": "2", "--seed": "1"}
#: Scenario, further options, columns that must hold a positive number.
CELLS = [
    ("throughput", {}, ("items", "seconds", "items_per_second")),
    ("throughput", {"--item": "64"}, ("items", "seconds", "items_per_second")),
    ("throughput", {"--item": "move_only", "--capacity": "1"}, ("items", "seconds", "items_per_second")),
    ("throughput", {"--producers": "3", "--work-producer-ns": "300"}, ("items", "seconds", "items_per_second")),
    ("throughput", {"--consumers": "1", "--work-consumer-ns": "300"}, ("items", "seconds", "items_per_second")),
    ("ping_pong", {"--producers": "1", "--consumers": "1"}, ("items", "seconds")),
    (
        "paced",
        {"--rate": "0.1"},
        ("items", "rate_items_per_second", "latency_count", "latency_p50_ns", "latency_max_ns"),
    ),
    ("join", {"--producers": "3"}, ("items", "join_ns")),
    ("join", {"--item": "move_only"}, ("items", "join_ns")),
    ("shutdown", {"--stop": "sentinel"}, ("items", "shutdown_ns", "threads_joined_ns")),
    ("shutdown", {"--stop": "relay", "--capacity": "1"}, ("shutdown_ns", "threads_joined_ns")),
    ("shutdown", {"--stop": "join_cancel"}, ("shutdown_ns", "threads_joined_ns")),
]


def call(scenario: str, **options: str) -> "subprocess.CompletedProcess[str]":
    words = [word for pair in {**AXES, **options}.items() for word in pair]
    command = [sys.executable, "-B", str(PEERS / "asyncio_queue.py"), "--scenario", scenario, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_says_what_it_runs_on() -> None:
    command = [sys.executable, "-B", str(PEERS / "asyncio_queue.py"), "--describe"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    version = ".".join(map(str, sys.version_info[:3]))
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(rf"\w+ {re.escape(version)}\S* \(/.*\)\n", done.stdout)


@pytest.mark.parametrize(("scenario", "options", "filled"), CELLS)
def test_every_scenario_prints_its_row(scenario: str, options: dict[str, str], filled: tuple[str, ...]) -> None:
    done = call(scenario, **options)
    assert (done.returncode, done.stderr) == (0, "")
    (row,) = csv.DictReader(done.stdout.splitlines())
    assert row["status"] in (("ok", "unsustained") if scenario == "paced" else ("ok",)), row["detail"]
    for name in (*filled, "clock_ns", "peak_rss_bytes"):
        assert float(row[name]) > 0, name
    assert not set(row) & set(schema.IDENTITY)
    assert set(row) < set(schema.SAMPLES)
    assert "e" not in "".join(row[name] for name in row if name not in ("status", "detail"))


def test_a_warm_up_begins_with_fewer_items_where_their_work_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    class Clockwork:
        def __init__(self, options: argparse.Namespace, count: int) -> None:
            tried.append(count)
            self.seconds = count * (options.work_producer_ns + options.work_consumer_ns) / 1e9

        async def run(self) -> "Clockwork":
            return self

    monkeypatch.setattr(asyncio_queue, "Transfer", Clockwork)

    def counts(producers: int, work_ns: int) -> tuple[list[int], int]:
        tried.clear()
        axes = axes_of(producers=producers, consumers=1, capacity=1, work_producer_ns=work_ns, work_consumer_ns=work_ns)
        axes.scenario, axes.sample_ms = "throughput", 50
        session = asyncio_queue.Session(axes)
        asyncio.run(session.calibrate())
        return list(tried), session.count

    assert counts(1, 1_000_000_000) == ([1], 1)
    assert counts(3, 1_000_000_000) == ([3], 3)
    assert counts(1, 1_000_000) == ([6, 64], 64)  # 128 ms: its fewest, within four samples
    assert counts(1, 100)[0][0] == 256


def test_a_row_a_sample() -> None:
    done = call("throughput", **{"--samples": "3"})
    assert len(list(csv.DictReader(done.stdout.splitlines()))) == 3


def test_close_is_measured_or_skipped_with_the_reason() -> None:
    (row,) = csv.DictReader(call("shutdown", **{"--stop": "close"}).stdout.splitlines())
    if hasattr(asyncio.Queue, "shutdown"):
        assert row["status"] == "ok" and float(row["shutdown_ns"]) > 0
    else:
        assert row["status"] == "skipped"
        assert row["detail"].startswith("not closable: asyncio.Queue has shutdown() from Python 3.13 on")


def test_ping_pong_of_many_workers_is_skipped() -> None:
    (row,) = csv.DictReader(call("ping_pong").stdout.splitlines())
    assert row["status"] == "skipped" and "two workers" in row["detail"]


@pytest.mark.parametrize(
    ("scenario", "options", "sentence"),
    [
        ("juggling", {}, "invalid choice: 'juggling'"),
        ("throughput", {"--producers": "0"}, "'0' must be a whole number, 1 or more"),
        ("throughput", {"--item": "9"}, "invalid choice: '9'"),
        ("throughput", {"--rate": "0.5"}, "--rate goes with --scenario paced, and only with it"),
        ("paced", {}, "--rate goes with --scenario paced, and only with it"),
        ("paced", {"--rate": "1.5"}, "must be a share above 0, at most 1"),
        ("shutdown", {}, "--stop goes with --scenario shutdown, and only with it"),
        ("throughput", {"--colour": "red"}, "unrecognized arguments: --colour red"),
    ],
)
def test_bad_arguments_are_one_sentence_and_status_2(scenario: str, options: dict[str, str], sentence: str) -> None:
    done = call(scenario, **options)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert done.stderr.endswith(".\n") and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("taken", "sentence"),
    [
        ([[0, 1], [2]], "3 items arrived of 4"),
        ([[0, 1], [2, 2]], "are not those that were sent"),
        ([[0, 1], [2, 7]], "are not those that were sent"),
        ([[0, 3], [2, 1]], None),
        ([[2, 0], [1, 3]], "items of producer 0 arrived out of order"),
    ],
)
def test_what_arrives_is_checked(taken: list[list[int]], sentence: str | None) -> None:
    if sentence is None:
        asyncio_workers.check(taken, 4, 2)
    else:
        with pytest.raises(asyncio_workers.Corrupt, match=sentence):
            asyncio_workers.check(taken, 4, 2)


class Losing(asyncio.Queue):  # type: ignore[type-arg]
    """Drops every hundredth item."""

    async def put(self, item: Any) -> None:
        if item is None or item % 100 != 99:
            await super().put(item)


def test_a_queue_that_loses_items_is_a_corrupt_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "Queue", Losing)
    options = argparse.Namespace(
        scenario="throughput", producers=1, consumers=1, capacity=8, item="8", work_producer_ns=0, work_consumer_ns=0,
        rate=None, stop=None, sample_ms=1, samples=1,
    )  # fmt: skip
    session = asyncio_queue.Session(options)
    session.count = 1000
    row = asyncio.run(session.take())
    assert (row["status"], row["detail"]) == ("corrupt", "990 items arrived of 1000")


def test_percentiles_need_ten_samples_beyond_them() -> None:
    row = asyncio_queue.percentiles([float(value) for value in range(1, 1001)])
    assert row["latency_p50_ns"] == 500 and row["latency_p99_ns"] == 990 and row["latency_max_ns"] == 1000
    assert "latency_p999_ns" not in row
    assert "latency_p99_ns" not in asyncio_queue.percentiles([1.0] * 999)


class Ticks:
    """A clock that costs a microsecond a reading, and on which nothing else takes time."""

    def __init__(self) -> None:
        self.readings = 0

    def __call__(self) -> int:
        self.readings += 1
        return self.readings * 1000


def axes_of(**options: Any) -> argparse.Namespace:
    known: dict[str, Any] = {
        "producers": 2,
        "consumers": 2,
        "capacity": 64,
        "item": "8",
        "sample_ms": 2,
        "rate": None,
        "stop": None,
    }
    return argparse.Namespace(**{"work_producer_ns": 0, "work_consumer_ns": 0, **known, **options})


@pytest.fixture(name="ticks")
def ticking(monkeypatch: pytest.MonkeyPatch) -> Ticks:
    ticks = Ticks()
    for module in (asyncio_queue, asyncio_schedule, asyncio_workers):
        monkeypatch.setattr(module, "clock", ticks)
    return ticks


@pytest.mark.parametrize("options", [{}, {"item": "64"}, {"item": "move_only"}, {"capacity": 5000}])
def test_the_clock_is_read_where_the_window_begins_and_ends(ticks: Ticks, options: dict[str, Any]) -> None:
    transfer = asyncio.run(asyncio_workers.Transfer(axes_of(**options), 1000).run())
    assert (ticks.readings, transfer.seconds) == (2, 1e-6)


def test_the_rate_of_a_paced_cell_holds_the_readings_of_its_clock(ticks: Ticks) -> None:
    """One reading an item at either end: 500,000 items a second is all that can be paced."""
    session = asyncio_queue.Session(axes_of(scenario="paced", rate=0.5))
    asyncio.run(session.calibrate())
    row = asyncio.run(session.take())
    assert row["status"] == "ok", row["detail"]
    assert row["rate_items_per_second"] == pytest.approx(250_000, rel=0.05)


def test_a_sample_fills_the_queue_several_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the start of the workers alone lasts as long as a sample."""

    async def seconds_of(_: Any, count: int) -> float:
        return 0.002 + count * 1e-7

    monkeypatch.setattr(asyncio_queue.Session, "seconds_of", seconds_of)
    session = asyncio_queue.Session(axes_of(scenario="throughput", capacity=1000))
    asyncio.run(session.calibrate())
    assert session.count >= 4000
    session = asyncio_queue.Session(axes_of(scenario="throughput", capacity=1_000_000))
    asyncio.run(session.calibrate())
    assert session.count * 1e-7 + 0.002 == pytest.approx(0.008, rel=0.5)


def test_a_queue_that_exchanges_neighbours_is_corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    class Exchanging(asyncio.Queue):  # type: ignore[type-arg]
        def _put(self, item: Any) -> None:
            super()._put(item)
            if len(self._queue) % 2 == 0:  # type: ignore[attr-defined]
                last, before = self._queue.pop(), self._queue.pop()  # type: ignore[attr-defined]
                self._queue.extend((last, before))  # type: ignore[attr-defined]

    monkeypatch.setattr(asyncio, "Queue", Exchanging)
    row = asyncio.run(asyncio_queue.Session(axes_of(scenario="throughput")).take())
    assert (row["status"], "fifo" in row["detail"]) == ("corrupt", True)
