// Exceptions of the coroutine runtime, in asyncio's words.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace handoff::async {

/// Thrown at the place where a cancelled task waits. Like asyncio's, it does not derive from
/// `std::exception`, so a handler of ordinary errors does not swallow a cancellation by accident.
struct cancelled_error final {};

/// `put_nowait` found the queue full.
struct queue_full final : std::runtime_error {
  queue_full() : std::runtime_error("put_nowait() on a full queue") {}
};

/// `get_nowait` found the queue empty.
struct queue_empty final : std::runtime_error {
  queue_empty() : std::runtime_error("get_nowait() on an empty queue") {}
};

/// The queue is shut down (and, for a get, drained).
struct queue_shut_down final : std::runtime_error {
  queue_shut_down() : std::runtime_error("the queue is shut down") {}
};

/// The time of a `timeout`, `wait_for` or `timeout_scope` is over.
struct timeout_error final : std::runtime_error {
  timeout_error() : std::runtime_error("timed out") {}
};

/// The barrier was reset or aborted.
struct broken_barrier final : std::runtime_error {
  broken_barrier() : std::runtime_error("the barrier is broken") {}
};

/// SIGINT has ended the run.
struct interrupted final : std::runtime_error {
  interrupted() : std::runtime_error("interrupted") {}
};

/// Nothing is ready to run, yet tasks are still waiting: nothing could ever wake them.
struct deadlock_error final : std::logic_error {
  explicit deadlock_error(std::size_t tasks)
      : std::logic_error("nothing is ready to run, and " + std::to_string(tasks) + " task(s) wait forever") {}
};

}  // namespace handoff::async
