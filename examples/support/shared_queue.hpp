// Shared by the tasks of a pattern.
#pragma once

#include <cstddef>
#include <memory>

#include "examples/support/accounting.hpp"
#include "examples/support/item.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/queue.hpp"

namespace handoff::patterns {

/// A queue on the loop of the task that makes it, and the number of its items.
struct queue_and_traffic {
  explicit queue_and_traffic(std::ptrdiff_t maxsize) : queue(async::running_loop(), maxsize) {}

  async::queue<item> queue;
  traffic items;
};

/// As in Python, it lives until the last task that knows it has ended: after a SIGINT that may be another one
/// than the task that made it.
using shared_queue = std::shared_ptr<queue_and_traffic>;

/// `maxsize` 0: unbounded.
inline shared_queue make_queue(std::ptrdiff_t maxsize = 0) {
  return std::make_shared<queue_and_traffic>(maxsize);
}

inline void say_accounting(const queue_and_traffic& at_the_end) {
  say_accounting(at_the_end.items, at_the_end.queue.qsize(), at_the_end.queue.unfinished_tasks());
}

}  // namespace handoff::patterns
