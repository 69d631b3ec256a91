// How many items a sample needs to last as long as asked: found by doubling, in the warm-up.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace handoff::harness {

/// What a run that went wrong answers `find_items`: so long that it is the last.
inline constexpr double endless_s = 1e9;

/// Calls `run(items)`, which answers the seconds that they took, with more and more items until a run lasts a
/// quarter of `target`, and returns the number that lasts `target`: a multiple of `step`, at least one.
template <class Run>
std::uint64_t find_items(std::chrono::nanoseconds target, std::uint64_t step, Run run) {
  const double wanted = std::chrono::duration<double>(target).count();
  const auto steps_of = [&](double items) {
    return std::max<std::uint64_t>(
               1, static_cast<std::uint64_t>(std::llround(items / static_cast<double>(step)))) *
           step;
  };
  constexpr double first = 512, largest = 1e9, growth = 16;
  for (std::uint64_t items = steps_of(first);;) {
    const double seconds = std::max(run(items), 1e-7);
    const double proportional = static_cast<double>(items) * wanted / seconds;
    if (seconds >= wanted / 4 || static_cast<double>(items) >= largest)
      return steps_of(std::min(proportional, largest));
    items =
        steps_of(std::min({static_cast<double>(items) * growth, std::max(proportional / 2, 1.0), largest}));
  }
}

}  // namespace handoff::harness
