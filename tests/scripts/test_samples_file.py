"""samples.csv while a run writes it: what a killed run left is mended, and no row is half there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import environment
import pytest
import run
import samples_file
import schema
from conftest import Bench
from failures import UserError
from samples_file import SamplesFile

HEADER = schema.header() + "\n"


def row(number: int = 1, **more: Any) -> str:
    values = {
        "schema": 2,
        "run": "r",
        "block": number,
        "sample": 1,
        "cell": "a/b",
        "scenario": "join",
        "item": "trivial",
    }
    return schema.format_row({**values, "status": "corrupt", "detail": 'lost 2 °, "said" it', **more})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "samples.csv").write_text(HEADER + row(1) + row(2), encoding="utf-8")
    return tmp_path


def reopened(folder: Path, each: int = 1) -> str | None:
    """What had to be repaired."""
    samples, said = SamplesFile.reopen(folder, each)
    samples.close()
    return said


def cut(folder: Path, count: int) -> bytes:
    """Cuts the last bytes off; what is left."""
    path = folder / "samples.csv"
    left = path.read_bytes()[: -count or None]
    path.write_bytes(left)
    return left


@pytest.mark.parametrize("count", range(len(row(2).encode()) + 1))
def test_wherever_a_line_is_cut_no_finished_row_is_lost(folder: Path, count: int) -> None:
    """At each byte, in the middle of a character, too."""
    whole = (folder / "samples.csv").read_bytes()
    cut(folder, count)
    said = reopened(folder)
    after = (folder / "samples.csv").read_bytes()
    if count == 0:
        assert after == whole and said is None
    else:
        assert after == whole[: -len(row(2).encode())]
        assert (said is None) == (count == len(row(2).encode()))
    assert reopened(folder) is None


def samples_of(block: int, status: str = "ok", count: int = 3) -> str:
    return "".join(row(block, sample=number, status=status) for number in range(1, count + 1))


ONE = len(samples_of(2, count=1).encode())


@pytest.mark.parametrize("count", sorted({*range(2, 3 * ONE, 11), ONE, 2 * ONE}))
def test_wherever_the_rows_of_a_process_are_cut_all_of_them_go(folder: Path, count: int) -> None:
    """Also between two rows, where nothing is cut off."""
    path = folder / "samples.csv"
    path.write_text(HEADER + samples_of(1) + samples_of(2), encoding="utf-8")
    cut(folder, count)
    assert reopened(folder, 3) is not None
    assert path.read_text(encoding="utf-8") == HEADER + samples_of(1)
    assert reopened(folder, 3) is None


@pytest.mark.parametrize("status", ["ok", "unsustained", "corrupt", "skipped"])
def test_rows_that_are_all_that_a_cell_has_to_say_stay(folder: Path, status: str) -> None:
    path = folder / "samples.csv"
    whole = HEADER + samples_of(1, count=3 if status in ("ok", "unsustained") else 1, status=status)
    path.write_text(whole, encoding="utf-8")
    assert reopened(folder, 3) is None
    assert path.read_text(encoding="utf-8") == whole


def test_a_failure_after_some_samples_ends_its_cell(folder: Path) -> None:
    path = folder / "samples.csv"
    whole = HEADER + row(1, status="ok") + row(1, sample=2, status="crashed")
    path.write_text(whole, encoding="utf-8")
    assert reopened(folder, 3) is None and path.read_text(encoding="utf-8") == whole


@pytest.mark.parametrize("left", ["", HEADER[0], HEADER[:40], HEADER[:-2], HEADER[:-1]])
def test_a_header_that_is_cut_off_is_written_again(folder: Path, left: str) -> None:
    path = folder / "samples.csv"
    path.write_text(left)
    said = reopened(folder)
    assert said == f"{path}: the header was {'cut off' if left else 'missing'}; it is written again"
    assert path.read_text() == HEADER


@pytest.mark.parametrize(
    "header",
    [HEADER.replace("\n", ",moons\n"), HEADER.replace(",item\n", "\n"), "a,b\n", "a,b", HEADER.replace("\n", "\r\n")],
)
def test_a_file_with_other_columns_is_not_written_to(folder: Path, header: str) -> None:
    path = folder / "samples.csv"
    path.write_bytes(header.encode())
    with pytest.raises(UserError, match="line 1: its columns are not those that this version writes"):
        SamplesFile.reopen(folder)
    assert path.read_bytes() == header.encode()


def test_a_row_that_cannot_be_written_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples, _ = SamplesFile.reopen(folder)
    before = (folder / "samples.csv").read_bytes()
    write = os.write

    def half(descriptor: int, data: bytes) -> int:
        monkeypatch.setattr(samples_file.os, "write", full)
        return write(descriptor, data[: len(data) // 2])

    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(samples_file.os, "write", half)
    with pytest.raises(UserError) as caught:
        samples.append(row(3))
    assert str(caught.value) == (
        f"{folder}/samples.csv: cannot be written (No space left on device); what is measured is kept, and "
        f"`scripts/bench --resume {folder}` continues"
    )
    assert caught.value.status == 1
    monkeypatch.undo()
    assert (folder / "samples.csv").read_bytes() == before
    samples.append(row(3))
    assert (folder / "samples.csv").read_bytes() == before + row(3).encode()


def test_a_file_that_has_changed_is_not_written_to(folder: Path) -> None:
    samples, _ = SamplesFile.reopen(folder)
    path = folder / "samples.csv"
    with path.open("a", encoding="utf-8") as other:
        other.write(row(3))
    with pytest.raises(UserError, match="samples.csv: was changed by something else while the run wrote it"):
        samples.append(row(4))
    path.unlink()
    with pytest.raises(UserError, match="samples.csv: was removed while the run wrote it"):
        samples.append(row(4))
    path.write_text(HEADER + row(1) + row(2), encoding="utf-8")
    with pytest.raises(UserError, match="was changed by something else"):
        samples.append(row(4))


def test_resume_repairs_a_cut_off_line_and_runs_its_cell_again(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.run() == 0
    whole = (bench.out / "samples.csv").read_bytes()
    cut(bench.out, 40)
    assert bench.resume() == 0
    assert "line 13: the last line was cut off; it is removed and its cell runs again\n" in capsys.readouterr().err
    assert (
        bench.out / "samples.csv"
    ).read_bytes() == whole, "the fake is deterministic: a block and a seed give one row"


@pytest.mark.parametrize("left", [0, 1, 100])
def test_a_run_that_was_killed_at_its_header_can_be_resumed(bench: Bench, left: int) -> None:
    assert bench.run() == 0
    whole = (bench.out / "samples.csv").read_bytes()
    (bench.out / "samples.csv").write_bytes(whole[:left])
    assert bench.resume() == 0
    assert (bench.out / "samples.csv").read_bytes() == whole


@pytest.mark.parametrize("rows", [1, 2])
def test_a_cell_with_some_of_its_samples_runs_again(
    bench: Bench, capsys: pytest.CaptureFixture[str], rows: int
) -> None:
    bench.matrix(samples=3)
    assert bench.run() == 0
    path = bench.out / "samples.csv"
    whole = path.read_bytes()
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[: -3 + rows]))
    assert bench.resume() == 0
    assert f"has {rows} of 3 samples in block 2; they are removed and it runs again\n" in capsys.readouterr().err
    assert path.read_bytes() == whole


def test_rows_of_cells_that_cannot_run_are_added_to_a_run_that_was_killed_before(bench: Bench) -> None:
    bench.matrix(scenarios=["join", "throughput"])
    assert bench.run() == 0
    path = bench.out / "samples.csv"
    whole = path.read_bytes()
    assert b"not joinable" in whole.splitlines()[1]
    path.write_text(HEADER)
    assert bench.resume() == 0
    assert path.read_bytes() == whole
    assert bench.resume() == 0 and path.read_bytes() == whole


def test_a_process_that_took_too_few_samples_has_crashed(bench: Bench) -> None:
    bench.matrix(samples=3)
    bench.behave(spin={"do": "few", "block": 2})
    assert bench.run() == 1
    assert list(bench.rows("spin")["status"]) == ["ok", "ok", "ok", "ok", "crashed"]
    assert bench.rows("spin")["detail"].iloc[-1] == "exit status 0 after 1 of 3 samples"


def test_a_program_with_other_columns_is_refused() -> None:
    with pytest.raises(UserError, match="its columns are not those of docs/columns.csv"):
        run._rows_of(b"schema,run\n1,x\n")


def test_the_record_reaches_the_disk_before_it_takes_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[str, str]] = []
    sync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        done.append(("fsync", Path(os.readlink(f"/proc/self/fd/{descriptor}")).name))
        sync(descriptor)

    def replaced(path: Path, target: Path) -> Path:
        done.append(("replace", path.name))
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    environment.write(tmp_path, {"run": "r"})
    fresh = "environment.json.new"
    assert done == [("fsync", fresh), ("replace", fresh), ("fsync", tmp_path.name)]
