"""Sentences of unknown origin become one line, alike in handoff-bench and in the scripts."""

from __future__ import annotations

import json
from pathlib import Path

import schema

CASES = json.loads((Path(__file__).parents[1] / "bench" / "one_line.json").read_text(encoding="utf-8"))


def test_a_sentence_of_several_lines_becomes_one_as_in_handoff_bench() -> None:
    assert CASES
    for text, line in CASES:
        assert schema.one_line(text) == line, ascii(text)


def test_a_byte_that_is_not_utf8_is_replaced() -> None:
    assert schema.one_line(b"cut \xe2\x80".decode("utf-8", "surrogateescape")) == "cut \ufffd\ufffd"
