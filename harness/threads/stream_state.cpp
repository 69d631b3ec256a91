#include "harness/threads/stream_state.hpp"

#include <algorithm>

namespace handoff::harness::threads {

stream_state::stream_state(const cell& c, ordering promised, receipt_pages& pages, std::uint64_t items_,
                           double interval_ns_, bool publishes_each, stream_window::clock now)
    : items(items_),
      share(items_ / c.producers),
      interval_ns(interval_ns_),
      barrier(c.producers + c.consumers),
      running_producers(c.producers),
      window(items_, c.consumers, publishes_each, now),
      line(c.producers, share),
      producers(c.producers),
      consumers(c.consumers),
      received(pages, items_, c.producers, c.consumers, promised, &line) {}

void stream_state::conclude(stream_outcome& result) {
  std::int64_t start_ns = producers.front().start_ns;
  std::vector<double> producer_shares, consumer_shares;
  for (const producer_slot& p : producers) {
    start_ns = std::min(start_ns, p.start_ns);
    producer_shares.push_back(1 / static_cast<double>(std::max<std::int64_t>(p.end_ns - p.start_ns, 1)));
    add(result.push_failed, p.failed);
  }
  for (const consumer_slot& c : consumers) result.latencies.merge(c.latencies);
  for (unsigned consumer = 0; consumer < consumers.size(); ++consumer)
    consumer_shares.push_back(static_cast<double>(received.count(consumer)));
  result.items = window.received();
  result.seconds = static_cast<double>(window.end_ns() - start_ns) * 1e-9;
  received.settle();
  result.wrong = received.verdict(std::vector<std::uint64_t>(producers.size(), share));
  result.pop_failed = window.pop_failed();
  result.resources = window.spent();
  result.fairness_producers = smallest_to_largest(producer_shares);
  result.fairness_consumers = smallest_to_largest(consumer_shares);
}

}  // namespace handoff::harness::threads
