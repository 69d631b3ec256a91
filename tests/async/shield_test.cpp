// asyncio's shield.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "queues/async/calls.hpp"
#include "queues/async/shield.hpp"
#include "queues/async/wait.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::event;
using async::shield;

task<> shield_and_tell(event_loop& loop, task_handle<int> inner, events& log) {
  const int value = co_await shield(std::move(inner));
  log.push_back(at(loop, "got " + std::to_string(value)));
}

struct Shield : testing::Test {
  virtual_loop loop;
  event flag{loop};
  events log;

  task_handle<> begin(const task_handle<int>& inner) {
    return create_task(loop, tell(loop, "outer", shield_and_tell(loop, inner, log), log));
  }
};

TEST_F(Shield, answers_the_result) {
  begin(create_task(loop, answer_after(10ms, 5)));
  run_all(loop);
  EXPECT_EQ(log, (events{"got 5 at 10", "outer ended at 10"}));
}

TEST_F(Shield, throws_what_the_inner_task_threw) {
  begin(create_task(loop, fail_after(10ms, "inner")));
  run_all(loop);
  EXPECT_EQ(log, events{"outer failed: inner at 10"});
}

TEST_F(Shield, of_a_task_that_has_ended_does_not_let_others_run) {
  const auto inner = create_task(loop, answer_after(0ms, 5));
  run_all(loop);
  begin(inner);
  loop.run_pass();
  EXPECT_EQ(log, (events{"got 5 at 0", "outer ended at 0"}));
}

TEST_F(Shield, when_the_outer_is_cancelled_the_inner_goes_on) {
  const auto inner = create_task(loop, answer_after(30ms, 5));
  const auto outer = begin(inner);
  async::call_later(loop, 10ms, [&] { outer.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, events{"outer cancelled at 10"});
  EXPECT_EQ(inner.result(), 5);
  EXPECT_EQ(inner.cancelling(), 0U);
}

TEST_F(Shield, when_the_inner_is_cancelled_the_outer_reports_it) {
  const auto inner = create_task(loop, answer_after(30ms, 5));
  const auto outer = begin(inner);
  async::call_later(loop, 10ms, [&] { inner.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, events{"outer cancelled at 10"});
  EXPECT_EQ(outer.cancelling(), 0U);
}

TEST_F(Shield, the_end_of_the_inner_takes_two_hops) {
  const auto inner = create_task(loop, answer_when_cancelled(flag, 1));
  const auto outer = begin(inner);
  settle(loop);
  flag.set();
  loop.run_pass();
  EXPECT_TRUE(inner.done());
  loop.run_pass();
  EXPECT_FALSE(outer.done());
  loop.run_pass();
  EXPECT_TRUE(outer.done());
}

TEST_F(Shield, an_outer_that_is_cancelled_after_the_inner_has_ended_reports_it) {
  const auto inner = create_task(loop, answer_when_cancelled(flag, 1));
  const auto outer = begin(inner);
  settle(loop);
  flag.set();
  loop.run_pass();
  EXPECT_TRUE(inner.done());
  outer.cancel();
  run_all(loop);
  EXPECT_EQ(log, events{"outer cancelled at 0"});
  EXPECT_EQ(inner.result(), 1);
}

TEST_F(Shield, an_outer_that_is_cancelled_between_the_two_hops_reports_it) {
  const auto inner = create_task(loop, answer_when_cancelled(flag, 1));
  const auto outer = begin(inner);
  settle(loop);
  flag.set();
  loop.run_pass();
  loop.run_pass();  // the shield has been told, and the turn of its task has not come
  EXPECT_FALSE(outer.done());
  outer.cancel();
  run_all(loop);
  EXPECT_EQ(log, events{"outer cancelled at 0"});
}

TEST_F(Shield, under_wait_for_keeps_the_inner_task_from_the_timeout) {
  const auto inner = create_task(loop, answer_after(30ms, 5));
  create_task(loop, tell(
                        loop, "outer",
                        [](task_handle<int> one) -> task<> {
                          task<int> limited = async::wait_for(
                              [](task_handle<int> shielded) -> task<int> {
                                const int value = co_await shield(std::move(shielded));
                                co_return value;
                              }(std::move(one)),
                              10ms);
                          co_await std::move(limited);
                        }(inner),
                        log));
  run_all(loop);
  EXPECT_EQ(log, events{"outer timed out at 10"});
  EXPECT_EQ(inner.result(), 5);
}

TEST_F(Shield, two_of_one_task_do_not_know_of_each_other) {
  const auto inner = create_task(loop, answer_after(30ms, 5));
  const auto first = begin(inner);
  begin(inner);
  settle(loop);
  first.cancel();
  run_all(loop);
  EXPECT_EQ(log, (events{"outer cancelled at 0", "got 5 at 30", "outer ended at 30"}));
}

}  // namespace
}  // namespace handoff::async_tests
