// Waiting for the end of another task.
#include <gtest/gtest.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/async/small_tasks.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {
namespace {

TEST(Join, answers_the_result_one_turn_after_the_end) {
  event_loop loop;
  const auto inner = create_task(loop, answer(8));
  const auto outer = create_task(loop, [](task_handle<int> waited) -> task<int> {
    const int value = co_await waited;
    co_return value + 1;
  }(inner));
  settle(loop);
  EXPECT_EQ(outer.result(), 9);
  EXPECT_EQ(async::run(loop,
                       [](task_handle<int> ended) -> task<int> {
                         const int value = co_await ended;
                         co_return value;
                       }(inner)),
            8)
      << "an ended task is not waited for";
}

TEST(Join, throws_what_the_task_threw) {
  event_loop loop;
  const auto inner = create_task(loop, fail("inner"));
  const auto outer = create_task(loop, [](task_handle<int> waited) -> task<> { co_await waited; }(inner));
  settle(loop);
  EXPECT_THROW(outer.result(), std::runtime_error);
}

TEST(Join, of_a_cancelled_task_throws_cancelled_error) {
  event_loop loop;
  queue<int> never(loop);
  const auto inner = create_task(loop, wait_for_ever(never));
  const auto outer = create_task(loop, [](task_handle<> waited) -> task<> { co_await waited; }(inner));
  settle(loop);
  inner.cancel();
  settle(loop);
  EXPECT_TRUE(outer.cancelled());
}

TEST(Join, cancelling_the_waiting_task_cancels_the_task_that_it_waits_for) {
  event_loop loop;
  queue<int> never(loop);
  const auto inner = create_task(loop, wait_for_ever(never));
  const auto outer = create_task(loop, [](task_handle<> waited) -> task<> { co_await waited; }(inner));
  settle(loop);
  EXPECT_TRUE(outer.cancel());
  settle(loop);
  EXPECT_TRUE(inner.cancelled());
  EXPECT_TRUE(outer.cancelled());
}

TEST(Join, a_task_that_survives_its_cancellation_gives_its_result_to_the_waiting_one) {
  event_loop loop;
  queue<int> never(loop);
  const auto inner = create_task(loop, [](queue<int>& from) -> task<int> {
    try {
      co_await from.get();
    } catch (const cancelled_error&) {
    }
    co_return 3;
  }(never));
  const auto outer = create_task(loop, [](task_handle<int> waited) -> task<int> {
    const int value = co_await waited;
    co_return value;
  }(inner));
  settle(loop);
  outer.cancel();
  settle(loop);
  EXPECT_EQ(outer.result(), 3);
}

TEST(Join, a_task_cancelled_between_the_end_and_its_turn_reports_its_own_cancellation) {
  event_loop loop;
  queue<int> q(loop);
  const auto inner = create_task(loop, get_one(q));
  const auto outer = create_task(loop, [](task_handle<int> waited) -> task<> { co_await waited; }(inner));
  settle(loop);
  q.put_nowait(1);
  loop.run_pass();
  EXPECT_TRUE(inner.done());
  EXPECT_TRUE(outer.cancel());
  settle(loop);
  EXPECT_TRUE(outer.cancelled());
  EXPECT_EQ(inner.result(), 1);
}

TEST(Join, cancelling_a_task_does_not_touch_the_one_that_it_waited_for_before) {
  event_loop loop;
  queue<int> never(loop);
  const auto outer = create_task(loop, [](event_loop& own, queue<int>& from) -> task<> {
    const int value = co_await create_task(own, answer(2));  // nothing refers to that task afterwards
    EXPECT_EQ(value, 2);
    co_await from.get();
  }(loop, never));
  settle(loop);
  EXPECT_EQ(loop.pending_tasks(), 1U);
  EXPECT_TRUE(outer.cancel());
  settle(loop);
  EXPECT_TRUE(outer.cancelled());
}

TEST(Join, a_cancellation_that_came_before_the_await_goes_to_the_awaited_task) {
  event_loop loop;
  queue<int> never(loop);
  const auto inner = create_task(loop, wait_for_ever(never));
  task_handle<> outer;
  outer = create_task(loop, [](const task_handle<>& self, task_handle<> waited) -> task<> {
    self.cancel();
    co_await waited;
  }(outer, inner));
  settle(loop);
  EXPECT_TRUE(inner.cancelled());
  EXPECT_TRUE(outer.cancelled());
}

TEST(Join, a_task_that_awaits_itself_is_told_so) {
  event_loop loop;
  task_handle<> self;
  self = create_task(loop, [](const task_handle<>& me) -> task<> { co_await me; }(self));
  settle(loop);
  EXPECT_THROW(self.result(), std::logic_error);
}

TEST(Join, tasks_that_await_each_other_can_be_cancelled) {
  event_loop loop;
  std::vector<task_handle<>> ring(3);
  for (std::size_t i = 0; i != ring.size(); ++i) {
    ring[i] =
        create_task(loop, [](const task_handle<>& next) -> task<> { co_await next; }(ring[(i + 1) % 3]));
  }
  settle(loop);
  EXPECT_TRUE(ring[0].cancel());
  settle(loop);
  for (const auto& member : ring) EXPECT_TRUE(member.cancelled());
}

}  // namespace
}  // namespace handoff::async_tests
