// Where a thread is, seen from outside: lets tests wait until threads are really blocked, without sleeping.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <ctime>
#include <thread>

#include "harness/threads/thread_state.hpp"
#include "tests/support/sanitizers.hpp"

namespace handoff::testing_support {

/// One announcement: a thread says that it is about to call an operation that must block. May be repeated.
class presence {
 public:
  /// Called by the thread itself, right before the operation.
  void announce() noexcept {
    ::pthread_getcpuclockid(::pthread_self(), &clock_);
    thread_.store(harness::current_thread_id(), std::memory_order_release);  // (1) partner: (2)
  }

  /// Called by any other thread, while the announcing one lives: returns once that thread stays asleep in the
  /// kernel or, if it waits by spinning or yielding, has since spent so much time (`enough` nanoseconds) that
  /// it can only be in the middle of the wait. Also returns if it has ended.
  void wait_until_blocked(std::int64_t enough = beyond_any_way_in) const {
    pid_t thread = 0;
    while ((thread = thread_.load(std::memory_order_acquire)) == 0)
      std::this_thread::yield();  // (2) partner: (1)
    const std::int64_t began = used();
    std::int64_t before = began;
    for (unsigned asleep = 0; asleep < looks_at_a_sleeper;) {
      const auto state = harness::thread_state(thread);
      const std::int64_t now = used();
      if (!state || now - began > enough) return;
      asleep = *state == 'S' && now == before ? asleep + 1 : 0;
      before = now;
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
  // What lies between the announcement and the wait takes 3 us; with memory and code that are touched for the
  // first time, up to 230 us under AddressSanitizer.
  static constexpr std::int64_t beyond_any_way_in = 300'000 * slowdown;  // nanoseconds of processor time
  static constexpr unsigned looks_at_a_sleeper = 3;  // a lock of the allocator is not the wait

  clockid_t clock_{};
  std::atomic<pid_t> thread_{0};
};

}  // namespace handoff::testing_support
