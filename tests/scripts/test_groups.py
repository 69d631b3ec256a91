"""handoff-bench and the scripts each choose a reference: the first gives one its control, the others need one if it
failed, or if there is no control. The customary ones stand in both, and must be the same."""

from __future__ import annotations

import os
from pathlib import Path

import groups
import pytest
from plan import Program, Selection, make_plan

BENCH = os.environ.get("HANDOFF_BENCH")


@pytest.mark.skipif(BENCH is None, reason="HANDOFF_BENCH is not set")
@pytest.mark.parametrize("backends", [None, "coroutines", "coroutine_lifo,coroutine_priority,coroutine"])
@pytest.mark.parametrize("matrix", ["smoke", "quick", "standard", "full"])
def test_without_controls_the_scripts_choose_whom_the_program_gave_one(matrix: str, backends: str | None) -> None:
    plan = make_plan(Program(Path(str(BENCH))), Selection(matrix, backends), None, None)
    cells = plan.table[plan.table["status"] == "ok"].set_index("cell", drop=False)
    with_controls = groups.comparison_groups(cells, {})
    without = groups.comparison_groups(cells[cells["control"] == 0], {})
    assert all(group.control is not None for group in with_controls)
    assert [group.reference for group in with_controls] == [group.reference for group in without]
