// asyncio's gather.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "queues/async/gather.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::event;
using async::gather;
using async::return_exceptions;
using handles = std::vector<task_handle<int>>;

std::string text(const std::vector<int>& values) {
  std::string all;
  for (const int value : values) {
    if (!all.empty()) all += ",";
    all += std::to_string(value);
  }
  return "[" + all + "]";
}

task<> gather_and_tell(event_loop& loop, handles tasks, events& log) {
  const std::vector<int> results = co_await gather(std::move(tasks));
  log.push_back(at(loop, text(results)));
}

/// How each ended: its value, "cancelled", or "failed".
task<> gather_all_and_tell(event_loop& loop, handles tasks, events& log) {
  const handles ended = co_await gather(std::move(tasks), return_exceptions);
  for (const auto& one : ended) {
    const std::string how = one.cancelled()              ? "cancelled"
                            : one.exception() != nullptr ? "failed"
                                                         : std::to_string(one.result());
    log.push_back(at(loop, how));
  }
}

struct Gather : testing::Test {
  virtual_loop loop;
  event never{loop};
  events log;

  task_handle<int> answer(nanoseconds delay, int value) {
    return create_task(loop, answer_after(delay, value));
  }
  task_handle<int> failure(nanoseconds delay, std::string why) {
    return create_task(loop, fail_after(delay, std::move(why)));
  }
  task_handle<> outer(handles tasks) {
    return create_task(loop, tell(loop, "outer", gather_and_tell(loop, std::move(tasks), log), log));
  }
  task_handle<> outer_of_all(handles tasks) {
    return create_task(loop, tell(loop, "outer", gather_all_and_tell(loop, std::move(tasks), log), log));
  }
};

TEST_F(Gather, answers_the_results_in_the_order_of_the_arguments) {
  outer({answer(30ms, 1), answer(10ms, 2), answer(20ms, 3)});
  run_all(loop);
  EXPECT_EQ(log, (events{"[1,2,3] at 30", "outer ended at 30"}));
}

TEST_F(Gather, of_nothing_is_empty_and_does_not_let_others_run) {
  outer({});
  outer_of_all({});
  loop.run_pass();
  EXPECT_EQ(log, (events{"[] at 0", "outer ended at 0", "outer ended at 0"}));
}

TEST_F(Gather, of_tasks_that_have_ended_takes_two_hops) {
  const handles ended{answer(0ms, 4), answer(0ms, 5)};
  run_all(loop);
  const auto all = outer(ended);
  for (int pass = 0; pass != 2; ++pass) {
    loop.run_pass();
    EXPECT_FALSE(all.done());
  }
  loop.run_pass();
  EXPECT_EQ(log, (events{"[4,5] at 0", "outer ended at 0"}));
}

TEST_F(Gather, answers_a_task_that_was_given_twice_twice) {
  const auto twice = answer(10ms, 7);
  outer({twice, answer(20ms, 8), twice});
  run_all(loop);
  EXPECT_EQ(log, (events{"[7,8,7] at 20", "outer ended at 20"}));
}

TEST_F(Gather, of_the_same_task_only_waits_for_it_once) {
  const auto twice = answer(10ms, 7);
  outer({twice, twice});
  run_all(loop);
  EXPECT_EQ(log, (events{"[7,7] at 10", "outer ended at 10"}));
}

TEST_F(Gather, throws_the_first_error_at_once_and_the_siblings_run_on) {
  const auto slow = answer(50ms, 1);
  outer({slow, failure(30ms, "later"), failure(20ms, "first")});
  run_all(loop);
  EXPECT_EQ(log, events{"outer failed: first at 20"});
  EXPECT_EQ(slow.result(), 1);
  EXPECT_EQ(slow.cancelling(), 0U);
}

TEST_F(Gather, throws_the_error_of_a_task_that_has_failed_before) {
  const auto failed = failure(0ms, "before");
  run_all(loop);
  outer({answer(10ms, 1), failed});
  run_all(loop);
  EXPECT_EQ(log, events{"outer failed: before at 0"});
}

TEST_F(Gather, a_cancelled_child_is_an_error_and_its_siblings_run_on) {
  const auto victim = answer(50ms, 1);
  const auto sibling = answer(60ms, 2);
  const auto gathering = outer({victim, sibling});
  create_task(loop, [](const task_handle<int>& one) -> task<> {
    co_await async::sleep(10ms);
    one.cancel();
  }(victim));
  run_all(loop);
  EXPECT_EQ(log, events{"outer cancelled at 10"});
  EXPECT_EQ(gathering.cancelling(), 0U) << "nobody cancelled the gathering task";
  EXPECT_EQ(sibling.result(), 2);
}

TEST_F(Gather, return_exceptions_answers_how_each_ended_and_throws_nothing) {
  const auto victim = answer(50ms, 1);
  outer_of_all({answer(10ms, 5), failure(20ms, "one"), victim, failure(5ms, "two")});
  create_task(loop, [](const task_handle<int>& one) -> task<> {
    co_await async::sleep(30ms);
    one.cancel();
  }(victim));
  run_all(loop);
  EXPECT_EQ(log, (events{"5 at 30", "failed at 30", "cancelled at 30", "failed at 30", "outer ended at 30"}));
}

TEST_F(Gather, cancelling_the_outer_cancels_the_children_and_raises_when_all_have_ended) {
  const auto quick = create_task(loop, obey_slowly(never, 10ms));
  const auto slow = create_task(loop, obey_slowly(never, 30ms));
  const auto gathering = outer_of_all({quick, slow});
  settle(loop);
  EXPECT_TRUE(gathering.cancel());
  run_all(loop);
  EXPECT_TRUE(quick.cancelled());
  EXPECT_TRUE(slow.cancelled());
  EXPECT_EQ(log, events{"outer cancelled at 30"});
  EXPECT_EQ(gathering.cancelling(), 1U);
  EXPECT_EQ(slow.cancelling(), 1U);
}

TEST_F(Gather, cancelling_the_outer_without_return_exceptions_raises_with_the_first_child_that_ends) {
  const auto quick = create_task(loop, obey_slowly(never, 10ms));
  const auto slow = create_task(loop, obey_slowly(never, 30ms));
  outer({slow, quick}).cancel();  // before its first step: it never begins
  const auto gathering = outer({slow, quick});
  settle(loop);
  EXPECT_FALSE(slow.done()) << "the one that never began has cancelled nobody";
  gathering.cancel();
  run_all(loop);
  EXPECT_EQ(log, events{"outer cancelled at 10"});
  EXPECT_TRUE(slow.cancelled());
}

TEST_F(Gather, a_cancelled_outer_raises_even_where_the_children_answer_all_the_same) {
  const handles stubborn{create_task(loop, answer_when_cancelled(never, 1)),
                         create_task(loop, answer_when_cancelled(never, 2))};
  const auto plain = outer(stubborn);
  settle(loop);
  plain.cancel();
  run_all(loop);
  EXPECT_EQ(stubborn[1].result(), 2);
  EXPECT_EQ(log, events{"outer cancelled at 0"});
}

TEST_F(Gather, a_cancelled_outer_raises_with_return_exceptions_where_the_children_answer_all_the_same) {
  const auto all = outer_of_all({create_task(loop, answer_when_cancelled(never, 1))});
  settle(loop);
  all.cancel();
  run_all(loop);
  EXPECT_EQ(log, events{"outer cancelled at 0"});
}

TEST_F(Gather, a_cancelled_outer_reports_the_error_of_a_child_that_fails_on_its_way_out) {
  const auto failing = create_task(loop, [](event& flag) -> task<int> {
    bool cancelled = false;
    try {
      co_await flag.wait();
    } catch (const cancelled_error&) {
      cancelled = true;
    }
    if (cancelled) throw std::runtime_error("on the way out");
    co_return 0;
  }(never));
  const auto gathering = outer({failing});
  settle(loop);
  gathering.cancel();
  run_all(loop);
  EXPECT_EQ(log, events{"outer failed: on the way out at 0"});
}

TEST_F(Gather, an_outer_that_is_cancelled_after_all_have_ended_and_before_its_turn_reports_it) {
  const auto child = create_task(loop, wait_on(never));
  const auto gathering = create_task(loop, tell(
                                               loop, "outer",
                                               [](task_handle<> one) -> task<> {
                                                 std::vector<task_handle<>> all(1, one);
                                                 co_await gather(std::move(all));
                                               }(child),
                                               log));
  settle(loop);
  never.set();
  loop.run_pass();
  EXPECT_TRUE(child.done());
  EXPECT_TRUE(gathering.cancel());
  run_all(loop);
  EXPECT_EQ(log, events{"outer cancelled at 0"});
  EXPECT_FALSE(child.cancelled());
}

TEST_F(Gather, an_outer_that_is_cancelled_after_the_first_error_leaves_the_siblings_alone) {
  const auto sibling = answer(50ms, 1);
  const auto failing = failure(0ms, "first");
  const auto gathering = outer({failing, sibling});
  loop.run_pass();
  while (!failing.done()) loop.run_pass();
  loop.run_pass();  // the gather is over, and the turn of its task has not come
  EXPECT_FALSE(gathering.done());
  gathering.cancel();
  run_all(loop);
  EXPECT_EQ(log, events{"outer cancelled at 0"});
  EXPECT_EQ(sibling.result(), 1);
}

TEST_F(Gather, a_cancellation_that_came_before_it_goes_to_the_children) {
  const auto child = create_task(loop, obey_slowly(never, 10ms));
  task_handle<> gathering;
  gathering = create_task(loop, tell(
                                    loop, "outer",
                                    [](const task_handle<>& self, task_handle<int> one) -> task<> {
                                      self.cancel();
                                      handles all(1, one);
                                      co_await gather(std::move(all));
                                    }(gathering, child),
                                    log));
  run_all(loop);
  EXPECT_TRUE(child.cancelled());
  EXPECT_EQ(log, events{"outer cancelled at 10"});
}

TEST_F(Gather, of_gathers_passes_a_cancellation_on_to_all_leaves) {
  const auto leaf = [this] { return create_task(loop, obey_slowly(never, 0ms)); };
  const handles leaves{leaf(), leaf(), leaf(), leaf()};
  std::vector<task_handle<>> inner{outer({leaves[0], leaves[1]}), outer({leaves[2], leaves[3]})};
  const auto root = create_task(
      loop, [](std::vector<task_handle<>> both) -> task<> { co_await gather(std::move(both)); }(inner));
  settle(loop);
  root.cancel();
  run_all(loop);
  for (const auto& one : leaves) EXPECT_TRUE(one.cancelled());
  EXPECT_TRUE(root.cancelled());
  EXPECT_EQ(inner[1].cancelling(), 1U);
}

}  // namespace
}  // namespace handoff::async_tests
