#include "harness/ledger.hpp"

#include <fmt/format.h>

namespace handoff::harness {

ledger::ledger(unsigned producers, ordering promised, const timeline* line)
    : next_(producers, 0),
      due_(producers, line == nullptr || promised != ordering::fifo ? timeline::never : line->first_due()),
      line_(line),
      promised_(promised) {}

std::string verdict(const std::vector<ledger>& consumers, const std::vector<std::uint64_t>& pushed) {
  std::uint64_t expected_count = 0;
  std::uint64_t expected_sum = 0;
  for (unsigned producer = 0; producer < pushed.size(); ++producer) {
    expected_count += pushed[producer];
    for (std::uint64_t i = 0; i < pushed[producer]; ++i) expected_sum += fingerprint(make_key(producer, i));
  }
  std::uint64_t count = 0, sum = 0, torn = 0, unknown = 0, misordered = 0;
  for (const ledger& consumer : consumers) {
    count += consumer.count_;
    sum += consumer.sum_;
    torn += consumer.torn_;
    unknown += consumer.unknown_;
    misordered += consumer.misordered_;
  }
  if (torn > 0) return fmt::format("{} of {} items arrived torn", torn, count);
  if (unknown > 0) return fmt::format("{} of {} items were never pushed", unknown, count);
  if (count < expected_count)
    return fmt::format("{} of {} items were lost", expected_count - count, expected_count);
  if (count > expected_count) return fmt::format("{} items came out, {} went in", count, expected_count);
  if (sum != expected_sum) return fmt::format("{} items came out, but not the ones that went in", count);
  const ordering promised = consumers.empty() ? ordering::unordered : consumers.front().promised_;
  if (misordered == 0 || !promises_producer_order(promised)) return {};
  const bool between_producers = promised == ordering::fifo && pushed.size() > 1;
  return fmt::format("{} of {} items arrived {}", misordered, count,
                     between_producers ? "after one that was pushed later" : "out of their producer's order");
}

}  // namespace handoff::harness
