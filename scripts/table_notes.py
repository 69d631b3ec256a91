"""What stands under a table of the report: who is the reference, what rests on few blocks, who had no figure."""

from __future__ import annotations

from typing import Iterator

import pandas as pd

import groups
import handoff_stats as hs
import labels
import schema

_COUNTED = (*schema.FAILURES, "unsustained", "ok")


def under(group: pd.DataFrame, blocks: int) -> Iterator[str]:
    """Sentences about a comparison group of a run of so many blocks."""
    plain = group[group["control"] != 1]
    yield from _reference(group, blocks)
    few = [_few_blocks(row, blocks) for _, row in plain[plain["n"].between(1, blocks - 1)].iterrows()]
    if few:
        yield f"Fewer than {blocks} blocks: {', '.join(few)}."
    if (plain["wait"] == "loop").any():
        besides = "; oversubscribed is not said of them" if is_oversubscribed(group) else ""
        yield f"loop: producers and consumers are coroutines of one thread{besides}."


def is_oversubscribed(group: pd.DataFrame) -> bool:
    return bool(((group["oversubscribed"] == 1) & (group["wait"] != "loop")).any())


def without_figure(group: pd.DataFrame) -> pd.DataFrame:
    """Contenders that were run and have no usable sample; those that cannot run at all are none of them."""
    rows = group[[f"rows_{status}" for status in _COUNTED]].sum(axis=1)
    return group[(group["control"] != 1) & (group["n"] == 0) & (rows > 0)]


def why_no_figure(row: pd.Series) -> str:
    """`no figure: 5 corrupt, 2 crashed`, counted in rows."""
    told = [f"{row[f'rows_{status}']} {status}" for status in _COUNTED if row[f"rows_{status}"] > 0]
    return f"no figure: {', '.join(told)}{_dropped(row)}"


def _reference(group: pd.DataFrame, blocks: int) -> Iterator[str]:
    """Says who is the reference where it is not the usual one, and why no noise floor is known."""
    found = group[group["cell"] == group["reference"]].iloc[0]
    usual = _usual_reference(group)
    twin = group[group["verdict"] == "control"]
    if usual["cell"] != found["cell"]:
        yield (
            f"{labels.contender(usual)} {_how_often(usual, blocks)}: the reference is {labels.contender(found)}, "
            "whose noise floor is not measured."
        )
    elif twin.empty:
        yield f"{labels.contender(found)} ran once in a block, not twice: no noise floor."
    elif blocks >= hs.FEWEST > (shared := int(twin["ratio_blocks"].iloc[0])):
        yield (
            f"{labels.contender(found)} and its second run have figures together in {shared} of {blocks} blocks only: "
            f"no noise floor, which takes {hs.FEWEST}."
        )


def _usual_reference(group: pd.DataFrame) -> pd.Series:
    plain = group[group["control"] != 1]
    twins = group[group["control"] == 1]
    first = groups.by_preference(group if plain.empty else plain, None if twins.empty else twins.iloc[0])[0]
    return group[group["cell"] == first].iloc[0]


def _how_often(row: pd.Series, blocks: int) -> str:
    kept = "kept its rate" if row["rows_unsustained"] > 0 else "has figures"
    if row["n"] > 0:
        return f"{kept} in {row['n']} of {blocks} blocks only"
    return f"{kept} in none of {blocks} blocks" if row["rows_skipped"] + row["rows_unavailable"] == 0 else "cannot run here"


def _few_blocks(row: pd.Series, blocks: int) -> str:
    text = f"{labels.contender(row)} {row['n']} of {blocks}{_dropped(row)}"
    shared = row["ratio_blocks"]
    return text if row["verdict"] == "reference" or shared == row["n"] else f"{text} ({shared} with the reference)"


def _dropped(row: pd.Series) -> str:
    return f" ({row['blocks_dropped']} dropped by steal_limit)" if row["blocks_dropped"] > 0 else ""
