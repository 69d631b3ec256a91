// Coroutines on the threads of a stealing_executor as a runtime: the contract's `async_runtime`.
//
//   handoff::stealing::coroutine_runtime runtime(4);
//   handoff::coroutine_pool<int> numbers(runtime, 64);
//   runtime.spawn(produce(numbers));
//   runtime.spawn(consume(numbers));
//   runtime.run();
//
// A task that can go on does so on the thread that has woken it, or on an idle one that asks. No thread
// blocks for a task that waits; a thread without anything to run sleeps.
//
// The end of a run costs no task anything: it is when all threads are idle and nothing is listed, and both
// are known under the executor's lock (detail/hub.hpp).
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "queues/async/detail/frame_pool.hpp"
#include "queues/async/errors.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/stealing/detail/apart.hpp"
#include "queues/stealing/detail/cancel_slot.hpp"
#include "queues/stealing/detail/hub_steps.hpp"
#include "queues/stealing/detail/record.hpp"
#include "queues/stealing/detail/run_state.hpp"
#include "queues/stealing/detail/suspension.hpp"
#include "queues/stealing/executor.hpp"
#include "queues/support/intrusive_list.hpp"

namespace handoff::stealing {

/// `spawn` and `cancel`: from its tasks, on any of its threads, and between runs from the thread that runs
/// it. On one thread, tasks run in the order in which they became ready.
class coroutine_runtime {
 public:
  class task;
  class handle;
  class promise;

  /// Tasks of a run may be on several threads at once.
  static constexpr bool is_parallel = true;

  /// The caller of `run`, and `threads` - 1 that are started here. `begin`: what each of these calls first,
  /// with its number, from 1 on; may not throw. Throws std::invalid_argument for 0 threads, std::system_error
  /// if the system gives none.
  explicit coroutine_runtime(unsigned threads = 1, std::function<void(unsigned)> begin = {}) {
    executor_.emplace(threads, std::move(begin));
  }
  coroutine_runtime(const coroutine_runtime&) = delete;
  coroutine_runtime& operator=(const coroutine_runtime&) = delete;
  /// Destroys the tasks that wait. Queues outside of them must have been destroyed before.
  inline ~coroutine_runtime();

  /// Schedules the first step of `work`; it runs inside `run()`. Throws std::bad_alloc.
  inline handle spawn(task work);

  /// Requests cancellation of a spawned task: the operation in which it waits, or its next one that would
  /// wait, answers cancelled, once.
  static inline void cancel(const handle& spawned) noexcept;

  /// Runs until every task has ended; may be called again and again, one thread at a time. Throws the first
  /// exception that a task threw, once no task can go on, else `async::deadlock_error` if tasks still wait:
  /// only the caller could wake them. (On several threads, a task that it wakes goes on at once.)
  inline void run();

  /// `co_await yield()` lets everything else that is ready on this thread run once.
  auto yield() noexcept { return yield_awaiter(); }

  [[nodiscard]] unsigned threads() const noexcept { return executor_->threads(); }

 private:
  using worker = detail::worker<detail::steps>;

  class yield_awaiter : detail::suspension<detail::steps> {
   public:
    static constexpr bool await_ready() noexcept { return false; }
    /// Does not touch itself once it is ready: it may be over by then.
    HANDOFF_APART_IN_CLANG bool await_suspend(std::coroutine_handle<> coroutine) {
      auto& w = *coroutine_runtime::worker::current();
      if (w.ready.empty()) {
        detail::record* const other = w.shared.take_one();
        if (other == nullptr) return false;
        w.ready.push_back(*other);
      }
      prepare(coroutine);
      w.make_ready(*this);
      return true;
    }
    static constexpr void await_resume() noexcept {}
  };

  struct live_link : support::list_link {
    promise* of;
  };

  inline void end(promise& ended) noexcept;
  void note(std::exception_ptr failure) noexcept {
    const std::lock_guard lock(mutex_);
    if (failure_ == nullptr) failure_ = std::move(failure);
  }

  detail::run_state state_{nullptr};
  std::mutex mutex_;                               // of what follows, up to the executor
  support::intrusive_list<live_link> tasks_;       // spawned and not ended
  support::intrusive_list<detail::record> begun_;  // between runs
  std::exception_ptr failure_;                     // the first that a task threw
  std::optional<stealing_executor> executor_;
};

/// A lazy coroutine without a result. Only queues whose operations await this promise, and `yield`, can be
/// awaited. After any `co_await` it may be on another thread.
class [[nodiscard]] coroutine_runtime::task {
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
  friend class coroutine_runtime;
  explicit task(std::coroutine_handle<promise> frame) noexcept : frame_(frame) {}

  std::coroutine_handle<promise> frame_;
};

/// Names a spawned task; may outlive it, but is of use only while the runtime lives.
class coroutine_runtime::handle {
  friend class coroutine_runtime;
  explicit handle(std::shared_ptr<detail::cancel_slot> cancels) noexcept : cancels_(std::move(cancels)) {}

  std::shared_ptr<detail::cancel_slot> cancels_;
};

class coroutine_runtime::promise : public detail::record, public async::pooled_frame {
 public:
  promise() noexcept : detail::record(&promise::begin) {
    live_.prev = nullptr;
    live_.of = this;
  }
  promise(const promise&) = delete;
  promise& operator=(const promise&) = delete;

  detail::cancel_slot& cancels() const noexcept { return *cancels_; }

  task get_return_object() noexcept { return task(std::coroutine_handle<promise>::from_promise(*this)); }
  static std::suspend_always initial_suspend() noexcept { return {}; }
  struct final_awaiter {
    static constexpr bool await_ready() noexcept { return false; }
    HANDOFF_APART_IN_CLANG void await_suspend(std::coroutine_handle<promise> ended) const noexcept {
      ended.promise().runtime_->end(ended.promise());
    }
    static constexpr void await_resume() noexcept {}
  };
  static final_awaiter final_suspend() noexcept { return {}; }
  static void return_void() noexcept {}
  void unhandled_exception() const noexcept { runtime_->note(std::current_exception()); }

 private:
  friend class coroutine_runtime;

  static bool begin(detail::record& self) noexcept {
    worker::current()->next = std::coroutine_handle<promise>::from_promise(static_cast<promise&>(self));
    return false;
  }

  // Written by spawn().
  coroutine_runtime* runtime_ = nullptr;
  std::shared_ptr<detail::cancel_slot> cancels_;
  live_link live_;
};

inline coroutine_runtime::~coroutine_runtime() {
  executor_.reset();
  while (live_link* const left = tasks_.pop_front())
    std::coroutine_handle<promise>::from_promise(*left->of).destroy();
}

inline coroutine_runtime::handle coroutine_runtime::spawn(task work) {
  promise& spawned = work.frame_.promise();
  auto cancels = std::make_shared<detail::cancel_slot>();
  spawned.runtime_ = this;
  spawned.cancels_ = cancels;
  work.frame_ = nullptr;
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(spawned.live_);
  }
  if (!executor_->try_begin(spawned)) {
    const std::lock_guard lock(mutex_);
    begun_.push_back(spawned);
  }
  return handle(std::move(cancels));
}

inline void coroutine_runtime::cancel(const handle& spawned) noexcept { spawned.cancels_->cancel(); }

inline void coroutine_runtime::end(promise& ended) noexcept {
  {
    const std::lock_guard lock(mutex_);
    ended.live_.unlink();
  }
  std::coroutine_handle<promise>::from_promise(ended).destroy();
}

inline void coroutine_runtime::run() {
  executor_->run_until_quiet(state_, begun_);
  const std::lock_guard lock(mutex_);
  if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
  if (tasks_.empty()) return;
  throw async::deadlock_error(tasks_.size());
}

static_assert(async_runtime<coroutine_runtime>);

}  // namespace handoff::stealing
