"""Progress on stderr: a bar with the time left on a terminal, a line a block elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from tqdm import tqdm

import units

# Its monitor is a thread that would wake beside what is measured.
tqdm.monitor_interval = 0


class Progress:
    """Counts expected seconds; the time left is what they turn out to take."""

    def __init__(self, expected_s: float, blocks: int, stream: TextIO = sys.stderr) -> None:
        self._blocks = blocks
        self._stream = stream
        self._expected_s = expected_s
        self._done_s = 0.0
        self._began = time.monotonic()
        self._bar = (
            tqdm(
                total=max(expected_s, 1e-9),
                file=stream,
                leave=False,
                smoothing=0,
                dynamic_ncols=True,
                bar_format="{desc} {percentage:3.0f}% |{bar}| {elapsed} gone, {remaining} left",
            )
            if stream.isatty()
            else None
        )

    def start(self, block: int) -> None:
        if self._bar is not None:
            self._bar.set_description_str(f"block {block} of {self._blocks}", refresh=False)

    def tick(self) -> None:
        if self._bar is not None:
            self._bar.refresh()

    def finish(self, expected_s: float) -> None:
        """One process ended that was expected to take that long."""
        self._done_s += expected_s
        if self._bar is not None:
            self._bar.update(min(expected_s, self._bar.total - self._bar.n))

    def end_block(self, block: int) -> None:
        if self._bar is not None:
            return
        left = self._expected_s - self._done_s
        pace = (time.monotonic() - self._began) / self._done_s if self._done_s > 0 else 1.0
        told = f", about {units.duration(left * pace)} left" if left > 1e-6 else ""
        print(f"block {block} of {self._blocks} done{told}", file=self._stream, flush=True)

    def say(self, sentence: str) -> None:
        """A line that does not tear the bar."""
        if self._bar is not None:
            self._bar.write(sentence, file=self._stream)
        else:
            print(sentence, file=self._stream, flush=True)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
