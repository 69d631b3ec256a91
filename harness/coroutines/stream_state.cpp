#include "harness/coroutines/stream_state.hpp"

#include <algorithm>

namespace handoff::harness::coroutines {

stream_state::stream_state(const cell& c, stream_kind kind, std::uint64_t items_, double interval_ns_)
    : producers(c.producers),
      consumers(c.consumers),
      items(items_),
      interval_ns(interval_ns_),
      running_producers(c.producers),
      staying(c.consumers),
      push_ns(c.producers, 1),
      latencies(kind == stream_kind::paced ? c.consumers : 0) {}

void stream_state::conclude(stream_outcome& result, const std::vector<std::uint64_t>& received) {
  std::vector<double> producer_shares;
  for (const std::int64_t ns : push_ns)
    producer_shares.push_back(1 / static_cast<double>(std::max<std::int64_t>(ns, 1)));
  result.items = items;
  result.seconds = static_cast<double>(end_ns - start_ns) * 1e-9;
  result.fairness_producers = smallest_to_largest(producer_shares);
  result.fairness_consumers = smallest_to_largest({received.begin(), received.end()});
  for (const histogram& each : latencies) result.latencies.merge(each);
  result.resources = resources.since();
}

}  // namespace handoff::harness::coroutines
