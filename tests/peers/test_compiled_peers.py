"""The peers that the build compiles: their samples by the protocol, their checks, their refusals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from compiled import BY_NAME, PEERS, ROOT, Peer, Row, answers, call, need, nodes_of, opening

sys.path.insert(0, str(ROOT / "scripts"))

import schema  # noqa: E402

SAMPLE: Row = {"id": 3, "request": "sample"}
STREAMS = [
    {},
    {"producers": 1, "consumers": 1, "capacity": 2},
    {"producers": 100, "consumers": 100, "capacity": 64},
    {"work_producer_ns": 300, "work_consumer_ns": 300},
]
GROWTHS = [
    {"tree": "fib_16"},
    {"tree": "skynet_3", "capacity": 1},
    {"tree": "nqueens_8", "producers": 1, "consumers": 1},
    {"tree": "uts_small", "work_consumer_ns": 100},
]
CELLS = [
    (name, scenario, options)
    for name, peer in BY_NAME.items()
    for scenario, list_ in (("throughput", STREAMS), ("tree", GROWTHS))
    if scenario in peer.scenarios
    for options in list_
]


def running(name: str) -> Peer:
    need(BY_NAME[name])
    return BY_NAME[name]


every_peer = pytest.mark.parametrize("name", BY_NAME)


@every_peer
def test_it_says_what_it_runs_on(name: str) -> None:
    (hello,) = answers(running(name).command(), {"id": 1, "request": "hello", "protocol": 1})
    assert hello.keys() == {"id", "protocol", "name", "version"}
    assert (hello["id"], hello["protocol"]) == (1, 1)
    assert hello["name"] and any(letter.isdigit() for letter in hello["version"])


@pytest.mark.parametrize(("name", "scenario", "options"), CELLS)
def test_every_scenario_has_its_sample(name: str, scenario: str, options: Row) -> None:
    peer = running(name)
    opened, *rows = answers(peer.command(), peer.opening(scenario, **options), SAMPLE, {**SAMPLE, "id": 4})
    assert opened == {"id": 2, "status": "ok"}
    assert [row.pop("id") for row in rows] == [3, 4]
    figures = ("items_per_second",) if scenario == "throughput" else ("node_ns", "serial_node_ns", "speed_up")
    for row in rows:
        assert row["status"] == "ok", row
        for column in ("items", "seconds", "clock_ns", "peak_rss_bytes", *figures):
            assert row[column] > 0, column
        assert set(row) < set(schema.SAMPLES) and not set(row) & set(schema.IDENTITY)


@pytest.mark.parametrize("name", [peer.name for peer in PEERS if "throughput" in peer.scenarios])
def test_a_window_has_the_items_that_fill_it(name: str) -> None:
    """Not just the fewest that a window may have, in whatever time they take."""
    request = running(name).opening("throughput", sample_ms=200)
    row = answers(running(name).command(), request, SAMPLE)[1]
    fewest = 4 * request["capacity"] + 64 * (request["producers"] + request["consumers"])
    assert row["items"] > 10 * fewest or row["seconds"] > 0.2 / 4


#: Peer, file, a line of the warm-up, and the same with its last window interrupted for a quarter of an hour.
INTERRUPTED = [
    (
        "go_channel",
        "stream.go",
        '		length := row["seconds"].(float64)\n',
        '		length := row["seconds"].(float64)\n		if len(fitting) == 2 {\n			length += 1000\n		}\n',
    ),
    (
        "rust_crossbeam",
        "src/stream.rs",
        '            let length = self.run()?["seconds"].as_f64().unwrap_or(target);\n',
        "            let lost = if fitting.len() == 2 { 1000.0 } else { 0.0 };\n"
        '            let length = self.run()?["seconds"].as_f64().unwrap_or(target) + lost;\n',
    ),
    (
        "java_jctools",
        "Stream.java",
        '      double length = (double) run().get("seconds");\n',
        '      double length = (double) run().get("seconds") + (fitting.size() == 9 ? 1000 : 0);\n',
    ),
]


@pytest.mark.parametrize(("name", "file", "line", "interrupted"), INTERRUPTED, ids=[each[0] for each in INTERRUPTED])
def test_one_window_that_was_interrupted_does_not_decide(
    name: str, file: str, line: str, interrupted: str, tmp_path: Path
) -> None:
    program = running(name).toolchain.changed(file, line, interrupted, tmp_path)
    request = opening("throughput", capacity=1024, sample_ms=200)
    row = answers(running(name).command(program), request, SAMPLE)[1]
    assert row["items"] > 10 * (4 * 1024 + 64 * 5)


def test_one_receiver_is_said_to_be_the_most() -> None:
    (row,) = answers(running("rust_tokio").command(), opening("throughput", consumers=3))
    assert row == {"id": 2, "status": "skipped", "detail": "tokio's mpsc channel has one receiver, not 3"}


@pytest.mark.parametrize(("name", "scenario", "options"), [cell for cell in CELLS if cell[1] == "tree"])
def test_a_sample_visits_whole_trees(name: str, scenario: str, options: Row) -> None:
    row = answers(running(name).command(), opening(scenario, **options), SAMPLE)[1]
    assert row["items"] > 0 and row["items"] % nodes_of(options["tree"]) == 0
    assert 0 <= row["idle_share"] <= 1 and 0 <= row["kept_share"] < 1


@pytest.mark.parametrize("name", [peer.name for peer in PEERS if "tree" in peer.scenarios])
def test_a_deep_tree_is_grown(name: str) -> None:
    row = answers(running(name).command(), opening("tree", tree="uts_t3"), SAMPLE)[1]
    assert (row["status"], row["items"]) == ("ok", 4_112_897)


@every_peer
def test_what_it_does_not_know_is_skipped(name: str) -> None:
    peer = running(name)
    cell = {"tree": "fib_16"} if "tree" in peer.scenarios else {}
    scenario = peer.scenarios[-1]
    refusals = [
        (peer.opening("juggling"), "the peer does not know scenario 'juggling'"),
        (peer.opening(scenario, **cell, item_bytes="9"), "the peer does not know item_bytes '9'"),
        (peer.opening(scenario, **cell, colour="red"), "the peer does not know colour"),
    ]
    if cell:
        refusals.append((opening("tree", tree="oak"), "the peer does not know tree 'oak'"))
    for request, sentence in refusals:
        assert answers(peer.command(), request) == [{"id": 2, "status": "skipped", "detail": sentence}]


@every_peer
def test_a_bad_request_is_one_sentence_and_status_2(name: str) -> None:
    peer = running(name)
    refusals: list[tuple[Row | str, str]] = [
        ("hello", "'hello' is not a request"),
        ({"id": 1, "request": "dance"}, "unexpected request 'dance'"),
        (SAMPLE, "unexpected request 'sample'"),
        (opening("tree", tree="fib_16", consumers=0), "consumers is 0; it must be a whole number, 1 or more"),
        (opening("tree", tree="fib_16", sample_ms=0), "sample_ms is 0; it must be above 0"),
        (opening("tree"), "tree goes with the scenario tree, and only with it"),
    ]
    for request, sentence in refusals:
        done = call(peer.command(), request)
        assert (done.returncode, done.stdout) == (2, ""), request
        assert done.stderr == f"{peer.toolchain.program}: {sentence}\n"


def asleep(pid: int) -> bool:
    """Whether all threads are: none runs, is about to, or is just ending."""
    try:
        threads = [(each / "status").read_text(encoding="utf-8") for each in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return False
    return all("State:\tS" in status for status in threads)


@every_peer
def test_it_sleeps_between_two_requests(name: str) -> None:
    """No thread of it is on a core, or about to be."""
    command = running(name).command()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdin is not None and peer.stdout is not None
        trees = "tree" in BY_NAME[name].scenarios
        first = BY_NAME[name].opening("tree", tree="fib_16") if trees else opening("throughput")
        for request in (first, SAMPLE):
            peer.stdin.write(json.dumps(request) + "\n")
            peer.stdin.flush()
            assert json.loads(peer.stdout.readline())["status"] == "ok"
        while not asleep(peer.pid):
            assert peer.poll() is None, "it has just answered, and goes to sleep"


#: Peer, file, a line and what replaces it, the cell, and what the sentence says.
TREE_FAULTS: list[tuple[str, str, str, str, Row, str]] = [
    (
        "go_channel",
        "channel_forest.go",
        "		w.expand(received)\n",
        "		if received.depth != 9 || received.state[0] != 1 {\n			w.expand(received)\n		}\n",
        {"tree": "fib_16", "capacity": 1000},
        "nodes were visited of a tree that has 3193",
    ),
    (
        "go_channel",
        "channel_forest.go",
        "		w.tally.enter(&next, len(w.left) == first)\n",
        "		w.tally.enter(&next, len(w.left) == first && next.depth != 10)\n",
        {"tree": "fib_16"},
        "leaves were visited of a tree that has 1597",
    ),
    (
        "go_channel",
        "channel_forest.go",
        "		case w.nodes <- w.left[len(w.left)-1]:\n",
        "		case w.nodes <- w.left[first]:\n",
        {"tree": "nqueens_8", "capacity": 1000},
        "visited of a tree that has",
    ),
    (
        "go_goroutines",
        "goroutine_forest.go",
        "		for _, child := range children[1:] {\n			go f.visit(child)\n",
        "		for _, child := range children[1:] {\n			child.place |= 1\n			go f.visit(child)\n",
        {"tree": "fib_16"},
        "as many nodes were visited as the tree has, but not the same ones",
    ),
    (
        "go_goroutines",
        "rules.go",
        "	if parent.depth == r.depth {\n",
        "	if parent.depth+1 == r.depth {\n",
        {"tree": "skynet_3"},
        "111 nodes were visited of a tree that has 1111",
    ),
    (
        "rust_crossbeam",
        "src/channel_forest.rs",
        "                Ok(Some(node)) => self.expand(node),\n",
        "                Ok(Some(node)) if node.shard(512) == 7 => drop(node),\n"
        "                Ok(Some(node)) => self.expand(node),\n",
        {"tree": "fib_16", "capacity": 1000},
        "nodes were visited of a tree that has 3193",
    ),
    (
        "rust_crossbeam",
        "src/channel_forest.rs",
        "            self.report.visited.enter(&node, self.left.len() == first);\n",
        "            self.report.visited.enter(&node, self.left.len() == first && node.shard(64) != 5);\n",
        {"tree": "fib_16", "capacity": 4},
        "leaves were visited of a tree that has 1597",
    ),
    (
        "rust_crossbeam_deque",
        "src/deque_forest.rs",
        "        children.drain(..).for_each(|child| deque.push(child));\n",
        "        children.drain(..).skip(1).for_each(|child| deque.push(child));\n"
        "        self.unfinished.take_back(1);\n",
        {"tree": "fib_16"},
        "nodes were visited of a tree that has 3193",
    ),
    (
        "rust_tokio",
        "src/task_forest.rs",
        "            visited.enter(&node, children.is_empty());\n",
        "            visited.enter(&node, children.is_empty() && node.shard(SHARDS) != 5);\n",
        {"tree": "nqueens_8"},
        "leaves were visited of a tree that has",
    ),
    (
        "rust_rayon",
        "src/rayon_forest.rs",
        "        [one] => visit(job, one),\n",
        "        [one] => visit(job, one).and(Tally { nodes: 1, ..Tally::default() }),\n",
        {"tree": "nqueens_8"},
        "nodes were visited of a tree that has 2057",
    ),
    (
        "java_forkjoin",
        "ForkJoinForest.java",
        "      for (int i = forked.length - 1; i >= 0; --i) visited.add(forked[i].join());\n",
        "      for (int i = forked.length - 1; i > 0; --i) visited.add(forked[i].join());\n",
        {"tree": "skynet_3"},
        "nodes were visited of a tree that has 1111",
    ),
]
STREAM_FAULTS: list[tuple[str, str, str, str, Row, str]] = [
    (
        "go_channel",
        "stream.go",
        "		channel <- item\n",
        "		if item != first+5 {\n			channel <- item\n		}\n",
        {},
        "items arrived of",
    ),
    (
        "go_channel",
        "stream.go",
        "		channel <- item\n",
        "		if item == first+5 {\n			channel <- item + 2\n			continue\n		}\n		channel <- item\n",
        {},
        "are not those that were sent",
    ),
    (
        "go_channel",
        "stream.go",
        "		channel <- item\n",
        "		channel <- first + s.share - 1 - (item - first)\n",
        {"consumers": 1},
        "items of one producer arrived out of order",
    ),
    (
        "rust_crossbeam",
        "src/channel_stream.rs",
        '        channel.send(item).expect("a consumer is there");\n',
        '        channel.send(item | u64::from(item == 6)).expect("a consumer is there");\n',
        {},
        "are not those that were sent",
    ),
    (
        "rust_tokio",
        "src/task_stream.rs",
        '        into.send(item).await.expect("the consumer is there");\n',
        '        into.send(item ^ u64::from(item & 6 == 6)).await.expect("the consumer is there");\n',
        {},
        "items of one producer arrived out of order",
    ),
    (
        "java_jctools",
        "JcToolsLane.java",
        "    List<Thread> producers = job.producers(start, item -> put(queue, item));\n",
        "    List<Thread> producers = job.producers(start, item -> { if (item != 5) put(queue, item); });\n",
        {},
        "items arrived of",
    ),
    (
        "java_disruptor",
        "DisruptorLane.java",
        "    ring.get(place).item = item;\n",
        "    if (item != 5) ring.get(place).item = item;\n",
        {},
        "are not those that were sent",
    ),
]


@pytest.mark.parametrize(
    ("name", "file", "line", "fault", "scenario", "options", "sentence"),
    [(*fault[:4], "tree", *fault[4:]) for fault in TREE_FAULTS]
    + [(*fault[:4], "throughput", *fault[4:]) for fault in STREAM_FAULTS],
    ids=[f"{fault[0]}-{fault[1]}-{fault[5]}" for fault in TREE_FAULTS + STREAM_FAULTS],
)
def test_a_peer_that_goes_wrong_is_corrupt(
    name: str, file: str, line: str, fault: str, scenario: str, options: Row, sentence: str, tmp_path: Path
) -> None:
    peer = running(name)
    program = peer.toolchain.changed(file, line, fault, tmp_path)
    (row,) = answers(peer.command(program), peer.opening(scenario, **options))
    assert row["status"] == "corrupt" and sentence in row["detail"], row


def test_every_peer_of_the_list_is_of_the_build() -> None:
    lines = (ROOT / "bench/peers/CMakeLists.txt").read_text(encoding="utf-8")
    for peer in PEERS:
        assert f"handoff_add_peer({peer.name}\n" in lines
