// The scenarios, and what is true of each of them: one row per scenario.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

#include "harness/sample.hpp"
#include "queues/contract/word_table.hpp"

namespace handoff::harness {

struct cell;

enum class scenario : unsigned char { throughput, ping_pong, paced, join, shutdown, tree };

/// Whether a sample has a figure.
using figure_check = bool (*)(const sample&);
template <auto Figure>
bool has(const sample& measured) {
  return (measured.*Figure).has_value();
}
template <auto... Figures>
inline constexpr figure_check checks_of[]{&has<Figures>...};

struct scenario_facts {
  scenario value;
  std::string_view word;
  /// The figure by which its samples are compared, in seconds; nothing if a sample has none.
  std::optional<double> (*headline_seconds)(const sample&);
  /// The figures of each of its samples, but for those of every scenario: items, seconds, clock_ns,
  /// resources.
  std::span<const figure_check> figures;
  /// What it measures before its samples, in sample lengths: the number of items; for `paced`, the cell's own
  /// throughput as well.
  double warm_up_lengths;
  /// The fewest items that a sample can hold, however long their work takes; null: its items have no work.
  double (*least_items)(const cell&) noexcept = nullptr;
  bool streams = false;              ///< a sample streams at least `fewest_items` (harness/sizing.hpp)
  bool one_worker_per_side = false;  ///< it has one producer and one consumer
  bool joins = false;                ///< it needs a queue that can be joined
  bool stops = false;                ///< it stops its consumers by the cell's stop protocol
  bool grows = false;                ///< it grows a tree: a worker is a producer and a consumer at once
  double typical_item_s = 0;         ///< how long one of its `least_items` may take, beside its work
  unsigned extra_workers = 0;        ///< that it keeps busy besides producers and consumers
};

// Headline figures.
std::optional<double> seconds_per_item(const sample& measured);
std::optional<double> p99_latency_seconds(const sample& measured);
/// Of a figure in nanoseconds.
template <std::optional<double> sample::*Nanoseconds>
std::optional<double> seconds_of(const sample& measured) {
  constexpr double seconds_per_nanosecond = 1e-9;
  if (!(measured.*Nanoseconds)) return std::nullopt;
  return *(measured.*Nanoseconds) * seconds_per_nanosecond;
}

/// One item per producer.
double least_items_of_a_stream(const cell& c) noexcept;
/// The items of its rounds, and of the runs that show what counting costs.
double least_items_of_a_join(const cell& c) noexcept;
/// Those of one round and of two walks without a queue.
double nodes_of_a_tree(const cell& c) noexcept;

/// In the order of the enum.
inline constexpr scenario_facts scenario_rows[]{
    {.value = scenario::throughput,
     .word = "throughput",
     .headline_seconds = &seconds_per_item,
     .figures =
         checks_of<&sample::items_per_second, &sample::fairness_producers, &sample::fairness_consumers>,
     .warm_up_lengths = 1,
     .least_items = &least_items_of_a_stream,
     .streams = true},
    {.value = scenario::ping_pong,
     .word = "ping_pong",
     .headline_seconds = &seconds_per_item,
     .figures = checks_of<&sample::items_per_second>,
     .warm_up_lengths = 1,
     .one_worker_per_side = true},
    {.value = scenario::paced,
     .word = "paced",
     .headline_seconds = &p99_latency_seconds,
     .figures = checks_of<&sample::items_per_second, &sample::rate_items_per_second, &sample::latency,
                          &sample::fairness_producers, &sample::fairness_consumers>,
     .warm_up_lengths = 5,
     .least_items = &least_items_of_a_stream,
     .streams = true},
    {.value = scenario::join,
     .word = "join",
     .headline_seconds = &seconds_of<&sample::join_ns>,
     .figures = checks_of<&sample::join_ns, &sample::task_done_ns>,
     .warm_up_lengths = 0.5,
     .least_items = &least_items_of_a_join,
     .joins = true,
     .extra_workers = 1},
    {.value = scenario::shutdown,
     .word = "shutdown",
     .headline_seconds = &seconds_of<&sample::shutdown_ns>,
     .figures = checks_of<&sample::shutdown_ns, &sample::threads_joined_ns>,
     .warm_up_lengths = 0.1,
     .stops = true},
    {.value = scenario::tree,
     .word = "tree",
     .headline_seconds = &seconds_of<&sample::node_ns>,
     .figures = checks_of<&sample::node_ns, &sample::serial_node_ns, &sample::speed_up, &sample::idle_share,
                          &sample::kept_share>,
     .warm_up_lengths = 0.3,
     .least_items = &nodes_of_a_tree,
     .joins = true,
     .grows = true,
     .typical_item_s = 300e-9},
};

inline constexpr word_table<scenario, std::size(scenario_rows)> scenario_words(scenario_rows);

constexpr std::string_view to_string(scenario value) noexcept { return scenario_words.word_of(value); }

constexpr const scenario_facts& facts_of(scenario value) noexcept {
  return scenario_rows[static_cast<std::size_t>(value)];
}

static_assert(
    [] {
      for (std::size_t i = 0; i < std::size(scenario_rows); ++i)
        if (scenario_rows[i].value != static_cast<scenario>(i)) return false;
      return true;
    }(),
    "the rows of the scenarios stand in the order of the enum");

}  // namespace handoff::harness
