#include "harness/threads/stream_state.hpp"

#include <algorithm>

namespace handoff::harness::threads {

stream_state::stream_state(const cell& c, bool ordered, std::uint64_t items_, double interval_ns_)
    : items(items_),
      share(items_ / c.producers),
      interval_ns(interval_ns_),
      barrier(c.producers + c.consumers),
      clock_from(c.consumers > 1 ? never : items_),
      running_producers(c.producers),
      producers(c.producers),
      consumers(c.consumers),
      published(c.consumers),
      books(c.consumers, ledger(c.producers, ordered)) {}

void stream_state::conclude(stream_outcome& result) const {
  std::vector<std::int64_t> starts, ends;
  std::vector<double> producer_shares, consumer_shares;
  for (const producer_slot& p : producers) {
    starts.push_back(p.start_ns);
    ends.push_back(p.end_ns);
    producer_shares.push_back(1 / static_cast<double>(std::max<std::int64_t>(p.end_ns - p.start_ns, 1)));
    add(result.push_failed, p.failed);
  }
  std::int64_t last = 0;
  for (const consumer_slot& c : consumers) {
    last = std::max(last, c.last_ns);
    add(result.pop_failed, c.failed);
    result.latencies.merge(c.latencies);
  }
  // No consumer got an item after the producers were done: then the last push is the last event there was.
  if (last == 0) last = *std::max_element(ends.begin(), ends.end());
  for (const ledger& book : books) consumer_shares.push_back(static_cast<double>(book.count()));
  result.items = items;
  result.seconds = static_cast<double>(last - *std::min_element(starts.begin(), starts.end())) * 1e-9;
  result.wrong = verdict(books, std::vector<std::uint64_t>(producers.size(), share));
  result.fairness_producers = smallest_to_largest(producer_shares);
  result.fairness_consumers = smallest_to_largest(consumer_shares);
}

}  // namespace handoff::harness::threads
