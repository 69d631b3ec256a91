"""The notes under a table of the report: which contender is the reference, which rest on few blocks or have no figure."""

from __future__ import annotations

import math
from typing import Any, Iterator, Mapping, Sequence

import groups
import handoff_stats as hs
import labels
import resolution
import schema
import units
import verdicts

#: A row of the summary.
Row = Mapping[str, Any]
_COUNTED = (*schema.FAILURES, "unsustained", "ok")


def under(group: Sequence[Row], blocks: int) -> Iterator[str]:
    """Sentences about a comparison group of a run with so many blocks."""
    plain = [row for row in group if row["control"] != 1]
    yield from _reference(group, blocks)
    few = [_few_blocks(row, blocks) for row in plain if 0 < row["n"] < blocks]
    if few:
        yield f"Fewer than {blocks} blocks: {', '.join(few)}."
    if any(row["blocks_failed"] and row["n"] for row in plain):
        yield "A block in which a contender failed counts as the worst possible result for it."
    yield from _too_few(plain)
    yield from _untold(plain)
    if any(row["wait"] == "loop" for row in plain):
        besides = "; 'oversubscribed' does not apply to them" if is_oversubscribed(group) else ""
        several = (
            ", those of coroutine_pool on several" if any(row["backend"] == "coroutine_pool" for row in plain) else ""
        )
        yield f"loop: producers and consumers are coroutines on one thread{several}{besides}."


def _too_few(rows: Sequence[Row]) -> Iterator[str]:
    """Why nothing in a table can be faster or slower, if its blocks are too few for so many contenders."""
    tested = [row for row in rows if not math.isnan(row["p_holm"])]
    # One below the resolution is not judged, but corrected for all the same.
    below = [row for row in rows if row["verdict"] == resolution.VERDICT and row["ratio_blocks"] >= hs.FEWEST]
    needed = verdicts.blocks_needed(len(tested) + len(below))
    most = max((int(row["ratio_blocks"]) for row in tested), default=needed)
    if most < needed:
        yield (
            f"{verdicts.UNKNOWN}: with {most} blocks and {units.plural(len(tested) + len(below), 'contender')} beside the "
            f"reference, no difference can be significant; {needed} blocks can."
        )


def _untold(rows: Sequence[Row]) -> Iterator[str]:
    """The meaning of `<`, if a figure of these rows has one."""
    untold = {name for row in rows for name in str(row[resolution.COLUMN]).split() if name in row and row["n"] > 0}
    if untold.intersection(resolution.SINGLE_TIMES):
        yield (
            f"{resolution.MARK}: below resolution, less than {resolution.READINGS} readings of the clock, one of which is part "
            "of the time. Such a contender has no ratio, and there is no ratio to such a reference."
        )
    if untold.intersection(resolution.DIFFERENCES):
        yield (
            f"{resolution.MARK} before task_done: the interval contains 0, so it cannot be told from 0; the upper end is shown."
        )


def is_oversubscribed(group: Sequence[Row]) -> bool:
    return any(row["oversubscribed"] == 1 and row["wait"] != "loop" for row in group)


def without_figure(group: Sequence[Row]) -> list[Row]:
    """Contenders that were run and have no usable sample; those that cannot run at all are not among them."""
    return [
        row
        for row in group
        if row["control"] != 1 and row["n"] == 0 and any(row[f"rows_{status}"] > 0 for status in _COUNTED)
    ]


def why_no_figure(row: Row) -> str:
    """`no figure: 5 corrupt, 2 crashed`, counted in rows."""
    told = [f"{row[f'rows_{status}']} {status}" for status in _COUNTED if row[f"rows_{status}"] > 0]
    return f"no figure: {', '.join(told)}{_dropped(row)}"


def _reference(group: Sequence[Row], blocks: int) -> Iterator[str]:
    """Names the reference if it is not the usual one, and says why no noise floor is known."""
    found = _row_of(group, group[0]["reference"])
    usual = _row_of(group, _usual_reference(group))
    twin = next((row for row in group if row["verdict"] == "control"), None)
    if usual["cell"] != found["cell"]:
        yield (
            f"{labels.contender(usual)} {_how_often(usual, blocks)}, so the reference is {labels.contender(found)}, "
            "whose noise floor is not measured."
        )
    elif twin is None:
        yield f"{labels.contender(found)} ran once per block, not twice: no noise floor."
    elif blocks >= hs.FEWEST > (shared := int(twin["ratio_blocks"])):
        yield (
            f"{labels.contender(found)} and its second run both have figures in only {shared} of {blocks} blocks: "
            f"no noise floor, which takes {hs.FEWEST}."
        )


def _row_of(group: Sequence[Row], cell: object) -> Row:
    return next(row for row in group if row["cell"] == cell)


def _usual_reference(group: Sequence[Row]) -> str:
    plain = [row for row in group if row["control"] != 1]
    twin = next((row for row in group if row["control"] == 1), None)
    return groups.by_preference(plain or group, twin)[0]


def _how_often(row: Row, blocks: int) -> str:
    kept = "kept its rate" if row["rows_unsustained"] > 0 else "has figures"
    if row["n"] > 0:
        return f"{kept} in only {row['n']} of {blocks} blocks"
    return (
        f"{kept} in none of {blocks} blocks"
        if row["rows_skipped"] + row["rows_unavailable"] == 0
        else "cannot run here"
    )


def _few_blocks(row: Row, blocks: int) -> str:
    text = f"{labels.contender(row)} {row['n']} of {blocks}{_dropped(row)}"
    if row["blocks_failed"] > 0:
        text += f" (failed in {row['blocks_failed']})"
    shared = row["ratio_blocks"]
    return text if row["verdict"] == "reference" or shared == row["n"] else f"{text} ({shared} with the reference)"


def _dropped(row: Row) -> str:
    return f" ({row['blocks_dropped']} dropped by steal_limit)" if row["blocks_dropped"] > 0 else ""
