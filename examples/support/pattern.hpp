// A pattern: a small program of producers and consumers that runs on a loop, and some also on threads.
#pragma once

#include <span>
#include <string_view>

#include "examples/support/thread_queue.hpp"
#include "queues/async/task.hpp"

namespace handoff::patterns {

struct pattern {
  std::string_view name;
  std::string_view sentence;   ///< what it shows
  async::task<> (*program)();  ///< runs as the task `main`
  thread_program on_threads;   ///< the same on threads, with the same accounting at its end; may be none
};

extern const pattern simple;
extern const pattern bounded;
extern const pattern pool;
extern const pattern done_signal;
extern const pattern none_each;
extern const pattern say_after;
extern const pattern async_queue;
extern const pattern fetch_all;

/// All of them, from the first to learn from to the last.
std::span<const pattern* const> all_patterns();

}  // namespace handoff::patterns
