"""A header of the product includes the standard headers whose names it uses, and does not live on another's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEADERS = sorted(
    path for folder in ("queues", "harness", "bench", "examples") for path in (ROOT / folder).rglob("*.hpp")
)
#: A header, and names of std that come from it: those that the project uses most.
NAMES = {
    "algorithm": "all_of any_of clamp count_if find_if max min none_of sort stable_sort",
    "array": "array",
    "atomic": "atomic atomic_ref atomic_thread_fence memory_order_acquire memory_order_relaxed memory_order_release",
    "chrono": "chrono",
    "condition_variable": "condition_variable condition_variable_any cv_status",
    "coroutine": "coroutine_handle noop_coroutine suspend_always suspend_never",
    "cstddef": "byte max_align_t ptrdiff_t size_t",
    "cstdint": "int32_t int64_t uint8_t uint16_t uint32_t uint64_t uintptr_t",
    "deque": "deque",
    "exception": "current_exception exception_ptr rethrow_exception terminate",
    "functional": "function",
    "limits": "numeric_limits",
    "map": "map",
    "memory": "make_shared make_unique shared_ptr unique_ptr",
    "mutex": "lock_guard mutex scoped_lock unique_lock",
    "new": "align_val_t",
    "optional": "nullopt optional",
    "source_location": "source_location",
    "span": "span",
    "stdexcept": "invalid_argument logic_error out_of_range runtime_error",
    "stop_token": "stop_source stop_token",
    "string": "string to_string",
    "string_view": "string_view",
    "thread": "jthread this_thread thread",
    "utility": "exchange forward move pair swap",
    "variant": "variant",
    "vector": "vector",
}


def missing(text: str) -> list[str]:
    included = set(re.findall(r"^#include <(\w+)>", text, re.MULTILINE))
    used = set(re.findall(r"\bstd::(\w+)", re.sub(r"//.*", "", text)))
    return [header for header, names in NAMES.items() if header not in included and used & set(names.split())]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("std::size_t n;", ["cstddef"]),
        ("#include <cstddef>\nstd::size_t n;", []),
        ("// std::size_t", []),
        ("std::size_type n;", []),
    ],
)
def test_what_is_missing_is_seen(text: str, expected: list[str]) -> None:
    assert missing(text) == expected


def test_every_header_includes_what_it_names() -> None:
    assert len(HEADERS) > 100
    found = {str(path.relative_to(ROOT)): missing(path.read_text(encoding="utf-8")) for path in HEADERS}
    assert {name: headers for name, headers in found.items() if headers} == {}
