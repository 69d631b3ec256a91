// A condition variable that loses no wake-up: one word, which counts the wake-ups and which waiters sleep on.
//
// The C library's may lose one (glibc before 2.41, its bug 25847), and a thread that sleeps then may sleep
// forever. Here the word is read and written only with the lock held: a waiter is asleep on the number that
// it has read when the next wake-up comes, or the number has changed and it does not fall asleep. One risk
// remains: 2^32 wake-ups between a waiter's reading and its sleep.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "queues/contract/concepts.hpp"
#include "queues/support/futex.hpp"

namespace handoff::support {

/// Belongs to one mutex, "the lock". A wake-up has two parts: `announce` with the lock, and then, best after
/// the lock is released, `wake_one` or `wake_all`.
class condition {
 public:
  /// With the lock, which it releases meanwhile. Returns when woken, when `*deadline` has passed (null: no
  /// deadline), or for no reason: look again.
  void wait(std::unique_lock<std::mutex>& lock, const deadline_t* deadline) {
    const std::uint32_t seen = wake_ups_.load(std::memory_order_relaxed);  // ordered by the lock
    ++waiting_;
    lock.unlock();
    futex_wait(wake_ups_, seen, deadline);
    lock.lock();
    --waiting_;
  }

  /// With the lock. False if no thread waits: then there is none to wake.
  [[nodiscard]] bool announce() noexcept {
    if (waiting_ == 0) return false;
    // relaxed: ordered by the lock; for a waiter that is about to sleep, by the kernel's
    wake_ups_.store(wake_ups_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return true;
  }

  void wake_one() const noexcept { futex_wake(&wake_ups_, 1); }
  void wake_all() const noexcept { futex_wake_all(&wake_ups_); }

 private:
  std::atomic<std::uint32_t> wake_ups_{0};
  std::size_t waiting_ = 0;  // threads inside wait(), or woken and not yet running
};

}  // namespace handoff::support
