"""The table of columns in docs/results-schema.md, printed from docs/columns.csv. As a program it prints it anew."""

from __future__ import annotations

import re

from conftest import ROOT

import columns

PAGE = ROOT / "docs" / "results-schema.md"
HEAD = "| column | unit | meaning |\n|---|---|---|\n"


def table() -> str:
    """The columns of samples.csv."""
    return HEAD + "".join(_line(column) for column in columns.COLUMNS if column.part in columns.SAMPLE_PARTS)


def _line(column: columns.Column) -> str:
    words = f"{', '.join(f'`{word}`' for word in column.words)}: " if column.words else ""
    meaning = re.sub(r"[\w-]+\.md\b", r"[\g<0>](\g<0>)", column.meaning)
    return f"| `{column.name}` | {column.unit} | {words}{meaning} |\n"


def with_table(page: str) -> str:
    """The page with the table as it should be."""
    begin = page.index(HEAD)
    lines = re.match(r"(\|.*\n)*", page[begin:])
    assert lines is not None
    return page[:begin] + table() + page[begin + lines.end() :]


def main() -> None:
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
