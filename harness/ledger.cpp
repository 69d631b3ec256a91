#include "harness/ledger.hpp"

#include <fmt/format.h>

namespace handoff::harness {

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
  if (misordered > 0)
    return fmt::format("{} of {} items arrived out of their producer's order", misordered, count);
  return {};
}

}  // namespace handoff::harness
