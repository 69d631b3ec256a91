// `create_task` runs a coroutine as a task of its own; the `task_handle` that it returns can cancel it, wait
// for its end, and ask for its result.
//
//   auto worker = async::create_task(loop, work());
//   worker.cancel();                   // delivered where the task waits
//   int result = co_await worker;      // or throws what the task threw
//
// A handle is a counted reference: copy it freely; drop it, and the task runs on. It may outlive the loop.
// Cancelling a task that awaits a handle cancels the task of that handle, as in asyncio. Loop thread only.
#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <stdexcept>
#include <utility>

#include "queues/async/event_loop.hpp"
#include "queues/async/result.hpp"
#include "queues/async/task.hpp"

namespace handoff::async {

/// A task's control block with room for its result.
template <class T>
class task_block final : public task_state {
 public:
  task_block(event_loop& loop, std::exception_ptr* failure) noexcept : task_state(loop), failure_(failure) {}

  result<T>& outcome() noexcept { return result_; }

 private:
  void on_end(bool cancelled) noexcept override {
    if (cancelled && result_.exception() == nullptr) result_.set_cancelled();
    if (failure_ != nullptr && *failure_ == nullptr && !result_.cancelled()) *failure_ = result_.exception();
  }

  result<T> result_;
  std::exception_ptr* failure_;
};

/// Waits until a task has ended: one wait, no second look.
class join_waiter : public waiter {
 public:
  explicit join_waiter(task_state& joined) noexcept : joined_(&joined) { joined_->add_reference(); }
  ~join_waiter() { joined_->drop_reference(); }

  bool await_ready() const noexcept { return joined_->ended(); }

  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) {
    if (&frame.promise().state() == joined_) throw std::logic_error("a task cannot await its own end");
    run = &run_join;
    // A request that came earlier goes where a later one would go.
    task_state& self = frame.promise().state();
    self.wait_for(joined_);
    const bool forward = self.must_cancel();
    if (forward) self.cancel_delivered();
    suspend(frame, joined_->joiners());
    if (forward) joined_->cancel();
  }

 protected:
  void throw_if_cancelled() const {
    if (cancelled()) throw cancelled_error{};
  }

 private:
  static void run_join(ready_node& node) {
    auto& self = static_cast<join_waiter&>(node);
    self.task().wait_for(nullptr);
    if (self.must_cancel()) self.deliver_cancel();
    self.resume();
  }

  task_state* joined_;
};

template <class T = void>
class task_handle {
 public:
  /// A handle of nothing; only assignment and destruction are allowed.
  task_handle() noexcept = default;
  task_handle(const task_handle& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) block_->add_reference();
  }
  task_handle(task_handle&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  task_handle& operator=(task_handle other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~task_handle() {
    if (block_ != nullptr) block_->drop_reference();
  }

  /// Requests cancellation; false when the task has ended already. Delivered once, where the task waits or at
  /// its next await that waits; a task that has not begun never begins, and one that returns without waiting
  /// again ends as cancelled.
  bool cancel() const noexcept { return block_->cancel(); }

  bool done() const noexcept { return block_->ended(); }

  /// The task ended by letting a `cancelled_error` out.
  bool cancelled() const noexcept { return block_->outcome().cancelled(); }

  /// What the task threw, null where it threw nothing (yet).
  std::exception_ptr exception() const noexcept { return block_->outcome().exception(); }

  /// The value, kept by the task; throws what the task threw, or std::logic_error when it has not ended.
  std::add_lvalue_reference_t<T> result() const { return block_->outcome().get(); }

  class awaiter final : public join_waiter {
   public:
    explicit awaiter(task_block<T>& block) noexcept : join_waiter(block), block_(&block) {}
    std::add_lvalue_reference_t<T> await_resume() const {
      throw_if_cancelled();
      return block_->outcome().get();
    }

   private:
    task_block<T>* block_;
  };

  /// Waits for the end and answers `result()`.
  awaiter operator co_await() const noexcept { return awaiter(*block_); }

 private:
  template <class U>
  friend task_handle<U> create_task(event_loop& loop, task<U> work, std::exception_ptr* failure);

  explicit task_handle(task_block<T>& block) noexcept : block_(&block) { block.add_reference(); }

  task_block<T>* block_ = nullptr;
};

/// Makes `work` a task of its own and schedules its first step: it runs in the next pass. Where `failure` is
/// given and null when the task ends with an exception other than a cancellation, the exception is put there.
template <class T>
task_handle<T> create_task(event_loop& loop, task<T> work, std::exception_ptr* failure = nullptr) {
  auto* const block = new task_block<T>(loop, failure);
  task_promise<T>& root = work.release();
  root.deliver_to(block->outcome());
  block->start(root);
  return task_handle<T>(*block);
}

}  // namespace handoff::async
