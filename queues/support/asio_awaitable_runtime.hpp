// Asio's io_context as what runs asio::awaitable coroutines: the contract's `async_runtime`.
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
#include <string>
#include <utility>

#include "queues/async/errors.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff::support {

/// An io_context, and the tasks that were spawned on it. One thread at a time.
class asio_awaitable_runtime {
 public:
  using task = asio::awaitable<void>;

  /// Names a spawned task; may outlive it, but is of use only while the runtime lives.
  class handle {
    friend class asio_awaitable_runtime;
    explicit handle(std::shared_ptr<asio::cancellation_signal> signal) noexcept
        : signal_(std::move(signal)) {}

    std::shared_ptr<asio::cancellation_signal> signal_;
  };

  asio_awaitable_runtime() = default;
  asio_awaitable_runtime(const asio_awaitable_runtime&) = delete;
  asio_awaitable_runtime& operator=(const asio_awaitable_runtime&) = delete;

  asio::io_context& context() noexcept { return context_; }

  /// Schedules the first step of `work`; it runs inside `run()`.
  handle spawn(task work) {
    auto signal = std::make_shared<asio::cancellation_signal>();
    ++running_;
    asio::co_spawn(context_, without_throwing(std::move(work)),
                   asio::bind_cancellation_slot(signal->slot(), [this, signal](std::exception_ptr failure) {
                     --running_;
                     if (failure_ == nullptr) failure_ = std::move(failure);
                   }));
    return handle(std::move(signal));
  }

  /// Requests cancellation of a spawned task, which is delivered where it waits in a queue.
  static void cancel(const handle& spawned) { spawned.signal_->emit(asio::cancellation_type::terminal); }

  /// Runs until every task has ended; may be called again and again. Throws the first exception that a task
  /// let out, once every task has ended; throws `deadlock_error` when nothing is ready and tasks still wait.
  /// (io_context::run() would wait with them: hence poll().)
  void run() {
    context_.restart();
    context_.poll();
    if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
    if (running_ == 0) return;
    throw async::deadlock_error("nothing is ready to run, and " + std::to_string(running_) +
                                " task(s) wait for ever");
  }

  /// `co_await yield()` lets everything else that is ready run once.
  asio::awaitable<void> yield() { return asio::post(context_, asio::use_awaitable); }

 private:
  /// Asio would throw in the next await of a task that was cancelled while it did not wait.
  static task without_throwing(task work) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await std::move(work);
  }

  std::size_t running_ = 0;      // tasks spawned and not ended
  std::exception_ptr failure_;   // the first that a task let out
  asio::io_context context_{1};  // last: its end destroys the tasks that have not ended
};

static_assert(async_runtime<asio_awaitable_runtime>);

}  // namespace handoff::support
