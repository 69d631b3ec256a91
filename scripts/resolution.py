"""Which figures are too small to be resolved, and how a table shows them. Decided here alone."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np
import pandas as pd

import columns
import units

#: A time between two readings of the clock holds what one reading costs. From so many times that cost on, this is
#: at most a fifth of it, and a ratio means something.
READINGS = 5
#: Figures that are one such time, or a percentile of such times. Other times are means of so many items that the
#: readings do not count: half_round_trip_ns is one.
SINGLE_TIMES = columns.figures("single_time")
#: Figures that are a difference of two measurements: unresolved if the interval contains 0.
DIFFERENCES = columns.figures("difference")
VERDICT = "below resolution"
#: What of a summary is known of a ratio.
RATIO = ("ratio", "ratio_low", "ratio_high", "ratio_low_90", "ratio_high_90", "p", "p_holm")
COLUMN = "unresolved"
#: Marks an unresolved figure in a table.
MARK = "<"


def names_of_unresolved(summary: pd.DataFrame) -> pd.Series:
    """The figures of each row that lie below the resolution: their names, between blanks."""
    names = np.full(len(summary), "", dtype=object)
    for figure in SINGLE_TIMES:
        names[(summary[figure] < READINGS * summary["clock_ns"]).to_numpy()] += f" {figure}"
    for figure in DIFFERENCES:
        names[((summary[f"{figure}_low"] <= 0) & (summary[f"{figure}_high"] >= 0)).to_numpy()] += f" {figure}"
    return pd.Series(names, index=summary.index).str.strip()


def is_unresolved(row: Mapping[str, Any], figure: str) -> bool:
    return figure in str(row[COLUMN]).split()


def headline_is_unresolved(summary: pd.DataFrame) -> pd.Series:
    flags = [figure in names.split() for figure, names in zip(summary["headline"], summary[COLUMN])]
    return pd.Series(flags, index=summary.index, dtype=bool)


def bound(row: Mapping[str, Any], figure: str) -> float:
    """The upper bound of an unresolved figure."""
    return float(row[f"{figure}_high"] if figure in DIFFERENCES else READINGS * row["clock_ns"])


def shown(row: Mapping[str, Any], figure: str) -> str:
    """A figure of a row of the summary as a table shows it: `312 ns`, or `<105 ns` if it is unresolved."""
    if is_unresolved(row, figure):
        return MARK + units.figure(figure, bound(row, figure))
    return units.figure(figure, row[figure])


def apply(summary: pd.DataFrame) -> pd.DataFrame:
    """The summary with the names of its unresolved figures, and no ratio if the headline of a row or of its reference is one."""
    result = summary.assign(**{COLUMN: names_of_unresolved(summary)})
    below = headline_is_unresolved(result)
    found = dict(zip(zip(summary["group"], summary["cell"]), below))
    reference = pd.Series([found[key] for key in zip(summary["group"], summary["reference"])], index=summary.index)
    measured = summary["verdict"] != ""
    unresolved = (below | reference) & measured
    result.loc[unresolved, list(RATIO)] = np.nan
    result.loc[unresolved & ~summary["verdict"].isin(("reference", "control")), "verdict"] = VERDICT
    result.loc[reference & measured, ["floor", "floor_low", "floor_high"]] = np.nan
    return result


def with_bounds(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the summary for a drawing: an unresolved time is replaced by its upper bound, without an interval; an
    unresolved difference has no value, and keeps its interval."""
    drawn = rows.copy()
    for figure in (*SINGLE_TIMES, *DIFFERENCES):
        untold = rows[COLUMN].map(lambda names: figure in names.split()).to_numpy(dtype=bool)
        if figure in DIFFERENCES:
            drawn.loc[untold, figure] = np.nan
        else:
            drawn.loc[untold, figure] = READINGS * rows["clock_ns"]
            drawn.loc[untold, [f"{figure}_low", f"{figure}_high"]] = np.nan
    return drawn
