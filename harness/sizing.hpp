// How many items a sample holds: as many as last as long as asked, found by doubling, in the warm-up; but at
// least so many that the queue is filled and emptied several times and every worker has many turns. Fewer
// would tell how threads start. Where so many last several times as long as asked, time decides after all.
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
inline double first_items_tried(std::chrono::nanoseconds target, double work_s) noexcept {
  constexpr double most = 512;
  const double enough = std::chrono::duration<double>(target).count() / 4;
  return most * work_s > enough ? std::max(enough / work_s, 1.0) : most;
}

/// Turns that every worker has in a sample, at least, if they do not last too long: see `longest_sample`.
inline std::uint64_t fewest_turns(const cell& c) noexcept {
  constexpr std::uint64_t items_a_worker = 64;
  return items_a_worker * std::max(c.producers, c.consumers);
}

/// Items of a sample that streams, at least, with the same condition. An unbounded queue has no capacity to
/// fill.
inline std::uint64_t fewest_items(const cell& c) noexcept {
  constexpr std::uint64_t fillings = 4;
  return std::max<std::uint64_t>(fillings * c.capacity.value_or(0), fewest_turns(c));
}

/// For the sake of its fewest items a sample lasts at most so many times as long as asked.
inline constexpr double longest_sample = 4;

/// Items of a sample at most: their keys are written down, eight bytes or more each.
inline constexpr std::uint64_t most_items = std::uint64_t{1} << 26;

/// What a run that went wrong answers `find_items`: so long that it is the last.
inline constexpr double endless_s = 1e9;

/// Whether a cell on threads, of a queue of this order, has proof runs before its samples: see
/// harness/threads/order_proof.hpp. What one producer and one consumer do shows its whole order in every
/// sample.
constexpr bool needs_order_proof(const cell& c, ordering promised) noexcept {
  return promised == ordering::fifo && c.producers + c.consumers > 2;
}

/// Calls `run(items)`, which answers the seconds that they took, with more and more items until a run lasts a
/// quarter of `target`, and returns the number that lasts `target`: a multiple of `step`, at least one, and
/// not less than `fewest` as long as these last at most `longest_sample` times as long; and about
/// `most_items` at most. Known work around an item, `work_s`, decides where it begins.
template <class Run>
std::uint64_t find_items(std::chrono::nanoseconds target, std::uint64_t step, Run run, double work_s = 0,
                         std::uint64_t fewest = 1) {
  const double wanted = std::chrono::duration<double>(target).count();
  const auto steps_of = [&](double items) {
    return std::max<std::uint64_t>(
               1, static_cast<std::uint64_t>(std::llround(items / static_cast<double>(step)))) *
           step;
  };
  constexpr double largest = static_cast<double>(most_items), growth = 16;
  for (std::uint64_t items = steps_of(first_items_tried(target, work_s));;) {
    const double seconds = std::max(run(items), 1e-7);
    const double tried = static_cast<double>(items);
    const double proportional = tried * wanted / seconds;
    const double at_least = std::min(static_cast<double>(fewest), proportional * longest_sample);
    // A run of fewer is no measure of the time of so many: most of it may be the start of the threads.
    const bool counts = tried >= at_least / 2;
    if ((seconds >= wanted / 4 && counts) || tried >= largest)
      return steps_of(std::min(std::max(proportional, at_least), largest));
    const double grown = std::min({tried * growth, std::max(proportional / 2, 1.0), largest});
    items = steps_of(std::max(grown, counts ? 1.0 : std::min(tried * growth, at_least)));
  }
}

}  // namespace handoff::harness
