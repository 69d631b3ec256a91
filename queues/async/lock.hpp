// asyncio's Lock: mutual exclusion between tasks, across their awaits.
//
//   co_await mutex.acquire();
//   ... co_await what must not be interrupted by other holders ...
//   mutex.release();
//
// FIFO: a release wakes the task that has waited longest, and no other takes the lock in between. A waiter
// that is cancelled after it was woken wakes its successor. As in CPython, a cancelled waiter holds its
// place until its turn has come: a release meanwhile wakes none, the cancelled one does so then. Waiters
// live in their coroutines' frames: no allocation. Loop thread only.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"

namespace handoff::async {

class lock : public wait_place {
 public:
  explicit lock(event_loop& loop) noexcept : wait_place(loop) {}
  ~lock() {
    while (holder* const one = holders_.pop_front()) one->held_ = nullptr;
    abandon(pending_);
    while (in_order_.pop_front() != nullptr) {
    }
  }

  bool locked() const noexcept { return locked_; }

  /// Takes the lock if that needs no waiting.
  bool try_acquire() noexcept {
    if (locked_ || woken_ != 0 || !pending_.empty()) return false;
    locked_ = true;
    return true;
  }

  class acquire_awaiter;
  class hold_awaiter;

  /// Holds the lock until it is destroyed. The lock may be destroyed first. If another task has released
  /// it, nothing is left to do (asyncio's `async with` throws there, a destructor does not).
  class [[nodiscard]] holder : private support::list_link {
   public:
    explicit holder(lock& held) noexcept : support::list_link{nullptr, nullptr}, held_(&held) {
      held.holders_.push_back(*this);
    }
    holder(holder&& other) noexcept : support::list_link{nullptr, nullptr}, held_(other.let_go()) {
      if (held_ != nullptr) held_->holders_.push_back(*this);
    }
    holder& operator=(holder&&) = delete;
    ~holder() {
      lock* const held = let_go();
      if (held != nullptr && held->locked_) held->release();  // it is not locked if a loop has ended
    }

   private:
    friend class lock;
    friend class support::intrusive_list<holder>;

    lock* let_go() noexcept {
      if (held_ != nullptr) unlink();
      return std::exchange(held_, nullptr);
    }

    lock* held_;
  };

  /// Waits for the lock; does not suspend when it is free. Throws `cancelled_error` in a cancelled task.
  acquire_awaiter acquire() noexcept;

  /// The same; the lock is released when the returned `holder` is destroyed.
  hold_awaiter hold() noexcept;

  /// Throws std::logic_error when the lock is not held.
  void release() {
    if (!locked_) throw std::logic_error("the lock that is released is not held");
    locked_ = false;
    wake_first();
  }

  /// Calls `visit(acquirer&)` for all that wait for the lock, cancelled or not. For a condition.
  template <class Visit>
  void for_each_acquirer(Visit visit) const {
    in_order_.for_each([&](const acquirer::in_order& place) { visit(*place.self); });
  }

  /// A waiter for the lock (the base of the awaiters here and of a condition's): from `queue_up` until its
  /// turn.
  class acquirer : public waiter {
   protected:
    explicit acquirer(wait_place* place) noexcept : waiter(place) {}
    ~acquirer() {
      if (place_.linked()) place_.unlink();  // the loop ends, or the lock was destroyed
    }

    /// To the end of the waiters for `held`. If `run` is called, `took` comes first.
    void queue_up(lock& held) noexcept {
      owner = &held;
      held.in_order_.push_back(place_);
      held.pending_.push_back(*this);
    }

    /// The turn: true if the lock is now held; otherwise the task was cancelled, and that is delivered.
    bool took(lock& held) noexcept {
      place_.unlink();
      const bool was_woken = !cancelled();
      if (was_woken) --held.woken_;
      if (!must_cancel()) {
        held.locked_ = true;
        return true;
      }
      deliver_cancel();
      if (!held.locked_) held.wake_first();
      return false;
    }

    /// Before it queues up again.
    void forget_outcome() noexcept { end_as(outcome::proceed); }

   private:
    friend class lock;

    /// Its place among the waiters, which it keeps until its turn.
    struct in_order : support::list_link {
      explicit in_order(acquirer& who) noexcept : support::list_link{nullptr, nullptr}, self(&who) {}
      acquirer* self;
    };

    in_order place_{*this};
  };

 private:
  void wake_first() noexcept {
    if (in_order_.empty() || !in_order_.front().self->linked()) return;  // it has been woken, or cancelled
    wake_one(pending_);
    ++woken_;
  }

  bool locked_ = false;
  std::size_t woken_ = 0;                                 // whose turns have not come
  support::intrusive_list<waiter> pending_;               // neither woken nor cancelled
  support::intrusive_list<acquirer::in_order> in_order_;  // and those whose turns have not come
  support::intrusive_list<holder> holders_;               // notified when it is destroyed
};

class [[nodiscard]] lock::acquire_awaiter : public acquirer {
 public:
  explicit acquire_awaiter(lock& wanted) noexcept : acquirer(&wanted) {}

  bool await_ready() const noexcept { return wanted().try_acquire(); }

  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
    run = &run_acquire;
    suspend(frame);
    queue_up(wanted());
    if (must_cancel()) give_up();
  }

  void await_resume() const { throw_if_cancelled(); }

 protected:
  lock& wanted() const noexcept { return static_cast<lock&>(*owner); }

 private:
  static void run_acquire(ready_node& node) {
    auto& self = static_cast<acquire_awaiter&>(node);
    self.took(self.wanted());
    self.resume();
  }
};

class [[nodiscard]] lock::hold_awaiter final : public acquire_awaiter {
 public:
  using acquire_awaiter::acquire_awaiter;

  holder await_resume() const {
    acquire_awaiter::await_resume();
    return holder(wanted());
  }
};

inline lock::hold_awaiter lock::hold() noexcept { return hold_awaiter(*this); }

inline lock::acquire_awaiter lock::acquire() noexcept { return acquire_awaiter(*this); }

}  // namespace handoff::async
