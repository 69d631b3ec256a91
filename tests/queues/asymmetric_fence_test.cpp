// Store mine, look at theirs: with the pair of fences at least one of two threads sees the other.
#include "queues/support/asymmetric_fence.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/queues/guarded.hpp"
#include "tests/support/crew.hpp"
#include "tests/support/rounds.hpp"

namespace handoff::queue_tests {
namespace {

using testing_support::crew;
using testing_support::rounds;
using testing_support::stroll;

class AsymmetricFence : public guarded {};

TEST_F(AsymmetricFence, of_two_that_store_and_look_one_sees_the_other) {
  struct alignas(128) line {
    std::atomic<int> mine{0};
  };
  crew pair(2);
  for (rounds round(20'000); round.next();) {
    line hot;
    line rare;
    int seen_by_hot = 0;
    int seen_by_rare = 0;
    pair.run([&](unsigned me) {
      auto random_turns = random(round.index()).fork(me);
      pair.line_up();
      stroll(random_turns.below(40));
      if (me == 0) {
        hot.mine.store(1, std::memory_order_relaxed);
        support::light_fence();
        seen_by_hot = rare.mine.load(std::memory_order_relaxed);
      } else {
        rare.mine.store(1, std::memory_order_relaxed);
        support::heavy_fence();
        seen_by_rare = hot.mine.load(std::memory_order_relaxed);
      }
    });
    ASSERT_TRUE(seen_by_hot == 1 || seen_by_rare == 1) << "in round " << round.index();
  }
}

}  // namespace
}  // namespace handoff::queue_tests
