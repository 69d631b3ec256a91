// asyncio's Event: a flag that tasks wait for.
//
// `set` wakes all waiters; a `clear` right after it does not revoke that. Waiters live in their coroutines'
// frames: no allocation. Loop thread only.
#pragma once

#include <concepts>
#include <coroutine>

#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"

namespace handoff::async {

class event : public wait_place {
 public:
  explicit event(event_loop& loop) noexcept : wait_place(loop) {}
  ~event() { abandon(waiters_); }

  bool is_set() const noexcept { return set_; }

  void set() noexcept {
    if (set_) return;
    set_ = true;
    wake_all(waiters_);
  }

  void clear() noexcept { set_ = false; }

  class [[nodiscard]] wait_awaiter final : public waiter {
   public:
    explicit wait_awaiter(event& event) noexcept : waiter(&event) {}

    bool await_ready() const noexcept { return place().set_; }

    template <std::derived_from<promise_base> Promise>
    void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
      run = &run_once;
      suspend(frame, place().waiters_);
    }

    void await_resume() const { throw_if_cancelled(); }

   private:
    event& place() const noexcept { return static_cast<event&>(*owner); }
  };

  /// Waits until the flag is set; does not suspend when it is. Throws `cancelled_error` in a cancelled task.
  wait_awaiter wait() noexcept { return wait_awaiter(*this); }

 private:
  support::intrusive_list<waiter> waiters_;
  bool set_ = false;
};

}  // namespace handoff::async
