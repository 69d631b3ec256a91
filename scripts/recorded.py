"""environment.json as it is read: checked once, so that every entry is what it is documented to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

from bench_arguments import MOST_BLOCKS, MOST_SEED
from failures import UserError

DEEPEST = 20


def _entry(must: str, **keywords: Any) -> dict[str, Any]:
    """`must` is for the sentence that refuses; jsonschema ignores keywords that it does not know."""
    return {"must": must, **keywords}


def _object(**properties: Any) -> dict[str, Any]:
    return _entry("an object", type="object", properties=properties)


_TEXT = _entry("text", type="string")
#: Without what no word of a command can hold: a zero byte, and surrogates other than those of bytes that are not UTF-8.
_WORD = "^[^\\x00\ud800-\udc7f\udd00-\udfff]*$"

#: What scripts use; everything else may be what it likes. No entry has to be there: an older record has fewer.
SCHEMA = _object(
    run=_TEXT,
    started=_TEXT,
    command=_TEXT,
    resumed=_entry("a list of texts", type="array", items=_TEXT),
    complete=_entry("true or false", type="boolean"),
    seed=_entry(f"a whole number from 0 to {MOST_SEED}", type="integer", minimum=0, maximum=MOST_SEED),
    blocks=_entry(f"a whole number from 1 to {MOST_BLOCKS}", type="integer", minimum=1, maximum=MOST_BLOCKS),
    selection=_object(
        matrix=_entry("a word of a command", type="string", pattern=_WORD),
        backends=_entry("a word of a command, or null", type=["string", "null"], pattern=_WORD),
        scenarios=_entry("a word of a command, or null", type=["string", "null"], pattern=_WORD),
    ),
    program=_object(path=_TEXT, sha256=_TEXT),
    cells=_object(fingerprint=_TEXT),
    matrix=_object(
        name=_TEXT, file=_TEXT, text=_TEXT, steal_limit=_entry("a share from 0 to 1, or null", type=["number", "null"], minimum=0, maximum=1),
        equivalence=_entry("a number greater than 0 and at most 1", type="number", exclusiveMinimum=0, maximum=1),
    ),
    machine=_object(),
    host=_object(cores=_entry("a whole number from 1, or null", type=["integer", "null"], minimum=1, maximum=1_000_000)),
    git=_object(),
    packages=_object(),
)  # fmt: skip
_VALIDATOR = Draft7Validator(SCHEMA)


def read(folder: Path) -> dict[str, Any]:
    """environment.json of a run; empty if there is none."""
    path = folder / "environment.json"
    try:
        known = json.loads(path.read_bytes().decode("utf-8"), parse_constant=_no_number)
    except FileNotFoundError:
        return {}
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UserError(f"{path}, line {getattr(error, 'lineno', 1)}: not JSON") from None
    if _is_deep(known):
        raise UserError(f"{path}: nested more than {DEEPEST} levels deep, which no record of a run is")
    wrong = best_match(_VALIDATOR.iter_errors(known))
    if wrong is not None:
        place = ".".join(map(str, wrong.absolute_path))
        raise UserError(
            f"{path}: {f'the entry {place}' if place else 'all of it'} is {_shown(wrong.instance)} and must be {wrong.schema['must']}"
        )
    return known


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
        ]
    return bool(level)


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
