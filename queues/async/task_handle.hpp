// `create_task` runs a coroutine as a task of its own; the `task_handle` that it returns can cancel it, wait
// for its end, and ask for its result.
//
//   auto worker = async::create_task(loop, work());
//   worker.cancel();                   // delivered while the task waits
//   int result = co_await worker;      // or throws what the task threw
//
// A handle is a counted reference: copy it freely; drop it, and the task runs on. It may outlive the loop.
// Cancelling a task that awaits a handle cancels the task of that handle, as in asyncio. Loop thread only.
#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "queues/async/detail/result.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/task.hpp"

namespace handoff::async {

/// A task's control block with room for its result.
template <class T>
class task_block : public task_state {
 public:
  explicit task_block(event_loop& loop) noexcept : task_state(loop) {}
  ~task_block() override {
    if (debugging != nullptr) [[unlikely]]
      debugging->task_gone(*this, result_.unasked_exception());
  }

  result<T>& outcome() noexcept { return result_; }

  bool cancelled() const noexcept final { return result_.cancelled(); }
  std::exception_ptr exception() const noexcept final { return result_.exception(); }

 protected:
  void on_end(bool cancelled) noexcept override {
    if (cancelled && !result_.threw()) result_.set_cancelled();
  }

 private:
  result<T> result_;
};

/// Waits until a task has ended: one wait, no second look.
class join_waiter : public waiter, private cancel_relay {
 public:
  explicit join_waiter(task_state& joined) noexcept : joined_(&joined) { joined_->add_reference(); }
  ~join_waiter() { joined_->drop_reference(); }

  bool await_ready() const noexcept { return joined_->ended(); }

  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) {
    if (&frame.promise().state() == joined_) throw std::logic_error("a task cannot await its own end");
    run = &run_join;
    suspend(frame);
    joined_->joiners().push_back(*this);
    task().wait_for(*this);
  }

 private:
  void targets(std::vector<task_state*>& into) override {
    if (!joined_->ended()) into.push_back(joined_);
  }

  static void run_join(ready_node& node) {
    auto& self = static_cast<join_waiter&>(node);
    self.task().stop_relaying();
    self.end_wait();
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

  /// Whether it is a handle of a task.
  explicit operator bool() const noexcept { return block_ != nullptr; }

  /// Requests cancellation; false if the task has ended already. Delivered once, while the task waits or at
  /// its next await that waits; a task that has not begun never begins, and one that returns without
  /// waiting again ends as cancelled.
  bool cancel() const { return block_->cancel(); }

  /// The control block, for the parts of the runtime.
  task_block<T>& block() const noexcept { return *block_; }

  bool done() const noexcept { return block_->ended(); }

  /// Cancellations that were requested, those taken back not counted.
  unsigned cancelling() const noexcept { return block_->cancelling(); }

  /// The task ended with a `cancelled_error`.
  bool cancelled() const noexcept { return block_->cancelled(); }

  /// The exception of the task, null if it threw none (yet).
  std::exception_ptr exception() const noexcept { return block_->exception(); }

  /// Its given name, else `Task-N`.
  std::string name() const { return block_->name(); }
  void set_name(std::string name) const { block_->set_name(std::move(name)); }

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
  friend task_handle<U> start_task(task_block<U>& block, task<U> work);

  explicit task_handle(task_block<T>& block) noexcept : block_(&block) { block.add_reference(); }

  task_block<T>* block_ = nullptr;
};

/// Schedules the first step of `work` as the task of `block`. For the parts of the runtime.
template <class T>
task_handle<T> start_task(task_block<T>& block, task<T> work) {
  task_promise<T>& root = work.release();
  root.deliver_to(block.outcome());
  block.start(root);
  return task_handle<T>(block);
}

/// Makes `work` a task of its own and schedules its first step: it runs in the next pass. `where` is for
/// debug mode.
template <class T>
task_handle<T> create_task(event_loop& loop, task<T> work,
                           const std::source_location& where = std::source_location::current()) {
  auto* const block = new task_block<T>(loop);
  if (debugging != nullptr) [[unlikely]]
    debugging->task_made(*block, where);
  return start_task(*block, std::move(work));
}
template <class T>
task_handle<T> create_task(event_loop& loop, task<T> work, std::string name,
                           const std::source_location& where = std::source_location::current()) {
  task_handle<T> made = create_task(loop, std::move(work), where);
  made.set_name(std::move(name));
  return made;
}

/// The same on the loop of the task that runs. Throws std::logic_error outside of a task.
template <class T>
task_handle<T> create_task(task<T> work,
                           const std::source_location& where = std::source_location::current()) {
  return create_task(running_loop(), std::move(work), where);
}
template <class T>
task_handle<T> create_task(task<T> work, std::string name,
                           const std::source_location& where = std::source_location::current()) {
  return create_task(running_loop(), std::move(work), std::move(name), where);
}

/// A handle that does not know its task's result type.
class any_task {
 public:
  /// A handle of nothing.
  any_task() noexcept = default;
  explicit any_task(task_state& state) noexcept : state_(&state) { state_->add_reference(); }
  template <class T>
  any_task(const task_handle<T>& handle) noexcept : any_task(handle.block()) {}
  any_task(const any_task& other) noexcept : state_(other.state_) {
    if (state_ != nullptr) state_->add_reference();
  }
  any_task(any_task&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  any_task& operator=(any_task other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~any_task() {
    if (state_ != nullptr) state_->drop_reference();
  }

  explicit operator bool() const noexcept { return state_ != nullptr; }
  bool operator==(const any_task&) const noexcept = default;

  bool cancel() const { return state_->cancel(); }
  unsigned cancelling() const noexcept { return state_->cancelling(); }
  unsigned uncancel() const noexcept { return state_->uncancel(); }
  bool done() const noexcept { return state_->ended(); }
  bool cancelled() const noexcept { return state_->cancelled(); }
  std::exception_ptr exception() const noexcept { return state_->exception(); }
  std::string name() const { return state_->name(); }

  /// The control block, for the parts of the runtime.
  task_state& block() const noexcept { return *state_; }

 private:
  task_state* state_ = nullptr;
};

/// The task whose step runs on this thread; a handle of nothing outside of tasks.
inline any_task current_task() noexcept {
  return running_task != nullptr ? any_task(*running_task) : any_task();
}

/// The tasks of `loop` that have not ended, in no promised order.
inline std::vector<any_task> all_tasks(event_loop& loop) {
  std::vector<any_task> all;
  all.reserve(loop.pending_tasks());
  loop.for_each_task([&](task_state& task) { all.emplace_back(task); });
  return all;
}

}  // namespace handoff::async
