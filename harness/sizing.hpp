// How many items a sample holds: as many as last for the requested time, found in the warm-up, where a run
// tries up to 16 times as many as the one before; but at least enough to fill and empty the queue several
// times and to give every worker many turns. Fewer would measure how threads start. If so many take several
// times as long as requested, time decides after all.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>

#include "harness/cell.hpp"

namespace handoff::harness {

/// Seconds of busy work that the cell asks for around one item, by its producer and its consumer together.
inline double work_seconds(const cell& c) noexcept {
  return (static_cast<double>(c.work_producer_ns) + static_cast<double>(c.work_consumer_ns)) * 1e-9;
}

/// The number of items with which `find_items` begins: fewer if the work alone of so many would take a
/// quarter of `target`, all of it on one core.
inline double first_items_tried(std::chrono::nanoseconds target, double work_s) noexcept {
  constexpr double most = 512;
  const double enough = std::chrono::duration<double>(target).count() / 4;
  return most * work_s > enough ? std::max(enough / work_s, 1.0) : most;
}

/// Turns that every worker has in a sample, at least, unless they take too long: see `longest_sample`.
inline std::uint64_t fewest_turns(const cell& c) noexcept {
  constexpr std::uint64_t items_a_worker = 64;
  return items_a_worker * std::max(c.producers, c.consumers);
}

/// Fewest items of a streaming sample, under the same condition. An unbounded queue has no capacity to fill.
inline std::uint64_t fewest_items(const cell& c) noexcept {
  constexpr std::uint64_t fillings = 4;
  return std::max<std::uint64_t>(fillings * c.capacity.value_or(0), fewest_turns(c));
}

/// To reach its fewest items, a sample may last at most this many times as long as requested.
inline constexpr double longest_sample = 4;

/// Most items of a sample: their keys are recorded, at eight bytes or more each.
inline constexpr std::uint64_t most_items = std::uint64_t{1} << 26;

/// Runs in the warm-up of `paced` whose median rate is the cell's own.
inline constexpr int runs_for_rate = 3;

/// What a failed run returns to `find_items`: long enough to be the last run.
inline constexpr double endless_s = 1e9;

/// Whether a threaded cell with a queue of this ordering has proof runs before its samples: see
/// harness/threads/order_proof.hpp. With one producer and one consumer, every sample shows the whole order.
constexpr bool needs_order_proof(const cell& c, ordering promised) noexcept {
  return promised == ordering::fifo && c.producers + c.consumers > 2;
}

/// Calls `run(items)`, which returns the seconds that they took, with more and more items until a run lasts a
/// quarter of `target`. A run that lasts so long without having been expected to is done twice, for it may
/// have been interrupted. Returns the number that lasts `target`: a multiple of `step`, at least one; not
/// less than `fewest`, as long as these last at most `longest_sample` times as long; and at most about
/// `most_items`. Known work around an item, `work_s`, decides where the search begins.
std::uint64_t find_items(std::chrono::nanoseconds target, std::uint64_t step,
                         const std::function<double(std::uint64_t)>& run, double work_s = 0,
                         std::uint64_t fewest = 1);

}  // namespace handoff::harness
