// The two calls of Linux's futex that parking needs. Any thread.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdint>
#include <ctime>

#include "queues/contract/concepts.hpp"

namespace handoff::support {

/// Sleeps while `word` holds `expected`, at the latest until `*deadline` (null: without end). False when the
/// deadline has passed; true otherwise, also after a spurious wake-up: look again.
inline bool futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                       const deadline_t* deadline) noexcept {
  static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));
  timespec until{};
  if (deadline != nullptr) {
    const auto since_boot =
        deadline->time_since_epoch();  // steady_clock is CLOCK_MONOTONIC, as the futex's clock
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
    if (seconds.count() < 0) return false;
    until.tv_sec = static_cast<std::time_t>(seconds.count());
    until.tv_nsec = static_cast<long>(std::chrono::nanoseconds(since_boot - seconds).count());
  }
  const long result = ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, expected,
                                deadline != nullptr ? &until : nullptr, nullptr, FUTEX_BITSET_MATCH_ANY);
  return result == 0 || errno != ETIMEDOUT;
}

/// Wakes at most `count` of the threads that sleep on `word`. Takes an address only: the word may no longer
/// exist, and what lives there now sees a spurious wake-up at worst.
inline void futex_wake(const std::atomic<std::uint32_t>* word, int count) noexcept {
  ::syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

/// Wakes all threads that sleep on `word`; as above.
inline void futex_wake_all(const std::atomic<std::uint32_t>* word) noexcept { futex_wake(word, INT_MAX); }

}  // namespace handoff::support
