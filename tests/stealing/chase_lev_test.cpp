// What only the growable deque does.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <stdexcept>

#include "queues/stealing/chase_lev_deque.hpp"

namespace handoff::stealing_tests {
namespace {

using stealing::chase_lev_deque;
using stealing::steal_status;

TEST(ChaseLev, a_deque_that_is_full_grows_and_keeps_its_order_at_both_ends) {
  chase_lev_deque<std::uint64_t> deque(2);
  for (std::uint64_t i = 0; i < 1'000; ++i) EXPECT_TRUE(deque.push(i));
  std::uint64_t item = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    EXPECT_EQ(deque.steal(item), steal_status::item);
    EXPECT_EQ(item, i);
    EXPECT_TRUE(deque.pop(item));
    EXPECT_EQ(item, 999 - i);
  }
  EXPECT_FALSE(deque.pop(item));
  EXPECT_EQ(deque.steal(item), steal_status::empty);
}

TEST(ChaseLev, what_answers_no_item_leaves_the_argument_alone) {
  chase_lev_deque<std::uint64_t> deque;
  std::uint64_t item = 7;
  EXPECT_FALSE(deque.pop(item));
  EXPECT_EQ(deque.steal(item), steal_status::empty);
  EXPECT_EQ(item, 7U);
}

TEST(ChaseLev, a_reserve_that_no_array_holds_is_rejected) {
  EXPECT_THROW(chase_lev_deque<std::uint64_t> deque(std::numeric_limits<std::size_t>::max()),
               std::length_error);
}

}  // namespace
}  // namespace handoff::stealing_tests
