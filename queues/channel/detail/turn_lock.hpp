// A lock that many threads want often and hold for some nanoseconds, and whose release is a plain store.
//
// Each operation of a channel takes and releases a lock. An atomic read-modify-write waits for all stores
// before it, so one to take the lock and one to release it are most of what an operation costs. The second is
// there to find out whether a thread sleeps for the lock. Here, the release is a store, and a look at a flag
// in the same line: "store mine, then look at theirs", and the rare side, a thread that goes to sleep, pays
// for the order (queues/support/asymmetric_fence.hpp).
//
// A thread that finds the lock held looks again after 5 microseconds, which is much longer than it is held,
// eight times, and then goes to sleep. Meanwhile, the other thread does a hundred operations on lines that
// are in its own cache. Were the lock to change cores at every other operation, both together would do less
// than one alone.
//
// Reference: Drepper, Futexes are tricky (2011), for a lock of a word and a futex; Dice, Huang and Yang,
// Asymmetric Dekker synchronization (2001), for the fence.
#pragma once

#include <atomic>
#include <cstdint>

#include "queues/support/asymmetric_fence.hpp"
#include "queues/support/futex.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::channels {

/// The single steps on which the lock stands. Tests replace one, and see that it is missed.
struct turn_lock_steps {
  /// Between a thread's announcement that it will sleep and its last look.
  static void fence_before_sleep() noexcept { support::heavy_fence(); }
  static bool looks_again() noexcept { return true; }

  /// Whether a thread that has released the lock wakes those who sleep, from whether there are any.
  static bool wakes(bool any) noexcept { return any; }

  /// How often those who slept were woken, once they are again.
  static std::uint32_t woken_again(std::uint32_t times) noexcept { return times + 1; }
};

/// Any thread, but for `unlock`: the thread that has locked. Blocking; no fairness between threads. When it
/// is destroyed, every `unlock` must have returned.
template <class Steps>
class basic_turn_lock {
 public:
  basic_turn_lock() noexcept = default;
  basic_turn_lock(const basic_turn_lock&) = delete;
  basic_turn_lock& operator=(const basic_turn_lock&) = delete;

  void lock() noexcept {
    if (!try_lock()) [[unlikely]]
      lock_patiently();
  }

  [[nodiscard]] bool try_lock() noexcept {
    // relaxed: a hint, which keeps the line shared; (1) acquire: partner (2)
    return !held_.load(std::memory_order_relaxed) && !held_.exchange(true, std::memory_order_acquire);
  }

  void unlock() noexcept {
    held_.store(false, std::memory_order_release);                           // (2) partner: (1)
    support::light_fence();                                                  // (3) partner: (4)
    if (Steps::wakes(asleep_.load(std::memory_order_relaxed))) [[unlikely]]  // ordered by (3)
      wake();
  }

 private:
  static constexpr int looks = 8, turns = 128;  // of a spinning loop, between two looks

  [[gnu::noinline]] void lock_patiently() noexcept {
    for (int look = 0; look < looks; ++look) {
      for (int turn = 0; turn < turns; ++turn) support::cpu_relax();
      if (try_lock()) return;
    }
    for (;;) {
      const std::uint32_t before = wakes_.load(std::memory_order_acquire);  // (5) partner: (6)
      asleep_.store(true, std::memory_order_relaxed);                       // ordered by (4)
      Steps::fence_before_sleep();                                          // (4) partner: (3)
      if (Steps::looks_again() && try_lock()) return;
      support::futex_wait(wakes_, before, nullptr);
    }
  }

  /// A thread that announces its sleep after the flag is down sees the number changed, or sleeps for another
  /// holder, who will see the flag.
  [[gnu::noinline]] void wake() noexcept {
    asleep_.store(false, std::memory_order_relaxed);               // ordered by (6)
    std::uint32_t times = wakes_.load(std::memory_order_relaxed);  // a guess, which (6) verifies
    // (6) release: partner (5); relaxed on failure: another guess
    while (!wakes_.compare_exchange_weak(times, Steps::woken_again(times), std::memory_order_release,
                                         std::memory_order_relaxed)) {
    }
    support::futex_wake_all(&wakes_);
  }

  std::atomic<bool> held_{false};
  std::atomic<bool> asleep_{false};      // a thread sleeps, or is about to
  std::atomic<std::uint32_t> wakes_{0};  // how often those who slept were woken
};

using turn_lock = basic_turn_lock<turn_lock_steps>;

}  // namespace handoff::channels
