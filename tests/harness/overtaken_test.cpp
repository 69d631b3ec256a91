// An item is overtaken if its push had ended when another's began, and the other's pop had ended when its own
// began.
#include "harness/overtaken.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/seed.hpp"

namespace handoff::harness_tests {

namespace {

using harness::interval;
using harness::never_pushed;

/// An item's way through the queue.
struct passage {
  interval push;
  interval pop;
};

/// Of items in the order in which their pops ended.
std::vector<bool> judged(const std::vector<passage>& all) {
  return harness::overtaken(
      all.size(), [&](std::size_t i) { return all[i].push; },
      [&](std::size_t i) {
        std::size_t out = 0;
        while (all[out].pop.ended < all[i].pop.began) ++out;
        return out;
      });
}

using bools = std::vector<bool>;

TEST(overtaken, an_item_whose_operations_both_come_before_the_others_is_overtaken) {
  EXPECT_EQ(judged({{{3, 4}, {5, 6}}, {{1, 2}, {7, 8}}}), (bools{false, true}));
}

TEST(overtaken, items_in_order_are_not) {
  EXPECT_EQ(judged({{{1, 2}, {5, 6}}, {{3, 4}, {7, 8}}}), (bools{false, false}));
}

TEST(overtaken, nothing_is_demanded_of_pushes_or_of_pops_that_overlap) {
  EXPECT_EQ(judged({{{2, 4}, {5, 6}}, {{1, 3}, {7, 8}}}), (bools{false, false}));
  EXPECT_EQ(judged({{{3, 4}, {5, 7}}, {{1, 2}, {6, 8}}}), (bools{false, false}));
}

TEST(overtaken, an_item_that_nobody_pushed_overtakes_none_and_none_overtakes_it) {
  EXPECT_EQ(judged({{never_pushed, {5, 6}}, {{1, 2}, {7, 8}}}), (bools{false, false}));
  EXPECT_EQ(judged({{{3, 4}, {5, 6}}, {never_pushed, {7, 8}}}), (bools{false, false}));
}

TEST(overtaken, agrees_with_a_look_at_every_pair) {
  const std::uint64_t seed = testing_support::test_seed();
  SCOPED_TRACE("HANDOFF_TEST_SEED=" + std::to_string(seed));
  testing_support::random_source random(seed);
  for (int round = 0; round < 500; ++round) {
    std::vector<passage> all;
    for (std::size_t i = 0; i < 12; ++i) {
      const std::uint64_t push = random.below(20);
      const std::uint64_t ended = 30 + 2 * i;
      all.push_back({{push, push + random.below(8)}, {ended - random.below(12), ended}});
    }
    bools expected;
    for (const passage& one : all) {
      bool late = false;
      for (const passage& other : all)
        late = late || (one.push.ended < other.push.began && other.pop.ended < one.pop.began);
      expected.push_back(late);
    }
    ASSERT_EQ(judged(all), expected) << round;
  }
}

}  // namespace

}  // namespace handoff::harness_tests
