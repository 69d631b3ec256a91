// Asio's io_context as the runtime of asio::awaitable coroutines: the contract's `async_runtime`.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <utility>

#include "queues/async/errors.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff::support {

/// An io_context, and the tasks that were spawned on it. One thread at a time.
class asio_awaitable_runtime {
 public:
  using task = asio::awaitable<void>;
  class handle;

  asio_awaitable_runtime() = default;
  asio_awaitable_runtime(const asio_awaitable_runtime&) = delete;
  asio_awaitable_runtime& operator=(const asio_awaitable_runtime&) = delete;

  asio::io_context& context() noexcept { return context_; }

  /// Schedules the first step of `work`; it runs inside `run()`.
  inline handle spawn(task work);

  /// Requests cancellation of a spawned task; it is delivered while the task waits in a queue.
  inline void cancel(const handle& spawned);

  /// Whether a cancellation was ever requested here: if not, no operation need check for its own.
  [[nodiscard]] bool has_cancelled() const noexcept { return has_cancelled_; }

  /// Runs until nothing is ready; may be called again and again. Throws the first exception that a task
  /// threw, else `deadlock_error` when tasks still wait. (io_context::run() would wait with them: hence
  /// poll().)
  void run() {
    context_.restart();
    context_.poll();
    if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
    if (running_ == 0) return;
    throw async::deadlock_error(running_);
  }

  /// `co_await yield()` lets everything else that is ready run once.
  asio::awaitable<void> yield() { return asio::post(context_, asio::use_awaitable); }

 private:
  /// Shared by a task and its handles.
  struct cancellation {
    asio::cancellation_signal signal;
    bool begun = false;      // the task looks for cancellations; before, Asio would throw for one
    bool requested = false;  // before it had begun
  };

  /// Posts itself first: inside a task, co_spawn runs what it is given immediately. Asio would throw in the
  /// next await of a task that was cancelled while it did not wait.
  task begin(task work, std::shared_ptr<cancellation> cancels) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::post(context_, asio::use_awaitable);
    cancels->begun = true;
    if (cancels->requested) cancels->signal.emit(asio::cancellation_type::terminal);
    co_await std::move(work);
  }

  bool has_cancelled_ = false;
  std::size_t running_ = 0;      // tasks spawned and not ended
  std::exception_ptr failure_;   // the first that a task threw
  asio::io_context context_{1};  // last: its end destroys the tasks that have not ended
};

/// Names a spawned task; may outlive it, but is of use only while the runtime lives.
class asio_awaitable_runtime::handle {
  friend class asio_awaitable_runtime;
  explicit handle(std::shared_ptr<cancellation> cancels) noexcept : cancels_(std::move(cancels)) {}

  std::shared_ptr<cancellation> cancels_;
};

inline asio_awaitable_runtime::handle asio_awaitable_runtime::spawn(task work) {
  auto cancels = std::make_shared<cancellation>();
  ++running_;
  asio::co_spawn(
      context_, begin(std::move(work), cancels),
      asio::bind_cancellation_slot(cancels->signal.slot(), [this, cancels](std::exception_ptr failure) {
        --running_;
        if (failure_ == nullptr) failure_ = std::move(failure);
      }));
  return handle(std::move(cancels));
}

inline void asio_awaitable_runtime::cancel(const handle& spawned) {
  has_cancelled_ = true;
  if (spawned.cancels_->begun)
    spawned.cancels_->signal.emit(asio::cancellation_type::terminal);
  else
    spawned.cancels_->requested = true;
}

static_assert(async_runtime<asio_awaitable_runtime>);

}  // namespace handoff::support
