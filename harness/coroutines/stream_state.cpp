#include "harness/coroutines/stream_state.hpp"

#include <algorithm>

#include "harness/coroutines/workers.hpp"

namespace handoff::harness::coroutines {

stream_state::stream_state(const cell& c, ordering promised, std::uint64_t items_, double interval_ns_)
    : producers(c.producers),
      consumers(c.consumers),
      items(items_),
      interval_ns(interval_ns_),
      running_producers(c.producers),
      push_ns(c.producers, 1),
      line(c.producers, items_ / c.producers),
      books(c.consumers, ledger(c.producers, promised, &line)) {}

bool stream_state::count_down() noexcept {
  missing = items;
  for (const ledger& book : books) missing -= book.count();
  return missing == 0;
}

void stream_state::conclude(stream_outcome& result) const {
  std::vector<double> producer_shares, consumer_shares;
  for (const std::int64_t ns : push_ns)
    producer_shares.push_back(1 / static_cast<double>(std::max<std::int64_t>(ns, 1)));
  for (const ledger& book : books) consumer_shares.push_back(static_cast<double>(book.count()));
  result.items = items;
  result.seconds = static_cast<double>(end_ns - start_ns) * 1e-9;
  result.wrong = verdict_or(loop_said, books, std::vector<std::uint64_t>(producers, items / producers));
  result.fairness_producers = smallest_to_largest(producer_shares);
  result.fairness_consumers = smallest_to_largest(consumer_shares);
  result.latencies.merge(latencies);
  result.resources = resources.since();
}

}  // namespace handoff::harness::coroutines
