"""The plots: all of them, for eleven contenders, with nothing drawn over another's name."""

from __future__ import annotations

import errno
import itertools
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import bench_arguments
import numpy as np
import pandas as pd
import plot
import plot_style
import pytest
import schema
import summarize
import synthetic
import texts
from matplotlib import colors, pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bench_arguments import contenders
from handoff_stats import Floats

EVERYTHING = {"shapes": [[1, 1], [4, 4]], "noise": 0.1}
SETTINGS: dict[str, Any] = {**plot_style.SETTINGS, "figure.max_open_warning": 0}
NAMES = {kind.name for kind in plot.KINDS}
CURVES = {"speed_up", "node_work"}
#: Those whose panels have a row for each contender.
IN_ROWS = NAMES - CURVES - {"cpu"}


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Figure]:
    path = tmp_path_factory.mktemp("run") / "samples.csv"
    path.write_text(synthetic.samples_text(EVERYTHING, 7), encoding="utf-8")
    samples = schema.read_samples(path)
    return {**drawn(samples), "node_work": drawn(with_work(samples))["node_work"]}


def with_work(samples: pd.DataFrame) -> pd.DataFrame:
    """The trees of two workers a side, again with a microsecond of work in each node."""
    trees = samples[(samples["scenario"] == "tree") & (samples["consumers"] == 4)]
    busy = trees.assign(work_consumer_ns=1000, cell=trees["cell"] + "/work:0-1000", node_ns=trees["node_ns"] + 1000)
    return pd.concat((trees, busy))


def drawn(samples: pd.DataFrame) -> dict[str, Figure]:
    summary = summarize.summary_of(samples)
    with pyplot.rc_context(SETTINGS):
        made = {name: make() for name, make in plot._figures(summary, plot_style.Look(summary["backend"]), "test")}
    return {name: figure for name, figure in made.items() if figure is not None}


def samples_of(tmp_path: Path, matrix: dict[str, Any], blocks: int) -> pd.DataFrame:
    (tmp_path / "samples.csv").write_text(synthetic.samples_text(matrix, blocks), encoding="utf-8")
    return schema.read_samples(tmp_path / "samples.csv")


def legend_texts(figure: Figure) -> list[str]:
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_every_kind_of_plot_is_drawn(figures: dict[str, Figure]) -> None:
    assert set(figures) == NAMES


def test_titles_say_what_is_better(figures: dict[str, Figure]) -> None:
    for name, figure in figures.items():
        assert "is better" in figure.texts[0].get_text(), name


def labels_beyond_limits(figure: Figure) -> set[int]:
    """Labels of ticks that lie outside their axis: they exist but are not drawn."""
    return {
        id(label)
        for axes in figure.axes
        for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim()))
        for tick in axis.get_major_ticks()
        if not min(low, high) <= tick.get_loc() <= max(low, high)
        for label in (tick.label1, tick.label2)
    }


@pytest.mark.parametrize("name", sorted(NAMES))
def test_no_label_overlaps_another_or_leaves_the_figure(figures: dict[str, Figure], name: str) -> None:
    check_labels(figures[name])


def test_a_long_title_fits_above_a_single_narrow_panel(tmp_path: Path) -> None:
    matrix = {"scenarios": ["paced", "throughput"], "backends": ["mutex_condvar"], "shapes": [[1, 1]]}
    samples = samples_of(tmp_path, matrix, 2)
    figures = drawn(samples[~samples["rate"].isin((0.5, 0.8))])
    check_labels(figures["cpu"])
    check_labels(figures["latency"])


def check_labels(figure: Figure) -> None:
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    hidden = labels_beyond_limits(figure)
    texts = [text for text in figure.findobj(pyplot.Text) if text.get_visible() and text.get_text().strip()]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts if id(text) not in hidden]
    for text, box in boxes:
        assert box.x0 >= -1 and box.y0 >= -1, text
        assert box.x1 <= figure.bbox.x1 + 1 and box.y1 <= figure.bbox.y1 + 1, text
    for place, (text, box) in enumerate(boxes):
        for other_text, other in boxes[place + 1 :]:
            overlap_x = min(box.x1, other.x1) - max(box.x0, other.x0)
            overlap_y = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert overlap_x < 1.5 or overlap_y < 1.5, (text, other_text)


def test_the_noise_floor_is_drawn_and_named(figures: dict[str, Figure]) -> None:
    for name in ("throughput", "ping_pong", "latency", "join", "shutdown", "cpu"):
        assert any("noise floor" in text for text in legend_texts(figures[name])), name
        bands = [patch for axes in figures[name].axes for patch in axes.patches]
        assert bands, name


def test_a_contender_without_a_figure_is_named_with_its_reason(figures: dict[str, Figure]) -> None:
    texts = [text.get_text() for axes in figures["shutdown"].axes for text in axes.texts]
    assert texts.count("skipped") == 8


def test_what_looks_alike_in_a_panel_is_one_artist(figures: dict[str, Figure]) -> None:
    """Each takes as long as all that it draws; so the number of contenders must not count."""
    for name in IN_ROWS:  # elsewhere contenders may lie over each other
        for axes in figures[name].axes:
            styles = ("color", "marker", "markerfacecolor", "markersize", "linestyle", "linewidth", "zorder")
            looks = [tuple(pyplot.getp(line, style) for style in styles) for line in axes.lines]
            assert len(set(looks)) == len(looks), name
            assert not axes.axison or not axes.yaxis.get_visible(), "an axis makes five artists of each contender"


def test_every_contender_is_named_at_its_row(figures: dict[str, Figure]) -> None:
    for name in IN_ROWS:
        axes = figures[name].axes[0]
        rows = {text.get_text(): text.get_position()[1] for text in axes.texts if text.get_position()[0] == 0}
        assert sorted(rows.values()) == list(range(len(rows))), name
        assert {"coroutine loop", "moodycamel park · per producer"} <= set(rows), name


@pytest.mark.parametrize("name, places", [("speed_up", ["1", "4"]), ("node_work", ["0", "1000"])])
def test_a_curve_has_a_mark_at_each_place_of_its_axis(figures: dict[str, Figure], name: str, places: list[str]) -> None:
    axes = figures[name].axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == places
    contenders = {text for text in legend_texts(figures[name]) if text.startswith("mutex_condvar")}
    assert contenders == {"mutex_condvar native"}
    marked = [line for line in axes.lines if line.get_marker() not in ("None", "", None)]
    assert marked and all(list(line.get_xdata()) == [0, 1] for line in marked)


def test_a_curve_of_one_place_is_not_drawn(tmp_path: Path) -> None:
    figures = drawn(samples_of(tmp_path, {"scenarios": ["tree"], "shapes": [[2, 2]]}, 2))
    assert set(figures) == {"tree"}


def test_oversubscribed_panels_say_so(figures: dict[str, Figure]) -> None:
    titles = [axes.get_title(loc="left") for axes in figures["throughput"].axes]
    assert ["oversubscribed" in title for title in titles] == ["4P 4C" in title for title in titles]


def test_colours_tell_backends_and_markers_waits_and_hollow_the_order() -> None:
    look = plot_style.Look(["a", "b"])
    fifo = look.marks({"backend": "a", "wait": "spin", "ordering": "fifo"})
    loose = look.marks({"backend": "a", "wait": "park", "ordering": "per_producer_fifo"})
    other = look.marks({"backend": "b", "wait": "spin", "ordering": "fifo"})
    assert fifo["color"] == loose["color"] != other["color"]
    assert fifo["marker"] == other["marker"] != loose["marker"]
    assert loose["markerfacecolor"] == "white" != fifo["markerfacecolor"]


SAMPLE = Path(__file__).parents[2] / "results" / "sample" / "samples.csv"


def test_every_shipped_contender_looks_different() -> None:
    rows = schema.read_samples(SAMPLE).drop_duplicates(["backend", "wait"])
    assert len(rows) >= 15
    look = plot_style.Look(rows["backend"])
    looks = {(look.marks(row)["color"], look.marks(row)["marker"]) for _, row in rows.iterrows()}
    assert len(looks) == len(rows)
    assert len({look.marks(row)["color"] for _, row in rows.iterrows()}) == rows["backend"].nunique()


def row_of(backend: str, wait: str = "spin") -> dict[str, str]:
    return {"backend": backend, "wait": wait, "ordering": "fifo"}


def test_a_backend_beyond_the_colours_has_that_of_its_family_with_another_marker() -> None:
    look = plot_style.Look(["stealing_pool_of_mine", "stealing_pool_bounded_of_mine", "stealing_pool_of_yours"])
    for head in ("stealing_pool", "stealing_pool_bounded"):
        own, other = look.marks(row_of(head)), look.marks(row_of(f"{head}_of_mine"))
        assert own["color"] == other["color"] and own["marker"] != other["marker"]
    cousin = look.marks(row_of("stealing_pool_of_yours"))
    assert cousin["color"] != own["color"] and cousin["marker"] == other["marker"]


def test_every_declared_contender_looks_different() -> None:
    look = plot_style.Look(contenders())
    for wait in plot_style.MARKERS:
        looks = {
            (marks["color"], marks["marker"]) for marks in (look.marks(row_of(name, wait)) for name in contenders())
        }
        assert len(looks) == len(contenders())


def test_a_colour_does_not_depend_on_who_else_takes_part() -> None:
    alone = plot_style.Look(["tbb_bounded", "my_queue"])
    crowded = plot_style.Look([*contenders(), "another_queue", "my_queue"])
    for backend in ("tbb_bounded", "my_queue"):
        assert alone.marks(row_of(backend)) == crowded.marks(row_of(backend))


def test_a_backend_that_is_declared_last_changes_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: plot_style.Look([]).marks(row_of(name)) for name in list(contenders())[: len(plot_style.PALETTE)]}
    monkeypatch.setattr(bench_arguments, "contenders", lambda: {**contenders(), "a_queue": "backend"})
    look = plot_style.Look(["a_queue"])
    assert {name: look.marks(row_of(name)) for name in before} == before
    assert look.marks(row_of("a_queue")) not in before.values()


def test_added_backends_look_different_from_each_other_and_from_the_shipped() -> None:
    names = [
        *list(contenders())[: len(plot_style.PALETTE)],
        *(f"queue_{number}" for number in range(len(plot_style.SHARED))),
    ]
    look = plot_style.Look(names)
    for wait in plot_style.MARKERS:
        looks = {(marks["color"], marks["marker"]) for marks in (look.marks(row_of(name, wait)) for name in names)}
        assert len(looks) == len(names)


#: Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
}  # fmt: skip
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear_rgb(colour: str) -> Floats:
    channels = np.array(colors.to_rgb(colour))
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(linear: Floats) -> Floats:
    """CIE L*a*b*, in which the distance of two colours is about how different they look."""
    relative = XYZ @ np.clip(linear, 0, 1) / XYZ.sum(axis=1)
    x, y, z = np.where(relative > 216 / 24389, np.cbrt(relative), (24389 / 27 * relative + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eye", EYES)
def test_colour_blind_readers_tell_the_colours_apart(eye: str) -> None:
    for one, other in itertools.combinations(plot_style.PALETTE, 2):
        distance = np.linalg.norm(lab(EYES[eye] @ linear_rgb(one)) - lab(EYES[eye] @ linear_rgb(other)))
        assert distance > 17, (one, other)


def test_no_colour_is_faint_on_white_and_the_usual_reference_is_dark() -> None:
    contrast = {colour: 1.05 / (XYZ[1] @ linear_rgb(colour) + 0.05) for colour in plot_style.PALETTE}
    assert min(contrast.values()) > 2
    assert contrast[plot_style.Look([]).marks(row_of("mutex_condvar"))["color"]] > 15


def test_all_markers_cover_the_same_area() -> None:
    def ink(marker: str) -> float:
        figure = Figure(figsize=(0.4, 0.4), dpi=500)
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        marks = {"markersize": plot_style.size_of(marker), "markeredgewidth": 1.3, "color": "black"}
        axes.plot([0], [0], marker=marker, **marks)
        canvas.draw()
        return float((np.asarray(canvas.buffer_rgba())[:, :, 0] < 128).sum())

    disc = ink("o")
    for marker in plot_style.SIZES:
        assert ink(marker) == pytest.approx(disc, rel=0.1), marker


def test_the_legend_tells_the_ways_of_waiting(figures: dict[str, Figure]) -> None:
    for name in NAMES - {"latency"}:
        assert set(plot_style.WAITS.values()) <= set(legend_texts(figures[name])), name
    assert plot_style.WAITS["loop"] in legend_texts(figures["latency"])


def test_every_axis_says_its_quantity_unit_and_what_is_better(figures: dict[str, Figure]) -> None:
    for name, figure in figures.items():
        for axes in figure.axes:
            judged = axes.get_xlabel() if name not in CURVES else axes.get_ylabel()
            assert not axes.axison or judged.endswith(" is better"), name
    assert figures["ping_pong"].axes[0].get_xlabel() == "half round trip, ns to µs: less is better"
    assert figures["throughput"].axes[0].get_xlabel() == "items per second: more is better"
    assert figures["cpu"].axes[0].get_ylabel() == "CPU seconds per million items: less is better"


def test_only_intervals_that_are_drawn_are_in_the_legend(figures: dict[str, Figure], tmp_path: Path) -> None:
    interval = "95 % interval over blocks"
    assert all(interval in legend_texts(figure) for figure in figures.values())
    assert all(interval not in legend_texts(figure) for figure in drawn(samples_of(tmp_path, EVERYTHING, 1)).values())


def test_the_reference_is_named_in_the_legend_or_above_its_panel(figures: dict[str, Figure]) -> None:
    assert "reference, 99 %: mutex_condvar native" in legend_texts(figures["latency"])
    assert "reference, named above its panel" in legend_texts(figures["throughput"])
    titles = [axes.get_title(loc="left").split("\n") for axes in figures["throughput"].axes]
    # Capacity 1 is measured for coroutines only.
    small = "reference: coroutine loop"
    assert [title[-1] for title in titles] == [small, small, *2 * ["reference: mutex_condvar native"]]


def test_a_reference_that_takes_the_usual_ones_place_is_named(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, {"scenarios": ["paced"], "shapes": [[1, 1]]}, 6)
    samples.loc[(samples["backend"] == "mutex_condvar") & (samples["block"] > 2), "status"] = "unsustained"
    assert "reference, 99 %: coroutine loop" in legend_texts(drawn(samples)["latency"])


def test_files_are_written_as_svg_and_png(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "samples.csv").write_text(synthetic.samples_text({"scenarios": ["ping_pong"]}, 6), encoding="utf-8")
    assert plot.main([str(tmp_path)]) == 0
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == ["ping_pong.png", "ping_pong.svg"]
    assert (tmp_path / "plots" / "ping_pong.png").read_bytes().startswith(b"\x89PNG")
    assert "ping_pong" in capsys.readouterr().out


def test_plots_of_earlier_are_kept_until_the_new_ones_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = summarize.summary_of(samples_of(tmp_path, {"scenarios": ["ping_pong"]}, 6))
    plots = tmp_path / "plots"
    plots.mkdir()
    (plots / "gone.svg").write_text("of a scenario that is measured no more")
    (plots / "ping_pong.svg").write_text("an earlier one")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(Figure, "savefig", full)
        with pytest.raises(OSError):
            plot.draw(tmp_path, summary)
    assert {path.name: path.read_text()[:10] for path in plots.iterdir()} == {
        "gone.svg": "of a scena",
        "ping_pong.svg": "an earlier",
    }
    plot.draw(tmp_path, summary)
    assert {path.name for path in plots.iterdir()} == {"ping_pong.png", "ping_pong.svg"}
    assert (plots / "ping_pong.svg").read_text().startswith("<?xml")


def test_names_are_drawn_as_they_are_and_make_valid_files(tmp_path: Path) -> None:
    folder = tmp_path / "costs $1 or $x^{2$\x1b\x01\udcff"
    folder.mkdir()
    samples = samples_of(tmp_path, {"scenarios": ["ping_pong"], "backends": ["mutex_condvar", "tbb_bounded"]}, 6)
    samples["backend"] = samples["backend"].replace({"tbb_bounded": "$tbb\x02$", "mutex_condvar": "_mutex"})
    summary = summarize.summary_of(samples)
    assert plot.draw(folder, summary) == ["ping_pong"]
    # Not a parser's complaint about a control character, and no formula either: a dollar sign is a glyph of its own.
    text = (folder / "plots" / "ping_pong.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(text)
    assert r"run costs $1 or $x^{2$\x1b\x01\xff" in text and r"$tbb\x02$ spin" in text
    with pyplot.rc_context(SETTINGS):
        (figure,) = (
            make()
            for _, make in plot._figures(
                texts.rows_for_plot(summary), plot_style.Look(["a", " _mutex", r"$tbb\x02$"]), "r"
            )
        )
    assert "reference:  _mutex native" in legend_texts(figure)


def test_many_shapes_go_on_several_pages(tmp_path: Path) -> None:
    matrix = {"scenarios": ["throughput"], "backends": ["mutex_condvar"], "shapes": [[n, n] for n in range(1, 9)]}
    path = tmp_path / "samples.csv"
    path.write_text(synthetic.samples_text(matrix, 6), encoding="utf-8")
    drawn_names = plot.draw(tmp_path, summarize.summary_of(schema.read_samples(path)))
    of_kinds = [kind.name for kind in plot.KINDS if kind.scenario == "throughput"]
    # The plot of CPU time has as many panels as it takes on one page.
    assert drawn_names == [
        f"{name}{page}" for name in of_kinds for page in ("", "-page2") if (name, page) != ("cpu", "-page2")
    ]
    assert drawn_names[:2] == ["throughput", "throughput-page2"]
