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
    run = &run_yield;
    suspend(frame);
    task().loop().call_soon(*this);
  }

  /// Throws `cancelled_error` when the task was cancelled.
  void await_resume() const {
    if (cancelled()) throw cancelled_error{};
  }

 private:
  static void run_yield(ready_node& node) {
    auto& self = static_cast<yield_awaiter&>(node);
    if (self.must_cancel()) self.deliver_cancel();
    self.resume();
  }
};

inline yield_awaiter yield() noexcept { return yield_awaiter(); }

}  // namespace handoff::async
