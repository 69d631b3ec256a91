// Store mine, look at theirs: with the pair of fences at least one of two threads sees the other.
#include "queues/support/asymmetric_fence.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/syscall.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "queues/support/layered.hpp"
#include "tests/queues/plain_ring.hpp"
#include "tests/queues/system_calls.hpp"
#include "tests/support/crew.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/lockstep.hpp"
#include "tests/support/presence.hpp"
#include "tests/support/rounds.hpp"

namespace handoff::queue_tests {
namespace {

using support::detail::core_set;
using testing_support::crew;
using testing_support::lockstep;
using testing_support::presence;
using testing_support::rounds;
using testing_support::stroll;

class AsymmetricFence : public testing_support::guarded {};

/// The cores that this process may run on.
std::set<int> every_core() {
  std::set<int> cores;
  std::thread([&] {
    EXPECT_TRUE(core_set::all().move_there());
    const core_set reach = core_set::current();
    for (std::size_t core = 0; core < core_set::size; ++core)
      if (reach.contains(core)) cores.insert(static_cast<int>(core));
  }).join();
  return cores;
}

/// Refuses these system calls to the calling thread, as a sandbox does that was entered later, while it
/// lives.
class refusal {
 public:
  explicit refusal(std::vector<long> numbers) {
    on_system_call = [this, refused = std::move(numbers)](long number, const long*) {
      const bool mine = std::find(refused.begin(), refused.end(), number) != refused.end();
      asked_ += mine ? 1 : 0;
      return mine ? std::optional(EPERM) : std::nullopt;
    };
  }
  refusal(const refusal&) = delete;
  refusal& operator=(const refusal&) = delete;
  ~refusal() { on_system_call = nullptr; }

  [[nodiscard]] unsigned asked() const noexcept { return asked_; }

 private:
  unsigned asked_ = 0;
};

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
        // relaxed: nothing but the two fences orders the store and the look
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

/// A race of two could not show it: a system call takes far longer than a store stays unseen.
TEST_F(AsymmetricFence, without_membarrier_a_heavy_fence_runs_on_every_core_and_returns_to_where_it_may) {
  if (!support::light_fence_is_free()) GTEST_SKIP() << "both fences are seq_cst: nothing can be refused";
  std::set<int> visited;
  std::vector<core_set> asked;
  on_system_call = [&](long number, const long* arguments) {
    if (number == SYS_sched_setaffinity) {
      visited.insert(::sched_getcpu());  // it cannot have left it since the call before
      core_set cores;
      std::memcpy(cores.words, reinterpret_cast<const void*>(arguments[2]), sizeof cores.words);
      asked.push_back(cores);
    }
    return number == SYS_membarrier ? std::optional(EPERM) : std::nullopt;
  };
  const core_set mine = core_set::current();
  support::heavy_fence();
  on_system_call = nullptr;
  EXPECT_TRUE(std::ranges::equal(mine.words, core_set::current().words));
  ASSERT_GE(asked.size(), 3U) << "anywhere, a core, home";
  EXPECT_TRUE(std::ranges::equal(asked.front().words, core_set::all().words));
  EXPECT_EQ(visited, every_core());
}

TEST_F(AsymmetricFence, a_queue_closes_and_joins_where_membarrier_is_refused) {
  const refusal of({SYS_membarrier});
  support::layered<plain_ring<int>, support::basic_park<0>> queue(1);
  EXPECT_EQ(queue.producer().try_push(1), op_status::success);
  presence where;
  std::thread joining([&] {
    const refusal of_the_joiner({SYS_membarrier});
    where.announce();
    queue.join();
  });
  where.wait_until_blocked();
  queue.close();
  auto consumer = queue.consumer();
  int item = 0;
  EXPECT_EQ(consumer.pop(item), op_status::success);
  consumer.task_done();
  joining.join();
  EXPECT_EQ(consumer.pop(item), op_status::closed);
}

TEST_F(AsymmetricFence, one_sentence_is_the_end_where_every_way_is_refused) {
  if (!support::light_fence_is_free()) GTEST_SKIP() << "both fences are seq_cst: nothing can be refused";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const refusal of({SYS_membarrier, SYS_sched_setaffinity});
        support::heavy_fence();
      },
      ::testing::KilledBySignal(SIGABRT), "handoff: the kernel refuses membarrier");
}

}  // namespace
}  // namespace handoff::queue_tests
