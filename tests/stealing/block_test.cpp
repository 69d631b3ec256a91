// What only the deque in blocks does.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

#include "queues/stealing/block_deque.hpp"
#include "tests/stealing/scripted_steps.hpp"

namespace handoff::stealing_tests {
namespace {

using stealing::steal_status;
using deque_type = stealing::block_deque<std::uint64_t, scripted_steps, 2>;

TEST(Blocks, a_deque_holds_its_capacity_beside_the_block_of_the_owner) {
  deque_type deque(6);
  EXPECT_EQ(deque.capacity(), 6U);
  std::uint64_t held = 0;
  while (deque.push(held)) ++held;
  EXPECT_EQ(held, deque.capacity() + 2);
  std::uint64_t item = 0;
  for (; held != 0; --held) {
    EXPECT_TRUE(deque.pop(item));
    EXPECT_EQ(item, held - 1);
  }
  EXPECT_FALSE(deque.pop(item));
}

TEST(Blocks, a_thief_that_finds_nothing_gets_what_the_owner_has_after_its_next_push) {
  deque_type deque(6);
  std::uint64_t item = 0;
  EXPECT_TRUE(deque.push(1));
  EXPECT_FALSE(deque.looks_empty());
  EXPECT_EQ(deque.steal(item), steal_status::lost);
  EXPECT_FALSE(deque.handed_out());
  EXPECT_TRUE(deque.push(2));
  EXPECT_TRUE(deque.handed_out());
  EXPECT_FALSE(deque.handed_out());
  EXPECT_EQ(deque.steal(item), steal_status::item);
  EXPECT_EQ(item, 1U);
}

TEST(Blocks, a_thief_that_finds_nothing_gets_what_the_owner_has_after_its_next_pop) {
  deque_type deque(6);
  std::uint64_t item = 0;
  for (std::uint64_t i = 1; i <= 2; ++i) EXPECT_TRUE(deque.push(i));
  EXPECT_EQ(deque.steal(item), steal_status::lost);
  EXPECT_TRUE(deque.pop(item));
  EXPECT_EQ(item, 2U);
  EXPECT_EQ(deque.steal(item), steal_status::item);
  EXPECT_EQ(item, 1U);
  EXPECT_EQ(deque.steal(item), steal_status::empty);
  EXPECT_TRUE(deque.looks_empty());
}

/// The thief has seen that it may have item 1, and stands still. The block is taken back, drained, filled and
/// handed out again, at the same place. Only the round tells the thief that what it has read is gone.
TEST(Blocks, a_thief_that_stands_still_while_its_block_is_drained_and_used_again_gets_nothing) {
  for (const std::size_t step : {1U, 2U}) {  // before it reads the item, and after
    deque_type deque(2);
    for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(deque.push(i));  // 1 and 2 are handed out
    std::uint64_t item = 0;
    const script pause(step, [&] {
      for (std::uint64_t i = 3; i >= 1; --i) {
        EXPECT_TRUE(deque.pop(item));
        EXPECT_EQ(item, i);
      }
      for (std::uint64_t i = 4; i <= 6; ++i) EXPECT_TRUE(deque.push(i));  // 4 and 5 lie where 1 and 2 lay
    });
    std::uint64_t stolen = 0;
    EXPECT_EQ(deque.steal(stolen), steal_status::lost);
    EXPECT_TRUE(pause.reached());
    EXPECT_EQ(deque.steal(stolen), steal_status::item);
    EXPECT_EQ(stolen, 4U);
    for (std::uint64_t i = 6; i >= 5; --i) {
      EXPECT_TRUE(deque.pop(item));
      EXPECT_EQ(item, i);
    }
    EXPECT_FALSE(deque.pop(item));
  }
}

}  // namespace
}  // namespace handoff::stealing_tests
