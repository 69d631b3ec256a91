// State shared by the coroutines of one streaming run, for any queue: one thread, plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/cell.hpp"
#include "harness/coroutines/run_log.hpp"
#include "harness/histogram.hpp"
#include "harness/outcome.hpp"
#include "harness/resources.hpp"

namespace handoff::harness::coroutines {

struct stream_state {
  /// `log_`: the session's.
  stream_state(const cell& c, run_log& log_, std::uint64_t items_, double interval_ns_);

  [[nodiscard]] std::int64_t intended_ns(unsigned producer, std::uint64_t sequence) const noexcept {
    const auto position = static_cast<double>(sequence * producers + producer);
    return start_ns + static_cast<std::int64_t>(position * interval_ns);
  }

  /// Opens the window, at the first producer's first step: reads the resources first, then the clock.
  void open(std::int64_t (*now)()) {
    resources.begin();
    start_ns = now();
  }
  /// Closes the window, with the last item: reads the clock first.
  void close(std::int64_t now_ns) {
    end_ns = now_ns;
    resources.end();
  }

  /// Called when the last producer has ended: from then on arrivals are counted down. True if none is
  /// missing.
  bool count_down() noexcept;

  /// After the run: fills in its figures and its verdict.
  void conclude(stream_outcome& result);

  const unsigned producers;
  const unsigned consumers;
  const std::uint64_t items;
  const double interval_ns;
  unsigned running_producers;
  std::uint64_t missing = 0;  // once the producers have ended
  unsigned arrived = 0;       // workers that have a handle
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  resource_meter resources;
  std::vector<std::int64_t> push_ns;  // per producer: from its start to its end
  run_log& log;
  histogram latencies;
  std::string loop_said;
};

}  // namespace handoff::harness::coroutines
