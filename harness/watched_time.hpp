// Time as a watch counts it, which gives others up: only what passes while the watch itself runs.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "harness/clock.hpp"

namespace handoff::harness {

/// For a thread that looks again and again. If a look comes far too late, the whole process was stopped, or
/// the machine has no core to spare, and whoever is watched had no chance to move either: of such a gap no
/// more counts than twice the planned pause. `Clock` is for tests; use `watched_time`.
template <class Clock>
class basic_watched_time {
 public:
  explicit basic_watched_time(std::chrono::nanoseconds between_looks) noexcept
      : longest_(2 * between_looks), last_ns_(Clock::now_ns()) {}

  /// What has counted since the start, this look included.
  std::chrono::nanoseconds look() noexcept {
    const std::int64_t now_ns = Clock::now_ns();
    counted_ += std::min(std::chrono::nanoseconds(now_ns - std::exchange(last_ns_, now_ns)), longest_);
    return counted_;
  }

  /// From now on.
  void start() noexcept {
    counted_ = {};
    last_ns_ = Clock::now_ns();
  }

 private:
  const std::chrono::nanoseconds longest_;
  std::chrono::nanoseconds counted_{0};
  std::int64_t last_ns_;
};

using watched_time = basic_watched_time<steady>;

}  // namespace handoff::harness
