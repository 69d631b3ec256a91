#include "harness/scenario.hpp"

#include "harness/cell.hpp"
#include "harness/rounds.hpp"

namespace handoff::harness {

namespace {

std::optional<double> seconds_of(const std::optional<double>& nanoseconds) {
  constexpr double seconds_per_nanosecond = 1e-9;
  if (!nanoseconds) return std::nullopt;
  return *nanoseconds * seconds_per_nanosecond;
}

}  // namespace

std::optional<double> seconds_per_item(const sample& measured) {
  if (!measured.seconds || !measured.items || *measured.items == 0) return std::nullopt;
  return *measured.seconds / static_cast<double>(*measured.items);
}

std::optional<double> p99_latency_seconds(const sample& measured) {
  return seconds_of(measured.latency ? measured.latency->p99 : std::nullopt);
}

std::optional<double> join_seconds(const sample& measured) { return seconds_of(measured.join_ns); }

std::optional<double> shutdown_seconds(const sample& measured) { return seconds_of(measured.shutdown_ns); }

double least_items_of_a_stream(const cell& c) noexcept { return c.producers; }

double least_items_of_a_join(const cell& c) noexcept {
  return c.producers * (fewest_rounds * static_cast<double>(join_round_share(c)) + 2 * counting_pairs);
}

}  // namespace handoff::harness
