// A counter with one writer.
#pragma once

#include <atomic>
#include <cstdint>

namespace handoff::support {

/// A counter that only grows: one writer at a time, any number of readers.
using counter = std::atomic<std::uint64_t>;

/// Adds to it. The writer only; a plain store, because no other thread writes.
[[gnu::always_inline]] inline void count(counter& c, std::uint64_t more = 1) noexcept {
  // relaxed: it reads what it wrote itself, or what the last writer did, which is ordered where the counter
  // changes hands. Release: partner: whoever reads the counter with acquire
  c.store(c.load(std::memory_order_relaxed) + more, std::memory_order_release);
}

}  // namespace handoff::support
