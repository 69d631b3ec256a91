"""Work on arrays that a few threads share: numpy and pandas let others run while they go through one."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Sequence, TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")


def cores() -> int:
    return len(os.sched_getaffinity(0))


def of_each(work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """`work` of each part, in their order."""
    count = min(len(parts), cores())
    if count < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, parts))
