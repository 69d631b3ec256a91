"""Shared by all plots: colours that colour-blind readers tell apart, markers, axes with units, legends."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field
from typing import Any, Iterable, Mapping, Sequence

import matplotlib

matplotlib.use("Agg")

import pandas as pd  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.axis import Axis  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.legend_handler import HandlerTuple  # noqa: E402
from matplotlib.lines import Line2D  # noqa: E402
from matplotlib.markers import CARETLEFTBASE  # noqa: E402
from matplotlib.patches import Patch  # noqa: E402
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator  # noqa: E402

import bench_arguments  # noqa: E402
import labels  # noqa: E402
import resolution  # noqa: E402
import units  # noqa: E402

#: Okabe and Ito's colours without the yellow, which is faint on white, then wine, indigo and olive from Paul Tol's
#: qualitative sets, a violet and a second blue. They go to the backends in the order in which the build declares them
#: (bench_arguments), so that a backend looks the same in every plot, and one that is added to the end changes no other.
#: Black is the first's, the usual reference's, alone. What is drawn with one marker (all that run on a loop, say)
#: differs most.
PALETTE = (
    "#000000", "#009E73", "#D55E00", "#332288", "#0072B2", "#56B4E9", "#CC79A7", "#882255", "#E69F00", "#4411FF",
    "#4870F8", "#666633",
)  # fmt: skip
SHARED = PALETTE[1:]

#: Of each way of waiting: the marker of backends with a colour of their own, and that of others, which share it.
MARKERS = {"native": ("o", "*"), "loop": ("s", "P"), "spin": ("^", ">"), "yield": ("D", "X"), "park": ("v", "<")}
UNKNOWN_WAIT = ("p", "h")
WAITS = {
    "native": "native: the queue's own way to wait",
    "loop": "loop: suspends a coroutine",
    "spin": "spin: tries again at once",
    "yield": "yield: lets others run, then tries again",
    "park": "park: sleeps until woken",
}
#: How much larger than a disc a marker must be to cover as much, with its edge.
SIZES = {
    "o": 1.0, "*": 1.48, "s": 0.85, "P": 1.07, "^": 1.16, ">": 1.16, "D": 0.86, "X": 1.02, "v": 1.16, "<": 1.16,
    "p": 1.12, "h": 1.09,
}  # fmt: skip
#: The mark of a value that is less than the mark's position.
BELOW = CARETLEFTBASE
BAND = "#D9D9D9"
TINT = "#FFF8E7"
GREY = "#666666"
TIME_UNITS = ("ns", "µs", "ms", "s")
#: An entry of a legend: what is drawn, and its meaning.
Key = tuple[object, str]
KEY_INCHES = 3.4

SETTINGS = {
    "font.size": 9,
    "font.family": "DejaVu Sans",
    "axes.titlesize": 9,
    # Its place in any case; otherwise every drawing measures all text at the axes to move it out of the way.
    "axes.titley": 1.0,
    # Set here and not per panel, which would take as long as a dozen lines.
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.6,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "handoff",
    # A dollar sign in a name is literal: no label of these plots is a formula.
    "text.parse_math": False,
}


def size_of(marker: str, disc: float = 6.0) -> float:
    """The size that lets a marker look as large as a disc of the given diameter, in points."""
    return disc * SIZES[marker]


class Look:
    """Colour by backend, marker by wait: the same contender looks the same in every plot of every run.

    A backend that the build does not declare, or not among the first, has other markers. Its colour is that of its
    family, the declared backend whose name begins its own (`stealing_pool` of `stealing_pool_bounded`), or one by its
    name; or the next that no other such backend of the run has.
    """

    def __init__(self, backends: Iterable[str]) -> None:
        self._own = dict(zip(bench_arguments.contenders(), PALETTE))
        self._colours = dict(self._own)
        taken: list[str] = []
        for name in sorted(set(backends) - set(self._own)):
            start = self._first_choice(name)
            taken.append(min(SHARED[start:] + SHARED[:start], key=taken.count))
            self._colours[name] = taken[-1]

    def _first_choice(self, name: str) -> int:
        """The place in SHARED of the first colour that a backend without one of its own may have."""
        families = [other for other in self._own if name.startswith(other + "_") and self._own[other] in SHARED]
        if families:
            return SHARED.index(self._own[max(families, key=len)])
        return zlib.crc32(name.encode()) % len(SHARED)

    def marker(self, row: Mapping[str, object]) -> str:
        own, other = MARKERS.get(str(row["wait"]), UNKNOWN_WAIT)
        return own if row["backend"] in self._own else other

    def marks(self, row: Mapping[str, object], disc: float = 6.0, hollow: str = "white") -> dict[str, Any]:
        """Keyword arguments of `plot` for a contender's marker; hollow if the order is not FIFO.

        `disc` is as in `size_of`; `hollow` is the face of a hollow marker.
        """
        colour, marker = self._colours[str(row["backend"])], self.marker(row)
        return {
            "color": colour,
            "marker": marker,
            "markersize": size_of(marker, disc),
            "markeredgewidth": 1.3,
            "markeredgecolor": colour,
            "markerfacecolor": colour if row["ordering"] == "fifo" else hollow,
        }


@dataclass(frozen=True)
class Scale:
    """A logarithmic axis in units that people read."""

    column: str
    title: str
    better: str = "less"
    #: If given, the axis is linear up to here on both sides of zero: for differences, which noise can make negative.
    linear_below: float | None = None

    def text(self, value: float) -> str:
        if self.column.endswith("_ns"):
            text = units.time(value) if value else "0"
        else:
            text = units.count(value) if self.column == "items_per_second" else units.digits(value)
        number, space, unit = text.partition(" ")
        return (number.rstrip("0").rstrip(".") if "." in number else number) + space + unit

    def apply(self, axes: Axes, which: str, low: float, high: float) -> None:
        """Sets limits with a margin, as many labelled ticks as can be read, and the axis label."""
        axis = axes.xaxis if which == "x" else axes.yaxis
        if self.linear_below is not None:
            self._apply_around_zero(axes, low, high)
        else:
            self._apply_logarithmic(axes, which, low, high)
        axis.set_major_formatter(FuncFormatter(lambda value, _: self.text(value)))
        axis.set_label_text(f"{self.title}{self._units(axis)}: {self.better} is better", fontsize=8)

    def _units(self, axis: Axis) -> str:
        """The units in which the ticks are labelled, if they have some: ", ns to ms"."""
        low, high = axis.get_view_interval()
        ticks = sorted(abs(tick) for tick in axis.get_majorticklocs() if low <= tick <= high)
        found = [unit for unit in (self.text(tick).partition(" ")[2] for tick in ticks) if unit in TIME_UNITS]
        return f", {' to '.join(dict.fromkeys((found[0], found[-1])))}" if found else ""

    @staticmethod
    def _apply_logarithmic(axes: Axes, which: str, low: float, high: float) -> None:
        axis = axes.xaxis if which == "x" else axes.yaxis
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        decades = math.log10(high / low)
        margin = 10 ** max(0.06 * decades, 0.03)
        (axes.set_xlim if which == "x" else axes.set_ylim)(low / margin, high * margin)
        subs = (1.0,) if decades > 1.7 else (1.0, 2.0, 5.0) if decades > 0.6 else tuple(range(1, 10))
        axis.set_major_locator(LogLocator(subs=subs, numticks=6))
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())

    def _apply_around_zero(self, axes: Axes, low: float, high: float) -> None:
        unit = self.linear_below or 1.0
        axes.set_xscale("symlog", linthresh=unit)
        axes.set_xlim(1.6 * min(low, -0.3 * unit), 1.6 * max(high, unit))
        for powers in (range(10), range(1, 10, 2), range(1, 10, 3)):
            beside = (sign * unit * 10.0**power for sign in (1, -1) for power in powers)
            ticks = [0.0, *(tick for tick in beside if 1.6 * low <= tick <= 1.6 * high)]
            if len(ticks) <= 5:
                break
        axes.xaxis.set_major_locator(FixedLocator(ticks))
        axes.xaxis.set_minor_locator(NullLocator())

    def shows(self, value: float) -> bool:
        """Whether the axis has a place for the value."""
        return math.isfinite(value) and (value > 0 or self.linear_below is not None)

    def bounds(self, values: Iterable[float]) -> tuple[float, float] | None:
        """The smallest and the largest value that can be shown; None if there is none."""
        shown = [value for value in values if self.shows(value)]
        return (min(shown), max(shown)) if shown else None


def label_of(row: Mapping[str, object]) -> str:
    """The contender's name with its ordering, if that is not FIFO."""
    name = labels.contender(row)
    return name if row["ordering"] == "fifo" else f"{name} · {labels.ordering(str(row['ordering']))}"


def title_inches(title: str) -> float:
    """The width that a figure needs for its title."""
    return 0.1 + 0.098 * len(title)


def draw_titles(figure: Figure, title: str, subtitle: str) -> None:
    """What the figure shows, and of which run."""
    width, height = figure.get_size_inches()
    figure.text(0.1 / width, 1 - 0.12 / height, title, fontsize=12, fontweight="bold", va="top")
    figure.text(0.1 / width, 1 - 0.38 / height, subtitle, fontsize=8, color=GREY, va="top")


_OF_A_REFERENCE = ("backend", "wait", "value", "floor", "headline", resolution.COLUMN)


def reference_of(group: pd.DataFrame) -> dict[str, Any] | None:
    """The contender that the others of a group are compared with; None if it has no figure."""
    found = ((group["verdict"] == "reference") & group["value"].notna()).to_numpy()
    if not found.any():
        return None
    return {name: group[name].iat[found.argmax()] for name in _OF_A_REFERENCE}


@dataclass
class Strokes:
    """Lines and marks of a panel. Those that look alike become one artist, because matplotlib needs as much time for a
    small one as for a large one. So only those that do not overlap may look alike, or their order is lost."""

    _alike: dict[tuple[tuple[str, Any], ...], tuple[list[float], list[float]]] = field(default_factory=dict)

    def add(self, x: Sequence[float], y: Sequence[float], **style: Any) -> None:
        """As `plot` takes them."""
        before = self._alike.setdefault(tuple(style.items()), ([], []))
        for values, more in zip(before, (x, y)):
            values += [math.nan, *more] if values else more

    def draw(self, axes: Axes) -> None:
        for style, (x, y) in self._alike.items():
            # What `plot` does beside it, the search for units, colours and limits, takes longer than all the rest.
            axes.add_line(Line2D(x, y, **dict(style)))


def references(groups: Iterable[pd.DataFrame]) -> list[str]:
    """The names of all references, each once."""
    found = [reference_of(group) for group in groups]
    return list(dict.fromkeys(labels.contender(row) for row in found if row is not None))


def title_of_panel(axes: Axes, text: str, group: pd.DataFrame, name_reference: bool) -> None:
    """Names the panel; an oversubscribed one says so and is tinted."""
    oversubscribed = bool((group["oversubscribed"] == 1).any())
    named = "".join(f"\nreference: {name}" for name in references([group])) if name_reference else ""
    axes.set_title(f"{text}{' · oversubscribed' if oversubscribed else ''}{named}", loc="left")
    if oversubscribed:
        axes.set_facecolor(TINT)


def draw_floor(axes: Axes, group: pd.DataFrame) -> None:
    """The reference's value as a line, with the noise floor as a band around it."""
    reference = reference_of(group)
    if reference is None or resolution.is_unresolved(reference, str(reference["headline"])):
        return
    value, floor = reference["value"], reference["floor"]
    if not math.isnan(floor):
        axes.axvspan(value / floor, value * floor, color=BAND, zorder=0, linewidth=0)
    axes.axvline(value, color=GREY, linewidth=0.8, linestyle=":", zorder=1)


def common_keys(groups: Sequence[pd.DataFrame], columns: Sequence[str], floor: str | None = "") -> list[Key]:
    """What the marks of a figure of these columns mean, as far as they occur in it; `floor` as in `plot_panels.Grid`."""
    rows = pd.concat(groups)
    keys: list[Key] = []
    if rows[[f"{column}_low" for column in columns]].notna().any(axis=None):
        keys.append((Line2D([], [], color=GREY, marker="|"), "95 % interval over blocks"))
    keys += _untold_keys(rows, columns)
    named = references(groups) if floor is not None else []
    if named:
        which = f": {named[0]}" if len(named) == 1 else ", named above its panel"
        keys.append((Line2D([], [], color=GREY, linestyle=":"), f"reference{floor}{which}"))
        if rows["floor"].notna().any():
            keys.append((Patch(color=BAND), f"noise floor{floor} (reference run twice)"))
    if (rows["ordering"] != "fifo").any():
        keys.append((mark("o", markerfacecolor="white"), "hollow: not FIFO over all producers"))
    if (rows["oversubscribed"] == 1).any():
        loops = " (loop has one)" if (rows["wait"] == "loop").any() else ""
        patch = Patch(facecolor=TINT, edgecolor=GREY, linewidth=0.5)
        keys.append((patch, f"oversubscribed: more threads than cores{loops}"))
    return keys


def _untold_keys(rows: pd.DataFrame, columns: Sequence[str]) -> list[Key]:
    """Keys for figures that are unresolved."""
    untold = {name for names in rows[resolution.COLUMN] for name in names.split()}.intersection(columns)
    keys: list[Key] = []
    if untold.intersection(resolution.SINGLE_TIMES):
        arrow = Line2D([], [], color=GREY, linestyle="", marker=BELOW, markersize=7)
        keys.append((arrow, f"below resolution: less than {resolution.READINGS} clock readings"))
    if untold.intersection(resolution.DIFFERENCES):
        keys.append((Line2D([], [], color=GREY, marker="|"), "no mark: cannot be told from 0"))
    return keys


def wait_keys(groups: Sequence[pd.DataFrame], look: Look) -> list[Key]:
    """The markers of the ways of waiting that occur."""
    rows = pd.concat(groups).drop_duplicates(["backend", "wait"])
    markers: dict[str, set[str]] = {wait: set() for wait in WAITS}
    for _, row in rows.iterrows():
        markers.setdefault(str(row["wait"]), set()).add(look.marker(row))
    return [
        (tuple(mark(marker) for marker in sorted(found, key=list(SIZES).index)), WAITS.get(wait, wait))
        for wait, found in markers.items()
        if found
    ]


def mark(marker: str, **style: Any) -> Line2D:
    """A marker as legends show it."""
    return Line2D([], [], color=GREY, linestyle="", marker=marker, markersize=size_of(marker), **style)


def keys_inches(width: float, keys: Sequence[Key]) -> float:
    """The height that `draw_keys` needs in a figure of this width."""
    return 0.2 + 0.18 * math.ceil(len(keys) / _key_columns(width))


def draw_keys(figure: Figure, keys: Sequence[Key]) -> None:
    """The legend at the foot of a figure."""
    figure.legend(
        *zip(*keys), handler_map={tuple: HandlerTuple(ndivide=None)}, ncol=_key_columns(figure.get_figwidth()),
        loc="lower left", bbox_to_anchor=(0.0, 0.0), frameon=False, fontsize=8, borderaxespad=0.4, columnspacing=1.2,
        handletextpad=0.5,
    )  # fmt: skip


def draw_contenders(figure: Figure, groups: Sequence[pd.DataFrame], look: Look, top: float, disc: float = 6.0) -> None:
    """The legend at the right, beside panels that begin `top` inches below the edge: every contender by its name."""
    rows = pd.concat(groups).drop_duplicates("cell")
    rows = rows.assign(label=rows.apply(label_of, axis=1)).drop_duplicates("label").sort_values("label")
    handles: list[object] = [
        Line2D([], [], linestyle="", label=row["label"], **look.marks(row, disc)) for _, row in rows.iterrows()
    ]
    place = (1.0, 1 - (top - 0.35) / figure.get_figheight())
    figure.legend(handles=handles, loc="upper right", bbox_to_anchor=place, frameon=False, fontsize=8)


def _key_columns(width: float) -> int:
    return max(1, int(width / KEY_INCHES))
