// Running a coroutine from outside: `run(loop, work)` is asyncio's `run_until_complete`, `run(work)` its
// `asyncio.run`.
#pragma once

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "queues/async/debug.hpp"
#include "queues/async/detail/wake_up.hpp"
#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/async/gather.hpp"
#include "queues/async/task.hpp"
#include "queues/async/task_handle.hpp"

namespace handoff::async {

/// Runs the loop until the task of `main` has ended. Throws `deadlock_error` when nothing will ever be ready
/// before that. For the parts of the runtime.
template <class T>
void run_until_done(event_loop& loop, const task_handle<T>& main) {
  const outer_task outer;
  while (!main.done()) {
    if (loop.run_once()) continue;
    throw deadlock_of(loop);
  }
}

/// The result of a task that has ended, moved out.
template <class T>
T take_result(const task_handle<T>& main) {
  if constexpr (std::is_void_v<T>)
    main.result();
  else
    return std::move(main.result());
}

/// Makes `work` a task, runs the loop until it has ended, and returns its result or throws what it threw.
/// Other tasks run meanwhile; those that have not ended then stay as they are. Throws `deadlock_error` when
/// nothing will ever be ready before the task has ended, and std::logic_error if the loop is already running.
template <class T>
T run(event_loop& loop, task<T> work) {
  loop.refuse_to_run_inside_itself();
  const task_handle<T> main = create_task(loop, std::move(work));
  run_until_done(loop, main);
  return take_result(main);
}

/// From its construction until `end()` the first SIGINT cancels a task instead of ending the process:
/// `main`, and after its end the one that ends the rest. A second one ends the process. It changes nothing
/// if the program handles SIGINT itself, or the system has no descriptor for it. One at a time in a
/// process.
class interrupt_guard : private io_watch {
 public:
  explicit interrupt_guard(event_loop& loop, any_task main)
      : io_watch(true), loop_(loop), main_(main), victim_(std::move(main)) {
    struct sigaction now {};
    if (::sigaction(SIGINT, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) return;
    if (!listen()) return;
    came.store(false, std::memory_order_relaxed);                    // ordered by sigaction
    wakes.store(wake_up_->waking_end(), std::memory_order_seq_cst);  // (1) partner: (3)
    struct sigaction ours {};
    ours.sa_handler = &on_signal;
    ours.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &ours, nullptr);
  }
  ~interrupt_guard() { end(); }

  /// `main` has ended: from here on SIGINT cancels `rest`. One that was never delivered to `main`, because
  /// it never waited, does not.
  void main_has_ended(any_task rest) {
    if (!wake_up_) return;
    if (came.load(std::memory_order_relaxed))  // ordered as its store is
      loop_.io().remove(wake_up_->descriptor(), io_side::read, *this);
    else
      victim_ = std::move(rest);
  }

  /// From here on SIGINT does what it did before, or calls a handler that the program has set meanwhile.
  void end() noexcept {
    if (!wake_up_) return;
    struct sigaction now {};
    if (::sigaction(SIGINT, nullptr, &now) == 0 && now.sa_handler == &on_signal) std::signal(SIGINT, SIG_DFL);
    wakes.store(-1, std::memory_order_seq_cst);  // (1) partner: (3)
    // (4) partner: (2). The handler runs on whatever thread the system chooses: one that has found the
    // descriptor is about to write to it. It is a matter of one call of the system, unless its thread is off
    // its core.
    while (handlers.load(std::memory_order_seq_cst) != 0) std::this_thread::yield();
    interrupted_ = came.load(std::memory_order_relaxed);  // ordered as its store is
    loop_.io().remove(wake_up_->descriptor(), io_side::read, *this);
    wake_up_.reset();
  }

  /// After the end: SIGINT came, and `main` did not continue in spite of it.
  bool interrupted() const noexcept { return interrupted_ && (!main_was_told_ || main_.cancelled()); }

 private:
  /// Makes the loop watch a descriptor that the handler writes to. False if the system has none left: then
  /// SIGINT does what it did before.
  bool listen() {
    try {
      wake_up_.emplace();
      loop_.io().add(wake_up_->descriptor(), io_side::read, *this);
    } catch (const std::system_error&) {
      wake_up_.reset();
    }
    return wake_up_.has_value();
  }

  /// On any thread. Either it finds the descriptor, and end() waits for it (in the one order of (1) to
  /// (4)), or the guard has ended, and SIGINT is raised again, for whatever handles it then.
  static void on_signal(int) {
    handlers.fetch_add(1, std::memory_order_seq_cst);              // (2) partner: (4)
    const int waking_end = wakes.load(std::memory_order_seq_cst);  // (3) partner: (1)
    if (waking_end >= 0) {
      came.store(true, std::memory_order_relaxed);  // ordered by (5)
      const int error = errno;
      wake_up::wake(waking_end);
      errno = error;
    } else {
      ::raise(SIGINT);
    }
    handlers.fetch_sub(1, std::memory_order_release);  // (5) partner: (4)
  }

  void ready() override {
    main_was_told_ = victim_ == main_;
    victim_.cancel();
  }

  static inline std::atomic<int> wakes{-1};         // what wakes the loop; -1: no guard is there
  static inline std::atomic<unsigned> handlers{0};  // that run at present
  static inline std::atomic<bool> came{false};      // a SIGINT, since the construction

  event_loop& loop_;
  any_task main_;
  any_task victim_;                 // whom it cancels
  std::optional<wake_up> wake_up_;  // nothing: SIGINT is left as it is, or the end has come
  bool main_was_told_ = false;
  bool interrupted_ = false;
};

/// Cancels the tasks that have not ended, and waits for them.
inline task<> cancel_everything(event_loop& loop) {
  const any_task self = current_task();
  std::vector<any_task> others;
  for (any_task& one : all_tasks(loop))
    if (one != self) others.push_back(std::move(one));
  for (const any_task& one : others) one.cancel();
  co_await gather(std::move(others), return_exceptions);
}

/// HANDOFF_ASYNC_DEBUG is set, and not to 0.
inline bool debug_is_wanted() noexcept {
  const char* const value = std::getenv("HANDOFF_ASYNC_DEBUG");
  return value != nullptr && *value != '\0' && std::string_view(value) != "0";
}

/// Runs a program: makes a loop, runs `work` on it, then cancels the tasks that have not ended and waits
/// for them, and runs what remotes have called until then. Returns the result of `work` or throws what it
/// threw. SIGINT cancels `work`, and after its end the remaining tasks once more; `interrupted` is thrown
/// then, unless `work` threw something itself, or continued when it was cancelled. `observer`, if there is
/// one, is notified of every step; the task of `work` is called `main`. The environment's
/// HANDOFF_ASYNC_DEBUG=1 turns debug mode on.
template <class T>
T run(task<T> work, loop_clock clock = loop_clock::steady, loop_observer* observer = nullptr) {
  std::optional<debug_mode> debug;
  if (debug_is_wanted()) debug.emplace();
  event_loop loop(clock);
  loop.observe(observer);
  if (debug) debug->watch(loop, observer);
  const task_handle<T> main = create_task(loop, std::move(work), "main");
  interrupt_guard guard(loop, main);
  const auto end_tasks = [&loop, &guard] {
    const task_handle<void> rest = create_task(loop, cancel_everything(loop), "cancel_everything");
    guard.main_has_ended(rest);
    run_until_done(loop, rest);
  };
  const auto end_the_rest = [&loop, &guard, &end_tasks] {
    end_tasks();
    // Calls from other threads run, and the tasks that they have begun end as well.
    if (loop.remotes() != nullptr && loop.remotes()->close()) end_tasks();
    guard.end();
  };
  try {
    run_until_done(loop, main);
  } catch (const deadlock_error&) {
    end_the_rest();
    throw;
  }
  end_the_rest();
  if (guard.interrupted() && (main.cancelled() || main.exception() == nullptr)) throw interrupted();
  return take_result(main);
}

}  // namespace handoff::async
