// What a runtime whose tasks run on several threads needs, beside one with a single loop.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "harness/placement.hpp"
#include "harness/stall_watch.hpp"
#include "harness/threads/thread_state.hpp"

namespace handoff::harness::coroutines {

/// Whether tasks of the runtime may be on several threads at once.
template <class Runtime>
constexpr bool is_parallel() noexcept {
  if constexpr (requires { Runtime::is_parallel; })
    return Runtime::is_parallel;
  else
    return false;
}

/// Where the tasks of a cell run: the calling thread has the first place, for the lifetime of this object,
/// and on a parallel runtime others have the next ones, as many as there are tasks, but no more than cores.
class workplace {
 public:
  workplace(pinning how, unsigned tasks)
      : threads_(std::min(tasks, usable_cores())), where_(how), here_(where_, 0) {}

  [[nodiscard]] const placement& where() const noexcept { return where_; }

  template <class Runtime>
  [[nodiscard]] unsigned threads() const noexcept {
    return is_parallel<Runtime>() ? threads_ : 1;
  }

  /// This object outlives the runtime.
  template <class Runtime>
  [[nodiscard]] Runtime runtime() const {
    if constexpr (is_parallel<Runtime>())
      return Runtime(threads_, [this](unsigned thread) { where_.bind_current_thread(thread); });
    else
      return Runtime();
  }

 private:
  const unsigned threads_;  // found before the calling thread is bound
  const placement where_;
  const temporary_place here_;
};

/// A number that tasks share. What one did before it changed the number is visible to whoever sees that.
class shared_count {
 public:
  explicit shared_count(std::uint64_t value = 0) noexcept : value_(value) {}

  [[nodiscard]] std::uint64_t get() const noexcept {
    return value_.load(std::memory_order_acquire);  // (1) partner: (2) and (3)
  }
  void set(std::uint64_t value) noexcept {
    value_.store(value, std::memory_order_release);  // (2) partner: (1)
  }
  // Return what it is now.
  std::uint64_t up() noexcept {
    return value_.fetch_add(1, std::memory_order_acq_rel) + 1;  // (3) partner: (1) and itself
  }
  std::uint64_t down() noexcept {
    return value_.fetch_sub(1, std::memory_order_acq_rel) - 1;  // (3) partner: (1) and itself
  }

 private:
  std::atomic<std::uint64_t> value_;
};

/// The latest of the moments that tasks note.
class latest_moment {
 public:
  void note(std::int64_t now_ns) noexcept {
    std::int64_t seen = ns_.load(std::memory_order_relaxed);  // a number and nothing behind it
    while (seen < now_ns && !ns_.compare_exchange_weak(seen, now_ns, std::memory_order_relaxed)) {
      // relaxed: as above
    }
  }
  [[nodiscard]] std::int64_t get() const noexcept {
    return ns_.load(std::memory_order_relaxed);  // as above
  }

 private:
  std::atomic<std::int64_t> ns_{0};
};

/// How long a coordinator yields for something that others do. On one thread, passes in which nothing moves
/// prove that nothing will; on several, time in which nothing moves does, if all other threads sleep. Then
/// the coordinator gives up, and the runtime finds that the others wait forever.
template <class Runtime>
class patience {
 public:
  explicit patience(std::chrono::nanoseconds stall_limit) noexcept : still_(stall_limit) {}

  /// Whether to yield once more; `progress` is any number that changes while anything moves.
  [[nodiscard]] bool left(std::uint64_t progress) {
    if constexpr (is_parallel<Runtime>()) return !still_.stands_still(progress, &others_sleep);
    constexpr unsigned idle_passes = 1000;
    idle_ = progress == last_ ? idle_ + 1 : 0;
    last_ = progress;
    return idle_ < idle_passes;
  }

 private:
  stall_watch still_;
  std::uint64_t last_ = 0;
  unsigned idle_ = 0;
};

}  // namespace handoff::harness::coroutines
