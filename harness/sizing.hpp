// How many items a sample needs to last as long as asked: found by doubling, in the warm-up.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "harness/cell.hpp"

namespace handoff::harness {

/// Seconds of busy work that the cell asks for around one item, its producer's and its consumer's.
inline double work_seconds(const cell& c) noexcept {
  return (static_cast<double>(c.work_producer_ns) + static_cast<double>(c.work_consumer_ns)) * 1e-9;
}

/// With how many items `find_items` begins: fewer where the work alone of so many would last a quarter of
/// `target`, all of it on one core.
inline double first_items(std::chrono::nanoseconds target, double work_s) noexcept {
  constexpr double most = 512;
  const double enough = std::chrono::duration<double>(target).count() / 4;
  return most * work_s > enough ? std::max(enough / work_s, 1.0) : most;
}

/// What a run that went wrong answers `find_items`: so long that it is the last.
inline constexpr double endless_s = 1e9;

/// Calls `run(items)`, which answers the seconds that they took, with more and more items until a run lasts a
/// quarter of `target`, and returns the number that lasts `target`: a multiple of `step`, at least one. Known
/// work around an item, `work_s`, decides where it begins.
template <class Run>
std::uint64_t find_items(std::chrono::nanoseconds target, std::uint64_t step, Run run, double work_s = 0) {
  const double wanted = std::chrono::duration<double>(target).count();
  const auto steps_of = [&](double items) {
    return std::max<std::uint64_t>(
               1, static_cast<std::uint64_t>(std::llround(items / static_cast<double>(step)))) *
           step;
  };
  constexpr double largest = 1e9, growth = 16;
  for (std::uint64_t items = steps_of(first_items(target, work_s));;) {
    const double seconds = std::max(run(items), 1e-7);
    const double proportional = static_cast<double>(items) * wanted / seconds;
    if (seconds >= wanted / 4 || static_cast<double>(items) >= largest)
      return steps_of(std::min(proportional, largest));
    items =
        steps_of(std::min({static_cast<double>(items) * growth, std::max(proportional / 2, 1.0), largest}));
  }
}

}  // namespace handoff::harness
