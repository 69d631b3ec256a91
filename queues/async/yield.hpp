// `co_await yield()`: asyncio's `sleep(0)`, one bare hop through the ready list. Everything that was ready
// before runs once in between.
#pragma once

#include <concepts>
#include <coroutine>

#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"

namespace handoff::async {

class [[nodiscard]] yield_awaiter final : public waiter {
 public:
  yield_awaiter() noexcept = default;

  bool await_ready() const noexcept { return false; }

  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
    run = &run_once;
    suspend(frame);
    task().loop().call_soon(*this);
  }

  /// Throws `cancelled_error` when the task was cancelled.
  void await_resume() const { throw_if_cancelled(); }
};

inline yield_awaiter yield() noexcept { return yield_awaiter(); }

}  // namespace handoff::async
