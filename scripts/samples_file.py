"""samples.csv while a run writes it: no other run can, rows are complete, and a change from outside is noticed."""

from __future__ import annotations

import csv
import fcntl
import os
from collections import Counter
from pathlib import Path

import schema
import units
from failures import FAILED, UserError, reason


def what_is_left(folder: Path) -> str:
    """The end of the sentence that says why a run stopped."""
    return f"what is measured is kept, and `scripts/bench --resume {folder}` continues"


#: What each sample of a cell that did its work can be; any other status is the cell's last row.
MEASURED = ("ok", "unsustained")
HEADER = f"{schema.header()}\n".encode()


class SamplesFile:
    """Open and locked until it is closed; a process that is killed releases the lock, too."""

    def __init__(self, path: Path, flags: int = 0) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | flags, 0o666)
        self._size = os.fstat(self._descriptor).st_size
        self._lock()

    def close(self) -> None:
        os.close(self._descriptor)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise UserError(
                f"{self.path.parent}: another scripts/bench is writing to it; wait until it has ended"
            ) from None
        except OSError:
            pass  # this file system has no locks; a change from outside is still noticed before every row

    @staticmethod
    def begin(folder: Path) -> "SamplesFile":
        """The empty file of a new run. Of two that begin in one folder at once, the second is refused."""
        samples = SamplesFile(folder / "samples.csv", os.O_CREAT)
        if samples._size > 0 or (folder / "environment.json").exists():
            samples.close()
            raise UserError(f"{folder}: already contains a run; give another --out")
        return samples

    @staticmethod
    def reopen(folder: Path, each: int = 1) -> tuple["SamplesFile", str | None]:
        """The file of a run that is resumed, and what had to be repaired, in a sentence. `each`: how many samples a process takes."""
        path = folder / "samples.csv"
        try:
            samples = SamplesFile(path)
        except FileNotFoundError:
            raise UserError(f"{path}: no such file; a run's folder holds samples.csv") from None
        try:
            said = samples._repair()
            said = samples._drop_half_a_process(each) or said
        except BaseException:
            samples.close()
            raise
        return samples, said

    def append(self, text: str) -> None:
        """Adds rows, or none: if they cannot be written, the file is as it was before."""
        self._check_untouched()
        left = text.encode("utf-8", "backslashreplace")
        size = self._size + len(left)
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
            os.fsync(self._descriptor)
        except OSError as error:
            self._cut_to(self._size)
            raise UserError(
                f"{self.path}: cannot be written ({reason(error)}); {what_is_left(self.path.parent)}", FAILED
            ) from None
        self._size = size

    def _cut_to(self, size: int) -> None:
        try:
            os.truncate(self._descriptor, size)
        except OSError:
            pass  # a resumed run removes the half row

    def _check_untouched(self) -> None:
        here = os.fstat(self._descriptor)
        try:
            there = os.stat(self.path)
        except FileNotFoundError:
            raise UserError(f"{self.path}: was removed while the run wrote it", FAILED) from None
        if not os.path.samestat(here, there) or there.st_size != self._size:
            raise UserError(f"{self.path}: was changed by something else while the run wrote it", FAILED)

    def _repair(self) -> str | None:
        """Removes a last line that was cut off. Rows are written whole, so that one without its line feed is not."""
        data = self._read()
        kept = data[: data.rfind(b"\n") + 1]
        cut = data[len(kept) :]
        if not kept and HEADER.startswith(cut):
            self._cut_to(0)
            self._size = 0
            self.append(HEADER.decode())
            return f"{self.path}: the header was {'cut off' if cut else 'missing'}; it is written again"
        self._check_header()
        if not cut:
            return None
        self._shorten(len(kept))
        line = kept.count(b"\n") + 1
        return f"{self.path}, line {line}: the last line was cut off; it is removed and its cell runs again"

    def _drop_half_a_process(self, each: int) -> str | None:
        """Removes the rows of a process that did not write all of them; its cells run again."""
        data = self._read()
        lines = data.removesuffix(b"\n").split(b"\n")[1:]
        rows: list[dict[str, str]] = []
        for row in map(_row_of, reversed(lines)):
            if row is None or (rows and not _is_before(row, rows[-1])):
                break
            rows.append(row)
        counts = Counter(row["cell"] for row in rows)
        ended = {row["cell"] for row in rows if row["status"] not in MEASURED}
        half = [cell for cell, count in counts.items() if count < each and cell not in ended]
        if not half:
            return None
        self._shorten(len(data) - sum(len(line) + 1 for line in lines[-len(rows) :]))
        told = f"{half[0]} has {counts[half[0]]} of {each} samples in block {rows[0]['block']}"
        others = len(counts) - 1
        removed = (
            "they are removed and it runs again"
            if others == 0
            else (f"they are removed with those of {units.plural(others, 'other cell')}, and all run again")
        )
        return f"{self.path}: {told}; {removed}"

    def _shorten(self, size: int) -> None:
        os.truncate(self._descriptor, size)
        os.fsync(self._descriptor)
        self._size = size

    def _check_header(self) -> None:
        header = self._read().partition(b"\n")[0] + b"\n"
        if header != HEADER:
            raise UserError(
                f"{self.path}, line 1: its columns are not those that this version writes, so the run cannot be resumed; "
                "start a new run"
            )

    def _read(self) -> bytes:
        with open(self._descriptor, "rb", closefd=False) as file:
            file.seek(0)
            return file.read()


def _row_of(line: bytes) -> dict[str, str] | None:
    """None if it is not one of ours, such as the second half of a field with a line's end in it."""
    try:
        fields = next(csv.reader([line.decode("utf-8")], strict=True))
    except (csv.Error, StopIteration, UnicodeDecodeError):
        return None
    return dict(zip(schema.SAMPLES, fields)) if len(fields) == len(schema.SAMPLES) else None


def _is_before(row: dict[str, str], later: dict[str, str]) -> bool:
    """Whether both may be of one process, whose cells take turns: its first samples come first."""
    numbered = row["sample"].isdigit() and later["sample"].isdigit()
    return numbered and row["block"] == later["block"] and int(row["sample"]) <= int(later["sample"])
