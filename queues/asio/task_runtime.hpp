// Asio's io_context as a runtime of coroutines: the contract's `async_runtime`.
//
// Tasks are a coroutine type of their own and not asio::awaitable, which awaits nothing but Asio's operations
// and itself. A task is resumed by the completion handler of the operation in which it waits. Its frame comes
// from the pool of queues/async, which places what lies in it as its type says.
#pragma once

#include <asio/cancellation_signal.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <coroutine>
#include <exception>
#include <memory>
#include <utility>

#include "queues/async/detail/frame_pool.hpp"
#include "queues/async/errors.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/support/intrusive_list.hpp"

namespace handoff::support {

/// An io_context, and the tasks that were spawned on it. One thread at a time.
class asio_task_runtime {
 public:
  class task;
  class handle;
  class promise;

  asio_task_runtime() = default;
  asio_task_runtime(const asio_task_runtime&) = delete;
  asio_task_runtime& operator=(const asio_task_runtime&) = delete;
  /// Destroys the tasks that have not ended. Queues outside of them must have been destroyed before.
  inline ~asio_task_runtime();

  asio::io_context& context() noexcept { return context_; }

  /// Schedules the first step of `work`; it runs inside `run()`.
  inline handle spawn(task work);

  /// Requests cancellation of a spawned task; it is delivered while the task waits in a queue.
  static inline void cancel(const handle& spawned);

  /// Runs until nothing is ready; may be called again and again. Throws the first exception that a task
  /// threw, else `deadlock_error` when tasks still wait. (io_context::run() would wait with them: hence
  /// poll().)
  inline void run();

  /// `co_await yield()` lets everything else that is ready run once.
  auto yield() noexcept {
    struct awaiter {
      asio::io_context& context;
      static constexpr bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<> frame) const { asio::post(context, resumption{frame}); }
      static constexpr void await_resume() noexcept {}
    };
    return awaiter{context_};
  }

  /// Shared by a task's handles and its waits.
  struct cancellation {
    asio::cancellation_signal signal;  // connected to the operation in which the task waits
    bool requested = false;            // and not delivered yet
  };

 private:
  struct resumption {
    std::coroutine_handle<> frame;
    void operator()() const { frame.resume(); }
  };

  asio::io_context context_{ASIO_CONCURRENCY_HINT_UNSAFE};
  support::intrusive_list<promise> tasks_;  // spawned and not ended
  std::exception_ptr failure_;              // the first that a task threw
};

/// A lazy coroutine without a result.
class [[nodiscard]] asio_task_runtime::task {
 public:
  using promise_type = promise;

  task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~task() {
    if (frame_) frame_.destroy();
  }

 private:
  friend class asio_task_runtime;
  explicit task(std::coroutine_handle<promise> frame) noexcept : frame_(frame) {}

  std::coroutine_handle<promise> frame_;
};

/// Names a spawned task; may outlive it.
class asio_task_runtime::handle {
  friend class asio_task_runtime;
  explicit handle(std::shared_ptr<cancellation> cancels) noexcept : cancels_(std::move(cancels)) {}

  std::shared_ptr<cancellation> cancels_;
};

class asio_task_runtime::promise : public support::list_link, public async::pooled_frame {
 public:
  promise() noexcept : support::list_link{nullptr, nullptr} {}
  promise(const promise&) = delete;
  promise& operator=(const promise&) = delete;
  ~promise() {
    if (linked()) unlink();
    if (cancels_) cancels_->signal.slot().clear();
  }

  cancellation& cancels() const noexcept { return *cancels_; }

  task get_return_object() noexcept { return task(std::coroutine_handle<promise>::from_promise(*this)); }
  static std::suspend_always initial_suspend() noexcept { return {}; }
  static std::suspend_never final_suspend() noexcept { return {}; }
  static void return_void() noexcept {}
  void unhandled_exception() const noexcept {
    if (runtime_->failure_ == nullptr) runtime_->failure_ = std::current_exception();
  }

 private:
  friend class asio_task_runtime;

  asio_task_runtime* runtime_ = nullptr;
  std::shared_ptr<cancellation> cancels_;  // from spawn() on
};

inline asio_task_runtime::~asio_task_runtime() {
  while (promise* const left = tasks_.pop_front())
    std::coroutine_handle<promise>::from_promise(*left).destroy();
}

inline asio_task_runtime::handle asio_task_runtime::spawn(task work) {
  promise& spawned = work.frame_.promise();
  spawned.runtime_ = this;
  spawned.cancels_ = std::make_shared<cancellation>();
  asio::post(context_, resumption{work.frame_});
  tasks_.push_back(spawned);
  work.frame_ = nullptr;
  return handle(spawned.cancels_);
}

inline void asio_task_runtime::cancel(const handle& spawned) {
  spawned.cancels_->requested = true;
  spawned.cancels_->signal.emit(asio::cancellation_type::total);
}

inline void asio_task_runtime::run() {
  context_.restart();
  context_.poll();
  if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
  if (tasks_.empty()) return;
  throw async::deadlock_error(tasks_.size());
}

static_assert(async_runtime<asio_task_runtime>);

}  // namespace handoff::support
