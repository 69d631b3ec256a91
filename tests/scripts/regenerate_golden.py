"""Writes the golden files anew; look at the difference before you commit it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from conftest import GOLDEN

import report
import summarize
import synthetic
import test_summary
from progress import Steps


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "samples.csv").write_text(
            synthetic.samples_text(test_summary.GOLDEN_MATRIX, test_summary.GOLDEN_BLOCKS), encoding="utf-8"
        )
        samples, summary, _ = summarize.summarize(folder, Steps(summarize.STEPS))
        (GOLDEN / "summary.csv").write_text(test_summary.filled(folder / "summary.csv"), encoding="utf-8")
    text = report.render(samples, summary, report.Style(colour=False), "golden")
    (GOLDEN / "report.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
