"""Files of a run: written as a whole, and named where they cannot be."""

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


def write_whole(path: Path, text: str) -> None:
    """Replaces a file as a whole: a reader never sees half of one, and where it fails the old one stays.

    A name may hold bytes that are not UTF-8, which Python carries as lone surrogates; they are written as JSON and
    Python escape them.
    """
    fresh = path.with_name(f"{path.name}.new")
    with named(path):
        try:
            fresh.write_bytes(text.encode("utf-8", "backslashreplace"))
            fresh.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise
