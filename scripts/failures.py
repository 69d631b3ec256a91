"""Errors a user can cause end in one sentence; this is how every script says it."""

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
    """A line on standard error, whatever the names in it hold. Nothing is given up because nobody can read it: a closed
    pipe, a full disk."""
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
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said; what follows is Python's own end
    status = print_out("", name) or status
    try:
        sys.stderr.flush()
    except OSError:
        _forget(sys.stderr)  # what could not be said is not what the script was asked for
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
    """Prints what is not the last that a script `name` does; a status other than 0 where it cannot be written, which is
    said once. A reader that has left has what it wanted, as above."""
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
    """What a stream still holds: Python would try again at its end, complain, and end with another status."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
