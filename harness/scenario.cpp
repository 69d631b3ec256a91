#include "harness/scenario.hpp"

#include "harness/cell.hpp"
#include "harness/rounds.hpp"
#include "harness/trees/tree.hpp"

namespace handoff::harness {

std::optional<double> seconds_per_item(const sample& measured) {
  if (!measured.seconds || !measured.items || *measured.items == 0) return std::nullopt;
  return *measured.seconds / static_cast<double>(*measured.items);
}

std::optional<double> p99_latency_seconds(const sample& measured) {
  if (!measured.latency || !measured.latency->p99) return std::nullopt;
  return *measured.latency->p99 * 1e-9;
}

double least_items_of_a_stream(const cell& c) noexcept { return c.producers; }

double least_items_of_a_join(const cell& c) noexcept {
  return c.producers * (fewest_rounds * static_cast<double>(join_round_share(c)) + 2 * counting_pairs);
}

double nodes_of_a_tree(const cell& c) noexcept {
  return c.tree ? 3 * static_cast<double>(facts_of(*c.tree).nodes) : 0;
}

}  // namespace handoff::harness
