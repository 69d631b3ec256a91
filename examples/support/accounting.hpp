// The balance with which a pattern ends, the same on a loop and on threads.
#pragma once

#include <atomic>
#include <cstddef>

#include "examples/support/say.hpp"

namespace handoff::patterns {

/// Any thread adds to it. It is read after these threads have been joined, so relaxed operations are enough.
class tally {
 public:
  // relaxed: see above
  void operator++() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  std::size_t value() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> count_{0};  // relaxed: ordered by the join
};

/// Items that went in and that came out, not counting markers.
struct traffic {
  tally produced;
  tally consumed;
};

/// The last line of a pattern with a queue. `left`: items still in the queue; `unfinished`: items that were
/// put and never reported by task_done. Markers count in both.
inline void say_accounting(const traffic& items, std::size_t left, std::size_t unfinished) {
  say("produced {}, consumed {}, left in the queue {}, unfinished {}", items.produced.value(),
      items.consumed.value(), left, unfinished);
}

}  // namespace handoff::patterns
