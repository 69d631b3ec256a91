// What only the private deque does.
#include <gtest/gtest.h>

#include <cstdint>

#include "queues/stealing/private_deque.hpp"

namespace handoff::stealing_tests {
namespace {

using stealing::private_deque;
using stealing::steal_status;

TEST(Private, the_owner_gives_its_oldest_item_to_a_thief_that_has_asked) {
  private_deque<std::uint64_t> deque;
  std::uint64_t item = 0;
  for (std::uint64_t i = 1; i <= 3; ++i) deque.push(i);
  EXPECT_EQ(deque.steal(item), steal_status::lost);
  EXPECT_EQ(deque.steal(item), steal_status::lost);
  EXPECT_FALSE(deque.handed_out());
  EXPECT_TRUE(deque.pop(item));
  EXPECT_EQ(item, 3U);
  EXPECT_TRUE(deque.handed_out());
  EXPECT_FALSE(deque.handed_out());
  EXPECT_EQ(deque.steal(item), steal_status::item);
  EXPECT_EQ(item, 1U);
}

TEST(Private, a_request_that_comes_too_late_is_answered_with_the_next_item) {
  private_deque<std::uint64_t> deque;
  std::uint64_t item = 0;
  deque.push(1);
  EXPECT_EQ(deque.steal(item), steal_status::lost);
  EXPECT_TRUE(deque.pop(item));
  EXPECT_EQ(deque.steal(item), steal_status::empty);
  deque.push(2);
  EXPECT_EQ(deque.steal(item), steal_status::item);
  EXPECT_EQ(item, 2U);
  EXPECT_TRUE(deque.looks_empty());
}

TEST(Private, the_owner_takes_back_what_no_thief_has_fetched) {
  private_deque<std::uint64_t> deque;
  std::uint64_t item = 0;
  deque.push(1);
  EXPECT_EQ(deque.steal(item), steal_status::lost);
  deque.push(2);
  EXPECT_TRUE(deque.handed_out());
  for (std::uint64_t i = 2; i >= 1; --i) {
    EXPECT_TRUE(deque.pop(item));
    EXPECT_EQ(item, i);
  }
  EXPECT_FALSE(deque.pop(item));
  EXPECT_EQ(deque.steal(item), steal_status::empty);
}

}  // namespace
}  // namespace handoff::stealing_tests
