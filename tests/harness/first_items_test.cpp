// What the first items of a fresh queue prove, they prove for every handle.
#include "harness/first_items.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <set>
#include <string>

namespace handoff::harness_tests {

namespace {

struct shape {
  unsigned producers, consumers;
  std::optional<std::size_t> capacity;
};

std::string name_of(const testing::TestParamInfo<shape>& info) {
  const auto [producers, consumers, capacity] = info.param;
  return fmt::format("p{}_c{}_{}", producers, consumers,
                     capacity ? fmt::format("cap{}", *capacity) : "unbounded");
}

class first_items : public testing::TestWithParam<shape> {};

TEST_P(first_items, a_cell_go_through_the_handles_of_all_its_workers) {
  const auto [producers, consumers, capacity] = GetParam();
  harness::cell c;
  c.producers = producers;
  c.consumers = consumers;
  c.capacity = capacity;
  std::set<unsigned> pushed, popped;
  std::size_t items = 0;
  for (harness::first_items proof(c, ordering::fifo); proof.next_batch(); proof.judge()) {
    ASSERT_LE(proof.size(), harness::capacity_of(c));
    items += proof.size();
    popped.insert(proof.consumer());
    for (std::size_t i = 0; i < proof.size(); ++i) {
      pushed.insert(proof.producer(i));
      proof.received(proof.key(i), true);
    }
  }
  EXPECT_EQ(pushed.size(), producers);
  EXPECT_EQ(popped.size(), consumers);
  EXPECT_GE(items, capacity.value_or(4096)) << "all of the memory is touched";
}

INSTANTIATE_TEST_SUITE_P(shapes, first_items,
                         testing::Values(shape{1, 1, 1}, shape{4, 4, 1}, shape{100, 3, 2}, shape{2, 8, 64},
                                         shape{2, 2, 1024}, shape{70, 70, std::nullopt}),
                         name_of);

}  // namespace

}  // namespace handoff::harness_tests
