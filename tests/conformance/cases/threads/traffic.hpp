// Producers and consumers at work on one queue, and checks of what they report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/conformance/trial.hpp"

namespace handoff::conformance {

/// Which operations the threads use, and how the consumers learn that it is over: by one end marker each, by
/// close(), or by looking with try_pop after the producers have ended.
enum class manner : unsigned char { blocking_with_markers, blocking_with_close, polling };

struct traffic_plan {
  unsigned producers = 1;
  unsigned consumers = 1;
  std::size_t capacity = 64;
  std::uint64_t items = 1000;  // about; each producer pushes the same number
  manner how = manner::blocking_with_markers;
  first_position first{};
};

/// Keys of traffic: the producer in the upper 16 bits, its count below.
constexpr item_key traffic_key(unsigned producer, std::uint64_t sequence) noexcept {
  return (item_key{producer} << 48U) | sequence;
}
constexpr unsigned producer_of(item_key key) noexcept { return static_cast<unsigned>(key >> 48U); }
constexpr std::uint64_t sequence_of(item_key key) noexcept { return key & ((item_key{1} << 48U) - 1); }

/// What each consumer popped, in its order; the last entry is what was left inside in the end.
using popped_log = std::vector<std::vector<item_key>>;

/// Runs the plan to its end; by then everything pushed has been popped, or is reported as left over.
popped_log run_traffic(const trial& t, const traffic_plan& plan);

/// Fails unless every item of the plan was popped exactly once.
void expect_exactly_once(const popped_log& log, const traffic_plan& plan);

/// Fails unless each consumer saw each producer's items in their order.
void expect_order_per_producer(const popped_log& log, const traffic_plan& plan);

}  // namespace handoff::conformance
