// The result of one streaming run, before it becomes a sample.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/clock.hpp"
#include "harness/histogram.hpp"
#include "harness/sample.hpp"

namespace handoff::harness {

struct stream_outcome {
  std::uint64_t items = 0;  ///< received in the window; the rest of the run is verified, but enters no figure
  double seconds = 0;       ///< of the window, which begins with the first producer
  std::string wrong;        ///< empty, or what the ledgers found
  std::optional<std::uint64_t> push_failed, pop_failed;
  double fairness_producers = 1, fairness_consumers = 1;
  histogram latencies;  ///< paced streams only
  resource_usage resources;

  [[nodiscard]] double items_per_second() const { return static_cast<double>(items) / seconds; }
  [[nodiscard]] double seconds_an_item() const { return seconds / static_cast<double>(items); }
};

/// Adds if both are known.
inline void add(std::optional<std::uint64_t>& sum, const std::optional<std::uint64_t>& term) {
  if (term) sum = sum.value_or(0) + *term;
}

/// 1 if all shares are equal, 0 if one is 0. `shares` is not empty.
inline double smallest_to_largest(const std::vector<double>& shares) {
  const auto [smallest, largest] = std::minmax_element(shares.begin(), shares.end());
  return *largest > 0 ? *smallest / *largest : 1;
}

/// The median; `values` is not empty.
inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// A sample that only says what was wrong.
inline sample corrupt_sample(std::string detail) {
  sample s;
  s.status = sample_status::corrupt;
  s.detail = std::move(detail);
  return s;
}

/// The values common to all samples of streams; a wrong run gives a corrupt sample without figures.
inline sample to_sample(const stream_outcome& run) {
  if (!run.wrong.empty()) return corrupt_sample(run.wrong);
  sample s;
  s.clock_ns = clock_cost_ns();
  s.items = run.items;
  s.seconds = run.seconds;
  s.items_per_second = run.items_per_second();
  s.push_failed = run.push_failed;
  s.pop_failed = run.pop_failed;
  s.fairness_producers = run.fairness_producers;
  s.fairness_consumers = run.fairness_consumers;
  s.resources = run.resources;
  return s;
}

}  // namespace handoff::harness
