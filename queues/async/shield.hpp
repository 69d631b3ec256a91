// asyncio's shield: awaits a task without passing a cancellation on to it.
//
//   const int value = co_await shield(handle);
//
// If the awaiting task is cancelled, `cancelled_error` is thrown here and the other task continues. As in
// CPython the end of the other task takes two passes to get here.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include "queues/async/detail/task_watch.hpp"
#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/task_handle.hpp"

namespace handoff::async {

template <class T>
class [[nodiscard]] shield_awaiter final : public waiter, private task_observer {
 public:
  explicit shield_awaiter(task_handle<T> inner) noexcept : inner_(std::move(inner)) {}

  bool await_ready() const noexcept { return inner_.done(); }

  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) {
    run = &run_shield;
    watch_.emplace(inner_.block(), static_cast<task_observer&>(*this), 0);
    suspend(frame, frame.promise().state().loop().parked());
  }

  std::add_lvalue_reference_t<T> await_resume() const {
    throw_if_cancelled();
    return inner_.result();
  }

 private:
  void task_ended(std::size_t) override { release(); }

  static void run_shield(ready_node& node) {
    auto& self = static_cast<shield_awaiter&>(node);
    self.watch_.reset();
    self.end_wait();
  }

  task_handle<T> inner_;
  std::optional<task_watch> watch_;
};

template <class T>
shield_awaiter<T> shield(task_handle<T> inner) noexcept {
  return shield_awaiter<T>(std::move(inner));
}

}  // namespace handoff::async
