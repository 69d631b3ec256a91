"""A run's folder under two runs at once, a full disk, files that go while it measures, and names of any bytes."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import environment
import pytest
import run as run_module
import run_matrix
import schema
from conftest import Bench
from failures import UserError

#: A cell that runs a second script needs more time than the fake's own.
PATIENT = ("--grace", "120")


def call(bench: Bench, *command: object, block: int = 2) -> Path:
    """In that block, the cell `spin` runs the command; the file where its words go."""
    told = bench.folder / "told"
    bench.behave(spin={"do": "call", "command": [str(word) for word in command], "to": str(told), "block": block})
    return told


def once_each(bench: Bench, blocks: int) -> None:
    """Every cell has one row in every block, and all is well."""
    counts = Counter(zip(bench.samples["block"], bench.samples["cell"]))
    assert len(counts) == 6 * blocks and set(counts.values()) == {1}
    assert set(bench.samples["status"]) == {"ok"}


def test_a_second_resume_of_a_run_that_goes_on_is_refused(bench: Bench) -> None:
    assert bench.run() == 0
    path = bench.out / "samples.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:3]))
    told = call(bench, *bench.command("--resume", str(bench.out)))
    assert run_matrix.main(bench.arguments("--resume", str(bench.out), *PATIENT)) == 0
    assert (
        told.read_text()
        == f"scripts/bench: {bench.out}: another scripts/bench is writing to it; wait until it has ended\n"
    )
    once_each(bench, 2)


def test_of_two_runs_into_one_folder_the_second_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second has looked at the folder when it was still empty."""
    looked = run_matrix.make_plan

    def meanwhile(*words: Any) -> Any:
        monkeypatch.setattr(run_matrix, "make_plan", looked)
        assert bench.run() == 0
        return looked(*words)

    monkeypatch.setattr(run_matrix, "make_plan", meanwhile)
    with pytest.raises(UserError, match="already contains a run; give another --out"):
        bench.run()
    once_each(bench, 2)


def test_a_run_that_was_killed_before_it_had_begun_leaves_its_folder_free(bench: Bench) -> None:
    bench.out.mkdir()
    (bench.out / "samples.csv").touch()
    assert bench.run() == 0
    once_each(bench, 2)


def test_names_of_the_machine_that_are_not_utf_8_refuse_no_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_text() -> dict[str, str]:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")

    monkeypatch.setattr("platform.freedesktop_os_release", not_text)
    monkeypatch.setattr("socket.gethostname", lambda: os.fsdecode(b"h\xffst"))
    assert bench.run() == 0
    known = json.loads((bench.out / "environment.json").read_bytes().decode("utf-8"))
    assert os.fsencode(known["host"]["name"]) == b"h\xffst" and known["host"]["distribution"] == ""


def test_runs_that_begin_in_one_second_have_folders_of_their_own(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stopped(run_matrix.datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Stopped":
            return cls(2026, 1, 2, 3, 4, 5, tzinfo=tz)

    monkeypatch.setattr(run_matrix, "RESULTS", bench.folder / "results")
    monkeypatch.setattr(run_matrix.datetime, "datetime", Stopped)
    monkeypatch.setattr(environment, "now", lambda: "now")
    for _ in range(3):
        assert run_matrix.main(bench.arguments(str(bench.folder / "matrix.json"))) == 0
    folders = sorted(path.name for path in (bench.folder / "results").iterdir() if not path.is_symlink())
    first = folders[0]
    assert first.startswith("20260102-030405-") and folders == [first, f"{first}-2", f"{first}-3"]
    assert os.readlink(bench.folder / "results" / "latest") == f"{first}-3"


def test_a_full_disk_stops_the_run_and_leaves_the_cell_open(bench: Bench) -> None:
    """The disk is full where the file has reached the largest size that the process may give a file."""
    bench.matrix(blocks=6)
    limit = 8192
    done = bench.start(
        str(bench.folder / "matrix.json"),
        "--out",
        str(bench.out),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    path = bench.out / "samples.csv"
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines()[-1] == (
        f"scripts/bench: {path}: cannot be written (File too large); what is measured is kept, and "
        f"`scripts/bench --resume {bench.out}` continues"
    )
    assert limit - 1000 < path.stat().st_size < limit and path.read_bytes().endswith(b"\n")
    assert bench.resume() == 0
    once_each(bench, 6)


def test_a_row_that_the_program_cannot_write_leaves_the_cell_open(bench: Bench) -> None:
    bench.behave(spin={"do": "unwritten", "block": 2})
    with pytest.raises(UserError, match="wait:spin: its row could not be written: .*No space left on device"):
        bench.run()
    bench.behave()
    assert bench.resume() == 0
    once_each(bench, 2)


def test_a_run_whose_samples_are_removed_stops_with_their_name(bench: Bench) -> None:
    call(bench, "rm", bench.out / "samples.csv")
    done = bench.start(str(bench.folder / "matrix.json"), "--out", str(bench.out), *PATIENT)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"scripts/bench: {bench.out}/samples.csv: was removed while the run wrote it"
    assert not (bench.out / "samples.csv").exists()


@pytest.mark.parametrize("tool", ["rm", "truncate --size=20"])
def test_the_record_of_a_run_is_whole_whatever_became_of_its_file(bench: Bench, tool: str) -> None:
    call(bench, *tool.split(), bench.out / "environment.json")
    assert bench.run(*PATIENT) == 0
    known = json.loads((bench.out / "environment.json").read_text())
    assert known["complete"] is True and known["machine"]["cpu_model"] == "made up" and known["blocks"] == 2


@pytest.mark.parametrize("change", [["touch"], ["rm"]])
def test_a_program_that_is_built_anew_meanwhile_is_not_measured_on(bench: Bench, change: list[str]) -> None:
    program = bench.folder / "bench.py"
    program.write_bytes(Path(bench.arguments()[1]).read_bytes())
    program.chmod(0o755)
    call(bench, *change, program)
    words = [str(bench.folder / "matrix.json"), "--out", str(bench.out), "--program", str(program), *PATIENT]
    with pytest.raises(UserError, match="bench.py: was rebuilt while the run measured with it"):
        run_matrix.main([*bench.arguments(), *words])
    samples = bench.samples
    assert set(samples["status"]) == {"ok"} and 6 < len(samples) < 12
    assert len(bench.rows("spin")) == 1, "the process during which that happened is not trusted"


def test_a_program_that_goes_before_it_is_started_was_rebuilt(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    program = bench.folder / "bench.py"
    program.write_bytes(Path(bench.arguments()[1]).read_bytes())
    program.chmod(0o755)
    started = run_module.run_process

    def removed(*words: Any) -> Any:
        program.unlink()
        return started(*words)

    monkeypatch.setattr(run_module, "run_process", removed)
    words = [str(bench.folder / "matrix.json"), "--out", str(bench.out), "--program", str(program), *PATIENT]
    with pytest.raises(UserError, match="bench.py: was rebuilt while the run measured with it"):
        run_matrix.main([*bench.arguments(), *words])
    assert bench.samples.empty


def test_a_process_does_not_outlive_a_script_that_is_killed(bench: Bench) -> None:
    """It would measure on beside the resumed run."""
    pid = bench.folder / "pid"
    bench.behave(spin={"do": "kill", "pid": str(pid), "block": 2})
    done = bench.start(str(bench.matrix(blocks=3)), "--out", str(bench.out), *PATIENT)
    assert done.returncode == -9
    try:
        process = os.pidfd_open(int(pid.read_text()))
    except ProcessLookupError:
        process = None
    if process is not None:
        poller = select.poll()
        poller.register(process, select.POLLIN)
        ended = poller.poll(30_000)
        os.close(process)
        assert ended, "the process lives on"
    bench.behave()
    assert bench.resume() == 0
    once_each(bench, 3)


def latest_is_a_folder(results: Path) -> None:
    (results / "latest" / "of-the-user").mkdir(parents=True)


def there_are_no_links(_results: Path) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    pytest.MonkeyPatch().setattr(Path, "symlink_to", refuse)


@pytest.mark.parametrize("trouble", [latest_is_a_folder, there_are_no_links])
def test_a_latest_that_cannot_be_moved_costs_a_sentence_and_no_table(
    bench: Bench, trouble: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    results = bench.folder / "results"
    results.mkdir()
    monkeypatch.setattr(run_matrix, "RESULTS", results)
    link = Path.symlink_to
    try:
        trouble(results)
        assert run_matrix.main(bench.arguments(str(bench.folder / "matrix.json"), "--out", str(results / "mine"))) == 0
        told = capsys.readouterr()
        assert f"{results}/latest: cannot be made to point to this run (" in told.err
        assert "tbb_bounded" in told.out and (results / "mine" / "summary.csv").exists()
        assert run_matrix.main(bench.arguments("--resume", str(results / "mine"))) == 0
    finally:
        Path.symlink_to = link  # type: ignore[assignment]
    assert not [path for path in results.iterdir() if path.name.startswith(".")]


def test_an_interrupted_write_of_the_table_says_that_the_measurements_are_complete(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(folder: Path, steps: object) -> None:
        raise OSError(28, "No space left on device", str(folder / "summary.csv"))

    monkeypatch.setattr("summarize.summarize", full)
    assert bench.run() == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"{bench.out}/summary.csv: No space left on device after the measurements, which are complete in {bench.out}; "
        f"`scripts/plot {bench.out}` writes the summary, the report and the plots"
    )


@pytest.mark.parametrize("name", [b"run\xff\xfe", b"two\nlines\r", "schöne Läufe".encode(), b"esc\x1b[31m"])
def test_a_folder_may_have_any_name(bench: Bench, name: bytes) -> None:
    out = os.fsencode(bench.folder) + b"/" + name
    done = bench.start(str(bench.matrix(blocks=1)), "--out", os.fsdecode(out), text=False)
    assert done.returncode == 0, done.stderr
    rows = schema.read_samples(Path(os.fsdecode(out)) / "samples.csv")
    assert set(rows["run"]) == {schema.one_line(name.decode("utf-8", "replace"))}
    again = bench.start("--resume", os.fsdecode(out), text=False)
    assert again.returncode == 0 and b"nothing is left to measure" in again.stderr
    # A terminal would obey it.
    assert b"\x1b" not in done.stdout + done.stderr + again.stdout + again.stderr


def test_a_matrix_file_may_have_any_name_and_bytes(bench: Bench) -> None:
    odd = Path(os.fsdecode(os.fsencode(bench.folder) + b"/\xffmatrix.json"))
    bench.matrix(blocks=1).rename(odd)
    bench.behave(spin={"do": "interrupt"})
    done = bench.start(str(odd), "--out", str(bench.out), text=False)
    assert done.returncode == 130, done.stderr
    known = json.loads((bench.out / "environment.json").read_bytes().decode("utf-8"))
    assert known["selection"]["matrix"] == str(odd)
    bench.behave()
    assert bench.resume() == 0
    once_each(bench, 1)


def test_an_option_that_is_not_utf_8_is_refused_in_a_sentence(bench: Bench) -> None:
    done = bench.start(str(bench.matrix()), "--backends", os.fsdecode(b"\xff"), "--out", str(bench.out), text=False)
    assert done.returncode == 2 and done.stderr.startswith(b"scripts/bench: ") and done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ({"cpus_allowed": "0-3"}, {"cpus_allowed": "0-1"}, r"the set of allowed CPUs .*\(then 0-3, now 0-1\)"),
        ({"cpu_quota": None}, {"cpu_quota": 1.5}, r"the CPU quota .*\(then none, now 1.5\)"),
        ({"host": "here"}, {"host": "there"}, r"the host .*\(then here, now there\)"),
        ({"cpu_model": "8086"}, {}, r"the processor .*\(then 8086, now made up\)"),
        ({"peers": {"a": "3.11"}}, {"peers": {"a": "3.13"}}, r"what the peers run on .*3\.11.*3\.13.*"),
    ],
)
def test_a_run_goes_on_only_on_the_machine_that_it_began_on(
    bench: Bench, then: Any, now: Any, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_MACHINE", json.dumps(then))
    bench.behave(spin={"do": "unwritten"})
    with pytest.raises(UserError):
        bench.run()
    bench.behave()
    monkeypatch.setenv("FAKE_MACHINE", json.dumps(now))
    with pytest.raises(UserError, match=told + ", so it cannot be resumed; start a new run"):
        bench.resume()
    monkeypatch.setenv("FAKE_MACHINE", json.dumps(then))
    assert bench.resume() == 0
    once_each(bench, 2)


def test_a_run_under_another_mask_is_refused_for_real(bench: Bench) -> None:
    bench.behave(spin={"do": "unwritten"})
    with pytest.raises(UserError):
        bench.run()
    before = os.sched_getaffinity(0)
    if len(before) == 1:
        pytest.skip("one CPU has no smaller mask")
    try:
        os.sched_setaffinity(0, {min(before)})
        with pytest.raises(UserError, match=rf"the number of usable CPUs has changed .*\(then {len(before)}, now 1\)"):
            bench.resume()
    finally:
        os.sched_setaffinity(0, before)


def test_many_blocks_begin_at_once(bench: Bench) -> None:
    """The plan of a block is made when the block comes."""
    bench.behave(**{wait: {"do": "interrupt", "block": 1} for wait in ("native", "spin", "yield", "park")})
    done = bench.start(
        str(bench.matrix(backends=["tbb_bounded"])), "--blocks", "100000", "--out", str(bench.out), timeout=60
    )
    assert done.returncode == 130, done.stderr
    assert "100,000 blocks" in done.stderr or "100000 blocks" in done.stderr


def test_a_matrix_with_too_many_blocks_is_refused(bench: Bench) -> None:
    done = bench.start(str(bench.matrix(blocks=10**20)), "--out", str(bench.out), timeout=60)
    assert done.returncode == 2
    assert done.stderr == (
        f"scripts/bench: {bench.folder}/matrix.json: blocks is {10**20} and must be at most 100000\n"
    )


def test_an_ignored_end_of_children_hides_no_crash(bench: Bench) -> None:
    """A parent that ignores SIGCHLD hands that on to us: every exit status would read as 0."""
    bench.behave(spin={"do": "late_crash"}, park={"do": "exit"})
    done = bench.start(
        str(bench.matrix()),
        "--out",
        str(bench.out),
        preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN),
    )
    assert done.returncode == 1, done.stderr
    assert set(bench.rows("spin")["status"]) == {"ok", "crashed"} and set(bench.rows("park")["status"]) == {"crashed"}
