#include "harness/busy_work.hpp"

#include <algorithm>
#include <cmath>

#include "harness/clock.hpp"

namespace handoff::harness {

namespace {

/// The fastest of many short runs: what slowed the others down was not the loop.
double measure_turns_per_ns() {
  constexpr std::uint64_t turns = 20000;
  std::int64_t fastest = INT64_MAX;
  for (int run = 0; run < 50; ++run) {
    const std::int64_t start = now_ns();
    work(turns);
    fastest = std::min(fastest, now_ns() - start);
  }
  return static_cast<double>(turns) / static_cast<double>(std::max<std::int64_t>(fastest, 1));
}

}  // namespace

std::uint64_t turns_for(std::uint32_t nanoseconds) {
  if (nanoseconds == 0) return 0;
  static const double turns_per_ns = measure_turns_per_ns();
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(turns_per_ns * nanoseconds)));
}

}  // namespace handoff::harness
