"""Text of unknown origin (names of folders, backends and hosts, what a program said) on its way to a reader.

Whatever is printed goes through `for_terminal`, whatever is drawn through `for_plot`.
"""

from __future__ import annotations

from typing import Callable

import pandas as pd

import schema
from spelling import for_terminal as for_terminal


def for_plot(text: str) -> str:
    """The same for a drawing, whose legend would leave out a name that begins with an underscore.

    That a dollar sign begins no formula is a setting of the drawing (`plot_style.SETTINGS`).
    """
    shown = for_terminal(text)
    return f" {shown}" if shown.startswith("_") else shown


def rows_for_terminal(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of samples or of a summary whose texts can be printed."""
    return _each_text(rows, for_terminal)


def rows_for_plot(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a summary whose texts can be drawn."""
    return _each_text(rows, for_plot)


def _each_text(rows: pd.DataFrame, shown: Callable[[str], str]) -> pd.DataFrame:
    columns = {}
    for name in rows.columns:
        if name in schema.TEXT | {"reference"}:
            columns[name] = rows[name].map({text: shown(text) for text in rows[name].unique()})
    return rows.assign(**columns)
