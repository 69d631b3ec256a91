// task_done, join and shutdown beyond asyncio's own cases, which queue_conformance_test.cpp has.
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "tests/async/tools.hpp"

namespace handoff::async_tests {
namespace {

TEST(QueueJoin, a_put_right_after_the_last_task_done_does_not_hold_the_joiner) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  q.put_nowait(1);
  const auto joiner = create_task(loop, join_and_tell(q, "joiner", log));
  settle(loop);
  q.get_nowait();
  q.task_done();
  q.put_nowait(2);
  settle(loop);
  EXPECT_EQ(log, (events{"joiner joined"}));
  EXPECT_EQ(q.unfinished_tasks(), 1U);
}

TEST(QueueJoin, every_joiner_is_woken_in_order) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  q.put_nowait(1);
  const auto a = create_task(loop, join_and_tell(q, "a", log));
  const auto b = create_task(loop, join_and_tell(q, "b", log));
  settle(loop);
  q.task_done();
  settle(loop);
  EXPECT_EQ(log, (events{"a joined", "b joined"}));
}

TEST(QueueJoin, a_cancelled_joiner_reports_cancellation_even_when_it_was_woken) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  q.put_nowait(1);
  const auto waiting = create_task(loop, join_and_tell(q, "waiting", log));
  const auto woken = create_task(loop, join_and_tell(q, "woken", log));
  settle(loop);
  waiting.cancel();
  settle(loop);
  q.task_done();
  woken.cancel();
  settle(loop);
  EXPECT_EQ(log, (events{"waiting cancelled", "woken cancelled"}));
}

TEST(QueueShutdown, a_put_fails_even_where_there_is_room) {
  event_loop loop;
  queue<int> q(loop, 4);
  q.put_nowait(1);
  q.shutdown();
  EXPECT_THROW(q.put_nowait(2), async::queue_shut_down);
  EXPECT_EQ(q.qsize(), 1U);
}

TEST(QueueShutdown, immediate_after_more_task_done_than_gets_does_not_count_below_zero) {
  event_loop loop;
  queue<int> q(loop);
  q.put_nowait(1);
  q.put_nowait(2);
  q.task_done();
  q.shutdown(true);
  EXPECT_EQ(q.unfinished_tasks(), 0U);
  EXPECT_THROW(q.task_done(), std::logic_error);
}

TEST(QueueShutdown, shutting_down_twice_is_harmless_and_may_become_immediate) {
  event_loop loop;
  queue<int> q(loop);
  q.put_nowait(1);
  q.shutdown();
  q.shutdown();
  EXPECT_EQ(q.qsize(), 1U);
  q.shutdown(true);
  EXPECT_EQ(q.qsize(), 0U);
}

TEST(QueueShutdown, a_getter_that_was_woken_by_an_item_still_gets_it) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  const auto first = create_task(loop, get_and_tell(q, "first", log));
  const auto second = create_task(loop, get_and_tell(q, "second", log));
  settle(loop);
  q.put_nowait(1);
  q.shutdown();
  settle(loop);
  EXPECT_EQ(log, (events{"first got 1", "second shut down"}));
}

}  // namespace
}  // namespace handoff::async_tests
