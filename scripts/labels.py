"""How contenders, groups and orderings are named in the report and in the plots."""

from __future__ import annotations

import math
from typing import Callable, Collection, Mapping

import columns

_ORDERINGS = {"per_producer_fifo": "per producer"}


def contender(row: Mapping[str, object]) -> str:
    """`moodycamel park`: a backend with its wait."""
    return f"{row['backend']} {row['wait']}".rstrip()


def ordering(name: str) -> str:
    return _ORDERINGS.get(name, name)


def shape(row: Mapping[str, object]) -> str:
    """`2P 4C`."""
    return f"{_whole(row['producers'])}P {_whole(row['consumers'])}C"


def capacity(value: float) -> str:
    return "unbounded" if math.isnan(value) else f"capacity {_whole(value)}"


def item(row: Mapping[str, object]) -> str:
    return "move-only item" if row["item"] == "move_only" else f"{_whole(row['item_bytes'])}-byte items"


def work(row: Mapping[str, object]) -> str:
    producer, consumer = _number(row["work_producer_ns"]), _number(row["work_consumer_ns"])
    if producer == 0 and consumer == 0:
        return ""
    return f"work {producer:.0f} ns per push, {consumer:.0f} ns per pop"


def rate(row: Mapping[str, object]) -> str:
    value = _number(row["rate"])
    return f"{value * 100:.3g} % of own throughput" if value else ""


def pinning(row: Mapping[str, object]) -> str:
    return "" if row["pinning"] in ("", "none") else f"pinned {row['pinning']}"


def stop(row: Mapping[str, object]) -> str:
    return f"stop: {row['stop']}" if row["stop"] else ""


def group(row: Mapping[str, object]) -> str:
    """The axes that all cells of a group share, in words; `row` is a row of the summary."""
    return of_axes({**row, "capacity": row["group_capacity"]}, columns.axes())


def of_axes(row: Mapping[str, object], axes: Collection[str]) -> str:
    """These axes in words, without those that have their usual value."""
    parts = [words(row) for words, spoken_of in _IN_WORDS.items() if spoken_of[0] in axes]
    known = {name for spoken_of in _IN_WORDS.values() for name in spoken_of}
    parts += [_plainly(row, name) for name in axes if name not in known]
    return ", ".join(part for part in parts if part)


def _plainly(row: Mapping[str, object], name: str) -> str:
    """An axis that has no words of its own: `batch size 16`."""
    value = row[name]
    text = f"{value:g}" if isinstance(value, float) else str(value)
    unsaid = columns.BY_NAME[name].default
    return "" if value != value or value in ("", unsaid) else f"{name.replace('_', ' ')} {text}"


#: The order in which labels name axes. Those that are not here follow, by their names; the scenario is a heading.
_IN_WORDS: dict[Callable[[Mapping[str, object]], str], tuple[str, ...]] = {
    shape: ("producers", "consumers"),
    stop: ("stop",),
    rate: ("rate",),
    lambda row: capacity(_number(row["capacity"], math.nan)): ("capacity",),
    item: ("item", "item_bytes"),
    work: ("work_producer_ns", "work_consumer_ns"),
    pinning: ("pinning",),
    lambda row: "": ("scenario",),
}


def _number(value: object, empty: float = 0.0) -> float:
    number = float(value)  # type: ignore[arg-type]
    return empty if math.isnan(number) else number


def _whole(value: object) -> str:
    return f"{_number(value):.0f}"
