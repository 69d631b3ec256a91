// The balance that a pattern ends with, the same on a loop and on threads.
#pragma once

#include <atomic>
#include <cstddef>

#include "examples/support/say.hpp"

namespace handoff::patterns {

/// What went in and what came out, markers not counted. Any thread.
struct traffic {
  std::atomic<std::size_t> produced{0};
  std::atomic<std::size_t> consumed{0};
};

/// The last line of a pattern with a queue: `left` is what the queue still holds, `unfinished` what was put
/// and never reported by task_done; markers count in both.
inline void say_accounting(const traffic& items, std::size_t left, std::size_t unfinished) {
  say("produced {}, consumed {}, left in the queue {}, unfinished {}", items.produced.load(),
      items.consumed.load(), left, unfinished);
}

}  // namespace handoff::patterns
