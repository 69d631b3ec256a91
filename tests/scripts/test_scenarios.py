"""The rows of scenarios and axes: complete, and the same facts as elsewhere."""

from __future__ import annotations

import re

import cell_names
import columns
import figures
import labels
import plot
import pytest
import scenarios
from conftest import ROOT

ROW = {
    **cell_names.UNSAID,
    "producers": 1.0, "consumers": 2.0, "stop": "", "rate": float("nan"), "group_capacity": 16.0, "item": "trivial",
    "item_bytes": 8.0, "work_producer_ns": 0.0, "work_consumer_ns": 0.0, "pinning": "none", "scenario": "throughput",
}  # fmt: skip


def test_there_is_a_row_for_each_scenario_of_the_list_of_columns() -> None:
    assert tuple(scenarios.BY_WORD) == columns.BY_NAME["scenario"].words
    assert {kind.scenario for kind in plot.KINDS} <= set(scenarios.BY_WORD)


def test_scenarios_speak_of_figures_of_the_summary() -> None:
    for scenario in scenarios.SCENARIOS:
        for figure in filter(None, (scenario.headline, scenario.second)):
            assert figure.column in figures.FIGURES, scenario
            assert len(figure.title) <= 9, "the width of its column"


def test_the_documentation_names_the_headline_of_each_scenario() -> None:
    text = (ROOT / "docs" / "anatomy-of-a-measurement.md").read_text()
    documented = re.findall(r"^\| `(\w+)` \| `(\w+)`", text, re.MULTILINE)
    assert documented == [(scenario.word, scenario.headline.column) for scenario in scenarios.SCENARIOS]


def test_a_headline_belongs_to_its_scenario() -> None:
    for scenario in scenarios.SCENARIOS:
        for figure in filter(None, (scenario.headline, scenario.second)):
            assert scenario.word in columns.BY_NAME[figure.column].scenarios


def test_a_group_is_named_by_its_axes() -> None:
    assert labels.group(ROW) == "1P 2C, capacity 16, 8-byte items"
    more = {**ROW, "stop": "relay", "rate": 0.5, "pinning": "spread", "work_producer_ns": 5.0}
    assert labels.group(more) == (
        "1P 2C, stop: relay, 50 % of own throughput, capacity 16, 8-byte items, work 5 ns per push, 0 ns per pop, pinned spread"
    )


@pytest.mark.parametrize("unsaid, shown", [("1", ""), ("", ", batch size 1")])
def test_an_axis_without_words_of_its_own_is_named_as_its_column(
    monkeypatch: pytest.MonkeyPatch, unsaid: str, shown: str
) -> None:
    values = {
        "name": "batch_size",
        "part": "cell",
        "type": "positive",
        "key": "batch",
        "unsaid": unsaid,
        "unit": "items",
    }
    values |= {"axis": str(len(columns.axes()) + 1)}
    added = columns.Column.of({**dict.fromkeys(columns.FIELDS, ""), **values})
    monkeypatch.setattr(columns, "COLUMNS", (*columns.COLUMNS, added))
    monkeypatch.setitem(columns.BY_NAME, "batch_size", added)
    assert labels.group({**ROW, "batch_size": 1.0}) == f"1P 2C, capacity 16, 8-byte items{shown}"
    assert labels.group({**ROW, "batch_size": 16.0}) == "1P 2C, capacity 16, 8-byte items, batch size 16"
    assert labels.group({**ROW, "batch_size": float("nan")}) == "1P 2C, capacity 16, 8-byte items"
