"""Times near the cost of the clock: told as such by the summary, the report, the plots and scripts/compare alike."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import columns
import compare
import pandas as pd
import plot
import plot_style
import pytest
import report
import resolution
import schema
import summarize
import synthetic
from matplotlib import pyplot
from matplotlib.figure import Figure

CLOCK_NS = 21.0
UNDER, OVER = 104.0, 106.0
PLAIN = report.Style(colour=False)
TWO = {"shapes": [[1, 1]], "backends": ["mutex_condvar", "coroutine"]}


def samples_of(folder: Path, scenario: str, **keys: Any) -> pd.DataFrame:
    """One group of a contender and its reference, of seven blocks."""
    folder.mkdir(exist_ok=True)
    (folder / "samples.csv").write_text(
        synthetic.samples_text({**TWO, "scenarios": [scenario], **keys}, 7), encoding="utf-8"
    )
    samples = schema.read_samples(folder / "samples.csv")
    keep = samples["stop"].isin(("", "close")) & (samples["capacity"] == 1024) & ~samples["rate"].isin((0.5, 0.8))
    samples = samples[keep].reset_index(drop=True)
    samples["clock_ns"] = CLOCK_NS
    # All but what a test lays below lies above.
    return samples.assign(**{name: samples[name] * 10 for name in resolution.SINGLE_TIMES})


def lay(samples: pd.DataFrame, backend: str, figure: str, value: float) -> pd.DataFrame:
    return samples.assign(**{figure: samples[figure].where(samples["backend"] != backend, value)})


def row(summary: pd.DataFrame, backend: str) -> pd.Series:
    (found,) = (one for _, one in summary[(summary["backend"] == backend) & (summary["control"] == 0)].iterrows())
    return found


@pytest.mark.parametrize("figure", resolution.SINGLE_TIMES)
def test_every_single_time_is_unresolved_below_five_readings(tmp_path: Path, figure: str) -> None:
    samples = samples_of(tmp_path, columns.BY_NAME[figure].scenarios[0])
    for value, told in ((UNDER, False), (OVER, True)):
        found = row(summarize.summary_of(lay(samples, "coroutine", figure, value)), "coroutine")
        assert resolution.is_unresolved(found, figure) is not told
        assert resolution.shown(found, figure) == ("106 ns" if told else "<105 ns")


def test_summary_csv_names_the_unresolved_figures_of_each_row(tmp_path: Path) -> None:
    samples = lay(samples_of(tmp_path, "shutdown"), "coroutine", "shutdown_ns", UNDER)
    summarize.write_summary(summarize.summary_of(samples), tmp_path / "summary.csv")
    written = pd.read_csv(tmp_path / "summary.csv", keep_default_na=False)
    assert written.columns[-1] == "unresolved"
    assert dict(zip(written["backend"], written["unresolved"])) == {"mutex_condvar": "", "coroutine": "shutdown_ns"}


def test_every_time_has_a_rule_or_is_a_mean_of_many() -> None:
    """What is added to the schema with `_ns` at its end has to be put in its place."""
    means, settings = {"half_round_trip_ns", "node_ns", "serial_node_ns"}, {
        "work_producer_ns",
        "work_consumer_ns",
        "clock_ns",
    }
    times = {name for name in (*schema.SAMPLES, *summarize.figures.FIGURES) if name.endswith("_ns")}
    assert times - means - settings == {*resolution.SINGLE_TIMES, *resolution.DIFFERENCES}


def test_times_near_the_cost_of_the_clock_have_no_ratio(tmp_path: Path) -> None:
    """If the reference lies there, nobody has one; if another cell does, it has none."""
    samples = lay(samples_of(tmp_path, "shutdown"), "coroutine", "shutdown_ns", UNDER)
    summary = summarize.summary_of(samples)
    found = row(summary, "coroutine")
    assert found["verdict"] == "below resolution"
    assert found[["ratio", "ratio_low", "ratio_high"]].isna().all()
    assert row(summary, "mutex_condvar")["verdict"] == "reference" and row(summary, "mutex_condvar")["floor"] > 0
    text = report.render(samples, summary, PLAIN, "x")
    assert re.search(r"coroutine.* <105 ns +below +resolution", text) and "104 ns" not in text
    assert "<: below resolution, less than 5 readings of the clock" in " ".join(text.split())

    samples = lay(samples, "coroutine", "shutdown_ns", OVER)
    assert row(summarize.summary_of(samples), "coroutine")["verdict"] == "faster"
    assert "readings of the clock" not in report.render(samples, summarize.summary_of(samples), PLAIN, "x")

    samples = lay(samples, "mutex_condvar", "shutdown_ns", 30.0)
    summary = summarize.summary_of(samples)
    assert row(summary, "coroutine")["verdict"] == "below resolution"
    assert pd.isna(row(summary, "mutex_condvar")["floor"])


@pytest.mark.parametrize(("scenario", "figure"), [("paced", "latency_p50_ns"), ("shutdown", "threads_joined_ns")])
def test_the_figure_beside_the_headline_is_no_figure_either(tmp_path: Path, scenario: str, figure: str) -> None:
    samples = lay(samples_of(tmp_path, scenario), "coroutine", figure, UNDER)
    summary = summarize.summary_of(samples)
    text = report.render(samples, summary, PLAIN, "x")
    (line,) = (line for line in text.splitlines() if line.startswith("coroutine loop"))
    assert "<105 ns" in line and "104 ns" not in line and "faster" in line, "the headline has its verdict"


def test_the_cost_of_counting_is_told_from_nothing_by_its_interval(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, "join")
    of_coroutine = samples["backend"] == "coroutine"
    for costs, told in (
        ((-0.5, 0.9, -0.2, 0.7, 0.1, 0.3, 0.8), "<0.900 ns"),
        ((0.2, 0.9, 0.4, 0.7, 0.1, 0.3, 0.8), "0.400 ns"),
    ):
        samples.loc[of_coroutine, "task_done_ns"] = costs
        summary = summarize.summary_of(samples)
        assert resolution.shown(row(summary, "coroutine"), "task_done_ns") == told
        text = report.render(samples, summary, PLAIN, "x")
        assert ("cannot be told from 0" in " ".join(text.split())) == told.startswith("<")
        assert any(line.startswith("coroutine loop") and f" {told} " in line for line in text.splitlines())


def test_those_below_the_resolution_are_not_ranked_among_each_other(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, "shutdown", backends=["mutex_condvar", "tbb_bounded", "moodycamel"])
    samples = lay(lay(samples, "moodycamel", "shutdown_ns", 90.0), "tbb_bounded", "shutdown_ns", 30.0)
    (group,) = report.groups_of(summarize.summary_of(samples))
    assert [one["backend"] for one in report.ranked(group)][-1] == "mutex_condvar"
    below = [report.labels.contender(one) for one in report.ranked(group)][:-1]
    assert below == sorted(below) and len(below) > 2


def test_means_of_many_items_are_resolved_however_small(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, "ping_pong")
    samples["clock_ns"] = 1e9
    assert row(summarize.summary_of(samples), "coroutine")["verdict"] == "faster"


def drawn(samples: pd.DataFrame, name: str) -> Figure:
    summary = summarize.summary_of(samples)
    with pyplot.rc_context(plot_style.SETTINGS):
        made = {one: make for one, make in plot._figures(summary, plot_style.Look(summary["backend"]), "test")}
        figure = made[name]()
    pyplot.close(figure)
    assert figure is not None
    return figure


def marks(figure: Figure) -> list[tuple[object, float]]:
    """Marker and place of every contender's mark in the only panel."""
    (axes,) = figure.axes
    return [
        (line.get_marker(), line.get_xdata()[0])
        for line in axes.lines
        if len(line.get_xdata()) == 1 and line.get_zorder() == 4
    ]


def legend(figure: Figure) -> str:
    return "\n".join(text.get_text() for one in figure.legends for text in one.get_texts())


@pytest.mark.parametrize(("scenario", "name", "figure"), [
    ("shutdown", "shutdown", "shutdown_ns"), ("join", "join", "join_ns"), ("paced", "latency", "latency_p50_ns"),
])  # fmt: skip
def test_a_plot_shows_what_a_time_is_less_than(tmp_path: Path, scenario: str, name: str, figure: str) -> None:
    samples = samples_of(tmp_path, scenario)
    plain = drawn(lay(samples, "coroutine", figure, OVER), name)
    assert plot_style.BELOW not in [marker for marker, _ in marks(plain)] and "below resolution" not in legend(plain)
    below = drawn(lay(samples, "coroutine", figure, UNDER), name)
    assert [place for marker, place in marks(below) if marker == plot_style.BELOW] == [5 * CLOCK_NS]
    assert UNDER not in [place for _, place in marks(below)]
    assert "below resolution: less than 5 clock readings" in legend(below)


def test_a_plot_draws_no_line_of_a_reference_below_the_resolution(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, "shutdown")
    dotted = [sum(line.get_linestyle() == ":" for line in drawn(one, "shutdown").axes[0].lines)
              for one in (samples, lay(samples, "mutex_condvar", "shutdown_ns", UNDER))]  # fmt: skip
    assert dotted == [1, 0]


def test_a_plot_marks_no_cost_of_counting_that_is_not_told_from_nothing(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, "join")
    samples.loc[samples["backend"] == "coroutine", "task_done_ns"] = [-0.5, 0.9, -0.2, 0.7, 0.1, 0.3, 0.8]
    figure = drawn(samples, "task_done")
    values = [place for _, place in marks(figure)]
    assert (
        len(values) == 2 and sum(place != place for place in values) == 1
    ), "the reference has its mark, the other none"
    assert "no mark: cannot be told from 0" in legend(figure)


def compared(folder: Path, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    runs = []
    for name, samples in (("a", before), ("b", after)):
        (folder / name).mkdir(exist_ok=True)
        samples.to_csv(folder / name / "samples.csv", index=False)
        runs.append(compare.Measured.of(folder / name))
    return compare.compare(*runs)


@pytest.mark.parametrize(("before", "after"), [(30.0, 60.0), (30.0, 5000.0), (5000.0, 30.0)])
def test_compare_has_no_verdict_where_one_of_the_figures_is_below(tmp_path: Path, before: float, after: float) -> None:
    samples = samples_of(tmp_path, "shutdown")
    found = compared(
        tmp_path, lay(samples, "coroutine", "shutdown_ns", before), lay(samples, "coroutine", "shutdown_ns", after)
    )
    one = row(found, "coroutine")
    assert one["verdict"] == "below resolution"
    assert one[["change", "beside", "beside_low", "beside_high"]].isna().all()


def test_compare_judges_times_above_the_resolution(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, "shutdown", noise=0.01)
    found = compared(
        tmp_path, lay(samples, "coroutine", "shutdown_ns", 200.0), lay(samples, "coroutine", "shutdown_ns", 5000.0)
    )
    assert row(found, "coroutine")["verdict"] == "slower"


def test_compare_has_no_verdict_beside_a_reference_below(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, "shutdown")
    fast = lay(samples, "mutex_condvar", "shutdown_ns", UNDER)
    for before, after in ((samples, fast), (fast, samples)):
        found = compared(tmp_path, before, after)
        assert row(found, "coroutine")["verdict"] == "below resolution" and pd.isna(row(found, "coroutine")["beside"])
        assert row(found, "coroutine")["change"] > 0, "its own figures are told in both runs"


def test_compare_shows_who_left_the_resolution_without_being_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = samples_of(tmp_path, "shutdown")
    both = lay(samples, "coroutine", "shutdown_ns", 30.0)
    for after, listed in ((lay(samples, "coroutine", "shutdown_ns", 5000.0), True), (both, False)):
        compared(tmp_path, both, after)
        assert compare.main([str(tmp_path / "a"), str(tmp_path / "b")]) == 0
        text = capsys.readouterr().out
        assert "1 below resolution" in text and "less than 5 readings of the clock" in " ".join(text.split())
        assert bool(re.search(r"coroutine loop +<105 ns +5\.00 µs +- +- +- below resolution", text)) is listed
