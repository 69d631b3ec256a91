// asyncio's Lock.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>

#include "queues/async/lock.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::lock;

/// Takes the lock and keeps it.
task<> take(lock& wanted) { co_await wanted.acquire(); }

struct Lock : testing::Test {
  virtual_loop loop;
  lock mutex{loop};
  events log;

  task_handle<> taker(const std::string& name) {
    return create_task(loop, tell(loop, name, take(mutex), log));
  }
};

TEST_F(Lock, acquire_of_a_free_lock_does_not_let_others_run) {
  EXPECT_FALSE(mutex.locked());
  const auto a = taker("a");
  loop.run_pass();
  EXPECT_TRUE(a.done());
  EXPECT_TRUE(mutex.locked());
}

TEST_F(Lock, release_of_a_lock_that_is_not_held_is_an_error) {
  EXPECT_THROW(mutex.release(), std::logic_error);
  ASSERT_TRUE(mutex.try_acquire());
  mutex.release();
  EXPECT_THROW(mutex.release(), std::logic_error);
}

TEST_F(Lock, is_granted_in_the_order_of_the_requests_one_at_a_time) {
  ASSERT_TRUE(mutex.try_acquire());
  for (const char* name : {"a", "b", "c"}) taker(name);
  settle(loop);
  EXPECT_TRUE(log.empty());
  const events all{"a ended at 0", "b ended at 0", "c ended at 0"};
  for (std::size_t granted = 1; granted <= all.size(); ++granted) {
    mutex.release();
    run_all(loop);
    EXPECT_EQ(log, events(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(granted)));
    EXPECT_TRUE(mutex.locked());
  }
  mutex.release();
  EXPECT_FALSE(mutex.locked());
}

TEST_F(Lock, nobody_takes_it_between_a_release_and_the_turn_of_the_woken_waiter) {
  ASSERT_TRUE(mutex.try_acquire());
  taker("a");
  settle(loop);
  const auto newcomer = taker("newcomer");  // its first step comes before the turn of a
  mutex.release();
  EXPECT_FALSE(mutex.locked());
  EXPECT_FALSE(mutex.try_acquire());
  run_all(loop);
  EXPECT_EQ(log, events{"a ended at 0"});
  EXPECT_FALSE(newcomer.done());
  mutex.release();
  run_all(loop);
  EXPECT_TRUE(newcomer.done());
}

TEST_F(Lock, a_waiter_that_is_cancelled_after_it_was_woken_wakes_exactly_one_successor) {
  ASSERT_TRUE(mutex.try_acquire());
  const auto a = taker("a");
  taker("b");
  const auto c = taker("c");
  settle(loop);
  mutex.release();
  a.cancel();
  run_all(loop);
  EXPECT_EQ(log, (events{"a cancelled at 0", "b ended at 0"}));
  EXPECT_TRUE(mutex.locked());
  EXPECT_FALSE(c.done());
}

TEST_F(Lock, woken_waiters_that_are_cancelled_one_after_the_other_pass_the_wake_up_on_to_the_last) {
  ASSERT_TRUE(mutex.try_acquire());
  const auto a = taker("a");
  const auto b = taker("b");
  taker("c");
  settle(loop);
  mutex.release();
  a.cancel();
  loop.run_pass();  // wakes b
  b.cancel();
  run_all(loop);
  EXPECT_EQ(log, (events{"a cancelled at 0", "b cancelled at 0", "c ended at 0"}));
}

TEST_F(Lock, a_waiter_that_is_cancelled_while_it_waits_is_skipped) {
  ASSERT_TRUE(mutex.try_acquire());
  const auto a = taker("a");
  taker("b");
  settle(loop);
  a.cancel();
  run_all(loop);
  EXPECT_EQ(log, events{"a cancelled at 0"});
  EXPECT_TRUE(mutex.locked());
  mutex.release();
  run_all(loop);
  EXPECT_EQ(log, (events{"a cancelled at 0", "b ended at 0"}));
}

TEST_F(Lock, a_cancelled_waiter_keeps_its_place_until_its_turn_and_wakes_the_next_one_then) {
  ASSERT_TRUE(mutex.try_acquire());
  const auto a = taker("a");
  taker("b");
  settle(loop);
  a.cancel();
  mutex.release();
  loop.run_pass();
  EXPECT_EQ(log, events{"a cancelled at 0"}) << "the release woke nobody: b's turn comes one pass after a's";
  loop.run_pass();
  EXPECT_EQ(log, (events{"a cancelled at 0", "b ended at 0"}));
}

TEST_F(Lock, the_last_waiter_that_is_cancelled_does_not_wake_while_the_lock_is_held) {
  ASSERT_TRUE(mutex.try_acquire());
  const auto a = taker("a");
  const auto b = taker("b");
  settle(loop);
  a.cancel();
  run_all(loop);
  EXPECT_FALSE(b.done());
  EXPECT_TRUE(mutex.locked());
}

TEST_F(Lock, is_free_at_once_where_all_who_wait_have_been_cancelled) {
  ASSERT_TRUE(mutex.try_acquire());
  const auto a = taker("a");
  const auto b = taker("b");
  settle(loop);
  a.cancel();
  b.cancel();
  mutex.release();
  EXPECT_TRUE(mutex.try_acquire()) << "although their turns have not come";
  run_all(loop);
  EXPECT_EQ(log, (events{"a cancelled at 0", "b cancelled at 0"}));
  EXPECT_TRUE(mutex.locked());
  mutex.release();
}

TEST_F(Lock, is_free_after_its_only_waiter_was_woken_and_cancelled) {
  ASSERT_TRUE(mutex.try_acquire());
  const auto a = taker("a");
  settle(loop);
  mutex.release();
  a.cancel();
  run_all(loop);
  EXPECT_FALSE(mutex.locked());
  EXPECT_TRUE(mutex.try_acquire());
}

task<> work_inside(lock& guard, nanoseconds time, bool fails) {
  const lock::holder held = co_await guard.hold();
  co_await async::sleep(time);
  if (fails) throw std::runtime_error("inside");
}

TEST_F(Lock, a_holder_releases_it_when_it_goes_however_that_is) {
  create_task(loop, tell(loop, "a", work_inside(mutex, 10ms, false), log));
  create_task(loop, tell(loop, "b", work_inside(mutex, 10ms, true), log));
  const auto c = create_task(loop, tell(loop, "c", work_inside(mutex, 1h, false), log));
  create_task(loop, tell(loop, "d", work_inside(mutex, 10ms, false), log));
  create_task(loop, [](const task_handle<>& victim) -> task<> {
    co_await async::sleep(25ms);
    victim.cancel();
  }(c));
  run_all(loop);
  EXPECT_EQ(log, (events{"a ended at 10", "b failed: inside at 20", "c cancelled at 25", "d ended at 35"}));
  EXPECT_FALSE(mutex.locked());
}

TEST_F(Lock, excludes_tasks_from_each_other_across_their_waits) {
  int inside = 0;
  int most = 0;
  for (int i = 0; i != 10; ++i) {
    create_task(loop, [](lock& guard, int& now, int& max) -> task<> {
      for (int round = 0; round != 3; ++round) {
        const lock::holder held = co_await guard.hold();
        max = std::max(max, ++now);
        co_await async::yield();
        --now;
      }
    }(mutex, inside, most));
  }
  run_all(loop);
  EXPECT_EQ(loop.pending_tasks(), 0U);
  EXPECT_EQ(most, 1);
}

TEST_F(Lock, may_go_before_its_holders) {
  async::event never(loop);
  {
    lock local(loop);
    const auto worker = create_task(loop, [](lock& guard, async::event& flag) -> task<> {
      lock::holder held = co_await guard.hold();
      const lock::holder moved = std::move(held);
      co_await flag.wait();
    }(local, never));
    run_all(loop);
    EXPECT_TRUE(local.locked());
    EXPECT_FALSE(worker.done());
  }
  never.set();
  run_all(loop);
  EXPECT_EQ(loop.pending_tasks(), 0U);
}

}  // namespace
}  // namespace handoff::async_tests
