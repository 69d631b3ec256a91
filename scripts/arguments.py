"""How the scripts read their command lines. Needs nothing but Python."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from failures import USAGE, say


class Parser(argparse.ArgumentParser):
    """A parser that answers a mistake with one sentence, safe for a terminal, and exit status 2."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> Any:
        say(f"{self.prog}: {message.rstrip('.')}")
        sys.exit(USAGE)
