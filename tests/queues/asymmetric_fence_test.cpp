// Store mine, look at theirs: with the pair of fences at least one of two threads sees the other.
#include "queues/support/asymmetric_fence.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <vector>

#include "tests/queues/guarded.hpp"
#include "tests/support/crew.hpp"
#include "tests/support/lockstep.hpp"
#include "tests/support/rounds.hpp"

namespace handoff::queue_tests {
namespace {

using testing_support::crew;
using testing_support::lockstep;
using testing_support::rounds;
using testing_support::stroll;

class AsymmetricFence : public guarded {};

TEST_F(AsymmetricFence, of_two_that_store_and_look_one_sees_the_other) {
  struct alignas(128) side {
    std::atomic<int> stored{0};
    int seen = 0;
  };
  struct race {
    side hot;
    side rare;
  };
  constexpr std::size_t races = 500;
  crew pair(2);
  for (rounds round(400); round.next();) {
    std::vector<race> all(races);
    lockstep together;
    pair.run([&](unsigned me) {
      auto mine = random(round.index()).fork(me);
      for (std::size_t i = 0; i < races; ++i) {
        auto& [hot, rare] = all[i];
        together.meet(me, i);
        stroll(mine.below(40));
        if (me == 0) {
          hot.stored.store(1, std::memory_order_relaxed);
          support::light_fence();
          hot.seen = rare.stored.load(std::memory_order_relaxed);
        } else {
          rare.stored.store(1, std::memory_order_relaxed);
          support::heavy_fence();
          rare.seen = hot.stored.load(std::memory_order_relaxed);
        }
      }
    });
    for (const race& r : all) ASSERT_TRUE(r.hot.seen == 1 || r.rare.seen == 1);
  }
}

}  // namespace
}  // namespace handoff::queue_tests
