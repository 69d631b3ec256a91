// Who is woken, when its turn comes, what it finds then, and where it queues again. Expected traces are
// CPython's.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/async/tools.hpp"

namespace handoff::async_tests {
namespace {

TEST(QueueWaking, a_barging_get_takes_the_item_and_the_woken_getter_queues_again_at_the_tail) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  const auto a = create_task(loop, get_and_tell(q, "a", log));
  const auto b = create_task(loop, get_and_tell(q, "b", log));
  settle(loop);
  q.put_nowait(1);  // wakes a
  EXPECT_EQ(q.get_nowait(), 1);
  settle(loop);  // a finds nothing and is now behind b
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(q.waiting_getters(), 2U);
  q.put_nowait(2);
  q.put_nowait(3);
  settle(loop);
  EXPECT_EQ(log, (events{"b got 2", "a got 3"}));
}

TEST(QueueWaking, a_barging_put_takes_the_slot_and_the_woken_putter_queues_again_at_the_tail) {
  event_loop loop;
  queue<int> q(loop, 1);
  events log;
  q.put_nowait(0);
  const auto a = create_task(loop, put_and_tell(q, 1, "a", log));
  const auto b = create_task(loop, put_and_tell(q, 2, "b", log));
  settle(loop);
  q.get_nowait();  // wakes a
  q.put_nowait(9);
  settle(loop);
  EXPECT_TRUE(log.empty());
  for (const int expected : {9, 2, 1}) {
    EXPECT_EQ(q.get_nowait(), expected);
    settle(loop);
  }
  EXPECT_EQ(log, (events{"b put 2", "a put 1"}));
}

TEST(QueueWaking, two_items_wake_two_getters_and_the_first_to_have_its_turn_takes_the_older) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  const auto a = create_task(loop, get_and_tell(q, "a", log));
  const auto b = create_task(loop, get_and_tell(q, "b", log));
  settle(loop);
  q.put_nowait(1);
  q.put_nowait(2);
  EXPECT_EQ(q.waiting_getters(), 0U);
  settle(loop);
  EXPECT_EQ(log, (events{"a got 1", "b got 2"}));
}

TEST(QueueWaking, a_getter_that_is_cancelled_while_it_waits_is_skipped) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  const auto a = create_task(loop, get_and_tell(q, "a", log));
  const auto b = create_task(loop, get_and_tell(q, "b", log));
  settle(loop);
  a.cancel();
  q.put_nowait(1);  // a has not had its turn yet, and is not counted on
  settle(loop);
  EXPECT_EQ(log, (events{"a cancelled", "b got 1"}));
}

TEST(QueueWaking, a_getter_that_is_cancelled_after_it_was_woken_passes_the_wake_up_on) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  const auto a = create_task(loop, get_and_tell(q, "a", log));
  const auto b = create_task(loop, get_and_tell(q, "b", log));
  settle(loop);
  q.put_nowait(1);
  a.cancel();
  settle(loop);
  EXPECT_EQ(log, (events{"a cancelled", "b got 1"}));
}

TEST(QueueWaking, a_putter_that_is_cancelled_after_it_was_woken_passes_the_wake_up_on) {
  event_loop loop;
  queue<int> q(loop, 1);
  events log;
  q.put_nowait(0);
  const auto a = create_task(loop, put_and_tell(q, 1, "a", log));
  const auto b = create_task(loop, put_and_tell(q, 2, "b", log));
  settle(loop);
  q.get_nowait();
  a.cancel();
  settle(loop);
  EXPECT_EQ(log, (events{"a cancelled", "b put 2"}));
}

TEST(QueueWaking, a_cancelled_getter_does_not_pass_on_what_another_has_taken) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  const auto a = create_task(loop, get_and_tell(q, "a", log));
  const auto b = create_task(loop, get_and_tell(q, "b", log));
  settle(loop);
  q.put_nowait(1);
  a.cancel();
  q.get_nowait();
  loop.run_pass();
  EXPECT_EQ(q.waiting_getters(), 1U) << "b was not woken for nothing: it would have lost its place";
  settle(loop);
  EXPECT_EQ(log, (events{"a cancelled"}));
}

TEST(QueueWaking, a_getter_that_is_cancelled_while_it_waits_has_no_wake_up_to_pass_on) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  for (const char* name : {"a", "b", "c", "d"}) create_task(loop, get_and_tell(q, name, log));
  const auto e = create_task(loop, get_and_tell(q, "e", log));
  settle(loop);
  e.cancel();
  q.put_nowait(1);  // wakes a, whose turn comes after that of e
  settle(loop);
  q.put_nowait(2);
  q.put_nowait(3);
  settle(loop);
  EXPECT_EQ(log, (events{"e cancelled", "a got 1", "b got 2", "c got 3"}));
}

TEST(QueueWaking, a_putter_that_is_cancelled_while_it_waits_has_no_wake_up_to_pass_on) {
  event_loop loop;
  queue<int> q(loop, 1);
  events log;
  q.put_nowait(0);
  int item = 1;
  for (const char* name : {"a", "b", "c"}) create_task(loop, put_and_tell(q, item++, name, log));
  const auto d = create_task(loop, put_and_tell(q, item, "d", log));
  settle(loop);
  d.cancel();
  q.get_nowait();
  settle(loop);
  for (const int expected : {1, 2, 3}) {
    EXPECT_EQ(q.get_nowait(), expected);
    settle(loop);
  }
  EXPECT_EQ(log, (events{"d cancelled", "a put 1", "b put 2", "c put 3"}));
}

TEST(QueueWaking, a_put_and_a_get_that_need_not_wait_do_not_let_others_run) {
  event_loop loop;
  queue<int> q(loop, 4);
  events log;
  const auto talker = create_task(loop, [](queue<int>& both, events& told) -> task<> {
    for (int i = 0; i != 3; ++i) {
      co_await both.put(i);
      const int item = co_await both.get();
      told.push_back("talker " + std::to_string(item));
    }
  }(q, log));
  const auto other = create_task(loop, [](events& told) -> task<> {
    told.push_back("other");
    co_return;
  }(log));
  settle(loop);
  EXPECT_EQ(log, (events{"talker 0", "talker 1", "talker 2", "other"}));
}

/// Puts `count` items, `name`0 upwards, and tells of each.
task<> produce(queue<std::string>& q, std::string name, int count, events& log) {
  for (int i = 0; i != count; ++i) {
    const std::string item = name + std::to_string(i);
    co_await q.put(item);
    log.push_back("put " + item);
  }
}

task<> consume(queue<std::string>& q, std::string name, int count, events& log) {
  for (int i = 0; i != count; ++i) {
    const std::string item = co_await q.get();
    log.push_back(name + " got " + item);
  }
}

TEST(QueueWaking, two_producers_and_two_consumers_on_maxsize_one_run_as_under_cpython) {
  event_loop loop;
  queue<std::string> q(loop, 1);
  events log;
  const auto p = create_task(loop, produce(q, "p", 3, log));
  const auto r = create_task(loop, produce(q, "r", 3, log));
  const auto c = create_task(loop, consume(q, "c", 3, log));
  const auto d = create_task(loop, consume(q, "d", 3, log));
  settle(loop);
  EXPECT_EQ(log, (events{"put p0", "c got p0", "put p1", "c got p1", "put r0", "d got r0", "put p2",
                         "c got p2", "put r1", "d got r1", "put r2", "d got r2"}));
}

TEST(QueueWaking, ten_thousand_waiting_getters_are_ended_by_shutdown_in_order) {
  event_loop loop;
  queue<int> q(loop);
  std::vector<int> order;
  for (int i = 0; i != 10'000; ++i) {
    create_task(loop, [](queue<int>& from, int me, std::vector<int>& ended) -> task<> {
      int item = 0;
      const op_status status = co_await from.get_status(item);
      if (status == op_status::closed) ended.push_back(me);
    }(q, i, order));
  }
  settle(loop);
  q.shutdown();
  settle(loop);
  ASSERT_EQ(order.size(), 10'000U);
  for (int i = 0; i != 10'000; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace handoff::async_tests
