"""Progress on stderr: bars on a terminal; elsewhere a line for each block of a run."""

from __future__ import annotations

import sys
import time
from typing import Any, Mapping, TextIO

from tqdm import tqdm

import spelling
import units
from failures import say

# Its monitor is a thread that would wake beside what is measured.
tqdm.monitor_interval = 0

#: For a terminal that does not report its width.
WIDTH = 80


class _Bar(tqdm):  # type: ignore[type-arg]
    """A bar that shows the time left in our words; `Progress` sets `left`."""

    left = ""

    @property  # type: ignore[override]
    def format_dict(self) -> Mapping[str, Any]:
        known = dict(super().format_dict)
        # With no width tqdm would leave out the format, and write bare numbers.
        return {**known, "ncols": known["ncols"] or WIDTH, "left": self.left}


class Steps:
    """The step that a script is at: overwritten on a terminal, nothing elsewhere. Ended by `close`."""

    def __init__(self, count: int, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._count = count
        self._bar: _Bar | None = None

    def begin(self, told: str) -> None:
        """The next step; the one before is done."""
        if not self._stream.isatty():
            return
        told = spelling.for_terminal(told)
        if self._bar is None:
            form = "{desc} |{bar}| {n_fmt} of {total_fmt}"
            self._bar = _Bar(
                total=self._count, desc=told, file=self._stream, leave=False, dynamic_ncols=True, bar_format=form
            )
        else:
            self._bar.set_description_str(told, refresh=False)
            self._bar.update()
            self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class Progress:
    """Counts expected seconds; the time left is what they turn out to take."""

    def __init__(self, expected_s: float, blocks: int, stream: TextIO = sys.stderr) -> None:
        self._blocks = blocks
        self._stream = stream
        self._expected_s = expected_s
        self._done_s = 0.0
        self._began = time.monotonic()
        self._bar = (
            _Bar(
                total=max(expected_s, 1e-9),
                file=stream,
                leave=False,
                miniters=0,
                dynamic_ncols=True,
                bar_format="{desc}: {percentage:3.0f} % |{bar}|{left}",
                desc=units.plural(blocks, "block"),
            )
            if stream.isatty()
            else None
        )

    def start(self, block: int) -> None:
        told = f"block {block} of {self._blocks}"
        if self._bar is not None and self._bar.desc != told:
            self._bar.set_description_str(told, refresh=False)
            self.tick()

    def tick(self) -> None:
        if self._bar is not None:
            self._bar.left = self._left()
            self._bar.refresh()

    def finish(self, expected_s: float) -> None:
        """One process ended that was expected to take that long."""
        self._done_s += expected_s
        if self._bar is not None:
            self._bar.left = self._left()
            self._bar.update(min(expected_s, self._bar.total - self._bar.n))

    def end_block(self, block: int) -> None:
        if self._bar is not None:
            return
        told = self._left()
        say(f"block {block} of {self._blocks} done{',' if told else ''}{told}")

    def _left(self) -> str:
        """` about 1 min 20 s left`; nothing at the end."""
        left = self._expected_s - self._done_s
        pace = (time.monotonic() - self._began) / self._done_s if self._done_s > 0 else 1.0
        return f" about {units.duration(left * pace)} left" if left > 1e-6 else ""

    def say(self, sentence: str) -> None:
        """A line that does not tear the bar."""
        if self._bar is not None:
            self._bar.write(sentence, file=self._stream)
        else:
            say(sentence)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
