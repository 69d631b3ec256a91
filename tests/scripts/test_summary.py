"""summary.csv and the report: groups, references, what is counted and what is left out."""

from __future__ import annotations

import cProfile
import csv
import io
import json
import pstats
import re
from pathlib import Path
from typing import Any

import columns
import figures
import pandas as pd
import pytest
import report
import run_matrix
import schema
import summarize
import synthetic
from conftest import GOLDEN, Bench
from progress import Steps

MATRIX = {"scenarios": ["throughput"], "shapes": [[1, 1]]}
GOLDEN_MATRIX = {
    "scenarios": ["throughput", "ping_pong", "paced", "join", "shutdown", "tree"],
    "backends": ["mutex_condvar", "moodycamel", "tbb_bounded"],
    "shapes": [[2, 2]],
}
#: Enough for verdicts on so many contenders.
GOLDEN_BLOCKS = 11
PLAIN = report.Style(colour=False)


def samples_of(tmp_path: Path, matrix: dict[str, Any], blocks: int) -> pd.DataFrame:
    path = tmp_path / "samples.csv"
    path.write_text(synthetic.samples_text(matrix, blocks), encoding="utf-8")
    return schema.read_samples(path)


def cell_is(samples: pd.DataFrame, backend: str, wait: str = "native", control: int = 0) -> pd.Series:
    return (samples["backend"] == backend) & (samples["wait"] == wait) & (samples["control"] == control)


def one(summary: pd.DataFrame, backend: str, wait: str = "native", capacity: float = 1024) -> pd.Series:
    found = summary[cell_is(summary, backend, wait) & (summary["group_capacity"] == capacity)]
    assert len(found) == 1
    return found.iloc[0]


def filled(path: Path) -> str:
    """A table without the columns that are empty in every row, or axes with their usual value: one that is new changes
    nothing."""
    unsaid = {column.name: column.unsaid for column in columns.COLUMNS}
    with path.open(encoding="utf-8", newline="") as file:
        table = list(zip(*csv.reader(file, strict=True)))
    told = [column for column in table if any(value not in ("", unsaid.get(column[0])) for value in column[1:])]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(zip(*told))
    return text.getvalue()


def test_summary_and_report_are_the_golden_ones(tmp_path: Path) -> None:
    (tmp_path / "samples.csv").write_text(synthetic.samples_text(GOLDEN_MATRIX, GOLDEN_BLOCKS), encoding="utf-8")
    samples, summary, _ = summarize.summarize(tmp_path, Steps(summarize.STEPS))
    assert filled(tmp_path / "summary.csv") == (GOLDEN / "summary.csv").read_text()
    assert tuple(name for name in summary if name in figures.FIGURES) == figures.FIGURES
    assert report.render(samples, summary, PLAIN, "golden") == (GOLDEN / "report.txt").read_text()


def test_an_unbounded_queue_stands_in_the_group_of_every_capacity(tmp_path: Path) -> None:
    summary = summarize.summary_of(samples_of(tmp_path, MATRIX, 7))
    groups = summary.groupby("group_capacity")["backend"].agg(set)
    assert set(groups.index) == {1, 1024}
    assert groups[1] == {"coroutine", "python_asyncio", "moodycamel", "moodycamel_blocking"}
    assert "moodycamel" in groups[1024]
    small, large = (one(summary, "moodycamel", "park", capacity) for capacity in (1, 1024))
    assert small["value"] == large["value"] and small["ratio"] != large["ratio"]


def test_processor_time_is_told_only_where_the_window_holds_nothing_but_items(tmp_path: Path) -> None:
    scenarios = ["throughput", "ping_pong", "paced", "join", "shutdown"]
    samples = samples_of(tmp_path, {"scenarios": scenarios, "shapes": [[1, 1]], "backends": ["mutex_condvar"]}, 7)
    summary = summarize.summary_of(samples)
    told = summary.groupby("scenario")["cpu_s_per_million"].agg(lambda values: values.notna().all())
    assert dict(told) == {"throughput": True, "ping_pong": True, "paced": True, "join": False, "shutdown": False}
    text = report.render(samples, summary, PLAIN, "r")
    titles = [line for line in text.splitlines() if line.startswith("contender ")]
    assert [("CPU s/M" in title) for title in titles] == [
        title.split()[1] not in ("join", "shutdown") for title in titles
    ]


def test_a_queue_without_bound_alone_is_a_group_of_its_own(tmp_path: Path) -> None:
    summary = summarize.summary_of(samples_of(tmp_path, {**MATRIX, "backends": ["moodycamel"]}, 7))
    assert summary["group"].nunique() == 1
    assert summary["group_capacity"].isna().all()


def test_the_reference_is_the_contender_that_has_a_control(tmp_path: Path) -> None:
    summary = summarize.summary_of(samples_of(tmp_path, MATRIX, 7))
    verdicts = summary[summary["group_capacity"] == 1024].set_index("cell")["verdict"]
    references = verdicts[verdicts == "reference"].index
    assert list(references) == ["throughput/mutex_condvar/p:1/c:1/cap:1024/bytes:8/wait:native"]
    assert list(verdicts[verdicts == "control"].index) == [f"{references[0]}/control:1"]
    assert one(summary, "coroutine", "loop", 1)["verdict"] == "reference", "no mutex_condvar at capacity 1"
    assert pd.isna(one(summary, "python_asyncio", "loop", 1)["floor"])


def test_a_reference_that_cannot_run_gives_way(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, MATRIX, 7)
    broken = samples["backend"] == "mutex_condvar"
    samples.loc[broken, ["status", "items_per_second"]] = ["crashed", float("nan")]
    summary = summarize.summary_of(samples)
    assert one(summary, "coroutine", "loop")["verdict"] == "reference"
    assert one(summary, "mutex_condvar")["rows_crashed"] == 7
    samples = samples[samples["backend"] != "coroutine"]
    summary = summarize.summary_of(samples)
    assert (summary.loc[summary["verdict"] == "reference", "backend"] == "moodycamel").all(), "the first by name"


def test_the_ratio_is_more_than_one_where_it_is_better(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, {"shapes": [[1, 1]]}, 11)
    samples["clock_ns"] = 1.0
    summary = summarize.summary_of(samples)
    for scenario in ("throughput", "ping_pong", "paced", "join"):
        part = summary[(summary["scenario"] == scenario) & (summary["group_capacity"] == 1024)]
        assert (part.loc[part["backend"] == "coroutine", "ratio"] > 3).all()
        assert (part.loc[part["backend"] == "coroutine", "verdict"] == "faster").all()
    assert (summary.loc[cell_is(summary, "tbb_bounded", "park"), "ratio"] < 1).all()


def test_a_common_drift_of_the_blocks_does_not_touch_the_ratio(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, MATRIX, 7)
    before = summarize.summary_of(samples)
    samples["items_per_second"] *= samples["block"].map({1: 1, 2: 0.5, 3: 2, 4: 0.7, 5: 1.4, 6: 1, 7: 0.9})
    after = summarize.summary_of(samples)
    pd.testing.assert_frame_equal(before[["ratio", "ratio_low", "floor"]], after[["ratio", "ratio_low", "floor"]])
    assert not before["value_low"].equals(after["value_low"])


@pytest.mark.parametrize("status", ["unsustained", "corrupt", "timeout", "crashed"])
def test_samples_that_are_not_ok_are_counted_and_enter_nothing(tmp_path: Path, status: str) -> None:
    samples = samples_of(tmp_path, MATRIX, 8)
    hit = cell_is(samples, "tbb_bounded", "spin") & (samples["block"] == 4)
    samples.loc[hit, ["status", "items_per_second"]] = [status, 1.0]
    row = one(summarize.summary_of(samples), "tbb_bounded", "spin")
    assert (row["n"], row["ratio_blocks"], row["rows_ok"], row[f"rows_{status}"]) == (7, 7, 7, 1)
    assert row["value_low"] > 1e6


def test_outliers_are_kept(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, MATRIX, 7)
    samples.loc[cell_is(samples, "tbb_bounded", "spin") & (samples["block"] == 4), "items_per_second"] = 5.0
    row = one(summarize.summary_of(samples), "tbb_bounded", "spin")
    assert row["n"] == 7 and row["value_low"] == 5.0


def test_several_samples_of_a_block_count_as_one(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, MATRIX, 7)
    more = samples.copy()
    more["sample"] = 2
    row = one(summarize.summary_of(pd.concat([samples, more])), "tbb_bounded", "spin")
    assert row["n"] == 7 and row["rows_ok"] == 14


def test_the_declared_rule_drops_stolen_blocks_and_counts_them(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, MATRIX, 8)
    stolen = cell_is(samples, "tbb_bounded", "spin") & samples["block"].isin((2, 3))
    samples.loc[stolen, "steal_s"] = 0.03  # of 0.05 s on two cores: 30 %, of which 20 % are sure
    kept = one(summarize.summary_of(samples, summarize.Settings(None, 2)), "tbb_bounded", "spin")
    dropped = one(summarize.summary_of(samples, summarize.Settings(0.1, 2)), "tbb_bounded", "spin")
    lenient = one(summarize.summary_of(samples, summarize.Settings(0.25, 2)), "tbb_bounded", "spin")
    assert (kept["n"], kept["blocks_dropped"]) == (8, 0)
    assert (dropped["n"], dropped["blocks_dropped"], dropped["rows_ok"]) == (6, 2, 8)
    assert lenient["n"] == 8


def test_a_single_tick_of_theft_is_none_that_is_sure(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, MATRIX, 8)
    spin = cell_is(samples, "tbb_bounded", "spin")
    samples.loc[spin & (samples["block"] == 2), "steal_s"] = 0.01  # one tick: it may have begun long before the window
    samples.loc[spin & (samples["block"] == 3), "steal_s"] = 0.02
    settings = summarize.Settings(0.02, 2)
    summary = summarize.summary_of(samples, settings)
    assert one(summary, "tbb_bounded", "spin")["blocks_dropped"] == 1
    text = " ".join(summarize.page(samples, summary, settings, PLAIN, "run").split())
    assert (
        "steal_limit 0.02: steal time is counted in ticks of 10 ms, each 0.1 of 2 cores in a window of 50 ms, and one of them "
        "may have begun before it. So 2 ticks drop a block, and less than 1 tick is never seen."
    ) in text
    assert "steal time is counted" not in summarize.page(samples, summary, summarize.Settings(None, 2), PLAIN, "run")


@pytest.mark.parametrize("status", ["corrupt", "timeout", "crashed", "unsustained"])
def test_nobody_is_faster_on_the_blocks_that_it_survived(tmp_path: Path, status: str) -> None:
    samples = samples_of(tmp_path, {**MATRIX, "noise": 0.01}, 14)
    spin = cell_is(samples, "tbb_bounded", "spin")
    assert one(summarize.summary_of(samples), "coroutine", "loop")["verdict"] == "faster"
    fast = cell_is(samples, "coroutine", "loop")
    samples.loc[fast & (samples["block"] > 9), ["status", "items_per_second"]] = [status, float("nan")]
    samples.loc[spin & (samples["block"] > 9), ["status", "items_per_second"]] = [status, float("nan")]
    summary = summarize.summary_of(samples)
    row = one(summary, "coroutine", "loop")
    assert (row["verdict"], row["n"], row["blocks_failed"], row["ratio_low"]) == ("cannot tell", 9, 5, 0)
    assert row["ratio"] > 3 and row["ratio_high"] > 3, "what was measured is still shown"
    slow = one(summary, "tbb_bounded", "spin")
    assert slow["verdict"] == "slower" and slow["ratio_low"] == 0, "failures do not help it either"
    assert any(line.startswith("coroutine loop") and " 0–" in line for line in rendered(samples).splitlines())


def test_nobody_is_slower_only_since_the_reference_failed(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, {**MATRIX, "noise": 0.01}, 11)
    assert one(summarize.summary_of(samples), "tbb_bounded", "native")["verdict"] == "slower"
    reference = cell_is(samples, "mutex_condvar", "native") & (samples["control"] == 0)
    samples.loc[reference & (samples["block"] > 6), "status"] = "crashed"
    row = one(summarize.summary_of(samples), "tbb_bounded", "native")
    assert (row["verdict"], row["ratio_blocks"], row["ratio_high"]) == ("cannot tell", 6, float("inf"))


def test_a_block_in_which_one_of_two_samples_died_has_failed(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, MATRIX, 11)
    dead = samples[cell_is(samples, "tbb_bounded", "spin")].assign(
        sample=2, status="crashed", items_per_second=float("nan")
    )
    row = one(summarize.summary_of(pd.concat([samples, dead], ignore_index=True)), "tbb_bounded", "spin")
    assert (row["n"], row["blocks_failed"], row["ratio_low"]) == (11, 11, 0)


def test_fewer_than_six_blocks_cannot_tell(tmp_path: Path) -> None:
    summary = summarize.summary_of(samples_of(tmp_path, MATRIX, 5))
    told = summary[~summary["verdict"].isin(("reference", "control"))]
    assert set(told["verdict"]) == {"cannot tell"}
    assert told["ratio"].notna().all() and told["ratio_low"].isna().all()


def test_settings_come_from_environment_json(tmp_path: Path) -> None:
    known: dict[str, Any] = {"matrix": {"name": "m", "steal_limit": 0.02}, "host": {"cores": 4}}
    (tmp_path / "environment.json").write_text(json.dumps(known))
    assert summarize.Settings.of_run(tmp_path) == summarize.Settings(0.02, 4.0, 0.05), "older runs name no margin"
    known["matrix"]["equivalence"] = 0.1
    (tmp_path / "environment.json").write_text(json.dumps(known))
    assert summarize.Settings.of_run(tmp_path) == summarize.Settings(0.02, 4.0, 0.1)
    (tmp_path / "environment.json").write_text("{\n oops")
    with pytest.raises(summarize.UserError, match=r"environment.json, line 2: not JSON"):
        summarize.Settings.of_run(tmp_path)


def test_a_run_that_cannot_be_written_to_is_shown_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples_of(tmp_path, MATRIX, 6)
    for name in ("summary.csv", "report.txt"):
        (tmp_path / f"{name}.new").mkdir()  # nobody can write a file there, not even root
    assert summarize.main([str(tmp_path)]) == 0
    told = capsys.readouterr()
    assert "THROUGHPUT: items per second" in told.out
    assert "summary.csv: cannot be written (Is a directory); its new content is lost\n" in told.err
    assert "report.txt: cannot be written" in told.err


def test_what_a_terminal_would_obey_is_spelled_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "a\x1b[2J\rb\udcff\u202ec"
    folder.mkdir()
    samples_of(folder, MATRIX, 6)
    path = folder / "samples.csv"
    text = path.read_text().replace("tbb_bounded", "tbb\x1b]0;x\x07").replace("mutex_condvar", "mutex\x9b1m")
    path.write_bytes(text.encode())
    assert summarize.main([str(folder)]) == 0
    shown = capsys.readouterr().out
    assert (
        r"Handoff: a\x1b[2J\rb\xff\u202ec" in shown
        and r"tbb\x1b]0;x\x07 spin" in shown
        and r"mutex\x9b1m native" in shown
    )
    assert all(line.isprintable() for line in shown.splitlines())
    assert (folder / "report.txt").read_text().startswith(r"Handoff: a\x1b[2J")


def rendered(samples: pd.DataFrame, style: report.Style = PLAIN) -> str:
    return report.render(samples, summarize.summary_of(samples), style, "run")


def test_the_report_fits_100_columns(tmp_path: Path) -> None:
    text = rendered(samples_of(tmp_path, {}, 7))
    assert max(map(len, text.splitlines())) <= 100
    assert "\033" not in text


def test_the_report_ranks_the_best_first_and_shows_the_order(tmp_path: Path) -> None:
    lines = rendered(samples_of(tmp_path, {**MATRIX, "noise": 0.0}, 7)).splitlines()
    table = lines[next(place for place, line in enumerate(lines) if "capacity 1024" in line) + 2 :][:11]
    names = [" ".join(line.split()[:2]) for line in table]
    assert names[0] == "coroutine loop" and names[-1] == "python_asyncio loop"
    assert table[1].startswith("moodycamel spin") and table[1].endswith("per producer")
    assert sum("reference" in line for line in table) == 1
    assert not any("control" in line for line in lines)


def test_the_report_says_what_a_ratio_is_and_writes_it_in_one_notation(tmp_path: Path) -> None:
    text = rendered(samples_of(tmp_path, {}, 7))
    assert "It is the median of the ratios inside blocks (Hodges–Lehmann), not the quotient of the medians shown." in (
        " ".join(text.split())
    )
    ratios = [
        found for line in text.splitlines() for found in re.findall(r" (\S+) +\S+–\S+ (?:faster|slower|cannot)", line)
    ]
    assert any(ratio.startswith("1/") for ratio in ratios)
    assert not any(ratio.startswith("0") for ratio in ratios)


@pytest.mark.parametrize(("noise", "word"), [(0.02, "same"), (0.2, "cannot tell")])
def test_the_report_says_same_of_equals_if_the_interval_is_narrow_enough(
    tmp_path: Path, noise: float, word: str
) -> None:
    samples = samples_of(tmp_path, {**MATRIX, "scenarios": ["ping_pong"], "noise": noise}, 9)
    line = next(line for line in rendered(samples).splitlines() if line.startswith("tbb_bounded native"))
    assert word in line


def test_the_margin_of_the_matrix_decides_what_is_the_same_and_is_told(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, {**MATRIX, "scenarios": ["ping_pong"]}, 11)
    words = {}
    for margin in (0.05, 0.15, 0.001):
        settings = summarize.Settings(equivalence=margin)
        summary = summarize.summary_of(samples, settings)
        words[margin] = [one(summary, "tbb_bounded", wait)["verdict"] for wait in ("native", "park", "spin")]
        text = " ".join(summarize.page(samples, summary, settings, PLAIN, "run").split())
        assert f"lies between 1/{1 + margin} and {1 + margin} (" in text
    assert words[0.05] == ["same", "slower", "faster"]
    assert words[0.15] == ["same", "same", "faster"], "9 % slower for certain, but that is within the margin"
    assert words[0.001] == ["cannot tell", "slower", "faster"]


def test_failures_are_red_where_there_are_colours(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, MATRIX, 7)
    hit = cell_is(samples, "tbb_bounded", "spin") & samples["block"].isin((2, 5))
    samples.loc[hit, ["status", "detail", "items_per_second"]] = ["crashed", "died of SIGSEGV", float("nan")]
    expected = "crashed: throughput/tbb_bounded/p:1/c:1/cap:1024/bytes:8/wait:spin: blocks 2, 5: died of SIGSEGV"
    assert expected in rendered(samples).replace("\n    ", " ")
    assert "\033[31mcrashed: throughput/tbb_bounded" in rendered(samples, report.Style(colour=True))


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert report.Style.of_terminal().colour
    monkeypatch.setenv("NO_COLOR", "")
    assert not report.Style.of_terminal().colour


def test_reasons_of_skipped_cells_are_folded(tmp_path: Path) -> None:
    text = rendered(samples_of(tmp_path, {"scenarios": ["shutdown"]}, 7)).replace("\n    ", " ")
    assert (
        "skipped: not closable: 6 cells: moodycamel_blocking native (shutdown close), tbb_bounded native (shutdown close)"
    ) in text


def test_many_groups_are_cut_on_a_terminal_and_whole_in_the_file(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, {"scenarios": ["shutdown"]}, 7)
    assert "(shutdown: 8 more groups in report.txt)" in rendered(samples, report.Style(False, 4))
    assert "more group" not in rendered(samples)


@pytest.mark.parametrize("name", ["a\rb", "a\x1b[31mb", 'a,"b', "\udcff"])
def test_a_run_in_a_folder_of_any_name_is_read_again(bench: Bench, name: str) -> None:
    folder = bench.folder / name
    assert (
        run_matrix.main(bench.arguments(str(bench.folder / "matrix.json"), "--out", str(folder), "--blocks", "1")) == 0
    )
    assert summarize.main([str(folder)]) == 0
    assert (schema.read_samples(folder / "samples.csv")["status"] == "ok").all()


def test_the_work_grows_with_rows_and_not_with_cells_times_rows(tmp_path: Path) -> None:
    """Counted in calls of functions, which no busy machine changes."""

    def calls(shapes: int) -> float:
        matrix = {"scenarios": ["throughput"], "shapes": [[n, 1] for n in range(1, shapes + 1)], "capacity": [16, 1024]}
        samples = samples_of(tmp_path, matrix, 7)
        profile = cProfile.Profile()
        profile.enable()
        summarize.summarize(tmp_path, Steps(summarize.STEPS))
        profile.disable()
        return pstats.Stats(profile).total_calls / len(samples)  # type: ignore[attr-defined]

    calls(1)  # what is done once in a process
    few, many = calls(4), calls(40)
    print(f"{few:.0f} calls a row, {many:.0f} with ten times as many cells")
    assert many < 300
