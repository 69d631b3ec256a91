"""What a row's figures mean: derived figures, stolen time, rows by status."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import columns
import schema
import units


#: /proc/stat, from which `steal_s` comes, counts in these. Of so many seen, all but one have surely passed in the window.
STEAL_TICK_S = 0.01
#: Every figure that summary.csv gives with its interval.
FIGURES = columns.figures()


def with_derived(samples: pd.DataFrame, cores: float) -> pd.DataFrame:
    """The samples with the derived columns, and `steal_sure`: the share of `steal_share` that can be said to be stolen.
    `cores` turns stolen seconds into a share of the machine."""
    frame = samples.copy()
    items = frame["items"].where(frame["items"] > 0)
    seconds = frame["seconds"].where(frame["seconds"] > 0)
    derived = {
        "half_round_trip_ns": seconds / items * 1e9,
        "cpu_s_per_million": (frame["cpu_user_s"] + frame["cpu_system_s"]) / items * 1e6,
        "tasks_per_steal": items / frame["steals"].where(frame["steals"] > 0),
        "steal_share": frame["steal_s"] / seconds / cores,
    }
    for name, values in derived.items():
        owners = columns.BY_NAME[name].scenarios
        frame[name] = values.where(frame["scenario"].isin(owners)) if owners else values
    frame["steal_sure"] = (frame["steal_s"] - STEAL_TICK_S).clip(lower=0) / seconds / cores
    return frame


def stolen(frame: pd.DataFrame, limit: float | None) -> NDArray[np.bool_]:
    """Which rows the declared rule drops: more of the machine than `limit` was surely stolen in the window."""
    if limit is None:
        return np.zeros(len(frame), dtype=bool)
    return (frame["steal_sure"] > limit).to_numpy()


def what_steal_shows(frame: pd.DataFrame, cores: float, limit: float | None) -> str | None:
    """Which steal time the rule can see in windows as short as these; nothing if there is no rule."""
    window = frame["seconds"].median()
    if limit is None or not window > 0:
        return None
    tick = STEAL_TICK_S / window / cores
    ticks = math.floor(limit / tick + 1e-9) + 2
    return (
        f"steal_limit {limit:.3g}: steal time is counted in ticks of {STEAL_TICK_S * 1000:.0f} ms, each {tick:.2g} of "
        f"{units.plural(round(cores), 'core')} in a window of {window * 1000:.3g} ms, and one of them may have begun before "
        f"it. So {ticks} ticks drop a block, and less than {units.plural(ticks - 1, 'tick')} is never seen."
    )


def dropped_blocks(frame: pd.DataFrame, limit: float | None) -> dict[str, int]:
    """How many blocks of each cell the rule dropped."""
    rows = frame[stolen(frame, limit)]
    return {str(cell): int(count) for cell, count in rows.groupby("cell")["block"].nunique().items()}


def status_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows by status, one line per cell."""
    cell, names = pd.factorize(frame["cell"])
    status = pd.Index(schema.STATUSES).get_indexer(frame["status"])
    counts = np.bincount(cell * len(schema.STATUSES) + status, minlength=len(names) * len(schema.STATUSES))
    return pd.DataFrame(counts.reshape(-1, len(schema.STATUSES)), names, list(schema.STATUSES))
