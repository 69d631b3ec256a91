// Where a thread is, seen from outside: lets tests wait until threads are really blocked, without sleeping.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <ctime>
#include <thread>

#include "harness/threads/thread_state.hpp"

namespace handoff::testing_support {

/// One announcement: a thread says that it is about to call an operation that must block. May be repeated.
class presence {
 public:
  /// Called by the thread itself, right before the operation.
  void announce() noexcept {
    ::pthread_getcpuclockid(::pthread_self(), &clock_);
    thread_.store(harness::current_thread_id(), std::memory_order_release);  // (1) partner: (2)
  }

  /// Called by any other thread, while the announcing one lives: returns once that thread sleeps in the
  /// kernel or, if it waits by spinning or yielding, has since spent so much time (`enough` nanoseconds) that
  /// it can only be in the middle of the wait. Also returns if it has ended.
  void wait_until_blocked(std::int64_t enough = 30'000) const {
    pid_t thread = 0;
    while ((thread = thread_.load(std::memory_order_acquire)) == 0)
      std::this_thread::yield();  // (2) partner: (1)
    const std::int64_t began = used();
    for (;;) {
      const auto state = harness::thread_state(thread);
      if (!state || *state == 'S' || used() - began > enough) return;
      std::this_thread::yield();
    }
  }

  /// As above: nanoseconds of processor time that the thread has used. They stand still while it sleeps.
  [[nodiscard]] std::int64_t used() const noexcept {
    timespec now{};
    ::clock_gettime(clock_, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  }

 private:
  clockid_t clock_{};
  std::atomic<pid_t> thread_{0};
};

}  // namespace handoff::testing_support
