"""Figures made and saved by a few processes at once: matplotlib takes most of a second for each."""

from __future__ import annotations

import gc
from functools import partial
from pathlib import Path
from typing import Callable, Iterator, Sequence

from matplotlib import pyplot
from matplotlib.figure import Figure

import files
import worker_pool
from plot_style import SETTINGS

#: Files are hardly larger than at the usual level, 6, and take three quarters of the time.
PNG = {"compress_level": 3}
#: A figure's name, and what makes it (None: it has nothing to show).
Job = tuple[str, Callable[[], Figure | None]]


def in_processes(plots: Path, jobs: Sequence[Job]) -> Iterator[bool]:
    """Saves each figure as svg and png; whether there was one, job by job."""
    return worker_pool.in_processes(partial(_save, plots), jobs, "drew", str(plots))


def _save(plots: Path, job: Job) -> bool:
    name, make = job
    with pyplot.rc_context(SETTINGS):
        figure = make()
        if figure is None:
            return False
        try:
            for ending, extra in (("svg", {"metadata": {"Date": None}}), ("png", {"dpi": 130, "pil_kwargs": PNG})):
                with files.replacing(plots / f"{name}.{ending}") as fresh:
                    figure.savefig(fresh, format=ending, **extra)
        finally:
            pyplot.close(figure)
    if not gc.isenabled():
        gc.collect()
    return True
