"""Errors a user can cause end in one sentence; this is how every script says it."""

from __future__ import annotations

import os
import sys
from typing import Callable, Sequence

USAGE = 2
FAILED = 1


class UserError(Exception):
    """One sentence: what is wrong, where (file and line), what would be right."""

    def __init__(self, sentence: str, status: int = USAGE) -> None:
        super().__init__(sentence)
        self.status = status


def run_script(main: Callable[[Sequence[str]], int], name: str) -> None:
    """Runs `main` on the command line's arguments and exits with its status; `name` opens its error messages."""
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
    except UserError as error:
        print(f"{name}: {error}", file=sys.stderr)
        status = error.status
    except BrokenPipeError:
        # The reader of our output (`head`, `less`) has left; what it wanted it has.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"{name}: {where}{error.strerror or error}.", file=sys.stderr)
        status = FAILED
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)
