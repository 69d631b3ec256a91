// The clock of every measurement: steady, in nanoseconds. Any thread.
#pragma once

#include <chrono>
#include <cstdint>

namespace handoff::harness {

/// Nanoseconds since an arbitrary moment.
inline std::int64_t now_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// It as a type, for measured code that tests run by a clock of their own.
struct steady {
  static std::int64_t now_ns() noexcept { return harness::now_ns(); }
};

/// What one reading costs, in nanoseconds: the median of some thousand batches' means, measured once a
/// process.
double clock_cost_ns();

}  // namespace handoff::harness
