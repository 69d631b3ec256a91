// asyncio's Condition.
#include <gtest/gtest.h>

#include <cstddef>
#include <stdexcept>
#include <string>

#include "queues/async/condition.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::condition;
using async::lock;

/// Waits for one notification; whatever comes out of the wait, the lock is held then.
task<> wait_once(condition& changed) {
  co_await changed.acquire();
  try {
    co_await changed.wait();
  } catch (...) {
    EXPECT_TRUE(changed.locked());
    changed.release();
    throw;
  }
  EXPECT_TRUE(changed.locked());
  changed.release();
}

struct Condition : testing::Test {
  virtual_loop loop;
  lock mutex{loop};
  condition changed{loop, mutex};
  events log;

  task_handle<> waiter(const std::string& name) {
    return create_task(loop, tell(loop, name, wait_once(changed), log));
  }

  /// From outside of every task; the lock must be free.
  void notify(std::size_t count) {
    ASSERT_TRUE(mutex.try_acquire());
    changed.notify(count);
    changed.release();
  }
};

TEST_F(Condition, wait_without_the_lock_is_an_error) {
  create_task(loop, tell(
                        loop, "a", [](condition& what) -> task<> { co_await what.wait(); }(changed), log));
  run_all(loop);
  EXPECT_EQ(log, events{"a failed: wait() without the lock at 0"});
}

TEST_F(Condition, notify_without_the_lock_is_an_error) {
  EXPECT_THROW(changed.notify(), std::logic_error);
  EXPECT_THROW(changed.notify_all(), std::logic_error);
}

TEST_F(Condition, release_without_the_lock_is_an_error) { EXPECT_THROW(changed.release(), std::logic_error); }

TEST_F(Condition, wait_gives_the_lock_up) {
  waiter("a");
  settle(loop);
  EXPECT_FALSE(changed.locked());
}

TEST_F(Condition, notify_wakes_as_many_as_asked_for_in_the_order_of_their_waits) {
  for (const char* name : {"a", "b", "c", "d"}) waiter(name);
  settle(loop);
  notify(1);
  run_all(loop);
  EXPECT_EQ(log, events{"a ended at 0"});
  notify(2);
  run_all(loop);
  EXPECT_EQ(log, (events{"a ended at 0", "b ended at 0", "c ended at 0"}));
  notify(9);
  run_all(loop);
  EXPECT_EQ(log.size(), 4U);
}

TEST_F(Condition, notify_of_nobody_is_not_remembered) {
  notify(1);
  const auto a = waiter("a");
  run_all(loop);
  EXPECT_FALSE(a.done());
}

TEST_F(Condition, notify_all_wakes_everyone_in_the_order_of_their_waits) {
  for (const char* name : {"a", "b", "c"}) waiter(name);
  settle(loop);
  ASSERT_TRUE(mutex.try_acquire());
  changed.notify_all();
  changed.release();
  run_all(loop);
  EXPECT_EQ(log, (events{"a ended at 0", "b ended at 0", "c ended at 0"}));
}

TEST_F(Condition, a_notified_waiter_goes_on_only_when_the_notifier_has_released_the_lock) {
  const auto a = waiter("a");
  settle(loop);
  create_task(loop, [](condition& what) -> task<> {
    co_await what.acquire();
    what.notify();
    co_await async::sleep(20ms);
    what.release();
  }(changed));
  run_all(loop);
  EXPECT_EQ(log, events{"a ended at 20"});
}

TEST_F(Condition, a_cancelled_waiter_takes_the_lock_back_before_it_reports) {
  const auto a = waiter("a");
  settle(loop);
  ASSERT_TRUE(mutex.try_acquire());
  a.cancel();
  run_all(loop);
  EXPECT_TRUE(log.empty()) << "somebody else holds the lock";
  EXPECT_FALSE(a.done());
  mutex.release();
  run_all(loop);
  EXPECT_EQ(log, events{"a cancelled at 0"});
  EXPECT_FALSE(mutex.locked());
}

TEST_F(Condition, a_waiter_that_is_cancelled_while_it_takes_the_lock_back_still_takes_it_and_reports_then) {
  const auto a = waiter("a");
  settle(loop);
  ASSERT_TRUE(mutex.try_acquire());
  changed.notify();
  settle(loop);  // a now waits for the lock
  for (int i = 0; i != 3; ++i) {
    a.cancel();
    settle(loop);
    EXPECT_FALSE(a.done());
  }
  mutex.release();
  run_all(loop);
  EXPECT_EQ(log, events{"a cancelled at 0"});
  EXPECT_TRUE(a.cancelled());
}

TEST_F(Condition, a_waiter_that_is_cancelled_after_it_was_notified_passes_the_notification_on) {
  const auto a = waiter("a");
  waiter("b");
  const auto c = waiter("c");
  settle(loop);
  notify(1);
  a.cancel();
  run_all(loop);
  EXPECT_EQ(log, (events{"a cancelled at 0", "b ended at 0"}));
  EXPECT_FALSE(c.done()) << "one notification wakes one";
}

TEST_F(Condition, a_waiter_that_is_cancelled_while_it_takes_the_lock_back_passes_the_notification_on) {
  const auto a = waiter("a");
  waiter("b");
  settle(loop);
  ASSERT_TRUE(mutex.try_acquire());
  changed.notify();
  settle(loop);
  a.cancel();
  settle(loop);
  mutex.release();
  run_all(loop);
  EXPECT_EQ(log, (events{"a cancelled at 0", "b ended at 0"}));
}

TEST_F(Condition, a_waiter_that_is_cancelled_while_it_waits_is_not_notified) {
  const auto a = waiter("a");
  waiter("b");
  settle(loop);
  a.cancel();
  notify(1);  // a's turn has not come
  run_all(loop);
  EXPECT_EQ(log, (events{"a cancelled at 0", "b ended at 0"}));
}

TEST_F(Condition, two_on_one_lock_notify_their_own_waiters) {
  condition other(loop, mutex);
  waiter("a");
  const auto b = create_task(loop, tell(loop, "b", wait_once(other), log));
  settle(loop);
  notify(9);
  run_all(loop);
  EXPECT_EQ(log, events{"a ended at 0"});
  EXPECT_FALSE(b.done());
}

TEST_F(Condition, a_predicate_is_looked_at_again_after_each_notification) {
  int value = 0;
  create_task(loop, tell(
                        loop, "a",
                        [](condition& what, const int& seen) -> task<> {
                          const lock::holder held = co_await what.hold();
                          while (seen < 3) co_await what.wait();
                        }(changed, value),
                        log));
  create_task(loop, [](condition& what, int& set) -> task<> {
    for (int i = 0; i != 4; ++i) {
      co_await async::sleep(10ms);
      const lock::holder held = co_await what.hold();
      ++set;
      what.notify();
    }
  }(changed, value));
  run_all(loop);
  EXPECT_EQ(log, events{"a ended at 30"});
}

}  // namespace
}  // namespace handoff::async_tests
