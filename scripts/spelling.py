"""Spells out characters that a terminal would obey. Needs nothing but Python."""

from __future__ import annotations


def for_terminal(text: str) -> str:
    r"""Whatever a terminal would obey, or could not show, is spelled out: \x1b, \r, \u202e, \xff for a byte."""
    return text if text.isprintable() else "".join(map(_spelled, text))


def _spelled(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
