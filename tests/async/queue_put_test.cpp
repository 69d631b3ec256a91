// asyncio.Queue's own cases: put.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/async/tools.hpp"

namespace handoff::async_tests {
namespace {

TEST(QueuePut, an_unbounded_put_never_waits) {
  event_loop loop;
  queue<int> q(loop);
  const auto putter = create_task(loop, [](queue<int>& to) -> task<> {
    for (int i = 0; i != 1'000; ++i) co_await to.put(i);
  }(q));
  loop.run_pass();
  EXPECT_TRUE(putter.done());
}

TEST(QueuePut, the_second_put_waits_for_a_get) {
  event_loop loop;
  queue<int> q(loop, 1);
  bool began = false;
  const auto putter = create_task(loop, [](queue<int>& to, bool& started) -> task<> {
    co_await to.put(1);
    started = true;
    co_await to.put(2);
  }(q, began));
  settle(loop);
  EXPECT_TRUE(began);
  EXPECT_FALSE(putter.done());
  EXPECT_EQ(q.get_nowait(), 1);
  settle(loop);
  EXPECT_TRUE(putter.done());
}

TEST(QueuePut, put_nowait_is_immediate_and_throws_when_full) {
  event_loop loop;
  queue<int> q(loop, 1);
  q.put_nowait(1);
  EXPECT_THROW(q.put_nowait(2), async::queue_full);
  EXPECT_EQ(q.get_nowait(), 1);
}

TEST(QueuePut, an_item_is_not_lost_when_its_waiting_reader_is_cancelled) {
  event_loop loop;
  queue<int> q(loop, 1);
  events log;
  const auto reader = create_task(loop, get_and_tell(q, "reader", log));
  settle(loop);
  q.put_nowait(1);
  reader.cancel();
  settle(loop);
  EXPECT_EQ(log, (events{"reader cancelled"}));
  EXPECT_EQ(q.get_nowait(), 1);
}

TEST(QueuePut, the_survivors_receive_everything_when_many_readers_are_cancelled) {
  event_loop loop;
  queue<int> q(loop, 1);
  events log;
  std::vector<task_handle<>> readers;
  for (int i = 0; i != 9; ++i) {
    readers.push_back(create_task(loop, get_and_tell(q, std::to_string(i), log)));
  }
  settle(loop);
  const auto writer = create_task(loop, [](queue<int>& to) -> task<> {
    for (int i = 0; i != 3; ++i) co_await to.put(i);
  }(q));
  loop.run_pass();
  for (const int victim : {0, 2, 4, 6, 7, 8}) readers[static_cast<std::size_t>(victim)].cancel();
  settle(loop);
  EXPECT_TRUE(writer.done());
  std::erase_if(log, [](const std::string& event) { return event.ends_with("cancelled"); });
  EXPECT_EQ(log, (events{"1 got 0", "3 got 1", "5 got 2"}));
}

TEST(QueuePut, a_cancelled_writer_that_tries_again_leaves_nothing_behind) {
  event_loop loop;
  queue<int> q(loop, 1);
  q.put_nowait(1);
  const auto writer = create_task(loop, [](queue<int>& to) -> task<> {
    int item = 2;
    try {
      co_await to.put(std::move(item));
    } catch (const cancelled_error&) {
    }
    co_await to.put(std::move(item));
  }(q));
  settle(loop);
  writer.cancel();
  settle(loop);
  EXPECT_FALSE(writer.done());
  EXPECT_EQ(q.get_nowait(), 1);
  settle(loop);
  EXPECT_TRUE(writer.done());
  EXPECT_EQ(q.get_nowait(), 2);
  EXPECT_EQ(q.qsize(), 0U);
}

TEST(QueuePut, a_cancelled_put_leaves_its_argument_unmoved) {
  event_loop loop;
  queue<std::unique_ptr<int>> q(loop, 1);
  q.put_nowait(std::make_unique<int>(1));
  auto item = std::make_unique<int>(2);
  const auto writer =
      create_task(loop, [](queue<std::unique_ptr<int>>& to, std::unique_ptr<int>& what) -> task<> {
        co_await to.put(std::move(what));
      }(q, item));
  settle(loop);
  writer.cancel();
  settle(loop);
  EXPECT_TRUE(writer.cancelled());
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(*item, 2);
}

TEST(QueuePut, a_putter_is_done_one_pass_after_the_get) {
  event_loop loop;
  queue<int> q(loop, 1);
  q.put_nowait(1);
  const auto putter = create_task(loop, put_one(q, 2));
  settle(loop);
  q.get_nowait();
  EXPECT_FALSE(putter.done());
  loop.run_pass();
  EXPECT_TRUE(putter.done());
}

TEST(QueuePut, a_cancelled_third_putter_is_skipped) {
  event_loop loop;
  queue<int> q(loop, 1);
  events log;
  const auto a = create_task(loop, put_and_tell(q, 1, "a", log));
  const auto b = create_task(loop, put_and_tell(q, 2, "b", log));
  const auto c = create_task(loop, put_and_tell(q, 3, "c", log));
  settle(loop);
  c.cancel();
  settle(loop);
  EXPECT_EQ(q.get_nowait(), 1);
  settle(loop);
  EXPECT_EQ(q.get_nowait(), 2);
  settle(loop);
  EXPECT_TRUE(q.empty());
  EXPECT_EQ(log, (events{"a put 1", "c cancelled", "b put 2"}));
}

TEST(QueuePut, a_waiting_getter_receives_what_is_put) {
  event_loop loop;
  queue<int> q(loop);
  const auto getter = create_task(loop, get_one(q));
  settle(loop);
  const auto putter = create_task(loop, put_one(q, 9));
  settle(loop);
  EXPECT_TRUE(putter.done());
  EXPECT_EQ(getter.result(), 9);
}

TEST(QueuePut, four_putters_and_several_nowait_gets_keep_the_invariants) {
  event_loop loop;
  queue<int> q(loop, 2);
  q.put_nowait(0);
  q.put_nowait(1);
  std::vector<task_handle<>> putters;
  for (int i = 2; i != 6; ++i) putters.push_back(create_task(loop, put_one(q, i)));
  settle(loop);
  EXPECT_EQ(q.waiting_putters(), 4U);
  EXPECT_EQ(q.get_nowait(), 0);
  EXPECT_EQ(q.get_nowait(), 1);
  EXPECT_THROW(q.get_nowait(), async::queue_empty);
  settle(loop);
  EXPECT_TRUE(q.full());
  EXPECT_EQ(q.waiting_putters(), 2U);
  EXPECT_EQ(q.get_nowait(), 2);
  settle(loop);
  for (int expected = 3; expected != 6; ++expected) {
    EXPECT_EQ(q.get_nowait(), expected);
    settle(loop);
  }
  EXPECT_EQ(q.waiting_putters(), 0U);
  EXPECT_TRUE(q.empty());
}

TEST(QueuePut, a_cancelled_putter_is_no_longer_listed) {
  event_loop loop;
  queue<int> q(loop, 1);
  q.put_nowait(1);
  const auto putter = create_task(loop, put_one(q, 2));
  settle(loop);
  putter.cancel();
  settle(loop);
  EXPECT_EQ(q.waiting_putters(), 0U);
  EXPECT_EQ(q.unfinished_tasks(), 1U);
}

TEST(QueuePut, a_cancelled_put_reports_cancellation_and_nothing_else) {
  event_loop loop;
  queue<int> q(loop, 1);
  q.put_nowait(1);
  const auto putter = create_task(loop, put_one(q, 2));
  settle(loop);
  putter.cancel();
  q.get_nowait();
  settle(loop);
  EXPECT_TRUE(putter.cancelled());
  EXPECT_TRUE(q.empty());
}

}  // namespace
}  // namespace handoff::async_tests
