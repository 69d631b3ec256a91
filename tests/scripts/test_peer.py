"""The asyncio.Queue peer: every scenario by the protocol, its checks, its refusals."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import schema
from conftest import ROOT

PEERS = ROOT / "bench" / "peers"
sys.path.insert(0, str(PEERS))

import asyncio_queue  # noqa: E402
import asyncio_schedule  # noqa: E402
import asyncio_workers  # noqa: E402
import peer_protocol  # noqa: E402
from peer_protocol import Cell, Row  # noqa: E402

AXES = {"producers": 2, "consumers": 2, "capacity": 3, "item_bytes": "8", "sample_ms": 2, "seed": 1}
NODES = {"item_bytes": "32"}
#: Scenario, further options, columns that must hold a positive number.
CELLS = [
    ("throughput", {}, ("items", "seconds", "items_per_second")),
    ("throughput", {"item_bytes": "64"}, ("items", "seconds", "items_per_second")),
    ("throughput", {"item_bytes": "move_only", "capacity": 1}, ("items", "seconds", "items_per_second")),
    ("throughput", {"producers": 3, "work_producer_ns": 300}, ("items", "seconds", "items_per_second")),
    ("throughput", {"consumers": 1, "work_consumer_ns": 300}, ("items", "seconds", "items_per_second")),
    ("ping_pong", {"producers": 1, "consumers": 1}, ("items", "seconds")),
    (
        "paced",
        {"rate": 0.1},
        ("items", "rate_items_per_second", "latency_count", "latency_p50_ns", "latency_max_ns"),
    ),
    ("join", {"producers": 3}, ("items", "join_ns")),
    ("join", {"item_bytes": "move_only"}, ("items", "join_ns")),
    ("shutdown", {"stop": "sentinel"}, ("items", "shutdown_ns", "threads_joined_ns")),
    ("shutdown", {"stop": "relay", "capacity": 1}, ("shutdown_ns", "threads_joined_ns")),
    ("shutdown", {"stop": "join_cancel"}, ("shutdown_ns", "threads_joined_ns")),
    ("tree", {**NODES, "tree": "fib_16"}, ("items", "node_ns", "serial_node_ns", "speed_up", "kept_share")),
    ("tree", {**NODES, "tree": "skynet_3", "consumers": 5}, ("items", "node_ns", "kept_share")),
    ("tree", {**NODES, "tree": "nqueens_8", "capacity": 1}, ("items", "node_ns", "kept_share")),
    ("tree", {**NODES, "tree": "uts_small", "work_consumer_ns": 100}, ("items", "node_ns")),
]


COMMAND = [sys.executable, "-B", str(PEERS / "asyncio_queue.py")]


def call(*requests: Row) -> "subprocess.CompletedProcess[str]":
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    return subprocess.run(COMMAND, input=lines, capture_output=True, text=True, check=False)


def opening(scenario: str, options: Row) -> Row:
    return {"id": 2, "request": "open", "scenario": scenario, **AXES, **options}


def answers(*requests: Row) -> list[Row]:
    done = call(*requests)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def refused(scenario: str, options: Row) -> Row:
    (reply,) = answers(opening(scenario, options))
    return reply


def test_it_says_what_it_runs_on() -> None:
    (hello,) = answers({"id": 1, "request": "hello", "protocol": 1})
    assert hello.keys() == {"id", "protocol", "name", "version"}
    assert (hello["id"], hello["protocol"]) == (1, 1)
    version = ".".join(map(str, sys.version_info[:3]))
    assert re.fullmatch(rf"{re.escape(version)}\S* \(/.*\)", hello["version"])


@pytest.mark.parametrize(("scenario", "options", "filled"), CELLS)
def test_every_scenario_has_its_sample(scenario: str, options: Row, filled: tuple[str, ...]) -> None:
    opened, row = answers(opening(scenario, options), {"id": 3, "request": "sample"})
    assert opened == {"id": 2, "status": "ok"}
    assert row.pop("id") == 3
    assert row["status"] in (("ok", "unsustained") if scenario == "paced" else ("ok",)), row.get("detail")
    for name in (*filled, "clock_ns", "peak_rss_bytes"):
        assert row[name] > 0, name
    assert not set(row) & set(schema.IDENTITY)
    assert set(row) < set(schema.SAMPLES)


def test_a_warm_up_begins_with_fewer_items_where_their_work_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    class Clockwork:
        def __init__(self, cell: Cell, count: int) -> None:
            tried.append(count)
            self.seconds = count * (cell.work_producer_ns + cell.work_consumer_ns) / 1e9

        async def run(self) -> "Clockwork":
            return self

    monkeypatch.setattr(asyncio_queue, "Transfer", Clockwork)

    def counts(producers: int, work_ns: int) -> tuple[list[int], int]:
        tried.clear()
        work = {"work_producer_ns": work_ns, "work_consumer_ns": work_ns}
        cell = cell_of(producers=producers, consumers=1, capacity=1, sample_ms=50, **work)
        session = asyncio_queue.Session(cell)
        asyncio.run(session.calibrate())
        return list(tried), session.count

    assert counts(1, 1_000_000_000) == ([1], 1)
    assert counts(3, 1_000_000_000) == ([3], 3)
    assert counts(1, 1_000_000) == ([6, 64], 64)  # 128 ms: its fewest, within four samples
    assert counts(1, 100)[0][0] == 256


def test_one_process_gives_one_sample_after_another() -> None:
    samples = answers(opening("throughput", {}), *({"id": number, "request": "sample"} for number in (3, 4, 5)))[1:]
    assert [(row["id"], row["status"]) for row in samples] == [(3, "ok"), (4, "ok"), (5, "ok")]


def test_a_second_cell_takes_the_place_of_the_first() -> None:
    first, second, row = answers(
        opening("throughput", {}), {**opening("join", {}), "id": 3}, {"id": 4, "request": "sample"}
    )
    assert first["status"] == second["status"] == "ok"
    assert "join_ns" in row and "items_per_second" not in row


def test_every_sample_has_queues_and_a_loop_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    take = asyncio_queue.open_cell(cell_of())
    loops: list[list[Any]] = []
    plain = asyncio.Queue

    def queue(capacity: int) -> "asyncio.Queue[Any]":
        loops[-1].append(asyncio.get_running_loop())
        return plain(capacity)

    monkeypatch.setattr(asyncio, "Queue", queue)
    for _ in range(2):
        loops.append([])
        take()
    first, second = loops
    assert len(first) == len(second) == 2, "one queue proves the order, one is measured"
    assert first[0] is first[1] and second[0] is second[1] and first[0] is not second[0]


def test_it_sleeps_between_two_requests() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdin is not None and peer.stdout is not None
        for request in (opening("throughput", {}), {"id": 3, "request": "sample"}):
            peer.stdin.write(json.dumps(request) + "\n")
            peer.stdin.flush()
            assert json.loads(peer.stdout.readline())["status"] == "ok"
            (thread,) = Path(f"/proc/{peer.pid}/task").iterdir()
            while "State:\tS" not in (thread / "status").read_text(encoding="utf-8"):
                assert peer.poll() is None, "it has just answered, and goes to sleep"


def test_close_is_measured_or_skipped_with_the_reason() -> None:
    if hasattr(asyncio.Queue, "shutdown"):
        opened, row = answers(opening("shutdown", {"stop": "close"}), {"id": 3, "request": "sample"})
        assert opened["status"] == row["status"] == "ok" and row["shutdown_ns"] > 0
    else:
        opened = refused("shutdown", {"stop": "close"})
        assert opened["status"] == "skipped"
        assert opened["detail"].startswith("not closable: asyncio.Queue has shutdown() from Python 3.13 on")


def test_ping_pong_of_many_workers_is_skipped() -> None:
    row = refused("ping_pong", {})
    assert row["status"] == "skipped" and "two workers" in row["detail"]


@pytest.mark.parametrize(
    ("scenario", "options", "sentence"),
    [
        ("juggling", {}, "the peer does not know scenario 'juggling'"),
        ("throughput", {"item_bytes": "9"}, "the peer does not know item_bytes '9'"),
        ("shutdown", {"stop": "shouting"}, "the peer does not know stop 'shouting'"),
        ("throughput", {"colour": "red"}, "the peer does not know colour"),
        ("tree", {"tree": "oak", **NODES}, "the peer does not know tree 'oak'"),
        ("tree", {"tree": "fib_16"}, "the peer does not know item_bytes '8'"),
    ],
)
def test_what_it_does_not_know_is_skipped(scenario: str, options: Row, sentence: str) -> None:
    assert refused(scenario, options) == {"id": 2, "status": "skipped", "detail": sentence}


@pytest.mark.parametrize(
    ("scenario", "options", "sentence"),
    [
        ("throughput", {"producers": 0}, "producers is 0; it must be a whole number, 1 or more"),
        ("throughput", {"capacity": "8"}, "capacity is '8'; it must be a whole number, 1 or more"),
        ("throughput", {"seed": True}, "seed is True; it must be a whole number, 0 or more"),
        ("throughput", {"sample_ms": 0}, "sample_ms is 0; it must be above 0"),
        ("throughput", {"rate": 0.5}, "rate goes with the scenario paced, and only with it"),
        ("paced", {}, "rate goes with the scenario paced, and only with it"),
        ("paced", {"rate": 1.5}, "rate is 1.5; it must be a share above 0, at most 1"),
        ("shutdown", {}, "stop goes with the scenario shutdown, and only with it"),
        ("throughput", {"tree": "fib_16"}, "tree goes with the scenario tree, and only with it"),
        ("tree", NODES, "tree goes with the scenario tree, and only with it"),
    ],
)
def test_a_bad_request_is_one_sentence_and_status_2(scenario: str, options: Row, sentence: str) -> None:
    expect_refusal(call(opening(scenario, options)), sentence)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("hello", "'hello' is not a request"),
        ("[1]", "'[1]' is not a request"),
        ('{"request": "hello"}', "is not a request"),
        ('{"id": 1, "request": "dance"}', "unexpected request 'dance'"),
        ('{"id": 1, "request": "sample"}', "unexpected request 'sample'"),
        ('{"id": 1, "request": "open"}', "the request is incomplete"),
    ],
)
def test_a_line_that_is_no_request_is_one_sentence_and_status_2(line: str, sentence: str) -> None:
    expect_refusal(subprocess.run(COMMAND, input=line + "\n", capture_output=True, text=True, check=False), sentence)


def expect_refusal(done: "subprocess.CompletedProcess[str]", sentence: str) -> None:
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("asyncio_queue.py: ") and sentence in done.stderr
    assert not done.stderr.endswith(".\n") and done.stderr.count("\n") == 1


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
        with pytest.raises(peer_protocol.Corrupt, match=sentence):
            asyncio_workers.check(taken, 4, 2)


class Losing(asyncio.Queue):  # type: ignore[type-arg]
    """Drops every hundredth item."""

    async def put(self, item: Any) -> None:
        if item is None or item % 100 != 99:
            await super().put(item)


def test_a_queue_that_loses_items_is_a_corrupt_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "Queue", Losing)
    session = asyncio_queue.Session(cell_of(producers=1, consumers=1, capacity=8, sample_ms=1))
    session.count = 1000
    assert reply_to_sample(session) == {"status": "corrupt", "detail": "990 items arrived of 1000"}


def test_a_queue_that_loses_items_while_it_warms_up_is_corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "Queue", Losing)
    server = peer_protocol.Server("", "", asyncio_queue.open_cell)
    reply = server.reply("open", {"scenario": "throughput", **AXES})
    assert reply["status"] == "corrupt" and "items arrived of" in reply["detail"]


def reply_to_sample(session: asyncio_queue.Session) -> Row:
    server = peer_protocol.Server("", "", asyncio_queue.open_cell)
    server.take = lambda: asyncio.run(session.take())
    return server.reply("sample", {})


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


def cell_of(**axes: Any) -> Cell:
    options: Row = {"scenario": "throughput", **AXES, "capacity": 64, **axes}
    return Cell(**options)


@pytest.fixture(name="ticks")
def ticking(monkeypatch: pytest.MonkeyPatch) -> Ticks:
    ticks = Ticks()
    for module in (asyncio_queue, asyncio_schedule, asyncio_workers):
        monkeypatch.setattr(module, "clock", ticks)
    return ticks


@pytest.mark.parametrize("options", [{}, {"item_bytes": "64"}, {"item_bytes": "move_only"}, {"capacity": 5000}])
def test_the_clock_is_read_where_the_window_begins_and_ends(ticks: Ticks, options: Row) -> None:
    transfer = asyncio.run(asyncio_workers.Transfer(cell_of(**options), 1000).run())
    assert (ticks.readings, transfer.seconds) == (2, 1e-6)


def test_the_rate_of_a_paced_cell_holds_the_readings_of_its_clock(ticks: Ticks) -> None:
    """One reading an item at either end: 500,000 items per second is all that can be paced."""
    session = asyncio_queue.Session(cell_of(scenario="paced", rate=0.5))
    asyncio.run(session.open())
    row = asyncio.run(session.take())
    assert row["status"] == "ok", row.get("detail")
    assert row["rate_items_per_second"] == pytest.approx(250_000, rel=0.05)


def test_a_sample_fills_the_queue_several_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the start of the workers alone lasts as long as a sample."""

    async def seconds_of(_: Any, count: int) -> float:
        return 0.002 + count * 1e-7

    monkeypatch.setattr(asyncio_queue.Session, "seconds_of", seconds_of)
    session = asyncio_queue.Session(cell_of(scenario="throughput", capacity=1000))
    asyncio.run(session.calibrate())
    assert session.count >= 4000
    session = asyncio_queue.Session(cell_of(scenario="throughput", capacity=1_000_000))
    asyncio.run(session.calibrate())
    assert session.count * 1e-7 + 0.002 == pytest.approx(0.008, rel=0.5)


@pytest.mark.parametrize("interrupted", range(1, 9))
def test_one_run_that_was_interrupted_does_not_decide(monkeypatch: pytest.MonkeyPatch, interrupted: int) -> None:
    runs = 0

    async def seconds_of(_: Any, count: int) -> float:
        nonlocal runs
        runs += 1
        return count * 1e-7 + (1 if runs == interrupted else 0)

    monkeypatch.setattr(asyncio_queue.Session, "seconds_of", seconds_of)
    session = asyncio_queue.Session(cell_of(scenario="throughput", sample_ms=2))
    asyncio.run(session.calibrate())
    assert session.count * 1e-7 == pytest.approx(0.002, rel=0.5)


def test_a_queue_that_exchanges_neighbours_is_corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    class Exchanging(asyncio.Queue):  # type: ignore[type-arg]
        def _put(self, item: Any) -> None:
            super()._put(item)
            if len(self._queue) % 2 == 0:  # type: ignore[attr-defined]
                last, before = self._queue.pop(), self._queue.pop()  # type: ignore[attr-defined]
                self._queue.extend((last, before))  # type: ignore[attr-defined]

    monkeypatch.setattr(asyncio, "Queue", Exchanging)
    row = reply_to_sample(asyncio_queue.Session(cell_of()))
    assert (row["status"], "fifo" in row["detail"]) == ("corrupt", True)
