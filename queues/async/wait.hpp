// asyncio's wait and wait_for.
//
//   auto [done, pending] = co_await wait(handles, until::first_completed, 2s);
//   int value = co_await wait_for(handle, 2s);         // or throws timeout_error
//
// `wait` never throws because of the time and cancels nothing. `wait_for` cancels its task when the time is
// over (or when it is cancelled itself), waits until that has ended, and loses no result that arrived. Nor
// is a request to cancel lost: if the task has ended with a result, or an error, that is returned, and the
// request is delivered at the caller's next wait.
#pragma once

#include <algorithm>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "queues/async/detail/task_watch.hpp"
#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/task.hpp"
#include "queues/async/task_handle.hpp"

namespace handoff::async {

/// The condition that ends a `wait`.
enum class until : unsigned char {
  all_completed,
  first_completed,
  first_exception,  ///< a cancellation does not count; without an exception, all
};

/// The handles of a `wait`, each in its order.
template <class Handle>
struct wait_answer {
  std::vector<Handle> done;
  std::vector<Handle> pending;
};

/// `Handle`: task_handle<T> or any_task.
template <class Handle>
class [[nodiscard]] wait_awaiter final : public waiter, private timer, private task_observer {
 public:
  wait_awaiter(std::vector<Handle> handles, until when, std::optional<nanoseconds> limit)
      : handles_(std::move(handles)), when_(when), limit_(limit) {}
  ~wait_awaiter() {
    if (timer::armed()) task().loop().disarm(*this);
  }

  bool await_ready() const noexcept { return false; }

  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) {
    event_loop& loop = frame.promise().state().loop();
    run = &run_wait;
    watches_.reserve(handles_.size());
    for (const Handle& one : handles_)
      watches_.emplace_back(one.block(), static_cast<task_observer&>(*this), watches_.size());
    left_ = watches_.size();
    suspend(frame);
    if (limit_) loop.arm_after(*this, std::max(*limit_, nanoseconds::zero()));
    loop.parked().push_back(*this);
    if (must_cancel()) give_up();
  }

  wait_answer<Handle> await_resume() {
    throw_if_cancelled();
    wait_answer<Handle> answer;
    for (Handle& one : handles_) (one.done() ? answer.done : answer.pending).push_back(std::move(one));
    return answer;
  }

 private:
  void fire() override { release(); }

  const task_state* whose() const noexcept override { return &task(); }

  void task_ended(std::size_t index) override {
    --left_;
    const Handle& one = handles_[index];
    if (left_ > 0 && when_ != until::first_completed &&
        (when_ != until::first_exception || one.cancelled() || one.exception() == nullptr))
      return;
    task().loop().disarm(*this);
    release();
  }

  static void run_wait(ready_node& node) {
    auto& self = static_cast<wait_awaiter&>(node);
    self.task().loop().disarm(self);
    self.watches_.clear();
    self.end_wait();
  }

  std::vector<Handle> handles_;
  std::vector<task_watch> watches_;
  std::size_t left_ = 0;  // tasks whose ends have not been reported
  until when_;
  std::optional<nanoseconds> limit_;
};

/// Waits for one of the tasks, or for all, at most so long. Always lets the loop run. Throws
/// std::invalid_argument for an empty list, `cancelled_error` in a cancelled task.
template <class Handle>
wait_awaiter<Handle> wait(std::vector<Handle> handles, until when = until::all_completed,
                          std::optional<time_span> limit = std::nullopt) {
  if (handles.empty()) throw std::invalid_argument("wait() needs a task");
  return {std::move(handles), when, limit ? std::optional<nanoseconds>(*limit) : std::nullopt};
}

/// Shared by both forms of `wait_for`: waits until the task has ended and its result can be returned. A
/// request to cancel the caller is passed to the task; if that ends otherwise all the same, the request
/// stays with the caller.
template <class T>
task<> end_within(task_handle<T> other, nanoseconds limit) {
  std::optional<nanoseconds> left = limit;
  bool cancelled = false;
  while (!other.done()) {
    if (!left || *left > nanoseconds::zero()) {
      try {
        co_await wait(std::vector<task_handle<T>>(1, other), until::all_completed, left);
      } catch (const cancelled_error&) {
        cancelled = true;
      }
      if (other.done()) break;
    }
    other.cancel();
    left.reset();
  }
  if (!other.cancelled()) {
    if (cancelled) running_task->deliver_again();
    co_return;
  }
  if (cancelled) throw cancelled_error{};
  if (!left) throw timeout_error();
}

/// The result of the task within `limit`; the task keeps it, unless it can only be moved. Throws what the
/// task threw; `timeout_error`, when the time was over and the task then ended as cancelled;
/// `cancelled_error` in a cancelled task. A task that has ended returns immediately, whatever the limit is.
template <class T>
task<T> wait_for(task_handle<T> other, time_span limit) {
  task<> end = end_within(other, limit);
  co_await std::move(end);
  if constexpr (std::is_void_v<T>)
    other.result();
  else if constexpr (std::copy_constructible<T>)
    co_return other.result();
  else
    co_return std::move(other.result());
}

/// The same for a coroutine, as a task of its own on the running loop.
template <class T>
task<T> wait_for(task<T> work, time_span limit) {
  const task_handle<T> own = create_task(std::move(work));
  task<> end = end_within(own, limit);
  co_await std::move(end);
  if constexpr (std::is_void_v<T>)
    own.result();
  else
    co_return std::move(own.result());
}

}  // namespace handoff::async
