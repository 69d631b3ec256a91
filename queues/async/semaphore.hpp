// asyncio's Semaphore and BoundedSemaphore: at most so many tasks at once.
//
// FIFO: while any task waits, a newcomer waits too, even if the value is above zero. A release gives its
// unit to the task that has waited longest; if that one is cancelled before its turn, the unit passes to
// the next. Waiters live in their coroutines' frames: no allocation. Loop thread only.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <stdexcept>

#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"

namespace handoff::async {

class semaphore : public wait_place {
 public:
  /// Throws std::invalid_argument for a negative value.
  explicit semaphore(event_loop& loop, std::ptrdiff_t value = 1) : wait_place(loop), value_(value) {
    if (value < 0) throw std::invalid_argument("a semaphore's value must be at least 0");
  }
  ~semaphore() { abandon(pending_); }

  /// An `acquire` would have to wait.
  bool locked() const noexcept { return value_ == 0 || woken_ != 0 || !pending_.empty(); }

  std::ptrdiff_t value() const noexcept { return value_; }

  class [[nodiscard]] acquire_awaiter final : public waiter {
   public:
    explicit acquire_awaiter(semaphore& wanted) noexcept : waiter(&wanted) {}

    bool await_ready() const noexcept {
      semaphore& s = wanted();
      if (s.locked()) return false;
      --s.value_;
      return true;
    }

    template <std::derived_from<promise_base> Promise>
    void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
      run = &run_acquire;
      suspend(frame, wanted().pending_);
    }

    void await_resume() const { throw_if_cancelled(); }

   private:
    semaphore& wanted() const noexcept { return static_cast<semaphore&>(*owner); }

    static void run_acquire(ready_node& node) {
      auto& self = static_cast<acquire_awaiter&>(node);
      semaphore& s = self.wanted();
      const bool was_woken = !self.cancelled();
      if (was_woken) --s.woken_;
      if (self.must_cancel()) {
        self.deliver_cancel();
        if (was_woken) s.give_one();
      } else if (s.value_ > 0) {
        s.wake_next();
      }
      self.resume();
    }
  };

  /// Takes one unit; does not suspend if one is free and no task waits. Throws `cancelled_error` in a
  /// cancelled task.
  acquire_awaiter acquire() noexcept { return acquire_awaiter(*this); }

  void release() noexcept { give_one(); }

 private:
  void give_one() noexcept {
    ++value_;
    wake_next();
  }

  void wake_next() noexcept {
    if (wake_one(pending_) == nullptr) return;
    --value_;
    ++woken_;
  }

  std::ptrdiff_t value_;
  std::size_t woken_ = 0;                    // whose turns have not come
  support::intrusive_list<waiter> pending_;  // neither woken nor cancelled
};

/// One whose value never exceeds its initial value.
class bounded_semaphore : public semaphore {
 public:
  explicit bounded_semaphore(event_loop& loop, std::ptrdiff_t value = 1)
      : semaphore(loop, value), bound_(value) {}

  /// Throws std::logic_error when the value is at its bound.
  void release() {
    if (value() >= bound_) throw std::logic_error("the semaphore was released more often than acquired");
    semaphore::release();
  }

 private:
  std::ptrdiff_t bound_;
};

}  // namespace handoff::async
