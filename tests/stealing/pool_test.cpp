// A pool's consumers search, sleep and wake each other.
#include "queues/stealing/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "queues/stealing_pool.hpp"
#include "queues/stealing_pool_bounded.hpp"
#include "queues/support/layered.hpp"
#include "tests/stealing/joining.hpp"
#include "tests/stealing/parking.hpp"
#include "tests/support/crew.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/presence.hpp"
#include "tests/support/rounds.hpp"

namespace handoff::stealing_tests {
namespace {

using stealing::searchers;
using testing_support::crew;
using testing_support::presence;
using testing_support::random_source;
using testing_support::rounds;
using enum op_status;

class Pool : public testing_support::guarded {};

TEST_F(Pool, a_search_that_is_over_keeps_nobody_from_searching) {
  EXPECT_EQ(a_search_that_is_over_keeps_nobody_from_searching<searchers>(), "");
  EXPECT_EQ(a_search_that_was_refused_keeps_nobody_from_searching<searchers>(), "");
}

TEST_F(Pool, what_comes_during_a_search_is_not_slept_through) {
  EXPECT_EQ(what_comes_during_a_search_is_not_slept_through<searchers>(), "");
}

TEST_F(Pool, who_found_one_of_two_wakes_the_next) {
  EXPECT_EQ(who_found_one_of_two_wakes_the_next<searchers>(), "");
}

TEST_F(Pool, who_spawns_during_a_search_wakes_nobody) {
  EXPECT_EQ(who_spawns_during_a_search_wakes_nobody<searchers>(), "");
}

TEST_F(Pool, half_of_the_consumers_search_at_once) {
  EXPECT_EQ(half_of_the_consumers_search_at_once<searchers>(), "");
}

TEST_F(Pool, who_says_it_holds_items_does) {
  EXPECT_EQ((who_says_it_holds_items_does<stealing::pool<std::uint64_t, growable_deque>>()), "");
}

TEST_F(Pool, an_item_finished_while_it_is_known_ends_the_join) {
  using completion = support::counted_completion<support::park, store_buffer>;
  EXPECT_EQ(an_item_finished_while_it_is_known_ends_the_join<completion>(), "");
}

TEST_F(Pool, each_attempt_to_steal_counts_as_what_it_met) {
  watched<searchers> queue(0);
  auto thief = queue.consumer(), owner = queue.consumer(), other = queue.consumer();
  const auto expect = [&](std::uint64_t steals, std::uint64_t empty) {
    const steal_counts counted = queue.steals();
    EXPECT_EQ(counted.steals, steals);
    EXPECT_EQ(counted.empty, empty);
    EXPECT_EQ(counted.lost, 0);
  };
  EXPECT_FALSE(takes_one(thief));
  expect(0, 2);
  owner.spawn(1);
  other.spawn(2);
  EXPECT_TRUE(takes_one(owner));
  expect(0, 2);
  EXPECT_TRUE(takes_one(other));
  owner.spawn(3);
  other.spawn(4);
  EXPECT_TRUE(takes_one(thief));
  EXPECT_TRUE(takes_one(thief));
  EXPECT_EQ(queue.steals().steals, 2);
}

/// The same with a thread that does sleep: what came during a search woke nobody at first.
TEST_F(Pool, a_sleeper_wakes_for_the_second_item_that_came_during_a_search) {
  support::layered<watched_pool<searchers>, support::park> queue(0);
  auto searching = queue.consumer(), spawning = queue.consumer();
  presence where;
  std::thread sleeper([&] {
    auto mine = queue.consumer();
    std::uint64_t item = 0;
    where.announce();
    EXPECT_EQ(mine.pop(item), success);
  });
  where.wait_until_blocked();
  looks::script(0, [&] {
    EXPECT_EQ(spawning.spawn(1), success);
    EXPECT_EQ(spawning.spawn(2), success);
  });
  EXPECT_TRUE(takes_one(searching));
  sleeper.join();  // forever, if nobody woke it
}

template <class Queue>
void work(Queue& queue, random_source random, std::atomic<std::uint64_t>& done) {
  auto consumer = queue.consumer();
  std::uint64_t height = 0;
  while (consumer.pop(height) == success) {
    for (std::uint64_t child = random.below(4); height > 0 && child > 0; --child)
      ASSERT_EQ(consumer.spawn(height - 1), success);
    if (random.below(8) == 0) std::this_thread::yield();
    done.fetch_add(1);
    consumer.task_done();
  }
}

/// Consumers that sleep as soon as they find nothing, and trees so small that they do it all the time.
template <template <class> class Backend>
void nobody_sleeps_beside_items(const random_source& random) {
  constexpr unsigned workers = 4;
  crew threads(workers);
  for (rounds round(300); round.next();) {
    support::layered<Backend<std::uint64_t>, support::basic_park<0>> queue(0);
    std::atomic<std::uint64_t> done{0};
    threads.start([&](unsigned me) { work(queue, random.fork(round.index()).fork(me), done); });
    auto producer = queue.producer();
    for (std::uint64_t tree = 1; tree <= 10; ++tree) {
      ASSERT_EQ(producer.push(tree % 6), success);
      queue.join();  // for ever, if an item is slept through
      ASSERT_GE(done.load(), tree);
    }
    queue.close();
    threads.finish();
  }
}

TEST_F(Pool, nobody_sleeps_beside_items_of_growable_deques) {
  nobody_sleeps_beside_items<stealing_pool>(random());
}

TEST_F(Pool, nobody_sleeps_beside_items_of_bounded_deques) {
  nobody_sleeps_beside_items<stealing_pool_bounded>(random());
}

}  // namespace
}  // namespace handoff::stealing_tests
