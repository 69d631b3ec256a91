// cancel, uncancel, cancelling, and what cancelled tasks leave behind. (Where a cancellation is delivered is
// in task_test.cpp too, and what it does to who awaits a task in task_join_test.cpp.)
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "queues/async/calls.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::any_task;
using async::event;

struct Cancelling : testing::Test {
  virtual_loop loop;
  event never{loop};
  events log;
};

TEST_F(Cancelling, counts_the_requests_and_uncancel_takes_them_back_down_to_none) {
  const auto sleeper = create_task(loop, wait_on(never));
  const any_task victim = sleeper;
  settle(loop);
  EXPECT_EQ(victim.cancelling(), 0U);
  EXPECT_EQ(victim.uncancel(), 0U);
  victim.cancel();
  victim.cancel();
  EXPECT_EQ(victim.cancelling(), 2U);
  EXPECT_EQ(victim.uncancel(), 1U);
  EXPECT_EQ(victim.uncancel(), 0U);
  EXPECT_EQ(victim.uncancel(), 0U);
  EXPECT_EQ(sleeper.cancelling(), 0U);
}

TEST_F(Cancelling, uncancel_does_not_take_back_what_a_wait_has_given_up_for) {
  const auto sleeper = create_task(loop, wait_on(never));
  settle(loop);
  sleeper.cancel();
  any_task(sleeper).uncancel();
  run_all(loop);
  EXPECT_TRUE(sleeper.cancelled());
}

TEST_F(Cancelling, uncancel_takes_the_delivery_back_where_the_task_runs) {
  const auto own = create_task(loop, []() -> task<> {
    async::current_task().cancel();
    async::current_task().uncancel();
    co_await async::sleep(10ms);
  }());
  run_all(loop);
  EXPECT_FALSE(own.cancelled());
  EXPECT_EQ(loop.time(), 10ms);
}

TEST_F(Cancelling, uncancel_takes_the_delivery_back_before_the_first_step) {
  const auto fresh = create_task(loop, answer_after(10ms, 5));
  fresh.cancel();
  EXPECT_EQ(any_task(fresh).uncancel(), 0U);
  run_all(loop);
  EXPECT_EQ(fresh.result(), 5);
}

TEST_F(Cancelling, uncancel_takes_the_delivery_back_where_the_task_was_woken) {
  event flag(loop);
  const auto woken = create_task(loop, wait_on(flag));
  const auto yielding = create_task(loop, sleep_for(0ms));
  loop.run_pass();
  flag.set();
  for (const any_task& one : {any_task(woken), any_task(yielding)}) {
    one.cancel();
    one.uncancel();
  }
  run_all(loop);
  EXPECT_TRUE(woken.done() && !woken.cancelled());
  EXPECT_TRUE(yielding.done() && !yielding.cancelled());
}

TEST_F(Cancelling, uncancel_of_one_of_two_requests_leaves_the_delivery) {
  const auto own = create_task(loop, []() -> task<> {
    async::current_task().cancel();
    async::current_task().cancel();
    async::current_task().uncancel();
    co_await async::sleep(10ms);
  }());
  run_all(loop);
  EXPECT_TRUE(own.cancelled());
  EXPECT_EQ(own.cancelling(), 1U);
}

TEST_F(Cancelling, uncancel_after_the_end_only_counts) {
  const auto victim = create_task(loop, wait_on(never));
  settle(loop);
  victim.cancel();
  run_all(loop);
  EXPECT_EQ(any_task(victim).uncancel(), 0U);
  EXPECT_TRUE(victim.cancelled());
}

TEST_F(Cancelling, the_count_stays_when_the_task_catches_its_cancellation) {
  const auto survivor = create_task(loop, answer_when_cancelled(never, 1));
  settle(loop);
  survivor.cancel();
  run_all(loop);
  EXPECT_EQ(survivor.result(), 1);
  EXPECT_EQ(survivor.cancelling(), 1U);
}

/// Where it waited last is gone by then, with the frame of the coroutine that waited.
TEST_F(Cancelling, from_a_loop_that_the_task_itself_runs_is_delivered_at_its_next_wait) {
  const auto outer = create_task(loop, [](event& forever) -> task<std::string> {
    co_await sleep_for(1ms);  // in a frame of its own
    async::task_state* const self = async::running_task;
    event_loop inner;
    const auto canceller = create_task(inner, [](async::task_state& victim) -> task<> {
      co_await async::yield();
      victim.cancel();
    }(*self));
    inner.run_to_the_end();
    if (!canceller.done()) co_return "the inner loop stopped early";
    if (async::running_task != self) co_return "another task seems to run";
    try {
      co_await forever.wait();
    } catch (const cancelled_error&) {
      co_return "cancelled at its next wait";
    }
    co_return "not cancelled";
  }(never));
  run_all(loop);
  EXPECT_EQ(outer.result(), "cancelled at its next wait");
}

TEST_F(Cancelling, an_ended_task_answers_false_and_counts_nothing) {
  const auto ended = create_task(loop, sleep_for(0ms));
  run_all(loop);
  EXPECT_FALSE(ended.cancel());
  EXPECT_EQ(ended.cancelling(), 0U);
  EXPECT_FALSE(ended.cancelled());
}

TEST_F(Cancelling, a_cancelled_task_answers_false_too) {
  const auto victim = create_task(loop, wait_on(never));
  settle(loop);
  EXPECT_TRUE(victim.cancel());
  EXPECT_TRUE(victim.cancel()) << "it has not ended yet";
  run_all(loop);
  EXPECT_FALSE(victim.cancel());
  EXPECT_EQ(victim.cancelling(), 2U);
}

TEST_F(Cancelling, goes_through_a_chain_of_tasks_and_counts_in_each) {
  const auto inner = create_task(loop, obey_slowly(never, 20ms));
  const auto middle = create_task(loop, [](task_handle<int> next) -> task<> { co_await next; }(inner));
  const auto outer =
      create_task(loop, tell(
                            loop, "outer", [](task_handle<> next) -> task<> { co_await next; }(middle), log));
  settle(loop);
  outer.cancel();
  EXPECT_EQ(inner.cancelling(), 1U);
  EXPECT_EQ(middle.cancelling(), 1U);
  run_all(loop);
  EXPECT_EQ(log, events{"outer cancelled at 20"});
  EXPECT_TRUE(inner.cancelled());
  EXPECT_TRUE(middle.cancelled());
}

TEST_F(Cancelling, a_second_one_reaches_the_cleanup_of_the_first) {
  const auto victim = create_task(loop, tell(
                                            loop, "victim",
                                            [](event& flag) -> task<> {
                                              task<int> inside = obey_slowly(flag, 50ms);
                                              co_await std::move(inside);
                                            }(never),
                                            log));
  async::call_later(loop, 10ms, [&] { victim.cancel(); });
  async::call_later(loop, 20ms, [&] { victim.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, events{"victim cancelled at 20"});
  EXPECT_EQ(loop.time(), 20ms) << "the cleanup's timer has gone";
}

TEST_F(Cancelling, a_sleep_leaves_no_timer) {
  const auto sleeper = create_task(loop, sleep_for(1h));
  settle(loop);
  EXPECT_EQ(loop.timers().size(), 1U);
  sleeper.cancel();
  loop.run_pass();
  EXPECT_TRUE(sleeper.cancelled());
  EXPECT_TRUE(loop.timers().empty());
  run_all(loop);
  EXPECT_EQ(loop.time(), 0ms);
}

TEST_F(Cancelling, a_sleep_whose_time_is_over_in_the_same_pass_reports_cancellation) {
  const auto first = create_task(loop, sleep_for(10ms));
  const auto second = create_task(loop, sleep_for(10ms));
  settle(loop);
  async::call_later(loop, 10ms, [&] {
    first.cancel();  // its timer has fired in this pass, before this
    second.cancel();
  });
  run_all(loop);
  EXPECT_TRUE(first.cancelled());
  EXPECT_TRUE(second.cancelled());
  EXPECT_EQ(loop.time(), 10ms);
}

TEST_F(Cancelling, a_sleep_that_is_cancelled_by_a_timer_of_the_same_moment_before_its_own) {
  task_handle<> sleeper;
  async::call_later(loop, 10ms, [&] { sleeper.cancel(); });  // armed before the sleep
  sleeper = create_task(loop, sleep_for(10ms));
  run_all(loop);
  EXPECT_TRUE(sleeper.cancelled());
  EXPECT_TRUE(loop.timers().empty());
}

TEST_F(Cancelling, a_sleep_of_zero_is_cancelled_in_its_turn) {
  const auto sleeper = create_task(loop, sleep_for(0ms));
  loop.run_pass();
  sleeper.cancel();
  loop.run_pass();
  EXPECT_TRUE(sleeper.cancelled());
}

TEST_F(Cancelling, all_tasks_does_not_end_them_at_once_but_in_their_turns) {
  std::vector<task_handle<>> all;
  for (int i = 0; i != 5; ++i) {
    all.push_back(create_task(loop, tell(loop, std::to_string(i), wait_on(never), log)));
  }
  settle(loop);
  EXPECT_EQ(async::all_tasks(loop).size(), 5U);
  for (const any_task& one : async::all_tasks(loop)) one.cancel();
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(async::all_tasks(loop).size(), 5U);
  loop.run_pass();
  EXPECT_EQ(log.size(), 5U);
  EXPECT_TRUE(async::all_tasks(loop).empty());
}

TEST_F(Cancelling, current_task_is_the_one_that_runs_and_nobody_outside) {
  EXPECT_FALSE(async::current_task());
  task_handle<> self;
  bool same = false;
  self = create_task(loop, [](const task_handle<>& me, bool& flag) -> task<> {
    co_await async::sleep(10ms);
    task<bool> child = [](const task_handle<>& mine) -> task<bool> {
      co_return async::current_task() == any_task(mine);
    }(me);
    flag = co_await std::move(child);
  }(self, same));
  bool nobody = false;
  async::call_later(loop, 5ms, [&] { nobody = !async::current_task(); });
  run_all(loop);
  EXPECT_TRUE(same);
  EXPECT_TRUE(nobody);
  EXPECT_FALSE(async::current_task());
}

TEST_F(Cancelling, all_tasks_lists_those_that_have_not_ended_begun_or_not) {
  const auto waiting = create_task(loop, wait_on(never), "waiting");
  const auto ended = create_task(loop, sleep_for(0ms), "ended");
  run_all(loop);
  const auto fresh = create_task(loop, wait_on(never), "fresh");
  std::vector<std::string> names;
  for (const any_task& one : async::all_tasks(loop)) names.push_back(one.name());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (events{"fresh", "waiting"}));
  EXPECT_TRUE(ended.done());
}

TEST_F(Cancelling, tasks_without_a_name_are_counted) {
  const auto first = create_task(loop, sleep_for(0ms));
  const auto second = create_task(loop, sleep_for(0ms));
  EXPECT_EQ(first.name(), "Task-1");
  EXPECT_EQ(second.name(), "Task-2");
  second.set_name("worker");
  EXPECT_EQ(second.name(), "worker");
  EXPECT_EQ(any_task(second).name(), "worker");
  run_all(loop);
  EXPECT_EQ(first.name(), "Task-1") << "a name outlives the end of its task";
}

}  // namespace
}  // namespace handoff::async_tests
