// The coroutine runtime in the words of the contract (`handoff::async_runtime`): a loop, and the tasks that
// were spawned on it.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/task.hpp"
#include "queues/async/task_handle.hpp"
#include "queues/async/yield.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff::async {

class runtime {
 public:
  using task = async::task<void>;
  using handle = task_handle<void>;

  event_loop& loop() noexcept { return loop_; }

  /// Schedules the first step of `work`; it runs inside `run()`.
  handle spawn(task work) { return start_task(*new spawned_block(loop_, failure_), std::move(work)); }

  /// Requests cancellation of a spawned task; it is delivered while the task waits.
  void cancel(const handle& spawned) { spawned.cancel(); }

  /// Runs until every task has ended; may be called again and again. Throws the first exception that a
  /// spawned task threw, once every task has ended; throws `deadlock_error` when nothing is ready and
  /// tasks still wait: only the caller could wake them, and may do so and run again.
  void run() {
    loop_.run_to_the_end();
    if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
    if (loop_.pending_tasks() == 0) return;
    throw deadlock_of(loop_);
  }

  /// `co_await yield()` lets everything else that is ready run once.
  yield_awaiter yield() noexcept { return async::yield(); }

 private:
  /// Keeps the exception that the task threw, if none is kept yet.
  class spawned_block final : public task_block<void> {
   public:
    spawned_block(event_loop& loop, std::exception_ptr& failure) noexcept
        : task_block<void>(loop), failure_(failure) {}

   private:
    void on_end(bool cancelled) noexcept override {
      task_block<void>::on_end(cancelled);
      if (failure_ == nullptr && !outcome().cancelled()) failure_ = outcome().exception();
    }

    std::exception_ptr& failure_;
  };

  std::exception_ptr failure_;
  event_loop loop_;
};

static_assert(async_runtime<runtime>);

}  // namespace handoff::async
