"""The machine code of what handoff-bench measures: where its jumps lie does not decide how fast it is."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess

import pytest

BENCH = os.environ.get("HANDOFF_BENCH")
LINE = 32
#: What a worker of a stream runs, of any queue.
WORKER = re.compile(r"^[0-9a-f]+ <(?:\w+ )?handoff::harness::(?:coroutines|threads)::(?:produce|consume)\W.*>:$")
INSTRUCTION = re.compile(r"^ +([0-9a-f]+):\t((?:[0-9a-f]{2} )+) *\t(?:[a-z]+ )?(j[a-z]+) ")


def jumps_in(disassembly: str) -> list[tuple[int, int]]:
    """Address and length of each jump of the workers."""
    found: list[tuple[int, int]] = []
    wanted = False
    for line in disassembly.splitlines():
        if line.endswith(">:"):
            wanted = WORKER.match(line) is not None
        jump = INSTRUCTION.match(line) if wanted else None
        if jump is not None:
            found.append((int(jump[1], 16), len(jump[2].split())))
    return found


@pytest.mark.skipif(BENCH is None, reason="HANDOFF_BENCH is not set")
@pytest.mark.skipif(platform.machine() != "x86_64", reason="only x86 has such lines")
def test_no_jump_of_a_worker_touches_the_end_of_a_line() -> None:
    assert BENCH is not None
    flags = json.loads(subprocess.check_output([BENCH, "--environment"]))["flags"]
    assert "-mbranches-within-32B-boundaries" in flags
    code = subprocess.check_output(["objdump", "-d", "-C", BENCH], text=True, errors="replace")
    jumps = jumps_in(code)
    assert len(jumps) > 1000
    touching = [hex(start) for start, length in jumps if start // LINE != (start + length) // LINE]
    assert touching == []
