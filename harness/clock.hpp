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

/// The same clock as a type, so that tests can run measured code by a clock of their own.
struct steady {
  static std::int64_t now_ns() noexcept { return harness::now_ns(); }
};

/// The cost of one reading, in nanoseconds: the median over the means of several hundred batches, measured
/// once per process.
double clock_cost_ns();

}  // namespace handoff::harness
