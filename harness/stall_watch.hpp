// Tells workers that wait for what will not come from workers that are slow.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "harness/clock.hpp"
#include "harness/watched_time.hpp"

namespace handoff::harness {

/// For one thread that looks again and again. `Clock` is for tests; use `stall_watch`.
template <class Clock>
class basic_stall_watch {
 public:
  /// `limit`: how long nothing must move. `between_looks`: the caller's pause.
  basic_stall_watch(std::chrono::nanoseconds limit, std::chrono::nanoseconds between_looks) noexcept
      : limit_(limit), between_looks_(between_looks), still_(between_looks) {}
  /// Of a caller that has no other reason to look.
  explicit basic_stall_watch(std::chrono::nanoseconds limit) noexcept
      : basic_stall_watch(limit,
                          std::max<std::chrono::nanoseconds>(limit / 50, std::chrono::milliseconds{1})) {}

  [[nodiscard]] std::chrono::nanoseconds between_looks() const noexcept { return between_looks_; }

  /// Whether nothing will move any more: `progress`, any number that changes while something moves, has stood
  /// still for the limit, and `all_sleep()`, which is asked only then. Who runs, or waits for a core, may
  /// still move: then the time starts again, and the end of the step (harness/watchdog.hpp) is the limit.
  template <class AllSleep>
  [[nodiscard]] bool stands_still(std::uint64_t progress, AllSleep all_sleep) {
    if (progress != last_) {
      last_ = progress;
      still_.start();
      return false;
    }
    if (still_.look() <= limit_) return false;
    if (all_sleep()) return true;
    still_.start();
    return false;
  }

 private:
  const std::chrono::nanoseconds limit_;
  const std::chrono::nanoseconds between_looks_;
  basic_watched_time<Clock> still_;
  std::uint64_t last_ = 0;
};

using stall_watch = basic_stall_watch<steady>;

}  // namespace handoff::harness
