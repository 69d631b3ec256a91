// asyncio.Queue's own cases: basics, get. (Those that need a clock, or are alike for all queues, are in
// queue_conformance_test.cpp.)
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "queues/async/describe.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {
namespace {

using async::describe;

TEST(Queue, text_form_shows_waiting_getters) {
  event_loop loop;
  queue<int> q(loop);
  EXPECT_EQ(describe(q), "<queue maxsize=0>");
  const auto first = create_task(loop, get_one(q));
  const auto second = create_task(loop, get_one(q));
  settle(loop);
  EXPECT_EQ(describe(q), "<queue maxsize=0 getters=2>");
}

TEST(Queue, text_form_shows_waiting_putters_items_and_unfinished_tasks) {
  event_loop loop;
  queue<int> q(loop, 1);
  q.put_nowait(7);
  const auto waiting = create_task(loop, put_one(q, 8));
  settle(loop);
  EXPECT_EQ(describe(q), "<queue maxsize=1 items=[7] putters=1 tasks=1>");
}

TEST(Queue, text_form_shows_the_number_of_items_that_cannot_be_printed) {
  event_loop loop;
  queue<std::vector<int>> q(loop);
  q.put_nowait(std::vector<int>{1});
  q.shutdown();
  EXPECT_EQ(describe(q), "<queue maxsize=0 items=1 tasks=1 shutdown>");
}

TEST(Queue, empty_toggles_with_put_and_get) {
  event_loop loop;
  queue<int> q(loop);
  EXPECT_TRUE(q.empty());
  q.put_nowait(1);
  EXPECT_FALSE(q.empty());
  EXPECT_EQ(q.get_nowait(), 1);
  EXPECT_TRUE(q.empty());
}

TEST(Queue, an_unbounded_queue_is_never_full) {
  event_loop loop;
  queue<int> q(loop);
  for (int i = 0; i != 10'000; ++i) {
    ASSERT_FALSE(q.full());
    q.put_nowait(i);
  }
  EXPECT_EQ(q.qsize(), 10'000U);
  for (int i = 0; i != 10'000; ++i) ASSERT_EQ(q.get_nowait(), i);
}

TEST(Queue, a_negative_maxsize_means_unbounded) {
  event_loop loop;
  queue<int> q(loop, -3);
  for (int i = 0; i != 100; ++i) q.put_nowait(i);
  EXPECT_FALSE(q.full());
  EXPECT_EQ(q.maxsize(), -3);
}

TEST(Queue, maxsize_one_is_full_with_one_item) {
  event_loop loop;
  queue<int> q(loop, 1);
  EXPECT_FALSE(q.full());
  q.put_nowait(1);
  EXPECT_TRUE(q.full());
}

TEST(Queue, a_bound_beyond_the_first_allocation_is_kept_exactly) {
  event_loop loop;
  queue<int> q(loop, 5'000);
  for (int i = 0; i != 5'000; ++i) q.put_nowait(i);
  EXPECT_TRUE(q.full());
  EXPECT_THROW(q.put_nowait(5'000), async::queue_full);
  for (int i = 0; i != 5'000; ++i) ASSERT_EQ(q.get_nowait(), i);
}

TEST(Queue, items_come_out_in_the_order_in_which_they_went_in) {
  event_loop loop;
  queue<int> q(loop);
  for (const int item : {1, 3, 2}) q.put_nowait(item);
  EXPECT_EQ(q.get_nowait(), 1);
  EXPECT_EQ(q.get_nowait(), 3);
  EXPECT_EQ(q.get_nowait(), 2);
}

TEST(Queue, the_third_put_into_maxsize_two_blocks_until_a_get) {
  event_loop loop;
  queue<int> q(loop, 2);
  const auto producer = create_task(loop, [](queue<int>& to) -> task<> {
    co_await to.put(1);
    co_await to.put(2);
    co_await to.put(3);
  }(q));
  settle(loop);
  EXPECT_FALSE(producer.done());
  EXPECT_EQ(q.qsize(), 2U);
  EXPECT_EQ(q.get_nowait(), 1);
  settle(loop);
  EXPECT_TRUE(producer.done());
  EXPECT_EQ(q.get_nowait(), 2);
  EXPECT_EQ(q.get_nowait(), 3);
}

TEST(QueueGet, a_ready_item_is_returned_without_a_hop) {
  event_loop loop;
  queue<int> q(loop);
  q.put_nowait(1);
  const auto getter = create_task(loop, get_one(q));
  loop.run_pass();
  EXPECT_TRUE(getter.done());
  EXPECT_EQ(getter.result(), 1);
}

TEST(QueueGet, a_get_lets_the_waiting_putter_go_on) {
  event_loop loop;
  queue<int> q(loop, 1);
  q.put_nowait(1);
  const auto putter = create_task(loop, put_one(q, 2));
  settle(loop);
  EXPECT_FALSE(putter.done());
  EXPECT_EQ(async::run(loop, get_one(q)), 1);
  settle(loop);
  EXPECT_TRUE(putter.done());
  EXPECT_EQ(q.get_nowait(), 2);
}

TEST(QueueGet, a_get_blocks_until_a_later_put) {
  event_loop loop;
  queue<int> q(loop);
  const auto getter = create_task(loop, get_one(q));
  settle(loop);
  EXPECT_FALSE(getter.done());
  q.put_nowait(5);
  EXPECT_EQ(q.qsize(), 1U) << "the item is not handed over: the getter's turn comes later";
  loop.run_pass();
  EXPECT_TRUE(getter.done());
  EXPECT_EQ(getter.result(), 5);
}

TEST(QueueGet, get_nowait_on_an_empty_queue_throws) {
  event_loop loop;
  queue<int> q(loop);
  EXPECT_THROW(q.get_nowait(), async::queue_empty);
}

TEST(QueueGet, the_second_getter_gets_the_item_when_the_first_is_cancelled) {
  event_loop loop;
  queue<int> q(loop, 5);
  events log;
  const auto first = create_task(loop, get_and_tell(q, "first", log));
  const auto second = create_task(loop, get_and_tell(q, "second", log));
  settle(loop);
  first.cancel();
  q.put_nowait(1);
  settle(loop);
  EXPECT_EQ(log, (events{"first cancelled", "second got 1"}));
  EXPECT_TRUE(first.cancelled());
}

TEST(QueueGet, waiting_putters_deliver_in_order_through_maxsize_one) {
  event_loop loop;
  queue<int> q(loop, 1);
  q.put_nowait(0);
  const auto a = create_task(loop, put_one(q, 1));
  const auto b = create_task(loop, put_one(q, 2));
  settle(loop);
  for (int expected = 0; expected != 3; ++expected) EXPECT_EQ(async::run(loop, get_one(q)), expected);
}

TEST(QueueGet, five_items_pass_through_maxsize_one_without_a_hang) {
  event_loop loop;
  queue<int> q(loop, 1);
  const auto producer = create_task(loop, [](queue<int>& to) -> task<> {
    for (int i = 0; i != 5; ++i) co_await to.put(i);
  }(q));
  const auto consumer = create_task(loop, [](queue<int>& from) -> task<int> {
    int sum = 0;
    for (int i = 0; i != 5; ++i) {
      const int item = co_await from.get();
      sum += item;
    }
    co_return sum;
  }(q));
  settle(loop);
  ASSERT_TRUE(consumer.done());
  EXPECT_EQ(consumer.result(), 10);
}

TEST(QueueGet, a_cancelled_getter_is_no_longer_listed) {
  event_loop loop;
  queue<int> q(loop);
  const auto getter = create_task(loop, get_one(q));
  settle(loop);
  getter.cancel();
  settle(loop);
  EXPECT_EQ(q.waiting_getters(), 0U);
}

TEST(Queue, move_only_items_pass_through) {
  event_loop loop;
  queue<std::unique_ptr<int>> q(loop, 1);
  const auto putter = create_task(loop, [](queue<std::unique_ptr<int>>& to) -> task<> {
    for (int i = 0; i != 3; ++i) co_await to.put(std::make_unique<int>(i));
  }(q));
  const auto sum = async::run(loop, [](queue<std::unique_ptr<int>>& from) -> task<int> {
    int total = 0;
    for (int i = 0; i != 3; ++i) {
      const auto item = co_await from.get();
      total += *item;
    }
    co_return total;
  }(q));
  EXPECT_EQ(sum, 3);
}

TEST(QueueStatusForms, do_what_is_possible_at_once_where_they_are_called) {
  event_loop loop;
  queue<int> q(loop, 1);
  int in = 7, out = 0;
  const auto both = create_task(loop, [](queue<int>& through, int& item, int& taken) -> task<bool> {
    auto put = through.put_status(std::move(item));
    const bool inside = through.qsize() == 1;
    auto get = through.get_status(taken);
    const bool outside = through.empty() && taken == 7;
    const op_status was_put = co_await put;
    const op_status was_got = co_await get;
    const bool both_done = was_put == op_status::success && was_got == op_status::success;
    co_return (inside && outside) && both_done;
  }(q, in, out));
  loop.run_pass();
  ASSERT_TRUE(both.done()) << "neither waits";
  EXPECT_TRUE(both.result());
}

TEST(QueueStatusForms, look_again_where_they_are_awaited) {
  event_loop loop;
  queue<int> q(loop, 1);
  int out = 0;
  const auto late = create_task(loop, [](queue<int>& from, int& taken) -> task<op_status> {
    auto get = from.get_status(taken);  // nothing there
    from.put_nowait(5);
    const op_status was_got = co_await get;
    co_return was_got;
  }(q, out));
  loop.run_pass();
  ASSERT_TRUE(late.done());
  EXPECT_EQ(late.result(), op_status::success);
  EXPECT_EQ(out, 5);
}

TEST(QueueStatusForms, find_a_shutdown_where_they_are_awaited) {
  event_loop loop;
  queue<int> q(loop, 1);
  int out = 0;
  const auto late = create_task(loop, [](queue<int>& from, int& taken) -> task<op_status> {
    auto get = from.get_status(taken);
    from.shutdown();
    const op_status was_got = co_await get;
    co_return was_got;
  }(q, out));
  loop.run_pass();
  ASSERT_TRUE(late.done());
  EXPECT_EQ(late.result(), op_status::closed);
}

}  // namespace
}  // namespace handoff::async_tests
