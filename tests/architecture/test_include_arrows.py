"""The tree keeps to the architecture's arrows, and the check that says so catches each kind of wrong one."""

from __future__ import annotations

from pathlib import Path

import include_arrows
import pytest

ROOT = Path(__file__).parents[2]


def tree(folder: Path, files: dict[str, str]) -> Path:
    (folder / "queues" / "contract").mkdir(parents=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_the_project_has_no_wrong_arrow() -> None:
    assert [str(violation) for violation in include_arrows.violations(ROOT)] == []


def test_the_project_is_read_at_all() -> None:
    sources = [path for pattern in include_arrows.SOURCES for path in (ROOT / "queues").rglob(pattern)]
    assert any(path.name == "status.hpp" for path in sources)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("queues/contract/traits.hpp", '#include "queues/support/parking.hpp"'),
        ("queues/contract/traits.hpp", '#include "queues/mutex_condvar.hpp"'),
        ("queues/contract/traits.hpp", "#include <fmt/format.h>"),
        ("queues/contract/traits.hpp", "#include <concurrentqueue.h>"),
        ("queues/ring.hpp", '#include "harness/cell.hpp"'),
        ("queues/support/layered.hpp", '#include "bench/contenders/registry.hpp"'),
        ("queues/async/loop.hpp", '#include "tests/async/virtual_time.hpp"'),
        ("harness/workers.cpp", '#include "queues/mutex_condvar.hpp"'),
        ("harness/workers.cpp", '#include "queues/support/layered.hpp"'),
        ("harness/workers.cpp", '#  include "queues/async/loop.hpp"'),
        ("harness/workers.cpp", '#include "bench/matrix/matrix.hpp"'),
        ("harness/workers.cpp", '#include "tests/harness/broken.hpp"'),
        ("harness/workers.cpp", "#include <queues/mutex_condvar.hpp>"),
        ("harness/workers.cpp", '#include "workers.hpp"'),
        ("harness/workers.cpp", '#include "../queues/mutex_condvar.hpp"'),
        ("harness/workers.cpp", '#include "harness/../queues/mutex_condvar.hpp"'),
        ("bench/main.cpp", '#include "tests/conformance/suite.hpp"'),
        ("bench/google_benchmark/backend.cpp.in", '#include "tests/conformance/suite.hpp"'),
        ("bench/text/csv.cpp", '#include "bench/rows/columns.hpp"'),
        ("bench/text/csv.cpp", '#include "harness/cell.hpp"'),
        ("bench/frame/errors.hpp", '#include "harness/sample.hpp"'),
        ("bench/rows/recorder.cpp", '#include "bench/matrix/plan.hpp"'),
        ("bench/contenders/peer.cpp", '#include "bench/matrix/matrix.hpp"'),
        ("bench/matrix/plan.cpp", '#include "bench/google_benchmark/reporters.hpp"'),
        ("bench/google_benchmark/reporters.cpp", '#include "bench/program.hpp"'),
        ("examples/support/say.cpp", '#include "bench/text/csv.hpp"'),
        ("examples/support/say.cpp", '#include "harness/cell.hpp"'),
        ("scripts/plot.py", "import bench.peers.asyncio_queue"),
        ("scripts/plot.py", "from harness import cell"),
        ("scripts/plot.py", "import sys, asyncio_queue as peer"),
    ],
)
def test_a_wrong_arrow_is_reported_with_file_and_line(tmp_path: Path, file: str, line: str) -> None:
    root = tree(tmp_path, {"bench/peers/asyncio_queue.py": "", file: f"// first line\n{line}\n"})
    found = include_arrows.violations(root)
    assert [(violation.file, violation.line) for violation in found] == [(file, 2)]


def test_the_arrows_of_the_architecture_are_allowed(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "queues/contract/traits.hpp": '#include <stop_token>\n#include "queues/contract/status.hpp"\n',
            "queues/ring.hpp": '#include <concurrentqueue.h>\n#include "queues/support/backoff.hpp"\n',
            "harness/cell.cpp": '#include <fmt/format.h>\n#include "harness/cell.hpp"\n#include "queues/contract/traits.hpp"\n',
            "bench/main.cpp": '#include "bench/matrix/plan.hpp"\n#include "harness/cell.hpp"\n#include "queues/ring.hpp"\n',
            "bench/matrix/plan.cpp": '#include "bench/matrix/plan.hpp"\n#include "bench/rows/columns.hpp"\n',
            "harness/barrier.hpp": '#include "queues/support/hardware.hpp"\n',
            "examples/pool.cpp": '#include "bench/frame/frame.hpp"\n#include "queues/ring.hpp"\n',
            "tests/conformance/suite.hpp": '#include "bench/text/csv.hpp"\n#include "harness/cell.hpp"\n#include "queues/ring.hpp"\n',
            "tests/consumer/main.cpp": '#include "anything.hpp"\n',
            "scripts/plot.py": "import json\nfrom schema import COLUMNS\n",
        },
    )
    assert include_arrows.violations(root) == []


def test_the_program_ends_with_status_1_and_a_line_for_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tree(tmp_path, {"harness/a.cpp": '#include "bench/b.hpp"\n#include "queues/c.hpp"\n'})
    assert include_arrows.main([str(root)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("harness/a.cpp:1: ")


def test_a_folder_that_is_not_the_project_ends_with_status_2(tmp_path: Path) -> None:
    assert include_arrows.main([str(tmp_path)]) == 2
