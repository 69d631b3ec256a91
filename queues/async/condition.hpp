// asyncio's Condition: tasks that hold a lock wait for a notification.
//
//   co_await changed.acquire();
//   while (!ready) co_await changed.wait();
//   changed.release();
//
// `wait` gives the lock up, waits for a notification, and takes the lock back, also when the task is
// cancelled; a cancelled waiter passes a notification that it may have received on (CPython 3.13). Waiters
// live in their coroutines' frames: no allocation. Loop thread only.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <limits>
#include <stdexcept>

#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/lock.hpp"

namespace handoff::async {

class condition : public wait_place {
 public:
  /// With a lock of its own.
  explicit condition(event_loop& loop) noexcept : wait_place(loop), own_(loop), lock_(own_) {}
  /// With the caller's lock, which must outlive it.
  condition(event_loop& loop, lock& guard) noexcept : wait_place(loop), own_(loop), lock_(guard) {}
  inline ~condition();

  auto acquire() noexcept { return lock_.acquire(); }
  auto hold() noexcept { return lock_.hold(); }
  void release() { lock_.release(); }
  bool locked() const noexcept { return lock_.locked(); }

  class wait_awaiter;

  /// Waits for a notification. Throws std::logic_error when the lock is not held; `cancelled_error` in a
  /// cancelled task. Either way the lock is held again afterwards.
  wait_awaiter wait();

  /// Wakes the `count` tasks that have waited longest. Throws std::logic_error when the lock is not held.
  void notify(std::size_t count = 1) {
    if (!locked()) throw std::logic_error("notify() without the lock");
    wake(count);
  }
  void notify_all() { notify(std::numeric_limits<std::size_t>::max()); }

 private:
  friend class barrier;

  void wake(std::size_t count) noexcept {
    while (count-- > 0 && wake_one(waiters_) != nullptr) {
    }
  }

  lock own_;
  lock& lock_;
  support::intrusive_list<waiter> waiters_;
};

class [[nodiscard]] condition::wait_awaiter final : public lock::acquirer {
 public:
  explicit wait_awaiter(condition& place) noexcept : acquirer(&place), condition_(&place) {}

  bool await_ready() const noexcept { return false; }

  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) {
    condition_->release();
    run = &run_notified;
    suspend(frame, condition_->waiters_);
  }

  void await_resume() {
    if (owner == nullptr) throw cancelled_error{};  // its condition was destroyed: nothing else resumes it
    if (!was_cancelled_) return;
    if (condition_ != nullptr) condition_->wake(1);
    throw cancelled_error{};
  }

 private:
  friend class condition;

  static void run_notified(ready_node& node) {
    auto& self = static_cast<wait_awaiter&>(node);
    if (self.must_cancel()) {
      self.deliver_cancel();
      self.was_cancelled_ = true;
    }
    self.take_back(self.condition_->lock_);
  }

  static void run_locked(ready_node& node) {
    auto& self = static_cast<wait_awaiter&>(node);
    auto& held = static_cast<lock&>(*self.owner);
    if (self.took(held)) {
      self.resume();
      return;
    }
    self.was_cancelled_ = true;
    self.take_back(held);
  }

  void take_back(lock& held) {
    if (held.try_acquire()) {
      resume();
      return;
    }
    forget_outcome();
    run = &run_locked;
    queue_up(held);
  }

  condition* condition_;  // null if it was destroyed while the lock is still waited for
  bool was_cancelled_ = false;
};

inline condition::~condition() {
  abandon(waiters_);
  lock_.for_each_acquirer([this](lock::acquirer& one) {
    if (one.run != &wait_awaiter::run_locked) return;
    auto& awaiter = static_cast<wait_awaiter&>(one);
    if (awaiter.condition_ == this) awaiter.condition_ = nullptr;
  });
}

inline condition::wait_awaiter condition::wait() {
  if (!locked()) throw std::logic_error("wait() without the lock");
  return wait_awaiter(*this);
}

}  // namespace handoff::async
