// asyncio's gather: waits for several tasks.
//
//   std::vector<int> results = co_await gather(handles);        // or throws the first error
//   co_await gather(handles, return_exceptions);                // ask the handles how each ended
//
// Results come in the order of the arguments. The first error is thrown immediately, and the other tasks
// continue. With `return_exceptions` errors and cancellations of the tasks are not thrown. Cancelling the
// gathering task cancels the tasks that have not ended; when all have, `cancelled_error` is thrown either
// way. An empty list is no wait. A task may be given twice. A result that cannot be copied is moved out of
// its task; such a task may be given once. Allocates one watch per task.
#pragma once

#include <algorithm>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <iterator>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "queues/async/detail/task_watch.hpp"
#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/task_handle.hpp"

namespace handoff::async {

struct return_exceptions_t {};
/// The tag of a `gather` that answers how each task ended, and throws nothing of theirs.
inline constexpr return_exceptions_t return_exceptions{};

/// The part of a gather that does not depend on its tasks' results.
class gather_waiter : public waiter, private cancel_relay, private task_observer {
 public:
  bool await_ready() const noexcept { return tasks_.empty(); }

  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) {
    run = &run_gather;
    watch_all();
    suspend(frame);
    task().wait_for(*this);
  }

 protected:
  /// `tasks` live as long as this.
  gather_waiter(std::vector<task_state*> tasks, bool stops_at_error)
      : tasks_(std::move(tasks)), stops_at_error_(stops_at_error) {}
  gather_waiter(const gather_waiter&) = delete;
  gather_waiter& operator=(const gather_waiter&) = delete;
  ~gather_waiter() = default;

  /// The derived class's destructor calls it: it owns the handles, which keep the watched tasks alive.
  void stop_watching() noexcept { watches_.clear(); }

  /// Whether a task ended with an exception.
  virtual bool failed(std::size_t index) const = 0;

  /// Throws std::logic_error if a task is given twice.
  void refuse_duplicates() const {
    if (std::unordered_set<const task_state*>(tasks_.begin(), tasks_.end()).size() != tasks_.size())
      throw std::logic_error("gather: a task is given twice, and its result cannot be copied");
  }

  /// Throws if the gathering task must see a cancellation. Returns the index of the task whose exception it
  /// must see, or the number of tasks.
  std::size_t verdict() const {
    if (cancelled() || (cancel_passed_on_ && first_failed_ == none)) throw cancelled_error{};
    return std::min(first_failed_, tasks_.size());
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  void watch_all() {
    watches_.reserve(tasks_.size());
    std::unordered_set<const task_state*> seen;
    for (std::size_t i = 0; i < tasks_.size(); ++i)
      if (seen.insert(tasks_[i]).second)
        watches_.emplace_back(*tasks_[i], static_cast<task_observer&>(*this), i);
    left_ = watches_.size();
  }

  void targets(std::vector<task_state*>& into) override {
    if (done_) return;
    const std::size_t before = into.size();
    std::copy_if(tasks_.begin(), tasks_.end(), std::back_inserter(into),
                 [](const task_state* one) { return !one->ended(); });
    if (into.size() != before) cancel_passed_on_ = true;
  }

  void task_ended(std::size_t index) override {
    --left_;
    if (done_) return;
    const bool error = stops_at_error_ && failed(index);
    if (!error && left_ > 0) return;
    if (error) first_failed_ = index;
    done_ = true;
    task().loop().call_soon(*this);
  }

  static void run_gather(ready_node& node) {
    auto& self = static_cast<gather_waiter&>(node);
    self.task().stop_relaying();
    self.end_wait();
  }

  std::vector<task_state*> tasks_;  // in the order of the arguments
  std::vector<task_watch> watches_;
  std::size_t left_ = 0;  // tasks whose ends have not been reported
  std::size_t first_failed_ = none;
  bool stops_at_error_;
  bool done_ = false;              // the gathering task has its turn
  bool cancel_passed_on_ = false;  // a cancellation went to the tasks
};

template <class Handle>
std::vector<task_state*> states_of(const std::vector<Handle>& handles) {
  std::vector<task_state*> all;
  all.reserve(handles.size());
  for (const Handle& handle : handles) all.push_back(&handle.block());
  return all;
}

template <class T>
class [[nodiscard]] gather_awaiter final : public gather_waiter {
 public:
  gather_awaiter(std::vector<task_handle<T>> handles, bool stops_at_error)
      : gather_waiter(states_of(handles), stops_at_error), handles_(std::move(handles)) {
    if constexpr (moves_results) this->refuse_duplicates();
  }
  ~gather_awaiter() { stop_watching(); }

  /// Nothing if the tasks return nothing.
  auto await_resume() const {
    const std::size_t error = this->verdict();
    if (error < handles_.size()) std::rethrow_exception(handles_[error].exception());
    if constexpr (!std::is_void_v<T>) {
      std::vector<T> results;
      results.reserve(handles_.size());
      for (const task_handle<T>& handle : handles_) {
        if constexpr (moves_results)
          results.push_back(std::move(handle.result()));
        else
          results.push_back(handle.result());
      }
      return results;
    }
  }

 private:
  static constexpr bool moves_results = !std::is_void_v<T> && !std::copy_constructible<T>;

  bool failed(std::size_t index) const override { return handles_[index].exception() != nullptr; }

  std::vector<task_handle<T>> handles_;
};

/// As `gather_awaiter`, and answers the handles, which know how their tasks ended. `Handle`: task_handle<T>
/// or any_task.
template <class Handle>
class [[nodiscard]] gather_all_awaiter final : public gather_waiter {
 public:
  explicit gather_all_awaiter(std::vector<Handle> handles)
      : gather_waiter(states_of(handles), false), handles_(std::move(handles)) {}
  ~gather_all_awaiter() { stop_watching(); }

  std::vector<Handle> await_resume() {
    this->verdict();
    for (const Handle& handle : handles_)
      std::ignore = handle.exception();  // they are not lost, as in asyncio
    return std::move(handles_);
  }

 private:
  bool failed(std::size_t) const override { return false; }

  std::vector<Handle> handles_;
};

/// Waits for all; returns a vector of their results, nothing if T is void.
template <class T>
gather_awaiter<T> gather(std::vector<task_handle<T>> handles) {
  return {std::move(handles), true};
}

/// Waits for all, and answers the handles, each of whose tasks has ended.
template <class Handle>
gather_all_awaiter<Handle> gather(std::vector<Handle> handles, return_exceptions_t) {
  return gather_all_awaiter<Handle>(std::move(handles));
}

}  // namespace handoff::async
