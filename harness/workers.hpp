// What the worker loops of threads and those of coroutines have in common.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "harness/abandon.hpp"
#include "harness/cell.hpp"
#include "harness/item.hpp"
#include "queues/contract/status.hpp"

namespace handoff::harness {

/// An answer that a queue in this state must not give ends the cell: the others would wait for this worker
/// for ever.
inline void expect_success(op_status status, const char* operation) {
  if (status != op_status::success) [[unlikely]]
    abandon(sample_status::corrupt,
            fmt::format("{} answered {} in an open queue", operation, to_string(status)));
}

/// What a cell's queue is made with: an unbounded one reserves room for some.
inline std::size_t capacity_of(const cell& c) {
  constexpr std::size_t unbounded_reserve = 4096;
  return c.capacity.value_or(unbounded_reserve);
}

/// How many items go one by one through a fresh queue, so that its memory is touched: as many as it holds, or
/// the first part of a large one.
inline std::size_t touches_of(const cell& c) {
  constexpr std::size_t touched_at_most = 4096;
  return std::min(capacity_of(c), touched_at_most);
}

inline item_key touch_key(std::size_t touch) { return make_key(0, touch); }

/// The item that came out is the one that went in.
template <class Item>
void expect_touched(const Item& item, std::size_t touch) {
  if (item_codec<Item>::key(item) != touch_key(touch))
    abandon(sample_status::corrupt, "the first items of a fresh queue did not come out as they went in");
}

}  // namespace handoff::harness
