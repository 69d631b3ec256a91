// `co_await sleep(50ms)`: waits for a moment on the loop's clock. `sleep(0s)` is `yield()`: a bare hop.
//
// As in asyncio, the timer's turn only makes the task ready: the task continues one pass later. A cancelled
// sleep leaves no timer behind.
#pragma once

#include <concepts>
#include <coroutine>

#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"

namespace handoff::async {

class [[nodiscard]] sleep_awaiter final : public waiter, private timer {
 public:
  explicit sleep_awaiter(time_span delay) noexcept : delay_(delay) {}

  bool await_ready() const noexcept { return false; }

  /// Throws std::bad_alloc when the timer finds no room.
  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) {
    event_loop& loop = frame.promise().state().loop();
    run = &run_sleep;
    if (delay_ <= nanoseconds::zero()) {
      suspend(frame);
      loop.call_soon(*this);
      return;
    }
    loop.arm_after(*this, delay_);
    suspend(frame, loop.parked());
  }

  /// Throws `cancelled_error` when the task was cancelled.
  void await_resume() const { throw_if_cancelled(); }

  /// The loop destroys a task that sleeps.
  ~sleep_awaiter() {
    if (timer::armed()) task().loop().disarm(*this);
  }

 private:
  void fire() override { release(); }

  const task_state* whose() const noexcept override { return &task(); }

  static void run_sleep(ready_node& node) {
    auto& self = static_cast<sleep_awaiter&>(node);
    self.task().loop().disarm(self);
    self.end_wait();
  }

  nanoseconds delay_;
};

/// Waits until `delay` has passed; forever if the clock cannot count that far.
inline sleep_awaiter sleep(time_span delay) noexcept { return sleep_awaiter(delay); }

}  // namespace handoff::async
