// task_done, join and shutdown, as asyncio.Queue has them.
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "queues/async/describe.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {
namespace {

TEST(QueueJoin, one_task_done_too_many_is_an_error) {
  event_loop loop;
  queue<int> q(loop);
  EXPECT_THROW(q.task_done(), std::logic_error);
  q.put_nowait(1);
  q.get_nowait();
  q.task_done();
  EXPECT_THROW(q.task_done(), std::logic_error);
}

TEST(QueueJoin, the_sum_is_right_when_join_returns) {
  event_loop loop;
  queue<int> q(loop);
  int sum = 0;
  std::vector<task_handle<>> workers;
  for (int i = 0; i != 2; ++i) {
    workers.push_back(create_task(loop, [](queue<int>& from, int& total) -> task<> {
      for (;;) {
        const int item = co_await from.get();
        total += item;
        co_await async::yield();
        from.task_done();
      }
    }(q, sum)));
  }
  for (int i = 0; i != 100; ++i) q.put_nowait(i);
  async::run(loop, [](queue<int>& all) -> task<> { co_await all.join(); }(q));
  EXPECT_EQ(sum, 4950);
  for (const auto& worker : workers) worker.cancel();
  settle(loop);
  for (const auto& worker : workers) EXPECT_TRUE(worker.cancelled());
}

TEST(QueueJoin, join_of_an_empty_queue_returns_at_once_and_twice) {
  event_loop loop;
  queue<int> q(loop);
  const auto joiner = create_task(loop, [](queue<int>& all) -> task<> {
    co_await all.join();
    co_await all.join();
  }(q));
  loop.run_pass();
  EXPECT_TRUE(joiner.done());
}

TEST(QueueJoin, text_form_shows_unfinished_tasks) {
  event_loop loop;
  queue<int> q(loop, 4);
  q.put_nowait(1);
  q.get_nowait();
  EXPECT_EQ(async::describe(q), "<queue maxsize=4 tasks=1>");
}

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

TEST(QueueShutdown, on_an_empty_queue_a_pending_get_fails_and_so_does_everything_else) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  const auto getter = create_task(loop, get_and_tell(q, "getter", log));
  settle(loop);
  q.shutdown();
  EXPECT_TRUE(q.is_shut_down());
  settle(loop);
  EXPECT_EQ(log, (events{"getter shut down"}));
  EXPECT_EQ(async::describe(q), "<queue maxsize=0 shutdown>");
  async::run(loop, [](queue<int>& all) -> task<> { co_await all.join(); }(q));
  EXPECT_THROW(q.put_nowait(1), async::queue_shut_down);
  EXPECT_THROW(q.get_nowait(), async::queue_shut_down);
  EXPECT_THROW(async::run(loop, put_one(q, 1)), async::queue_shut_down);
  EXPECT_THROW(async::run(loop, get_one(q)), async::queue_shut_down);
}

TEST(QueueShutdown, on_a_full_queue_a_blocked_put_fails_and_the_item_is_still_there) {
  event_loop loop;
  queue<int> q(loop, 1);
  events log;
  q.put_nowait(1);
  const auto putter = create_task(loop, put_and_tell(q, 2, "putter", log));
  const auto joiner = create_task(loop, join_and_tell(q, "joiner", log));
  settle(loop);
  q.shutdown();
  settle(loop);
  EXPECT_EQ(log, (events{"putter shut down"}));
  EXPECT_TRUE(q.full()) << "full() still compares the size with maxsize";
  EXPECT_EQ(async::run(loop, get_one(q)), 1);
  EXPECT_THROW(q.get_nowait(), async::queue_shut_down);
  settle(loop);
  EXPECT_FALSE(joiner.done());
  q.task_done();
  settle(loop);
  EXPECT_TRUE(joiner.done());
  EXPECT_THROW(q.task_done(), std::logic_error);
}

TEST(QueueShutdown, a_put_fails_even_where_there_is_room) {
  event_loop loop;
  queue<int> q(loop, 4);
  q.put_nowait(1);
  q.shutdown();
  EXPECT_THROW(q.put_nowait(2), async::queue_shut_down);
  EXPECT_EQ(q.qsize(), 1U);
}

TEST(QueueShutdown, immediate_drops_the_items_and_releases_the_joiner) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  q.put_nowait(1);
  q.put_nowait(2);
  const auto joiner = create_task(loop, join_and_tell(q, "joiner", log));
  settle(loop);
  q.shutdown(true);
  EXPECT_EQ(q.qsize(), 0U);
  settle(loop);
  EXPECT_EQ(log, (events{"joiner joined"}));
  EXPECT_THROW(q.get_nowait(), async::queue_shut_down);
}

TEST(QueueShutdown, immediate_leaves_the_items_that_were_taken_unfinished) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  q.put_nowait(1);
  q.put_nowait(2);
  q.get_nowait();
  EXPECT_EQ(q.unfinished_tasks(), 2U);
  const auto joiner = create_task(loop, join_and_tell(q, "joiner", log));
  settle(loop);
  q.shutdown(true);
  EXPECT_EQ(q.unfinished_tasks(), 1U);
  settle(loop);
  EXPECT_FALSE(joiner.done());
  q.task_done();
  settle(loop);
  EXPECT_TRUE(joiner.done());
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
