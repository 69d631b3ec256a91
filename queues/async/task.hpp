// `task<T>`: a lazy coroutine. Nothing runs before it is awaited or given to `create_task`.
//
//   async::task<int> answer();                    // a coroutine: its body uses co_await and co_return
//   int value = co_await answer();                // runs it in the awaiting task; no hop through the loop
//   auto handle = async::create_task(loop, answer());   // a task of its own; its first step is scheduled
//
// A frame comes from the recycling pool (frame_pool.hpp). An exception of the coroutine comes out of the
// `co_await`. Loop thread only.
//
// Awaiting is written on a line of its own, or with its result named: g++ 12 miscompiles a temporary awaiter
// inside a condition.
#pragma once

#include <cassert>
#include <concepts>
#include <coroutine>
#include <source_location>
#include <utility>

#include "queues/async/detail/result.hpp"
#include "queues/async/event_loop.hpp"

namespace handoff::async {

template <class T = void>
class task;

/// The typed part of a task coroutine's promise. The result is passed directly to its recipient: the
/// awaiter in the parent's frame, or the task's control block.
template <class T>
class task_promise_base : public promise_base {
 public:
  void deliver_to(result<T>& where) noexcept { result_ = &where; }

  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> frame) const noexcept {
      frame.promise().state().leave(frame.promise());
    }
    void await_resume() const noexcept {}
  };
  final_awaiter final_suspend() const noexcept { return {}; }

  void unhandled_exception() const noexcept { result_->set_current_exception(); }

 protected:
  ~task_promise_base() = default;

  /// `Promise`: the whole promise.
  template <class Promise>
  void made([[maybe_unused]] Promise& whole, const std::source_location& where) {
    static_assert(alignof(Promise) == alignof(promise_base), "promise_base::frame() counts on it");
    assert(this->frame() == std::coroutine_handle<Promise>::from_promise(whole));
    if (debugging != nullptr) [[unlikely]]
      debugging->coroutine_made(*this, where);
  }

  result<T>* result_ = nullptr;
};

template <class T>
class task_promise final : public task_promise_base<T> {
 public:
  task<T> get_return_object(const std::source_location& where = std::source_location::current()) {
    this->made(*this, where);
    return task<T>(*this);
  }

  template <std::convertible_to<T> U = T>
  void return_value(U&& value) const {
    this->result_->set_value(std::forward<U>(value));
  }
};

template <>
class task_promise<void> final : public task_promise_base<void> {
 public:
  inline task<void> get_return_object(const std::source_location& where = std::source_location::current());

  void return_void() const { result_->set_value(); }
};

/// Runs a child coroutine in the task of the parent.
template <class T>
class [[nodiscard]] child_awaiter {
 public:
  explicit child_awaiter(task_promise<T>& child) noexcept : child_(&child) {}
  child_awaiter(const child_awaiter&) = delete;
  child_awaiter& operator=(const child_awaiter&) = delete;
  ~child_awaiter() {
    if (owned_) child_->destroy();
  }

  bool await_ready() const noexcept { return false; }

  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> parent) noexcept {
    child_->deliver_to(result_);
    owned_ = false;
    parent.promise().state().enter(*child_, parent.promise());
  }

  T await_resume() {
    child_->destroy();
    if constexpr (std::is_void_v<T>) {
      result_.get();
    } else {
      return std::move(result_.get());
    }
  }

 private:
  task_promise<T>* child_;
  bool owned_ = true;  // not while the child runs or waits: its task would destroy it at the loop's end
  result<T> result_;
};

template <class T>
class [[nodiscard]] task {
 public:
  using promise_type = task_promise<T>;

  task(task&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    std::swap(promise_, other.promise_);
    return *this;
  }
  ~task() {
    if (promise_ == nullptr) return;
    if (debugging != nullptr) [[unlikely]]
      debugging->coroutine_dropped(*promise_);
    promise_->destroy();
  }

  /// Runs the coroutine to its end in the awaiting task, and returns its result.
  child_awaiter<T> operator co_await() && noexcept { return child_awaiter<T>(release()); }

  /// Gives the coroutine away, not begun; the caller destroys it. For the parts of the runtime.
  promise_type& release() noexcept {
    if (debugging != nullptr) [[unlikely]]
      debugging->coroutine_begins(*promise_);
    return *std::exchange(promise_, nullptr);
  }

 private:
  friend promise_type;
  explicit task(promise_type& promise) noexcept : promise_(&promise) {}

  promise_type* promise_;
};

inline task<void> task_promise<void>::get_return_object(const std::source_location& where) {
  made(*this, where);
  return task<void>(*this);
}

}  // namespace handoff::async
