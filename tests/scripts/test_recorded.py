"""environment.json, edited by hand: one sentence says what is wrong, wherever it is read."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, Iterator

import pytest
import recorded
import summarize
import surroundings
from conftest import ROOT
from failures import UserError

SAMPLE = json.loads((ROOT / "results" / "sample" / "environment.json").read_text(encoding="utf-8"))
ODD: tuple[Any, ...] = (0, -1, 1.5, 1e30, "x", "", None, True, [], [None], {}, {"x": None})


def places(value: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*before, key)
            yield from places(inner, (*before, key))


def with_odd(place: tuple[str, ...], odd: Any) -> dict[str, Any]:
    known = copy.deepcopy(SAMPLE)
    inner = known
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = odd
    return known


def test_whatever_an_entry_holds_its_readers_take_it_or_one_sentence_refuses_it(tmp_path: Path) -> None:
    refused = 0
    for place in places(SAMPLE):
        for odd in ODD:
            (tmp_path / "environment.json").write_text(json.dumps(with_odd(place, odd)), encoding="utf-8")
            try:
                known = recorded.read(tmp_path)
                summarize.Settings.of_record(known)
                surroundings.differences(SAMPLE, known)
                surroundings.differences(known, SAMPLE)
            except UserError as error:
                refused += 1
                assert "\n" not in str(error) and f"the entry {place[0]}" in str(error)
    assert refused > 50


SENTENCES = {
    "host.cores of 0": (
        {"host": {"cores": 0}},
        "the entry host.cores is 0 and must be a whole number from 1, or null",
    ),
    "no matrix": ({"matrix": None}, "the entry matrix is null and must be an object"),
    "a number of a host": ({"host": 0}, "the entry host is 0 and must be an object"),
    "a number of backends": (
        {"selection": {"backends": 0}},
        "the entry selection.backends is 0 and must be a word of a command, or null",
    ),
    "true blocks": ({"blocks": True}, "the entry blocks is true and must be a whole number from 1 to 100000"),
    "more blocks than anybody may ask for": (
        {"blocks": 100001},
        "the entry blocks is 100001 and must be a whole number from 1 to 100000",
    ),
    "a seed beyond all": (
        {"seed": 2**64},
        f"the entry seed is {2**64} and must be a whole number from 0 to {2**64 - 1}",
    ),
    "a zero byte in a name": (
        {"selection": {"matrix": "a\0"}},
        'the entry selection.matrix is "a\\u0000" and must be a word of a command',
    ),
    "half a character": (
        {"selection": {"backends": "\ud800"}},
        'the entry selection.backends is "\\ud800" and must be a word of a command, or null',
    ),
    "a limit above all": (
        {"matrix": {"steal_limit": 2}},
        "the entry matrix.steal_limit is 2 and must be a share from 0 to 1, or null",
    ),
    "a resumption that is no text": ({"resumed": ["then", 3]}, "the entry resumed.1 is 3 and must be text"),
    "a list": ([], "all of it is [] and must be an object"),
}


@pytest.mark.parametrize("what", SENTENCES)
def test_a_wrong_entry_is_named_with_what_it_must_be(tmp_path: Path, what: str) -> None:
    known, sentence = SENTENCES[what]
    (tmp_path / "environment.json").write_text(json.dumps(known), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        recorded.read(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'environment.json'}: {sentence}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b'{\n "host": oops', "line 2: not JSON"),
        (b'{"host": {"name": "\xff"}}', "line 1: not JSON"),
        (b'{"matrix": {"steal_limit": NaN}}', "line 1: not JSON"),
        (b"[" * 100_000, "line 1: not JSON"),
        (b'{"host": ' + b"[" * 100 + b"]" * 100 + b"}", "nested more than 20 levels deep"),
    ],
)
def test_what_is_no_record_is_refused(tmp_path: Path, text: bytes, told: str) -> None:
    (tmp_path / "environment.json").write_bytes(text)
    with pytest.raises(UserError, match=told):
        recorded.read(tmp_path)


def test_a_run_without_a_record_and_one_with_a_new_entry_are_read(tmp_path: Path) -> None:
    assert recorded.read(tmp_path) == {}
    (tmp_path / "environment.json").write_text('{"weather": {"rain": true}}')
    assert recorded.read(tmp_path) == {"weather": {"rain": True}}
