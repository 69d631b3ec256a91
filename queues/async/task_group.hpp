// asyncio's TaskGroup: tasks that end together.
//
//   co_await async::run_group([&](async::task_group& group) -> async::task<> {
//     group.create_task(fetch(one));
//     group.create_task(fetch(another));
//     co_await something_else();
//   });
//
// Ends when the body and all tasks have ended. The first error of a task cancels the others, and the body;
// all are awaited, and the errors come together as an `error_group`. If the awaiting task is cancelled, all
// are cancelled and awaited, and `cancelled_error` comes out. If both happen, the errors come out, and the
// cancellation is delivered at the next wait (CPython 3.13).
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "queues/async/detail/task_watch.hpp"
#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/task.hpp"
#include "queues/async/task_handle.hpp"

namespace handoff::async {

/// The errors of a task group, in the order of their occurrence.
struct error_group final : std::runtime_error {
  explicit error_group(std::vector<std::exception_ptr> all)
      : std::runtime_error(std::to_string(all.size()) + " error(s) in a task group"),
        errors(std::move(all)) {}
  std::vector<std::exception_ptr> errors;
};

class task_group : private task_observer {
 public:
  task_group(const task_group&) = delete;
  task_group& operator=(const task_group&) = delete;

  /// A task of the group; while the body runs, or another task of the group. Throws std::logic_error when
  /// both have ended, or the group is being cancelled.
  template <class T>
  task_handle<T> create_task(task<T> work) {
    if (aborting_ || (body_ended_ && members_.empty()))
      throw std::logic_error("the task group takes no more tasks");
    task_handle<T> made = async::create_task(parent_.loop(), std::move(work));
    members_.try_emplace(made_, made, *this, made_);
    ++made_;
    return made;
  }

 private:
  template <class Body>
  friend task<> run_group(Body body);

  /// Waits until no task of the group runs. Cancelling the parent ends one wait, and is reported.
  class all_ended final : public waiter {
   public:
    explicit all_ended(task_group& group) noexcept : group_(group) {}
    ~all_ended() { group_.awaited_ = nullptr; }

    bool await_ready() const noexcept { return group_.members_.empty(); }

    template <std::derived_from<promise_base> Promise>
    void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
      run = &run_once;
      group_.awaited_ = this;
      suspend(frame, frame.promise().state().loop().parked());
    }

    bool await_resume() const noexcept { return cancelled(); }

    using waiter::release;

   private:
    task_group& group_;
  };

  struct member {
    member(any_task which, task_group& group, std::size_t number)
        : handle(std::move(which)), watch(handle.block(), group, number) {}
    any_task handle;
    task_watch watch;
  };

  task_group() : parent_(running_loop_task()) {}

  static task_state& running_loop_task() {
    running_loop();
    return *running_task;
  }

  void abort() {
    aborting_ = true;
    for (const auto& [number, one] : members_) one.handle.cancel();
  }

  void task_ended(std::size_t number) override {
    const any_task one = members_.extract(number).mapped().handle;
    if (members_.empty() && awaited_ != nullptr) awaited_->release();
    if (one.cancelled() || one.exception() == nullptr) return;
    errors_.push_back(one.exception());
    if (parent_.ended() || aborting_ || parent_cancelled_) return;
    abort();
    parent_cancelled_ = true;
    parent_.cancel();
  }

  task_state& parent_;
  std::map<std::size_t, member> members_;  // whose ends have not been reported, by number
  std::size_t made_ = 0;
  all_ended* awaited_ = nullptr;
  std::vector<std::exception_ptr> errors_;
  bool aborting_ = false;
  bool parent_cancelled_ = false;  // by the group
  bool body_ended_ = false;
};

/// Runs `body`, a function of the group that answers a `task<>`, and then waits for the tasks of the group.
template <class Body>
task<> run_group(Body body) {
  task_group group;
  std::exception_ptr error;
  bool cancelled = false;
  try {
    task<> inside = body(group);
    co_await std::move(inside);
  } catch (const cancelled_error&) {
    cancelled = true;
  } catch (...) {
    error = std::current_exception();
  }
  group.body_ended_ = true;
  if ((cancelled || error != nullptr) && !group.aborting_) group.abort();
  while (!group.members_.empty()) {
    const bool interrupted = co_await task_group::all_ended(group);
    if (interrupted && !group.aborting_) {
      cancelled = true;
      group.abort();
    }
  }
  // The group's own request is taken back last: until then, one that comes from outside is not the only one,
  // and is not mistaken for it.
  if (group.parent_cancelled_) group.parent_.uncancel();
  if (cancelled && group.errors_.empty()) throw cancelled_error{};
  if (error != nullptr) group.errors_.push_back(error);
  if (group.errors_.empty()) co_return;
  group.parent_.deliver_again();
  throw error_group(std::move(group.errors_));
}

}  // namespace handoff::async
