// The list behind a lock that takes what no deque holds.
#include "queues/stealing/injector.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "tests/support/crew.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/rounds.hpp"

namespace handoff::stealing_tests {
namespace {

class Injector : public testing_support::guarded {};

TEST_F(Injector, items_that_can_only_be_moved_come_out_in_their_order) {
  stealing::injector<std::unique_ptr<int>> items;
  EXPECT_TRUE(items.looks_empty());
  for (int i = 0; i < 3; ++i) items.push(std::make_unique<int>(i));
  EXPECT_FALSE(items.looks_empty());
  std::unique_ptr<int> item;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(items.pop(item));
    EXPECT_EQ(*item, i);
  }
  EXPECT_TRUE(items.looks_empty());
  EXPECT_FALSE(items.pop(item));
  EXPECT_EQ(*item, 2);
}

TEST_F(Injector, every_item_comes_out_exactly_once_whoever_pushes_and_pops) {
  constexpr unsigned threads = 4, each = 200;
  testing_support::crew crew(threads);
  for (testing_support::rounds r(100); r.next();) {
    stealing::injector<std::uint32_t> items;
    std::vector<unsigned> taken(threads * each);  // plain: ThreadSanitizer sees an item that comes twice
    std::atomic<unsigned> left{threads * each};
    crew.run([&](unsigned index) {
      crew.line_up();
      for (unsigned i = 0; i < each; ++i) items.push(index * each + i);
      for (std::uint32_t item = 0; left.load(std::memory_order_relaxed) != 0;) {
        if (!items.pop(item)) continue;
        ++taken[item];
        left.fetch_sub(1, std::memory_order_relaxed);  // ends the loops, and nothing is read through it
      }
    });
    EXPECT_EQ(taken, std::vector<unsigned>(threads * each, 1));
  }
}

}  // namespace
}  // namespace handoff::stealing_tests
