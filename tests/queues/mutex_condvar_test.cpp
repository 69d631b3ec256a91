// What mutex_condvar makes of a C library that loses wake-ups: a delay, and never more.
#include "queues/mutex_condvar.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <stop_token>
#include <thread>

#include "tests/queues/lost_signals.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/presence.hpp"

namespace handoff::queue_tests {
namespace {

using testing_support::presence;
using enum op_status;

class MutexCondvar : public testing_support::guarded {};

constexpr unsigned all = 1'000;

/// `waits` blocks until `relieve` comes, all wake-ups of which the C library loses.
void is_only_late(const std::function<void()>& waits, const std::function<void()>& relieve) {
  presence where;
  std::thread waiter([&] {
    where.announce();
    waits();
  });
  where.wait_until_blocked();
  signals_to_lose = all;
  relieve();
  signals_to_lose = 0;
  waiter.join();
}

TEST_F(MutexCondvar, a_pop_whose_wake_up_is_lost_is_only_late) {
  mutex_condvar<int> queue(2);
  auto consumer = queue.consumer();
  int item = 0;
  is_only_late([&] { EXPECT_EQ(consumer.pop(item), success); }, [&] { EXPECT_EQ(queue.push(1), success); });
  EXPECT_EQ(item, 1);
}

TEST_F(MutexCondvar, a_push_whose_wake_up_is_lost_is_only_late) {
  mutex_condvar<int> queue(1);
  auto consumer = queue.consumer();
  int item = 0;
  ASSERT_EQ(queue.push(1), success);
  is_only_late([&] { EXPECT_EQ(queue.push(2), success); }, [&] { EXPECT_EQ(consumer.pop(item), success); });
}

/// One place, one item a turn: nobody comes along later who could wake the sleeper.
TEST_F(MutexCondvar, wake_ups_that_are_lost_again_and_again_stop_no_stream) {
  mutex_condvar<int> queue(1);
  constexpr int items = 6;
  std::thread consuming([&] {
    signals_to_lose = all;
    auto consumer = queue.consumer();
    int item = 0;
    for (int i = 0; i < items; ++i) EXPECT_EQ(consumer.pop(item), success);
    signals_to_lose = 0;
  });
  signals_to_lose = all;
  for (int i = 0; i < items; ++i) EXPECT_EQ(queue.push(int{i}), success);
  signals_to_lose = 0;
  consuming.join();
}

TEST_F(MutexCondvar, a_pop_that_is_closed_or_cancelled_without_a_wake_up_is_only_late) {
  for (const bool by_close : {true, false}) {
    mutex_condvar<int> queue(1);
    auto consumer = queue.consumer();
    std::stop_source source;
    is_only_late(
        [&] {
          int item = 0;
          EXPECT_EQ(consumer.pop(item, source.get_token()), by_close ? closed : cancelled);
        },
        [&] { by_close ? queue.close() : static_cast<void>(source.request_stop()); });
  }
}

TEST_F(MutexCondvar, a_join_whose_wake_up_is_lost_is_only_late) {
  mutex_condvar<int> queue(1);
  auto consumer = queue.consumer();
  int item = 0;
  ASSERT_EQ(queue.push(1), success);
  ASSERT_EQ(consumer.pop(item), success);
  is_only_late([&] { queue.join(); }, [&] { consumer.task_done(); });
}

}  // namespace
}  // namespace handoff::queue_tests
