// asyncio's Semaphore and BoundedSemaphore.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "queues/async/semaphore.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::bounded_semaphore;
using async::semaphore;

/// Takes one unit and keeps it.
task<> take(semaphore& units) { co_await units.acquire(); }

struct Semaphore : testing::Test {
  virtual_loop loop;
  semaphore units{loop, 0};
  events log;

  task_handle<> taker(const std::string& name) {
    return create_task(loop, tell(loop, name, take(units), log));
  }
};

TEST_F(Semaphore, a_negative_start_is_an_error) {
  EXPECT_THROW(semaphore(loop, -1), std::invalid_argument);
  EXPECT_THROW(bounded_semaphore(loop, -1), std::invalid_argument);
}

TEST_F(Semaphore, begins_with_one_unit_where_nothing_is_said) {
  semaphore one(loop);
  EXPECT_EQ(one.value(), 1);
  EXPECT_FALSE(one.locked());
}

TEST_F(Semaphore, acquire_of_a_free_unit_does_not_let_others_run) {
  semaphore two(loop, 2);
  const auto a = create_task(loop, take(two));
  const auto b = create_task(loop, take(two));
  const auto c = create_task(loop, take(two));
  loop.run_pass();
  EXPECT_TRUE(a.done());
  EXPECT_TRUE(b.done());
  EXPECT_FALSE(c.done());
  EXPECT_TRUE(two.locked());
  EXPECT_EQ(two.value(), 0);
}

TEST_F(Semaphore, units_go_to_the_waiters_in_the_order_of_their_requests) {
  for (const char* name : {"a", "b", "c"}) taker(name);
  settle(loop);
  units.release();
  run_all(loop);
  EXPECT_EQ(log, events{"a ended at 0"});
  units.release();
  units.release();
  run_all(loop);
  EXPECT_EQ(log, (events{"a ended at 0", "b ended at 0", "c ended at 0"}));
  EXPECT_EQ(units.value(), 0);
}

TEST_F(Semaphore, is_locked_while_there_are_live_waiters_even_if_the_value_is_above_zero) {
  taker("a");
  settle(loop);
  units.release();
  units.release();
  EXPECT_EQ(units.value(), 1);
  EXPECT_TRUE(units.locked()) << "a has been woken, and its turn has not come";
  run_all(loop);
  EXPECT_EQ(units.value(), 1);
  EXPECT_FALSE(units.locked());
}

TEST_F(Semaphore, a_newcomer_does_not_overtake_who_was_woken) {
  taker("a");
  settle(loop);
  const auto newcomer = taker("newcomer");  // its first step comes before the turn of a
  units.release();
  run_all(loop);
  EXPECT_EQ(log, events{"a ended at 0"});
  EXPECT_FALSE(newcomer.done());
}

TEST_F(Semaphore, a_newcomer_that_waits_behind_a_woken_one_gets_the_second_unit) {
  taker("a");
  settle(loop);
  taker("newcomer");  // its first step comes before the turn of a
  units.release();
  units.release();
  run_all(loop);
  EXPECT_EQ(log, (events{"a ended at 0", "newcomer ended at 0"}));
  EXPECT_EQ(units.value(), 0);
}

TEST_F(Semaphore, cancelled_waiters_do_not_lock_it) {
  const auto a = taker("a");
  settle(loop);
  a.cancel();
  units.release();
  EXPECT_EQ(units.value(), 1);
  EXPECT_FALSE(units.locked()) << "although its turn has not come";
  run_all(loop);
  EXPECT_EQ(log, events{"a cancelled at 0"});
  EXPECT_EQ(units.value(), 1);
}

TEST_F(Semaphore, a_waiter_that_is_cancelled_after_it_was_woken_gives_its_unit_to_the_next_one) {
  const auto a = taker("a");
  taker("b");
  const auto c = taker("c");
  settle(loop);
  units.release();
  a.cancel();
  run_all(loop);
  EXPECT_EQ(log, (events{"a cancelled at 0", "b ended at 0"}));
  EXPECT_FALSE(c.done());
  EXPECT_EQ(units.value(), 0);
}

TEST_F(Semaphore, the_unit_of_a_woken_and_cancelled_waiter_is_free_where_nobody_else_waits) {
  const auto a = taker("a");
  settle(loop);
  units.release();
  a.cancel();
  run_all(loop);
  EXPECT_EQ(units.value(), 1);
  EXPECT_FALSE(units.locked());
}

TEST_F(Semaphore, a_waiter_that_is_cancelled_while_it_waits_is_skipped) {
  taker("a");
  const auto b = taker("b");
  taker("c");
  settle(loop);
  b.cancel();
  units.release();
  units.release();
  run_all(loop);
  EXPECT_EQ(log, (events{"b cancelled at 0", "a ended at 0", "c ended at 0"}));
  EXPECT_EQ(units.value(), 0);
}

TEST_F(Semaphore, an_unbounded_one_may_grow_beyond_its_start) {
  units.release();
  units.release();
  EXPECT_EQ(units.value(), 2);
}

TEST_F(Semaphore, over_release_of_a_bounded_one_is_an_error) {
  bounded_semaphore two(loop, 2);
  EXPECT_THROW(two.release(), std::logic_error);
  create_task(loop, take(two));
  run_all(loop);
  two.release();
  EXPECT_THROW(two.release(), std::logic_error);
  EXPECT_EQ(two.value(), 2);
}

TEST_F(Semaphore, lets_at_most_so_many_inside) {
  semaphore three(loop, 3);
  int inside = 0;
  int most = 0;
  for (int i = 0; i != 12; ++i) {
    create_task(loop, [](semaphore& gate, int& now, int& max) -> task<> {
      co_await gate.acquire();
      max = std::max(max, ++now);
      co_await async::sleep(10ms);
      --now;
      gate.release();
    }(three, inside, most));
  }
  run_all(loop);
  EXPECT_EQ(most, 3);
  EXPECT_EQ(loop.time(), 40ms);
  EXPECT_EQ(three.value(), 3);
}

}  // namespace
}  // namespace handoff::async_tests
