"""Writes the golden files and what is printed of docs/columns.csv anew; look at the difference before you commit it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from conftest import GOLDEN

import printed_columns
import report
import summarize
import synthetic
import test_summary
from progress import Steps


def main() -> None:
    printed_columns.main()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "samples.csv").write_text(synthetic.samples_text(test_summary.GOLDEN_MATRIX, 7), encoding="utf-8")
        samples, summary, _ = summarize.summarize(folder, Steps(summarize.STEPS))
        (GOLDEN / "summary.csv").write_text((folder / "summary.csv").read_text(), encoding="utf-8")
    text = report.render(samples, summary, report.Style(colour=False), "golden")
    (GOLDEN / "report.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
