#include "harness/coroutines/stream_state.hpp"

#include <algorithm>

#include "harness/coroutines/workers.hpp"

namespace handoff::harness::coroutines {

stream_state::stream_state(const cell& c, run_log& log_, std::uint64_t items_, double interval_ns_)
    : producers(c.producers),
      consumers(c.consumers),
      items(items_),
      interval_ns(interval_ns_),
      running_producers(c.producers),
      push_ns(c.producers, 1),
      log(log_) {
  log.begin(items);
}

bool stream_state::count_down() noexcept {
  missing = items - log.pops();
  return missing == 0;
}

void stream_state::conclude(stream_outcome& result) {
  std::vector<double> producer_shares, consumer_shares;
  for (const std::int64_t ns : push_ns)
    producer_shares.push_back(1 / static_cast<double>(std::max<std::int64_t>(ns, 1)));
  for (const std::uint64_t count : log.counts()) consumer_shares.push_back(static_cast<double>(count));
  log.settle();
  result.items = items;
  result.seconds = static_cast<double>(end_ns - start_ns) * 1e-9;
  result.wrong = verdict_or(loop_said, log, std::vector<std::uint64_t>(producers, items / producers));
  result.fairness_producers = smallest_to_largest(producer_shares);
  result.fairness_consumers = smallest_to_largest(consumer_shares);
  result.latencies.merge(latencies);
  result.resources = resources.since();
}

}  // namespace handoff::harness::coroutines
