// The base of every awaiter that puts its task to sleep: its node lies first in a list of waiters, then in
// the loop's ready list. No allocation: the node is the awaiter, which lives in the coroutine's frame.
//
// A waiter is woken (moved to the ready list), and one pass of the loop later its `run` looks again: resume,
// or wait once more at the tail. The coroutine itself is not resumed for a look in vain.
//
// Part of queues/async/event_loop.hpp: include that.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstdint>

#include "queues/async/detail/task_state.hpp"
#include "queues/async/errors.hpp"

namespace handoff::async {

class waiter : public ready_node {
 public:
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;

  /// Cancellation has been requested: leave the list and run soon. A waiter that was woken already (or that
  /// only lets others run) has its turn anyway and sees the request then.
  inline void give_up() noexcept;

  /// It did: its turn delivers a cancellation, come what may.
  bool gave_up() const noexcept { return cancelled(); }

  /// Whose waiter it is, once it waits.
  task_state& task() const noexcept { return promise().state(); }

  /// The object on which it waits is destroyed: only a cancellation can resume it from here on.
  void orphan() noexcept {
    run = &run_orphaned;
    owner = nullptr;
  }

 protected:
  /// `place`: what `run` looks at; null if it looks at nothing that could be destroyed.
  explicit waiter(wait_place* place = nullptr) noexcept {
    owner = place;
    end_unsuspended(outcome::proceed);
  }

  /// For one that sets its owner by itself, and calls `end_unsuspended`.
  struct not_set {};
  explicit waiter(not_set) noexcept {}
  ~waiter() = default;

  /// Puts the task of `frame` to sleep at this waiter.
  template <std::derived_from<promise_base> Promise>
  void suspend(std::coroutine_handle<Promise> frame) noexcept {
    prev = nullptr;
    wait_in(frame);
  }

  /// The same, at the tail of `list`. A cancellation that was requested earlier ends the wait immediately.
  template <std::derived_from<promise_base> Promise>
  [[gnu::always_inline]] void suspend(std::coroutine_handle<Promise> frame,
                                      support::intrusive_list<waiter>& list) noexcept {
    wait_in(frame);
    list.push_back(*this);
    if (task().must_cancel()) [[unlikely]]
      give_up_at_once();
  }

  /// How the wait ended, for `await_resume`: nothing happens between `run` (or `await_ready`) and it.
  enum class outcome : std::uintptr_t {
    proceed,    ///< the event has come
    done,       ///< and has been taken, or used, already
    closed,     ///< and will never be
    cancelled,  ///< a cancellation was delivered here
  };
  outcome ended_as() const noexcept { return static_cast<outcome>(promise_and_outcome_ & outcome_bits); }
  bool cancelled() const noexcept { return ended_as() == outcome::cancelled; }

  /// Before the task is put to sleep, or if it need not be.
  void end_unsuspended(outcome how) noexcept { promise_and_outcome_ = static_cast<std::uintptr_t>(how); }

  /// Once it is asleep: `suspend` leaves it at `proceed`.
  void end_as(outcome how) noexcept {
    promise_and_outcome_ = (promise_and_outcome_ & ~outcome_bits) | static_cast<std::uintptr_t>(how);
  }

  /// For `run`: a cancellation is to be delivered now.
  bool must_cancel() const noexcept { return task().must_cancel(); }

  /// Delivers the cancellation. True when the waiter had been woken before: the wake-up is then to be passed
  /// on, because this task will not use it.
  bool deliver_cancel() noexcept {
    task().cancel_delivered();
    const bool was_woken = !cancelled();
    end_as(outcome::cancelled);
    return was_woken;
  }

  /// Its event has come: it has its turn soon, unless the wait has ended already (the task was cancelled).
  inline void release() noexcept;

  /// The whole turn of a wait without a second look: a cancellation is delivered, and the task continues.
  static void run_once(ready_node& node) { static_cast<waiter&>(node).end_wait(); }
  void end_wait() {
    if (must_cancel()) deliver_cancel();
    resume();
  }

  /// For `await_resume`.
  void throw_if_cancelled() const {
    if (cancelled()) throw cancelled_error{};
  }

  /// Resumes the task. The waiter may no longer exist afterwards.
  void resume() {
    task().run_now();
    promise().frame().resume();
  }

 private:
  template <class Promise>
  [[gnu::always_inline]] void wait_in(std::coroutine_handle<Promise> frame) noexcept {
    static_assert(alignof(Promise) > outcome_bits);
    promise_and_outcome_ = reinterpret_cast<std::uintptr_t>(static_cast<promise_base*>(&frame.promise()));
    task().wait_at(*this);
  }

  [[gnu::noinline, gnu::cold]] void give_up_at_once() noexcept { give_up(); }

  static inline void run_orphaned(ready_node& node);

  promise_base& promise() const noexcept {
    return *reinterpret_cast<promise_base*>(promise_and_outcome_ & ~outcome_bits);
  }

  // In one word, so that a task that waits for an event fits into 240 bytes. The promise is set by `suspend`:
  // an operation that need not wait does not pay for it.
  static constexpr std::uintptr_t outcome_bits = 3;
  std::uintptr_t promise_and_outcome_;
};

}  // namespace handoff::async
