"""Files of a run: written as a whole; errors name the file."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Iterator


@contextlib.contextmanager
def named(path: Path) -> Iterator[None]:
    """An error of the system from in here names the file: only those of opening one do by themselves."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = os.fspath(path)
        raise


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` to write, which takes its place at the end; if that fails, the old one stays, and nothing else."""
    fresh = path.with_name(f"{path.name}.new")
    with named(path):
        try:
            yield fresh
            fresh.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise


def write_whole(path: Path, text: str) -> None:
    """Replaces a file as a whole: a reader never sees half of one, and if it fails the old one stays. It outlives a
    crash of the machine, as does every other file that was made in the folder before.

    A name may hold bytes that are not UTF-8, which Python carries as lone surrogates; they are written as JSON and
    Python escape them.
    """
    with replacing(path) as fresh, fresh.open("wb") as file:
        file.write(text.encode("utf-8", "backslashreplace"))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder outlive a crash of the machine, if the file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
