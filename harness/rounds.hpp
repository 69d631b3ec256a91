// join and shutdown are events, not streams: a sample holds as many rounds as fit, and reports their medians.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/cell.hpp"

namespace handoff::harness {

inline constexpr int fewest_rounds = 3;
/// Pairs of runs, with and without `task_done`, that a sample of join compares.
inline constexpr int counting_pairs = 3;

/// Calls `round()` until `length` has passed, but at least `fewest_rounds` times; stops early if it returns
/// false. Returns the seconds that this took.
template <class Round>
double repeat_for(std::chrono::nanoseconds length, Round round) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < fewest_rounds || std::chrono::steady_clock::now() < start + length; ++i)
    if (!round()) break;
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Items that one producer pushes in a round of join: enough for every consumer to get a few.
inline std::uint64_t join_round_share(const cell& c) {
  constexpr std::uint64_t per_consumer = 32;
  return (per_consumer * c.consumers + c.producers - 1) / c.producers;
}

/// End markers that the first stop action of a round of shutdown pushes: `relay` begins with one, which every
/// consumer hands on; `sentinel` pushes one per consumer.
inline unsigned markers_to_stop(const cell& c) {
  return c.stop == stop_protocol::sentinel ? c.consumers : c.stop == stop_protocol::relay ? 1 : 0;
}

/// Items that prove the queue in a round of shutdown, before it is stopped while empty.
inline std::uint64_t shutdown_round_items(const cell& c) { return std::uint64_t{8} * c.consumers; }

}  // namespace handoff::harness
