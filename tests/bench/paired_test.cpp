#include "bench/micro/paired.hpp"

#include <gtest/gtest.h>

#include <string>

namespace handoff::bench {
namespace {

TEST(paired, the_two_take_turns_in_coming_first) {
  std::string order;
  measure_pairs(
      4, [&] { return order += 'a', 1.0; }, [&] { return order += 'b', 1.0; });
  EXPECT_EQ(order, "abbaabba");
}

TEST(paired, the_ratio_is_first_to_second_whichever_comes_first) {
  const auto result = measure_pairs(
      6, [] { return 3.0; }, [] { return 2.0; });
  EXPECT_EQ(result.median, 1.5);
  EXPECT_EQ(result.lowest, 1.5);
  EXPECT_EQ(result.highest, 1.5);
  EXPECT_EQ(result.pairs, 6U);
}

TEST(paired, a_drift_that_hits_both_leaves_the_median_alone) {
  double drift = 1;
  const auto result = measure_pairs(
      101, [&] { return 2 * (drift *= 1.01); }, [&] { return 1 * (drift *= 1.01); });
  EXPECT_NEAR(result.median, 2, 0.03);
}

}  // namespace
}  // namespace handoff::bench
