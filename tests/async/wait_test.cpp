// asyncio's wait.
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "queues/async/calls.hpp"
#include "queues/async/wait.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::event;
using async::until;
using waited = std::vector<task_handle<int>>;

/// "done 1 of 3 at 10"
task<> wait_and_tell(event_loop& loop, waited tasks, until when, std::optional<nanoseconds> limit,
                     events& log) {
  const std::size_t count = tasks.size();
  const auto answer = co_await async::wait(std::move(tasks), when, limit);
  EXPECT_EQ(answer.done.size() + answer.pending.size(), count);
  for (const auto& one : answer.done) EXPECT_TRUE(one.done());
  for (const auto& one : answer.pending) EXPECT_FALSE(one.done());
  log.push_back(at(loop, "done " + std::to_string(answer.done.size()) + " of " + std::to_string(count)));
}

struct Wait : testing::Test {
  virtual_loop loop;
  event never{loop};
  events log;

  task_handle<int> answer(nanoseconds delay) { return create_task(loop, answer_after(delay, 1)); }
  task_handle<int> failure(nanoseconds delay) { return create_task(loop, fail_after(delay, "failed")); }
  task_handle<> begin(waited tasks, until when = until::all_completed,
                      std::optional<nanoseconds> limit = std::nullopt) {
    return create_task(loop, wait_and_tell(loop, std::move(tasks), when, limit, log));
  }
};

TEST_F(Wait, of_nothing_is_an_error) {
  EXPECT_THROW(static_cast<void>(async::wait(waited())), std::invalid_argument);
}

TEST_F(Wait, all_completed_waits_for_the_last_and_throws_no_error_of_theirs) {
  begin({answer(10ms), failure(20ms), answer(30ms)});
  run_all(loop);
  EXPECT_EQ(log, events{"done 3 of 3 at 30"});
}

TEST_F(Wait, first_completed_waits_for_one) {
  begin({answer(30ms), answer(10ms), answer(20ms)}, until::first_completed);
  run_all(loop);
  EXPECT_EQ(log, events{"done 1 of 3 at 10"});
}

TEST_F(Wait, first_completed_answers_all_that_have_ended_by_its_turn) {
  begin({answer(10ms), answer(10ms), answer(20ms)}, until::first_completed);
  run_all(loop);
  EXPECT_EQ(log, events{"done 2 of 3 at 10"});
}

TEST_F(Wait, first_exception_waits_for_the_first_error) {
  begin({answer(10ms), failure(20ms), answer(30ms)}, until::first_exception);
  run_all(loop);
  EXPECT_EQ(log, events{"done 2 of 3 at 20"});
}

TEST_F(Wait, first_exception_waits_for_all_where_there_is_no_error) {
  begin({answer(10ms), answer(30ms)}, until::first_exception);
  run_all(loop);
  EXPECT_EQ(log, events{"done 2 of 2 at 30"});
}

TEST_F(Wait, first_exception_takes_a_cancellation_for_none) {
  const auto victim = answer(1h);
  begin({victim, answer(30ms)}, until::first_exception);
  async::call_later(loop, 10ms, [&] { victim.cancel(); });
  run_all(loop);
  EXPECT_TRUE(victim.cancelled());
  EXPECT_EQ(log, events{"done 2 of 2 at 30"});
}

TEST_F(Wait, answers_both_parts_in_the_order_of_the_arguments) {
  waited tasks{answer(40ms), answer(20ms), answer(50ms), answer(10ms)};
  create_task(loop, [](waited all) -> task<> {
    waited given = all;
    const auto answer = co_await async::wait(std::move(given), until::all_completed, 30ms);
    EXPECT_EQ(answer.done.size(), 2U);
    EXPECT_EQ(&answer.done.at(0).block(), &all[1].block());
    EXPECT_EQ(&answer.done.at(1).block(), &all[3].block());
    EXPECT_EQ(&answer.pending.at(0).block(), &all[0].block());
    EXPECT_EQ(&answer.pending.at(1).block(), &all[2].block());
  }(tasks));
  run_all(loop);
}

TEST_F(Wait, neither_throws_nor_cancels_when_its_time_is_over) {
  const auto slow = answer(50ms);
  const auto waiting = begin({answer(10ms), slow}, until::all_completed, 20ms);
  run_all(loop);
  EXPECT_EQ(log, events{"done 1 of 2 at 20"});
  EXPECT_EQ(waiting.exception(), nullptr);
  EXPECT_EQ(slow.result(), 1);
  EXPECT_EQ(slow.cancelling(), 0U);
}

TEST_F(Wait, a_limit_that_is_not_needed_leaves_no_timer) {
  begin({answer(10ms)}, until::all_completed, 1h);
  run_all(loop);
  EXPECT_EQ(log, events{"done 1 of 1 at 10"});
  EXPECT_EQ(loop.time(), 10ms);
  EXPECT_TRUE(loop.timers().empty());
}

TEST_F(Wait, a_limit_of_zero_lets_what_is_ready_end) {
  begin({answer(0ms), answer(10ms)}, until::all_completed, 0ms);
  run_all(loop);
  EXPECT_EQ(log, events{"done 1 of 2 at 0"});
}

TEST_F(Wait, of_tasks_that_have_ended_still_lets_others_run) {
  const auto ended = answer(0ms);
  run_all(loop);
  const auto waiting = begin({ended});
  loop.run_pass();
  EXPECT_FALSE(waiting.done());
  run_all(loop);
  EXPECT_EQ(log, events{"done 1 of 1 at 0"});
}

TEST_F(Wait, cancelling_it_cancels_none_of_the_tasks) {
  const auto slow = answer(50ms);
  const auto waiting = begin({slow}, until::all_completed, 1h);
  settle(loop);
  waiting.cancel();
  run_all(loop);
  EXPECT_TRUE(waiting.cancelled());
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(slow.result(), 1);
  EXPECT_EQ(loop.time(), 50ms) << "and its timer has gone";
}

TEST_F(Wait, one_that_is_cancelled_after_it_was_woken_reports_it) {
  const auto child = create_task(loop, answer_when_cancelled(never, 1));
  const auto waiting = begin({child});
  settle(loop);
  never.set();
  loop.run_pass();
  EXPECT_TRUE(child.done());
  waiting.cancel();
  run_all(loop);
  EXPECT_TRUE(waiting.cancelled());
}

TEST_F(Wait, takes_handles_of_any_kind) {
  std::vector<async::any_task> mixed;
  mixed.emplace_back(answer(10ms));
  mixed.emplace_back(create_task(loop, sleep_for(20ms)));
  bool seen = false;
  create_task(loop, [](std::vector<async::any_task> all, bool& flag) -> task<> {
    const auto answer = co_await async::wait(std::move(all), until::first_completed);
    flag = answer.done.size() == 1 && answer.pending.size() == 1;
  }(mixed, seen));
  run_all(loop);
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace handoff::async_tests
