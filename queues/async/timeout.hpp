// A limit on how long a part of a task may wait: asyncio's `timeout()`.
//
//   const int item = co_await async::timeout(200ms, q.get());   // or throws timeout_error
//
// When the time is over the task is cancelled; if that cancellation, and no other, comes out of the part,
// it becomes a `timeout_error`. `timeout_scope` is the same for more than one await:
//
//   async::timeout_scope limit(200ms);
//   try {
//     ... any number of co_await ...
//     limit.leave();
//   } catch (const async::cancelled_error&) {
//     if (limit.leave_cancelled()) throw async::timeout_error();
//     throw;
//   }
#pragma once

#include <concepts>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/task.hpp"

namespace handoff::async {

/// Lives inside one task, from its construction in a step of that task until one of the `leave`s, or until
/// it is destroyed: however the part ends, the cancellation that the scope requested is withdrawn.
class timeout_scope : private timer {
 public:
  /// From now on. A `delay` of zero or less is over in the next pass: an operation that need not wait still
  /// succeeds. Throws std::logic_error outside a task.
  explicit timeout_scope(time_span delay) : loop_(running_loop()), task_(*running_task) { set(delay); }
  ~timeout_scope() { leave(); }

  /// Begins anew, `delay` from now; not after it has expired.
  void reschedule(time_span delay) {
    if (expired_) throw std::logic_error("the timeout has expired already");
    unset();
    set(delay);
  }

  /// The time is over: the task has been cancelled.
  bool expired() const noexcept { return expired_; }

  /// The part is over without a cancellation. This scope's is withdrawn if a `wait_for` kept it for the
  /// next wait.
  void leave() noexcept {
    if (take_back() && !undelivered_before_) task_.cancel_delivered();
  }

  /// The part is over by a cancellation. True if it was this scope's, and no other was requested since it
  /// began. A request from before that was still to be delivered then is delivered at the next wait.
  bool leave_cancelled() noexcept {
    if (!take_back()) return false;
    if (undelivered_before_) task_.deliver_again();
    return true;
  }

 private:
  /// The turn of a scope whose time was over immediately.
  class early_turn final : public callback {
   public:
    explicit early_turn(timeout_scope& scope) noexcept : scope_(&scope) {}
    void forget() noexcept { scope_ = nullptr; }

   private:
    void fire() override {
      if (scope_ == nullptr) return;
      scope_->early_ = nullptr;
      scope_->expire();
    }

    timeout_scope* scope_;
  };

  void set(nanoseconds delay) {
    if (delay > nanoseconds::zero()) {
      loop_.arm_after(*this, delay);
      return;
    }
    early_ = new early_turn(*this);
    loop_.call_soon(*early_);
  }

  void unset() noexcept {
    if (timer::armed()) loop_.disarm(*this);
    if (early_ != nullptr) std::exchange(early_, nullptr)->forget();
  }

  /// True if it had a request to take back, and none is left but those that came before it.
  bool take_back() noexcept {
    unset();
    return std::exchange(requested_, false) && task_.uncancel() <= cancelling_before_;
  }

  void fire() override { expire(); }

  const task_state* whose() const noexcept override { return &task_; }

  void expire() {
    expired_ = requested_ = true;
    task_.cancel();
  }

  event_loop& loop_;
  task_state& task_;
  const unsigned cancelling_before_ = task_.cancelling();  // requests that were there when the scope began
  const bool undelivered_before_ = task_.must_cancel();    // and one of them was still to be delivered
  early_turn* early_ = nullptr;
  bool expired_ = false;
  bool requested_ = false;  // its request is among the task's
};

/// The result type of an awaiter.
template <class Awaiter>
using awaited_t = decltype(std::declval<Awaiter&>().await_resume());

/// `co_await what`, where `what` is an awaiter: an lvalue, so that g++ 12 does not copy it.
template <class Awaiter, class Answer = std::decay_t<awaited_t<Awaiter>>>
task<Answer> await_within(time_span delay, Awaiter& what) {
  timeout_scope limit(delay);
  try {
    if constexpr (std::is_void_v<Answer>) {
      co_await what;
      limit.leave();
      co_return;
    } else {
      auto&& answer = co_await what;
      limit.leave();
      co_return std::forward<decltype(answer)>(answer);
    }
  } catch (const cancelled_error&) {
    if (limit.leave_cancelled()) throw timeout_error();
    throw;
  }
}

/// `what` within `delay`; throws `timeout_error` when the time is over. An awaiter, such as `q.get()`, is
/// not moved: write it into the same expression as the `co_await`, which keeps it alive. Not for a task's
/// handle: `wait_for` is. Allocates one frame, from the pool. Its result passes through that frame: an item
/// whose move throws there is lost.
template <class Awaiter>
  requires(!std::move_constructible<std::remove_cvref_t<Awaiter>>)
auto timeout(time_span delay, Awaiter&& what) { return await_within(delay, what); }

/// A coroutine within `delay`; it begins, and the time with it, when the returned one is awaited.
template <class T>
task<T> timeout(time_span delay, task<T> what) {
  child_awaiter<T> whole = std::move(what).operator co_await();
  task<T> limited = await_within(delay, whole);
  if constexpr (std::is_void_v<T>)
    co_await std::move(limited);
  else
    co_return co_await std::move(limited);
}

}  // namespace handoff::async
