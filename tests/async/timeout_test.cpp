// asyncio's timeout, as an operator of one await and as a scope.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "queues/async/calls.hpp"
#include "queues/async/timeout.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::event;
using async::timeout;
using async::timeout_scope;

/// Sleeps inside of a scope, and says how many cancellations are left afterwards.
task<> sleep_within(nanoseconds limit, nanoseconds delay, events& log) {
  timeout_scope scope(limit);
  try {
    co_await async::sleep(delay);
    scope.leave();
  } catch (const cancelled_error&) {
    const bool own = scope.leave_cancelled();
    log.push_back("cancelling " + std::to_string(async::current_task().cancelling()));
    if (own) throw async::timeout_error();
    throw;
  }
}

struct Timeout : testing::Test {
  virtual_loop loop;
  event never{loop};
  events log;

  task_handle<> begin(task<> work) { return create_task(loop, tell(loop, "outer", std::move(work), log)); }
};

TEST_F(Timeout, answers_what_came_in_time_and_leaves_no_timer) {
  queue<int> q(loop);
  begin([](event_loop& own, queue<int>& from, events& told) -> task<> {
    const int item = co_await timeout(1h, from.get());
    told.push_back(at(own, "got " + std::to_string(item)));
    task<int> limited = timeout(1h, answer_after(10ms, 6));
    const int value = co_await std::move(limited);
    told.push_back(at(own, "got " + std::to_string(value)));
  }(loop, q, log));
  async::call_later(loop, 10ms, [&] { q.put_nowait(5); });
  run_all(loop);
  EXPECT_EQ(log, (events{"got 5 at 10", "got 6 at 20", "outer ended at 20"}));
  EXPECT_EQ(loop.time(), 20ms);
}

TEST_F(Timeout, throws_timeout_error_when_the_time_is_over) {
  begin([](event& flag) -> task<> { co_await timeout(10ms, flag.wait()); }(never));
  begin([]() -> task<> {
    task<> limited = timeout(20ms, sleep_for(1h));
    co_await std::move(limited);
  }());
  run_all(loop);
  EXPECT_EQ(log, (events{"outer timed out at 10", "outer timed out at 20"}));
}

TEST_F(Timeout, throws_what_the_part_threw) {
  begin([]() -> task<> {
    task<int> limited = timeout(20ms, fail_after(10ms, "inner"));
    co_await std::move(limited);
  }());
  run_all(loop);
  EXPECT_EQ(log, events{"outer failed: inner at 10"});
}

TEST_F(Timeout, loses_no_item_that_arrived) {
  queue<int> q(loop);
  begin([](event_loop& own, queue<int>& from, events& told) -> task<> {
    for (int i = 0; i != 2; ++i) {
      try {
        const int item = co_await timeout(10ms, from.get());
        told.push_back(at(own, "got " + std::to_string(item)));
      } catch (const async::timeout_error&) {
        told.push_back(at(own, "late"));
      }
    }
  }(loop, q, log));
  // The timer comes first, then this at the same moment: the getter is cancelled, and the item stays inside.
  settle(loop);
  async::call_later(loop, 10ms, [&] { q.put_nowait(5); });
  run_all(loop);
  EXPECT_EQ(log, (events{"late at 10", "got 5 at 10", "outer ended at 10"}));
}

TEST_F(Timeout, waits_for_the_cancellation_to_finish) {
  begin([](event& flag) -> task<> {
    task<int> limited = timeout(10ms, obey_slowly(flag, 30ms));
    co_await std::move(limited);
  }(never));
  run_all(loop);
  EXPECT_EQ(log, events{"outer timed out at 40"});
}

TEST_F(Timeout, a_part_that_answers_although_its_time_is_over_is_no_timeout) {
  begin([](event_loop& own, event& flag, events& told) -> task<> {
    task<int> limited = timeout(10ms, answer_when_cancelled(flag, 7));
    const int value = co_await std::move(limited);
    told.push_back(at(own, "got " + std::to_string(value)));
    told.push_back("cancelling " + std::to_string(async::current_task().cancelling()));
  }(loop, never, log));
  run_all(loop);
  EXPECT_EQ(log, (events{"got 7 at 10", "cancelling 0", "outer ended at 10"}));
}

TEST_F(Timeout, of_zero_lets_what_need_not_wait_succeed) {
  queue<int> q(loop);
  q.put_nowait(5);
  begin([](queue<int>& from) -> task<> {
    for (const nanoseconds limit : {0ms, -1ms}) {
      const int item = co_await timeout(limit, from.get());
      from.put_nowait(item);
    }
  }(q));
  run_all(loop);
  EXPECT_EQ(log, events{"outer ended at 0"});
}

TEST_F(Timeout, of_zero_ends_what_waits) {
  begin([](event& flag) -> task<> { co_await timeout(0ms, flag.wait()); }(never));
  run_all(loop);
  EXPECT_EQ(log, events{"outer timed out at 0"});
}

TEST_F(Timeout, converts_its_own_cancellation) {
  begin(sleep_within(10ms, 1h, log));
  run_all(loop);
  EXPECT_EQ(log, (events{"cancelling 0", "outer timed out at 10"}));
}

TEST_F(Timeout, does_not_convert_a_cancellation_of_somebody_else) {
  const auto victim = begin(sleep_within(20ms, 1h, log));
  async::call_later(loop, 10ms, [&] { victim.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, (events{"cancelling 1", "outer cancelled at 10"}));
  EXPECT_EQ(loop.time(), 10ms) << "and its timer has gone";
}

TEST_F(Timeout, does_not_convert_its_own_cancellation_where_somebody_else_cancelled_too) {
  const auto victim = begin(sleep_within(10ms, 1h, log));
  settle(loop);
  async::call_later(loop, 10ms, [&] { victim.cancel(); });  // at the same moment, before the delivery
  run_all(loop);
  EXPECT_EQ(log, (events{"cancelling 1", "outer cancelled at 10"}));
}

TEST_F(Timeout, of_the_inner_scope_is_caught_between_the_scopes) {
  begin([](event_loop& own, events& told) -> task<> {
    timeout_scope outer(50ms);
    try {
      try {
        task<> inner = sleep_within(10ms, 1h, told);
        co_await std::move(inner);
      } catch (const async::timeout_error&) {
        told.push_back(at(own, "inner timed out"));
      }
      co_await async::sleep(10ms);
      outer.leave();
    } catch (const cancelled_error&) {
      ADD_FAILURE() << "the outer scope's time is not over";
      if (outer.leave_cancelled()) throw async::timeout_error();
      throw;
    }
  }(loop, log));
  run_all(loop);
  EXPECT_EQ(log, (events{"cancelling 0", "inner timed out at 10", "outer ended at 20"}));
}

/// Two scopes around one sleep.
task<> sleep_within_both(nanoseconds outer_limit, nanoseconds inner_limit, events& log) {
  timeout_scope outer(outer_limit);
  try {
    try {
      task<> inner = sleep_within(inner_limit, 1h, log);
      co_await std::move(inner);
    } catch (const async::timeout_error&) {
      log.push_back("inner timed out");
      throw;
    }
    outer.leave();
  } catch (const cancelled_error&) {
    log.push_back("inner let a cancellation through");
    if (outer.leave_cancelled()) throw async::timeout_error();
    throw;
  }
}

TEST_F(Timeout, of_the_outer_scope_goes_through_the_inner_one_as_a_cancellation) {
  begin(sleep_within_both(10ms, 20ms, log));
  run_all(loop);
  EXPECT_EQ(log, (events{"cancelling 1", "inner let a cancellation through", "outer timed out at 10"}));
}

TEST_F(Timeout, of_both_scopes_at_the_same_moment_is_the_outer_ones) {
  begin(sleep_within_both(10ms, 10ms, log));
  run_all(loop);
  EXPECT_EQ(log, (events{"cancelling 1", "inner let a cancellation through", "outer timed out at 10"}));
}

TEST_F(Timeout, can_be_rescheduled_until_it_has_expired) {
  begin([](event_loop& own, events& told) -> task<> {
    timeout_scope scope(10ms);
    try {
      co_await async::sleep(5ms);
      scope.reschedule(30ms);
      EXPECT_FALSE(scope.expired());
      co_await async::sleep(1h);
    } catch (const cancelled_error&) {
      told.push_back(at(own, "cancelled"));
      EXPECT_TRUE(scope.expired());
      EXPECT_THROW(scope.reschedule(1h), std::logic_error);
      if (scope.leave_cancelled()) throw async::timeout_error();
      throw;
    }
  }(loop, log));
  run_all(loop);
  EXPECT_EQ(log, (events{"cancelled at 35", "outer timed out at 35"}));
}

TEST_F(Timeout, one_that_is_left_in_time_cancels_nothing_later) {
  begin([](event_loop& own, events& told) -> task<> {
    timeout_scope scope(10ms);
    co_await async::sleep(5ms);
    scope.leave();
    co_await async::sleep(20ms);
    told.push_back(at(own, "went on"));
  }(loop, log));
  run_all(loop);
  EXPECT_EQ(log, (events{"went on at 25", "outer ended at 25"}));
}

TEST_F(Timeout, one_of_zero_that_is_left_without_a_wait_cancels_nothing_later) {
  begin([]() -> task<> {
    {
      timeout_scope scope(0ms);
      scope.leave();
    }
    co_await async::sleep(20ms);
  }());
  run_all(loop);
  EXPECT_EQ(log, events{"outer ended at 20"});
}

TEST_F(Timeout, outside_of_a_task_is_an_error) { EXPECT_THROW(timeout_scope(10ms), std::logic_error); }

TEST_F(Timeout, a_cancellation_that_came_before_it_passes_through_unchanged) {
  task_handle<> victim;
  victim = begin([](const task_handle<>& self, events& told) -> task<> {
    self.cancel();
    task<> limited = sleep_within(10ms, 1h, told);
    co_await std::move(limited);
  }(victim, log));
  run_all(loop);
  EXPECT_EQ(log, (events{"cancelling 1", "outer cancelled at 0"}));
}

// As in the later CPython 3.11s: a request from before the scope is not the scope's business (3.11.2 let it
// win).
TEST_F(Timeout, that_expires_in_a_task_that_was_to_be_cancelled_before_still_reports_its_time) {
  task_handle<> victim;
  victim = begin([](const task_handle<>& self, event& flag, events& told) -> task<> {
    self.cancel();
    try {
      co_await timeout(0ms, flag.wait());
    } catch (const async::timeout_error&) {
      told.push_back("time is over");
    }
  }(victim, never, log));
  run_all(loop);
  EXPECT_EQ(log.front(), "time is over");
}

/// Otherwise the task would go on forever: it was told that its time was over, and nothing else.
TEST_F(Timeout, that_expires_in_a_task_that_was_to_be_cancelled_before_leaves_that_to_the_next_wait) {
  const auto outer = begin([](event& flag, events& told) -> task<> {
    async::current_task().cancel();
    try {
      co_await timeout(0ms, flag.wait());
    } catch (const async::timeout_error&) {
      told.push_back("time is over");
    }
    co_await async::sleep(1h);
  }(never, log));
  run_all(loop);
  EXPECT_EQ(log, (events{"time is over", "outer cancelled at 0"}));
  EXPECT_EQ(outer.cancelling(), 1U);
}

/// CPython's scope takes its request back however its part ends.
TEST_F(Timeout, that_expired_takes_its_request_back_also_where_another_exception_comes_out) {
  begin([](event& flag, events& told) -> task<> {
    task<> stubborn = [](event& awaited) -> task<> {
      bool cancelled = false;
      try {
        co_await awaited.wait();
      } catch (const cancelled_error&) {
        cancelled = true;
      }
      if (cancelled) throw std::runtime_error("instead");
    }(flag);
    try {
      task<> limited = timeout(10ms, std::move(stubborn));
      co_await std::move(limited);
    } catch (const std::runtime_error& error) {
      told.push_back(error.what());
    }
    told.push_back("cancelling " + std::to_string(async::current_task().cancelling()));
  }(never, log));
  run_all(loop);
  EXPECT_EQ(log, (events{"instead", "cancelling 0", "outer ended at 10"}));
}

TEST_F(Timeout, beyond_the_end_of_the_clock_never_comes) {
  begin([]() -> task<> {
    co_await async::sleep(10ms);
    task<> limited = timeout(nanoseconds::max(), sleep_for(10ms));
    co_await std::move(limited);
  }());
  run_all(loop);
  EXPECT_EQ(log, events{"outer ended at 20"});
}

}  // namespace
}  // namespace handoff::async_tests
