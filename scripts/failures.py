"""How every script reports errors that a user can cause: in one sentence."""

from __future__ import annotations

import os
import signal
import sys
from typing import Callable, NoReturn, Sequence, TextIO

import spelling

USAGE = 2
FAILED = 1
INTERRUPTED = 130


class UserError(Exception):
    """One sentence: what is wrong, where (file and line), what would be right."""

    def __init__(self, sentence: str, status: int = USAGE) -> None:
        super().__init__(sentence)
        self.status = status


def say(sentence: str) -> None:
    """A line on standard error, whatever the names in it contain. If it cannot be written (a closed pipe, a full disk), the
    script continues."""
    try:
        print(spelling.for_terminal(sentence), file=sys.stderr, flush=True)
    except OSError:
        pass


def reason(error: OSError) -> str:
    """What an error of the system says, without its number."""
    return error.strerror or str(error)


def run_script(main: Callable[[Sequence[str]], int], name: str) -> NoReturn:
    """Runs `main` on the command line's arguments and exits with its status; `name` opens its error messages."""
    try:
        status = _run(main, name)
    except KeyboardInterrupt:
        say(f"{name}: interrupted")
        status = INTERRUPTED
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done; only Python's own shutdown follows
    status = print_out("", name) or status
    try:
        sys.stderr.flush()
    except OSError:
        _forget(sys.stderr)  # the script has done its work; only messages are lost
    sys.exit(status)


def _run(main: Callable[[Sequence[str]], int], name: str) -> int:
    try:
        return main(sys.argv[1:])
    except UserError as error:
        say(f"{name}: {error}")
        return error.status
    except BrokenPipeError:
        return 0  # the reader of our output (`head`, `less`) has left; what it wanted it has
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        say(f"{name}: {where}{reason(error)}")
        return FAILED
    except SystemExit as left:  # --help, and mistakes on the command line
        return left.code if isinstance(left.code, int) else FAILED


def print_out(text: str, name: str) -> int:
    """Prints for the script `name`; returns a status other than 0 if that fails, which is reported once. A reader that has
    left has what it wanted, as above."""
    try:
        print(text, end="", flush=True)
        return 0
    except BrokenPipeError:
        status = 0
    except OSError as error:
        say(f"{name}: standard output: {reason(error)}")
        status = FAILED
    _forget(sys.stdout)
    return status


def _forget(stream: TextIO) -> None:
    """Drops what a stream still holds: Python would try to write it again at exit, and change the exit status."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
