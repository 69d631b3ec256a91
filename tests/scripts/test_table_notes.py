"""What stands under a table: a reference that gave way, few blocks, loops, contenders without a figure."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import report
import schema
import summarize
import synthetic

PACED = {"scenarios": ["paced"], "shapes": [[2, 2]]}
BLOCKS = 8
NATIVE = {"backends": ["mutex_condvar", "tbb_bounded"]}


def samples_of(tmp_path: Path, **keys: object) -> pd.DataFrame:
    path = tmp_path / "samples.csv"
    path.write_text(synthetic.samples_text({**PACED, **keys}, BLOCKS), encoding="utf-8")
    return schema.read_samples(path)


def lose(samples: pd.DataFrame, backend: str, wait: str, blocks: int, status: str, control: int | None = None) -> None:
    """The last so many blocks of a contender are not ok."""
    hit = (samples["backend"] == backend) & (samples["wait"] == wait) & (samples["block"] > BLOCKS - blocks)
    if control is not None:
        hit &= samples["control"] == control
    samples.loc[hit, "status"] = status


def tables(samples: pd.DataFrame, settings: summarize.Settings = summarize.Settings()) -> list[str]:
    """Each table with what stands under it, its lines unwrapped."""
    text = report.render(samples, summarize.summary_of(samples, settings), report.Style(colour=False), "run")
    assert max(map(len, text.splitlines())) <= report.WIDTH
    return [part.rstrip() for part in text.replace("\n    ", " ").split("\n\n") if "\ncontender " in part]


def test_a_reference_that_gave_way_is_named_with_the_reason(tmp_path: Path) -> None:
    samples = samples_of(tmp_path)
    lose(samples, "mutex_condvar", "native", 3, "unsustained")
    for table in tables(samples):
        assert "noise floor not measured" in table
        assert (
            "\nmutex_condvar native kept its rate in only 5 of 8 blocks, so the reference is coroutine loop, whose noise floor "
            "is not measured.\n"
        ) in table


@pytest.mark.parametrize(
    ("blocks", "told"), [(3, "has figures in only 5 of 8 blocks"), (8, "has figures in none of 8 blocks")]
)
def test_a_reference_that_failed_is_not_said_to_have_missed_its_rate(tmp_path: Path, blocks: int, told: str) -> None:
    samples = samples_of(tmp_path)
    lose(samples, "mutex_condvar", "native", blocks, "crashed")
    assert all(
        f"\nmutex_condvar native {told}, so the reference is coroutine loop" in table for table in tables(samples)
    )


def test_the_usual_reference_with_its_floor_needs_no_words(tmp_path: Path) -> None:
    for table in tables(samples_of(tmp_path, **NATIVE)):
        assert table.splitlines()[-1].endswith(" fifo"), "nothing stands under it"


def test_a_second_run_that_failed_is_why_there_is_no_floor(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, **NATIVE)
    lose(samples, "mutex_condvar", "native", 3, "timeout", control=1)
    for table in tables(samples):
        assert "noise floor not measured" in table
        assert (
            "mutex_condvar native and its second run both have figures in only 5 of 8 blocks: no noise floor" in table
        )


def test_a_reference_without_a_second_run_is_why_there_is_no_floor(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, **NATIVE)
    for table in tables(samples[samples["control"] != 1]):
        assert table.endswith("\nmutex_condvar native ran once per block, not twice: no noise floor.")


def test_rows_that_rest_on_fewer_blocks_are_listed(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, **NATIVE)
    lose(samples, "tbb_bounded", "spin", 3, "unsustained")
    lose(samples, "mutex_condvar", "native", 1, "crashed")
    samples.loc[
        (samples["backend"] == "tbb_bounded") & (samples["wait"] == "park") & (samples["block"] == 1), "status"
    ] = "corrupt"
    expected = (
        "Fewer than 8 blocks: mutex_condvar native 7 of 8 (failed in 1), tbb_bounded park 7 of 8 (failed in 1) (6 with the "
        "reference), tbb_bounded spin 5 of 8 (failed in 3).\nA block in which a contender failed counts as the worst "
        "possible result for it."
    )
    for table in tables(samples):
        assert expected in table


def test_one_that_failed_in_most_blocks_stands_behind_all_that_did_not(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, **NATIVE, noise=0.001)
    lose(samples, "tbb_bounded", "spin", 3, "crashed")
    places = [[line[:16] for line in table.splitlines()].index("tbb_bounded spin") for table in tables(samples)]
    assert places == [2, 2, 2], "the fastest, for it failed in fewer blocks than it has figures for"
    lose(samples, "tbb_bounded", "spin", 4, "crashed")
    places = [[line[:16] for line in table.splitlines()].index("tbb_bounded spin") for table in tables(samples)]
    assert places == [6, 6, 6]


def test_blocks_that_the_steal_limit_dropped_are_told(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, **NATIVE)
    stolen = (samples["backend"] == "tbb_bounded") & (samples["wait"] == "spin") & (samples["block"] == 3)
    samples.loc[stolen, "steal_s"] = 0.04
    for table in tables(samples, summarize.Settings(0.1, 2)):
        assert table.endswith("\nFewer than 8 blocks: tbb_bounded spin 7 of 8 (1 dropped by steal_limit).")


def test_loops_are_explained_where_they_stand_and_are_not_oversubscribed(tmp_path: Path) -> None:
    legend = "\nloop: producers and consumers are coroutines on one thread"
    assert all(f"{legend}; 'oversubscribed' does not apply to them." in table for table in tables(samples_of(tmp_path)))
    assert all(f"{legend}." in table for table in tables(samples_of(tmp_path, shapes=[[1, 1]])))
    assert not any("loop" in table for table in tables(samples_of(tmp_path, **NATIVE)))
    loops = samples_of(tmp_path, backends=["coroutine", "python_asyncio"])
    loops["oversubscribed"] = 1
    assert not any("oversubscribed" in table for table in tables(loops)), "not said of threads that are not there"


def test_coroutines_on_several_threads_are_told_from_those_on_one(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, shapes=[[1, 1]], backends=["coroutine", "python_asyncio"])
    assert not any("coroutine_pool" in table for table in tables(samples))
    samples["backend"] = samples["backend"].replace("coroutine", "coroutine_pool")
    assert all("coroutines on one thread, those of coroutine_pool on several." in table for table in tables(samples))


@pytest.mark.parametrize("status", ["corrupt", "crashed", "timeout", "unsustained"])
def test_a_contender_without_a_figure_keeps_a_row_at_the_end_with_its_status(tmp_path: Path, status: str) -> None:
    samples = samples_of(tmp_path, **NATIVE)
    lose(samples, "tbb_bounded", "spin", BLOCKS, status)
    for table in tables(samples):
        assert table.splitlines()[-1] == f"tbb_bounded spin           no figure: 8 {status}"


def test_a_group_in_which_nobody_has_a_figure_keeps_its_table(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, **NATIVE)
    samples["status"] = "crashed"
    lose(samples, "tbb_bounded", "spin", 2, "timeout")
    assert len(tables(samples)) == 3
    for table in tables(samples):
        assert "\nmutex_condvar native       no figure: 8 crashed\n" in table
        assert "\ntbb_bounded spin           no figure: 6 crashed, 2 timeout\n" in table


def test_a_failed_row_is_red_and_a_skipped_contender_has_none(tmp_path: Path) -> None:
    samples = samples_of(tmp_path, **NATIVE)
    lose(samples, "tbb_bounded", "spin", BLOCKS, "crashed")
    lose(samples, "tbb_bounded", "park", BLOCKS, "skipped")
    text = report.render(samples, summarize.summary_of(samples), report.Style(colour=True), "run")
    assert "\033[31mtbb_bounded spin           no figure: 8 crashed\033[0m" in text
    assert "tbb_bounded park           no figure" not in text


@pytest.mark.parametrize(("blocks", "told"), [(7, "with 7 blocks and 4 contenders"), (8, None), (5, None)])
def test_too_few_blocks_for_the_contenders_of_a_table_are_told(tmp_path: Path, blocks: int, told: str | None) -> None:
    samples = samples_of(tmp_path, **NATIVE)
    for table in tables(samples[samples["block"] <= blocks]):
        if told is None:
            assert "no difference can be significant" not in table
        else:
            note = f"\ncannot tell: {told} beside the reference, no difference can be significant; 8 blocks can."
            assert table.endswith(note) and not any(word in table for word in ("faster", "slower"))


def test_many_contenders_need_more_blocks_than_few(tmp_path: Path) -> None:
    note = "with 8 blocks and 10 contenders beside the reference, no difference can be significant; 9 blocks can."
    assert all(note in table for table in tables(samples_of(tmp_path, shapes=[[1, 1]])))
