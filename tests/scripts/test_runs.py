"""scripts/bench against a program that crashes, hangs, lies and is interrupted."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest
import run_matrix
from conftest import FAKE, Bench, cell_name
from failures import UserError
from plan import Program, Selection, make_plan


def test_a_run_writes_every_cell_once_a_block(bench: Bench) -> None:
    assert bench.run() == 0
    counts = bench.samples.groupby(["block", "cell"]).size()
    # mutex_condvar, its control, tbb_bounded with four waits.
    assert len(counts) == 2 * 6
    assert (counts == 1).all()
    assert (bench.samples["status"] == "ok").all()
    for name in ("samples.csv", "columns.csv", "summary.csv", "environment.json", "report.txt"):
        assert (bench.out / name).stat().st_size > 0
    assert len(list(bench.out.iterdir())) == 5


def test_the_estimate_is_printed_before_and_no_bar_is_drawn_elsewhere_than_on_a_terminal(bench: Bench) -> None:
    done = bench.start(str(bench.matrix()), "--out", str(bench.out))
    assert done.returncode == 0, done.stderr
    assert re.match(r"small: 6 cells in 1 scenario, 2 blocks, 12 processes: about 1 s\n", done.stderr)
    assert "block 2 of 2 done" in done.stderr
    for garbage in ("\r", "\033", "|", "█"):
        assert garbage not in done.stderr
    assert "\033" not in done.stdout


@pytest.mark.parametrize("columns", [0, 60])
def test_a_terminal_sees_the_block_the_share_and_the_time_left_in_words(bench: Bench, columns: int) -> None:
    bench.matrix(blocks=3)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = bench.command(str(bench.folder / "matrix.json"), "--out", str(bench.out))
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs, close_fds=True) as process:
        os.close(theirs)
        drawn = _read_all(ours)
    assert process.returncode == 0, drawn
    bars = re.findall(r"block \d of 3: .*?(?=\r|$)", drawn)
    assert bars
    for bar in bars:
        assert re.fullmatch(r"block \d of 3: +\d+ % \|[^|]+\|( about \d+ s left)? *", bar), bar
    assert "it/s" not in drawn and not re.search(r"\d\.\d\d\d", drawn)


def _read_all(terminal: int) -> str:
    """What is written to a terminal until its other side is closed, which is an error to whoever reads it."""
    text = b""
    try:
        while more := os.read(terminal, 4096):
            text += more
    except OSError:
        pass
    finally:
        os.close(terminal)
    return text.decode("utf-8")


def test_the_order_of_a_block_is_shuffled_by_the_seed(bench: Bench) -> None:
    bench.matrix(blocks=3, backends=["mutex_condvar", "moodycamel"])
    assert bench.run("--seed", "5") == 0
    first = [list(cells) for _, cells in bench.samples.groupby("block")["cell"]]
    bench.out.rename(bench.folder / "before")
    assert bench.run("--seed", "5") == 0
    assert [list(cells) for _, cells in bench.samples.groupby("block")["cell"]] == first
    assert len({tuple(cells) for cells in first}) > 1
    assert len({tuple(sorted(cells)) for cells in first}) == 1


def test_the_cells_of_a_block_have_one_seed_and_blocks_have_different_ones(bench: Bench) -> None:
    assert bench.run() == 0
    assert (bench.samples.groupby("block")["seed"].nunique() == 1).all()
    assert bench.samples["seed"].nunique() == 2


def test_a_crash_is_a_row_with_the_name_of_the_signal(bench: Bench) -> None:
    bench.behave(spin={"do": "crash"})
    assert bench.run() == 1
    assert list(bench.rows("spin")["status"]) == ["crashed", "crashed"]
    assert set(bench.rows("spin")["detail"]) == {"died of SIGABRT"}
    assert bench.rows("spin")["items_per_second"].isna().all()
    assert (bench.rows("park")["status"] == "ok").all()


def test_a_crash_after_the_row_keeps_the_row_and_adds_its_own(bench: Bench) -> None:
    bench.behave(spin={"do": "late_crash", "block": 1})
    assert bench.run() == 1
    rows = bench.rows("spin")
    first = rows[rows["block"] == 1]
    assert list(zip(first["sample"], first["status"])) == [(1, "ok"), (2, "crashed")]
    assert first["detail"].iloc[1] == "died of SIGSEGV"


def test_a_row_cut_off_by_a_crash_never_reaches_the_samples(bench: Bench) -> None:
    bench.behave(spin={"do": "cut", "block": 2})
    assert bench.run() == 1
    rows = bench.rows("spin")
    assert list(rows["status"]) == ["ok", "crashed"]
    assert rows["detail"].iloc[1] == "died of SIGSEGV"


def test_a_hang_is_killed_and_becomes_a_timeout_with_the_last_words(bench: Bench) -> None:
    (bench.folder / "behaviour.json").write_text(
        json.dumps({cell_name("tbb_bounded", "yield"): {"do": "hang", "block": 1}})
    )
    assert bench.run() == 1
    first, second = (row for _, row in bench.rows("yield").iterrows())
    assert first["status"] == "timeout"
    assert first["detail"] == "killed after 3 s without an end: still waiting for the last item"
    assert second["status"] == "ok"


def test_processes_are_watched_without_pidfd_open_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_pid: int) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("os.pidfd_open", refuse)
    deeds = {"yield": "hang", "spin": "crash"}
    told = {cell_name("tbb_bounded", wait): {"do": deed, "block": 1} for wait, deed in deeds.items()}
    (bench.folder / "behaviour.json").write_text(json.dumps(told))
    assert bench.run() == 1
    assert list(bench.rows("yield")["status"]) == ["timeout", "ok"]
    assert list(bench.rows("spin")["status"]) == ["crashed", "ok"]
    assert (bench.rows("park")["status"] == "ok").all()


def test_the_programs_own_watchdog_row_is_not_doubled(bench: Bench) -> None:
    bench.behave(park={"do": "watchdog", "block": 2})
    assert bench.run() == 1
    assert list(bench.rows("park")["status"]) == ["ok", "timeout"]
    assert bench.rows("park")["detail"].iloc[1] == "no progress for 0.3 s"


def test_an_exit_without_a_row_is_a_crash_with_the_last_words(bench: Bench) -> None:
    bench.behave(spin={"do": "exit", "block": 1}, park={"do": "silent", "block": 1})
    assert bench.run() == 1
    assert bench.rows("spin")["detail"].iloc[0] == "exit status 7 without a row that says why: no memory for the ring"
    assert bench.rows("park")["detail"].iloc[0] == "exit status 0 without a row"


def test_a_corrupt_sample_fails_the_run_and_enters_no_figure(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.behave(park={"do": "corrupt", "block": 1})
    assert bench.run() == 1
    told = capsys.readouterr().out
    assert "FAILED: 1 of 12 rows" in told
    assert f"corrupt: {cell_name('tbb_bounded', 'park')}: block 1: lost 2 of 100 items" in told
    assert "\n" + "tbb_bounded park" in told, "the good block is still shown"


def test_a_detail_of_several_lines_is_still_the_row_that_it_was(bench: Bench) -> None:
    bench.behave(park={"do": "wordy", "block": 1})
    assert bench.run() == 1
    assert list(bench.rows("park")["status"]) == ["corrupt", "ok"]
    assert bench.rows("park")["detail"].iloc[0] == 'lost 2 of 100 items, "first" 7'
    assert (bench.out / "samples.csv").read_text(encoding="utf-8").count("\n") == 1 + 12


def test_unsustained_rows_do_not_fail_the_run(bench: Bench) -> None:
    bench.behave(park={"do": "unsustained"})
    assert bench.run() == 0


def test_cells_that_cannot_run_get_one_row_with_their_reason(bench: Bench) -> None:
    bench.matrix(scenarios=["shutdown"])
    assert bench.run() == 0
    skipped = bench.samples[bench.samples["status"] == "skipped"]
    assert set(skipped["detail"]) == {"not closable", "not cancellable"}
    assert len(skipped) == skipped["cell"].nunique() == 2


def test_ctrl_c_keeps_what_is_finished_and_resume_goes_on(bench: Bench) -> None:
    bench.behave(spin={"do": "interrupt", "block": 2})
    done = bench.start(str(bench.matrix(blocks=3)), "--out", str(bench.out), "--seed", "7")
    assert done.returncode == 130, done.stderr
    assert f"Interrupted: `scripts/bench --resume {bench.out}` continues\n" in done.stderr
    kept = (bench.out / "samples.csv").read_text()
    assert 6 <= len(bench.samples) < 12
    assert (bench.out / "summary.csv").exists()
    assert "Traceback" not in done.stderr

    bench.behave()
    assert bench.resume() == 0
    assert (bench.out / "samples.csv").read_text().startswith(kept)
    assert (bench.samples.groupby(["block", "cell"]).size() == 1).all()
    assert len(bench.samples) == 18
    order = list(bench.samples["cell"])
    bench.out.rename(bench.folder / "in-two-parts")
    assert bench.run("--seed", "7") == 0
    assert list(bench.samples["cell"]) == order, "the plan is the same in one part or two"


def test_resume_of_a_finished_run_measures_nothing_and_says_so(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.run() == 0
    files = [bench.out / name for name in ("samples.csv", "environment.json")]
    before = [file.read_text() for file in files]
    capsys.readouterr()
    assert bench.resume() == 0
    assert [file.read_text() for file in files] == before
    told = capsys.readouterr().err
    assert told == f"{bench.out}: every cell has its row in every block; nothing is left to measure\n"


def test_the_last_line_says_where_the_results_are_and_how_plots_are_drawn(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.run() == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == (
        f"{bench.out}: samples.csv, summary.csv, report.txt, environment.json; `scripts/plot {bench.out}` draws the plots"
    )


@pytest.mark.parametrize("stage", ["summarize.summarize", "plot.draw"])
def test_ctrl_c_after_the_last_sample_says_that_the_measurements_are_complete(
    stage: str, bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stage, interrupted)
    words = [word for word in bench.arguments() if word != "--no-plots"]
    assert run_matrix.main([*words, str(bench.matrix()), "--out", str(bench.out)]) == 130
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"Interrupted after the measurements, which are complete in {bench.out}; `scripts/plot {bench.out}` writes the "
        "summary, the report and the plots"
    )
    assert json.loads((bench.out / "environment.json").read_text())["complete"] is True


def test_a_resumed_run_is_not_complete_until_its_end(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bench.run() == 0
    path = bench.out / "samples.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    seen = []
    measure = run_matrix.Run.measure

    def watched(*words: Any) -> None:
        seen.append(json.loads((bench.out / "environment.json").read_text())["complete"])
        measure(*words)

    monkeypatch.setattr(run_matrix.Run, "measure", watched)
    assert bench.resume() == 0
    known = json.loads((bench.out / "environment.json").read_text())
    assert seen == [False] and known["complete"] is True and len(known["resumed"]) == 1


def test_resume_refuses_a_changed_matrix(bench: Bench) -> None:
    assert bench.run() == 0
    bench.matrix(noise=0.5)
    with pytest.raises(UserError, match="the matrix has changed since this run began"):
        bench.resume()


def test_resume_refuses_a_changed_list_of_cells(bench: Bench) -> None:
    assert bench.run() == 0
    path = bench.out / "environment.json"
    known = json.loads(path.read_text())
    known["cells"]["fingerprint"] = "of other cells"
    path.write_text(json.dumps(known))
    with pytest.raises(UserError, match="the list of cells has changed"):
        bench.resume()


def test_resume_refuses_another_program(bench: Bench, tmp_path: Path) -> None:
    assert bench.run() == 0
    other = tmp_path / "other_bench.py"
    other.write_text(FAKE.read_text() + "\n")
    other.chmod(0o755)
    done = bench.start("--resume", str(bench.out), "--program", str(other))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "other_bench.py has changed" not in done.stderr
    assert "handoff-bench has changed since this run began" in done.stderr


def test_a_second_run_into_the_same_folder_is_refused(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.run() == 0
    with pytest.raises(SystemExit):
        bench.run()
    assert capsys.readouterr().err.endswith(f"--out {bench.out}: already contains a run; give another --out\n")


def test_a_folder_that_cannot_be_made_ends_with_what_would_be_right(bench: Bench) -> None:
    done = bench.start(str(bench.matrix()), "--out", "/proc/handoff-run")
    assert done.returncode == 2
    assert re.fullmatch(
        r"scripts/bench: (--out )?/proc/handoff-run: .*; choose (another folder|a writable location with --out)\n",
        done.stderr,
    )


def test_the_programs_refusal_is_ours(bench: Bench) -> None:
    done = bench.start(str(bench.matrix()), "--backends", "abacus", "--out", str(bench.out))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no such name 'abacus'" in done.stderr
    assert not bench.out.exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            (),
            "no cell matches: none of the listed backends supports any of the listed waits; `{program} --list-backends` ",
        ),
        (("--backends", "tbb_bounded"), "has no cells for --backends tbb_bounded; leave it out, or give others"),
        (("--scenarios", "throughput"), "has no cells for --scenarios throughput; leave it out, or give others"),
        (
            ("--backends", "tbb_bounded", "--scenarios", "throughput"),
            "has no cells for --backends tbb_bounded with --scenarios throughput; leave one of them out, or give others",
        ),
    ],
)
def test_a_choice_without_cells_names_the_matrix_and_the_options_that_were_given(
    options: tuple[str, ...], told: str, bench: Bench
) -> None:
    done = bench.start(str(bench.matrix(waits=["loop"])), *options, "--out", str(bench.out))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"scripts/bench: {bench.folder / 'matrix.json'}: {told.format(program=FAKE)}")
    assert done.stderr.count("\n") == 1
    assert not bench.out.exists()


def test_environment_says_what_the_machine_was_and_how_to_run_again(bench: Bench) -> None:
    assert bench.run("--blocks", "1", "--seed", "9", "--backends", "tbb_bounded") == 0
    known = json.loads((bench.out / "environment.json").read_text())
    assert known["seed"] == 9 and known["blocks"] == 1 and known["complete"] is True
    matrix = bench.folder / "matrix.json"
    assert known["command"] == f"scripts/bench {matrix} --backends tbb_bounded --blocks 1 --seed 9"
    assert known["matrix"]["text"] == matrix.read_text()
    assert known["machine"]["cpu_model"] == "made up"
    for key in ("host", "git", "packages", "started", "ended", "program", "cells"):
        assert known[key], key
    assert {"name", "kernel", "cores", "distribution", "load_before"} <= set(known["host"])


def test_blocks_and_backends_can_be_chosen(bench: Bench) -> None:
    assert bench.run("--blocks", "1", "--backends", "mutex_condvar") == 0
    assert len(bench.samples) == 2


def test_a_matrix_is_recorded_as_the_program_read_it(bench: Bench) -> None:
    """Nobody has to find the file by a name that JSON cannot hold."""
    program = bench.folder / "tells_the_text"
    program.write_text(
        f"""#!{sys.executable} -IS
import json, subprocess, sys
done = subprocess.run([{str(FAKE)!r}, *sys.argv[1:]], stdout=subprocess.PIPE, text=True)
if "--matrix-info" in sys.argv:
    print(json.dumps({{**json.loads(done.stdout), "file": "/caf\\ufffd/small.toml", "text": "as it was read"}}))
else:
    print(done.stdout, end="")
sys.exit(done.returncode)
"""
    )
    program.chmod(0o755)
    planned = make_plan(Program(program), Selection(str(bench.matrix())), 1, 1)
    assert planned.matrix["text"] == "as it was read"


@pytest.mark.parametrize("reader", ["that has left", "that is a full disk"])
def test_a_table_that_cannot_be_printed_costs_neither_the_plots_nor_the_status(bench: Bench, reader: str) -> None:
    bench.behave(spin={"do": "crash"})
    words = [word for word in bench.command(str(bench.matrix()), "--out", str(bench.out)) if word != "--no-plots"]
    if reader == "that is a full disk":
        stdout = os.open("/dev/full", os.O_WRONLY)
    else:
        left, stdout = os.pipe()
        os.close(left)
    done = subprocess.run(words, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)
    os.close(stdout)
    assert done.returncode == 1
    assert list((bench.out / "plots").glob("*.svg"))
    told = [line for line in done.stderr.splitlines() if "No space left" in line]
    assert told == (["scripts/bench: standard output: No space left on device"] if "disk" in reader else [])
