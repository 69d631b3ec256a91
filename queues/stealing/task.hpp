// Fork and join for coroutines, on the threads of a stealing_executor.
//
//   handoff::stealing::task<long> fib(long n) {
//     if (n < 2) co_return n;
//     long x, y;
//     co_await handoff::stealing::fork(x, fib(n - 1));
//     co_await handoff::stealing::fork(y, fib(n - 2));
//     co_await handoff::stealing::join();
//     co_return x + y;
//   }
//   long result = executor.run(fib(30));
//
// When to use   divide and conquer that is deeper than a stack, or that forks children in a loop and joins
//               them later; branches of some tens of nanoseconds and more
// When not      two branches and a shallow tree: `join(a, b)` of functions (executor.hpp) takes no frame;
//               coroutines that wait for events outside: besides forks, joins and tasks, only a channel
//               (queues/channel/channel.hpp) can be awaited
// Stealing      A fork runs the child at once, and what is stolen is the rest of the parent, the oldest first
//               (continuation stealing). So one thread runs the coroutines in the order of the serial program
//               and has as many frames as that is deep, however many children a loop forks; if children
//               were stolen (TBB), every one of them would need its frame before the first runs: 202 MiB and
//               2.6 times the time for a million of them (docs/stealing.md). Idle threads
//               ask for work as in executor.hpp, without an atomic read-modify-write in a fork or a join of
//               which nothing was stolen.
// Progress      A fork and a join are wait-free, apart from the allocation of a frame, unless work is asked
//               for or was stolen; a steal takes a lock. No thread blocks in a join: it runs something else,
//               or sleeps.
// Memory        a frame per coroutine that has begun and is not over, from lists of each thread that are
//               refilled together (queues/async/detail/frame_pool.hpp); a child's frame may also be kept
//               until its parent's join, once per steal
// Exceptions    come out at the join, of several the one that was forked first; after that, no child runs
// Reference     Williams and Elliott, Libfork: portable continuation-stealing with stackless coroutines
//               (2024); for how work is asked for, see executor.hpp
#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "queues/stealing/detail/apart.hpp"
#include "queues/stealing/detail/frame.hpp"
#include "queues/stealing/detail/hub_steps.hpp"
#include "queues/stealing/detail/suspension.hpp"
#include "queues/stealing/executor.hpp"

namespace handoff::stealing {

template <class T, class Steps>
class basic_task;

namespace detail {

template <class T, class Steps>
class task_promise;

/// What a fork was called with.
template <class T, class Steps>
struct fork_request {
  T* result;  // null: nobody wants to know
  basic_task<T, Steps> child;
};
template <class Steps>
struct fork_request<void, Steps> {
  basic_task<void, Steps> child;
};

struct join_request {};

template <class T, class Steps>
class [[nodiscard]] fork_awaiter {
 public:
  explicit fork_awaiter(basic_task<T, Steps>& child) noexcept : child_(child) {}
  bool await_ready() const noexcept { return false; }
  template <std::derived_from<frame<Steps>> Promise>
  HANDOFF_APART_IN_CLANG bool await_suspend(std::coroutine_handle<Promise> parent) {
    basic_task<T, Steps> child = std::move(child_);  // which lies in the parent, and that may go on elsewhere
    if (!parent.promise().fork(*child.promise_)) return false;
    child.promise_ = nullptr;
    return true;
  }
  void await_resume() const noexcept {}

 private:
  basic_task<T, Steps>& child_;
};

template <class T, class Steps>
class [[nodiscard]] call_awaiter {
 public:
  explicit call_awaiter(basic_task<T, Steps>& child) noexcept : child_(child) {}
  bool await_ready() const noexcept { return false; }
  template <std::derived_from<frame<Steps>> Promise>
  HANDOFF_APART_IN_CLANG void await_suspend(std::coroutine_handle<Promise> parent) noexcept {
    parent.promise().call(*child_.promise_);
  }
  T await_resume() { return child_.promise_->result(); }

 private:
  basic_task<T, Steps>& child_;
};

template <class Steps>
class [[nodiscard]] join_awaiter {
 public:
  explicit join_awaiter(frame<Steps>& parent) noexcept : parent_(parent) {}
  bool await_ready() const noexcept { return parent_.has_nothing_to_await(); }
  HANDOFF_APART_IN_CLANG bool await_suspend(std::coroutine_handle<>) noexcept { return parent_.suspends(); }
  void await_resume() { parent_.conclude_join(); }

 private:
  frame<Steps>& parent_;
};

/// What promises share.
template <class T, class Steps>
class task_promise_base : public frame<Steps> {
 public:
  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    HANDOFF_APART_IN_CLANG void await_suspend(
        std::coroutine_handle<task_promise<T, Steps>> coroutine) const noexcept {
      auto& me = coroutine.promise();
      if (me.end(&task_promise_base::settle)) settle(me, true);
    }
    void await_resume() const noexcept {}
  };
  final_awaiter final_suspend() const noexcept { return {}; }

  using frame<Steps>::unhandled_exception;

  // Only these can be awaited: anything else could resume the coroutine outside of the executor.
  template <class U>
  fork_awaiter<U, Steps> await_transform(fork_request<U, Steps>&& request) noexcept {
    if constexpr (!std::is_void_v<U>) request.child.promise_->deliver_to(request.result);
    return fork_awaiter<U, Steps>(request.child);
  }
  template <class U>
  call_awaiter<U, Steps> await_transform(basic_task<U, Steps>&& child) noexcept {
    return call_awaiter<U, Steps>(child);
  }
  join_awaiter<Steps> await_transform(join_request) noexcept { return join_awaiter<Steps>(*this); }
  template <std::derived_from<waits_outside> Operation>
  auto await_transform(Operation&& operation) noexcept {
    return std::forward<Operation>(operation).begin();
  }

 protected:
  using frame<Steps>::end;

 private:
  static void settle(frame<Steps>& one, bool wanted) noexcept {
    auto& me = static_cast<task_promise<T, Steps>&>(one);
    if (!me.hand_error_on()) me.deliver(wanted);
    me.handle().destroy();
  }
};

template <class T, class Steps>
class task_promise final : public task_promise_base<T, Steps> {
  static_assert(std::is_object_v<T>, "a task returns an object or nothing");
  static_assert(std::is_nothrow_move_assignable_v<T>,
                "a task's result is moved to the variable of the fork, and that move may not throw");
  static_assert(alignof(T) <= alignof(frame<Steps>),
                "a task's result of a stricter alignment than 16 would be misplaced: return a pointer to it");

 public:
  basic_task<T, Steps> get_return_object() noexcept {
    static_assert(alignof(task_promise) == alignof(frame<Steps>), "frame::handle() counts on it");
    return basic_task<T, Steps>(*this);
  }

  template <std::convertible_to<T> U = T>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }

  void deliver_to(T* where) noexcept { target_ = where; }

  void deliver(bool wanted) noexcept {
    if (wanted && target_ != nullptr) *target_ = *std::move(value_);
  }

  /// Once it is over.
  T result() {
    this->rethrow_if_failed();
    return *std::move(value_);
  }

 private:
  std::optional<T> value_;
  T* target_;
};

template <class Steps>
class task_promise<void, Steps> final : public task_promise_base<void, Steps> {
 public:
  basic_task<void, Steps> get_return_object() noexcept {
    static_assert(alignof(task_promise) == alignof(frame<Steps>), "frame::handle() counts on it");
    return basic_task<void, Steps>(*this);
  }
  void return_void() const noexcept {}
  void deliver(bool) const noexcept {}
  void result() { this->rethrow_if_failed(); }
};

}  // namespace detail

/// A coroutine that begins when it is forked, awaited or run; one that is not is destroyed with this object.
/// `Steps` is for tests; use `task`.
///
/// `co_await std::move(child)`, or `co_await` of a call, runs the child to its end and returns its result or
/// throws its exception. The parent's children that were forked before may still be running then. Its thread
/// may be another one after any `co_await`.
///
/// A coroutine that ends, by `co_return` or by an exception, with children that it has not joined, is over
/// once they are; of the exceptions, the first in the order of the forks comes out, its own being the last.
/// Their results go nowhere. If it may end so, they must not refer to its local variables.
template <class T, class Steps>
class [[nodiscard]] basic_task {
 public:
  using promise_type = detail::task_promise<T, Steps>;

  basic_task(basic_task&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  basic_task& operator=(basic_task&& other) noexcept {
    std::swap(promise_, other.promise_);
    return *this;
  }
  ~basic_task() {
    if (promise_ != nullptr) promise_->handle().destroy();
  }

 private:
  friend promise_type;
  friend basic_stealing_executor<Steps>;
  template <class, class>
  friend class detail::fork_awaiter;
  template <class, class>
  friend class detail::call_awaiter;
  template <class, class>
  friend class detail::task_promise_base;

  explicit basic_task(promise_type& promise) noexcept : promise_(&promise) {}

  T run_as_root() {
    promise_->run_as_root();
    return promise_->result();
  }

  promise_type* promise_;
};

template <class T = void>
using task = basic_task<T, detail::steps>;

/// `co_await fork(x, child)` begins the child: it runs on the calling thread at once, and the rest of the
/// parent on an idle thread if one asks in time, otherwise on the calling thread after the child. `x` gets
/// the result, and has it after the join: until then, only the fork may use it. `co_await fork(child)` drops
/// a result. Only in a task.
///
/// If the run is cancelled, the child does not begin, and the join throws `cancelled`. Throws std::bad_alloc,
/// without having begun the child.
template <class T, class Steps>
[[nodiscard]] detail::fork_request<T, Steps> fork(std::type_identity_t<T>& result,
                                                  basic_task<T, Steps>&& child) noexcept {
  return {&result, std::move(child)};
}
template <class T, class Steps>
[[nodiscard]] detail::fork_request<T, Steps> fork(basic_task<T, Steps>&& child) noexcept {
  if constexpr (std::is_void_v<T>)
    return {std::move(child)};
  else
    return {nullptr, std::move(child)};
}

/// `co_await join()` continues once every child that the task has forked is over. If some have thrown, throws
/// the exception of the one that was forked first. Only in a task.
[[nodiscard]] inline detail::join_request join() noexcept { return {}; }

}  // namespace handoff::stealing
