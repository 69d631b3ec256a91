// State shared by the coroutines of one streaming run, for any queue.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/cell.hpp"
#include "harness/coroutines/parallel.hpp"
#include "harness/histogram.hpp"
#include "harness/outcome.hpp"
#include "harness/resources.hpp"
#include "harness/scenarios/streams.hpp"

namespace handoff::harness::coroutines {

struct stream_state {
  stream_state(const cell& c, stream_kind kind, std::uint64_t items_, double interval_ns_);

  [[nodiscard]] std::int64_t intended_ns(unsigned producer, std::uint64_t sequence) const noexcept {
    const auto position = static_cast<double>(sequence * producers + producer);
    return start_ns + static_cast<std::int64_t>(position * interval_ns);
  }

  /// Opens the window, when every worker is there: reads the resources first, then the clock.
  void open(std::int64_t (*now)()) {
    resources.begin();
    start_ns = now();
  }
  /// Closes the window, with the last item: reads the clock first.
  void close(std::int64_t now_ns) {
    end_ns = now_ns;
    resources.end();
  }

  /// After the run: fills in its figures. `received`: items per consumer.
  void conclude(stream_outcome& result, const std::vector<std::uint64_t>& received);

  const unsigned producers;
  const unsigned consumers;
  const std::uint64_t items;
  const double interval_ns;
  shared_count running_producers;
  shared_count staying;       // consumers that have not left
  shared_count arrived;       // workers that have a handle
  shared_count opened;        // 1: the window is
  std::uint64_t missing = 0;  // on one thread, once the producers have ended
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  resource_meter resources;
  std::vector<std::int64_t> push_ns;  // per producer: from its start to its end
  std::vector<histogram> latencies;   // of a paced stream, per consumer
  std::string loop_said;
};

}  // namespace handoff::harness::coroutines
