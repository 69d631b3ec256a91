"""scripts/power: what is run, what is counted, and its refusals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import power
import pytest
import schema
from conftest import FAKE, Bench, script
from failures import UserError

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="the fake program reads TOML with tomllib")


def run(bench: Bench, *arguments: str) -> int:
    common = ["--program", str(FAKE), "--matrix", str(bench.folder / "matrix.json"), "--grace", "0.3"]
    return power.main([*common, "--out", str(bench.out), *arguments])


def fields_of(text: str, label: str) -> list[str]:
    (line,) = (line for line in text.splitlines() if line.startswith(label))
    return line.removeprefix(label).split()


def test_known_slowdowns_are_counted_as_found_and_equals_as_told_wrongly(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.matrix(blocks=7)
    assert run(bench, "--runs", "2", "--work-ns", "20000") == 0
    told = capsys.readouterr().out
    slower, unknown, same, faster, ratio, of_work = fields_of(told, "20% slower")[:6]
    assert (slower, unknown, same, faster, of_work) == ("2", "0", "0", "0", "1/1.20")
    assert float(ratio.removeprefix("1/")) == pytest.approx(1.2, abs=0.04)
    assert "2 of 2: 100% (16% to 100%)" in told
    assert fields_of(told, "5% slower")[5] == "1/1.05"
    equal = fields_of(told, "equal")
    assert sum(int(count) for count in equal[:4]) == 2 and float(equal[5]) == 1
    assert f"wrongly; the same in {int(equal[2]) / 2:.0%} (" in told


def test_a_run_has_the_blocks_and_limits_of_the_matrix_and_no_cell_in_vain(bench: Bench) -> None:
    bench.matrix(blocks=3, steal_limit=0.25, equivalence=0.08)
    assert run(bench, "--runs", "1") == 0
    samples = schema.read_samples(bench.out / "run-1" / "samples.csv")
    # The cell, its control, the equal one and two that are slower.
    assert samples["block"].max() == 3 and len(samples) == 3 * 5
    assert set(samples["work_producer_ns"]) == {20_000, 21_000, 24_000}
    assert samples["control"].sum() == 3
    text = (bench.out / "power.toml").read_text()
    assert (
        "steal_limit = 0.25" in text
        and "equivalence = 0.08" in text
        and "blocks = 3" in text
        and "sample_ms = 50" in text
    )


def test_what_is_compared_runs_in_one_shuffled_order(bench: Bench) -> None:
    bench.matrix(blocks=12)
    assert run(bench, "--runs", "1") == 0
    samples = schema.read_samples(bench.out / "run-1" / "samples.csv")
    places = samples.groupby("block")["work_producer_ns"].agg(lambda works: list(works).index(24_000))
    assert set(places) == {0, 1, 2, 3, 4}, "the slowest cell may stand anywhere in a block"


def test_a_cell_that_fails_ends_it_with_its_sentence(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = "throughput/mutex_condvar/p:1/c:1/cap:1024/bytes:8/wait:native/work:24000-0"
    behaviour = bench.folder / "told.json"
    behaviour.write_text(json.dumps({cell: {"do": "corrupt"}}))
    monkeypatch.setenv("FAKE_BEHAVIOUR", str(behaviour))
    with pytest.raises(UserError, match="work:24000-0: corrupt: lost 2 of 100 items"):
        run(bench, "--runs", "1")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_folder_behind(bench: Bench, tmp_path: Path, number: signal.Signals) -> None:
    places = tmp_path / "places"
    places.mkdir()
    behaviour = tmp_path / "told.json"
    cell = "throughput/mutex_condvar/p:1/c:1/cap:1024/bytes:8/wait:native/work:20000-0"
    behaviour.write_text(json.dumps({cell: {"do": "hang"}}))
    words = ["--program", str(FAKE), "--matrix", str(bench.folder / "matrix.json"), "--grace", "0.3"]
    surroundings = {**os.environ, "TMPDIR": str(places), "FAKE_BEHAVIOUR": str(behaviour)}
    with subprocess.Popen(script("power", *words), env=surroundings, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        begun = next(line for line in running.stderr if line.startswith("Results go to"))
        assert str(places) in begun
        running.send_signal(number)
        running.stderr.read()
    assert (running.returncode, list(places.iterdir())) == (130, [])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--runs", "0"], "at least 1, not 0"),
        (["--work-ns", "99"], "must be from 100 to 100000000, not 99"),
        (["--program", "/nowhere"], "/nowhere: no such program; leave out --no-setup and --program to build one"),
    ],
)
def test_mistakes_are_one_sentence(bench: Bench, arguments: list[str], words: str) -> None:
    with pytest.raises(UserError, match=words):
        run(bench, *arguments)


def test_a_folder_that_is_there_is_not_written_into(bench: Bench) -> None:
    bench.out.mkdir()
    with pytest.raises(UserError, match="is there already"):
        run(bench)
