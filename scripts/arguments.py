"""How the scripts read their command lines. Needs nothing but Python."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from failures import USAGE, say


class Parser(argparse.ArgumentParser):
    """One whose mistakes end the script with one sentence, harmless whatever words it repeats, and status 2."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> Any:
        say(f"{self.prog}: {message.rstrip('.')}")
        sys.exit(USAGE)
