// Requests to cancel that meet in one task: of groups in groups, of timeouts around them, and from outside.
// Whichever comes out first, none is lost, and each is taken back by whoever made it.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "queues/async/calls.hpp"
#include "queues/async/task_group.hpp"
#include "queues/async/timeout.hpp"
#include "queues/async/wait.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::error_group;
using async::event;
using async::run_group;
using async::task_group;
using async::timeout_scope;

struct NestedCancel : testing::Test {
  virtual_loop loop;
  event never{loop};
  events log;

  void say(const std::string& what) { log.push_back(at(loop, what)); }

  /// A group whose child fails when `signal` is set, and whose body runs one of `depth - 1`, handles its
  /// errors, and sleeps an hour.
  task<> groups(event& signal, int depth) {
    if (depth == 0) co_return;
    const std::string name = "group " + std::to_string(depth);
    try {
      task<> whole = run_group([this, &signal, depth, &name](task_group& group) -> task<> {
        group.create_task(fail_on(signal));
        task<> inner = groups(signal, depth - 1);
        co_await std::move(inner);
        try {
          co_await async::sleep(1h);
          say(name + "'s body slept");
        } catch (const cancelled_error&) {
          say(name + "'s body cancelled");
          throw;
        }
      });
      co_await std::move(whole);
    } catch (const error_group& errors) {
      say(name + ": " + std::to_string(errors.errors.size()));
    }
  }

  /// Runs `body` as a task, and tells how it ended and how many requests are left.
  template <class Body>
  task_handle<> begin(Body body) {
    return create_task(loop, [](NestedCancel& test, Body inside) -> task<> {
      task<> told = tell(
          test.loop, "outer",
          [](NestedCancel& own, Body run) -> task<> {
            task<> work = run();
            co_await std::move(work);
            own.log.push_back("cancelling " + std::to_string(async::current_task().cancelling()));
          }(test, std::move(inside)),
          test.log);
      co_await std::move(told);
    }(*this, std::move(body)));
  }

  static task<> fail_on(event& signal) {
    co_await signal.wait();
    throw std::runtime_error("child");
  }

  /// A group whose one child fails after 100 ms and whose other one takes a second to obey; its errors are
  /// handled.
  task<> group_that_ends_late(int depth = 1) {
    try {
      task<> whole = run_group([this, depth](task_group& group) -> task<> {
        group.create_task(fail_after(100ms, "child"));
        group.create_task(obey_slowly(never, 1s));
        if (depth > 1) {
          task<> inner = group_that_ends_late(depth - 1);
          co_await std::move(inner);
        }
      });
      co_await std::move(whole);
    } catch (const error_group&) {
      say("errors");
    }
  }
};

TEST_F(NestedCancel, groups_that_fail_in_the_same_pass_end_one_after_the_other_at_once) {
  event signal(loop);
  begin([&] { return groups(signal, 2); });
  async::call_later(loop, 10ms, [&] { signal.set(); });
  run_all(loop);
  EXPECT_EQ(log,
            (events{"group 1's body cancelled at 10", "group 1: 1 at 10", "group 2's body cancelled at 10",
                    "group 2: 1 at 10", "cancelling 0", "outer ended at 10"}));
}

TEST_F(NestedCancel, three_groups_that_fail_in_the_same_pass_end_one_after_the_other_at_once) {
  event signal(loop);
  begin([&] { return groups(signal, 3); });
  async::call_later(loop, 10ms, [&] { signal.set(); });
  run_all(loop);
  EXPECT_EQ(log,
            (events{"group 1's body cancelled at 10", "group 1: 1 at 10", "group 2's body cancelled at 10",
                    "group 2: 1 at 10", "group 3's body cancelled at 10", "group 3: 1 at 10", "cancelling 0",
                    "outer ended at 10"}));
}

TEST_F(NestedCancel, groups_of_which_the_outer_fails_first_leave_nothing_behind) {
  begin([&]() -> task<> {
    try {
      task<> whole = run_group([this](task_group& outer) -> task<> {
        outer.create_task(fail_after(10ms, "outer"));
        task<> inner = run_group([this](task_group& group) -> task<> {
          group.create_task(obey_slowly(never, 30ms));
          co_await never.wait();
        });
        co_await std::move(inner);
      });
      co_await std::move(whole);
    } catch (const error_group&) {
      say("errors");
    }
    co_await async::sleep(1ms);
  });
  run_all(loop);
  EXPECT_EQ(log, (events{"errors at 40", "cancelling 0", "outer ended at 41"}));
}

/// What stands around the group that ends late, and what comes after it.
TEST_F(NestedCancel, a_timeout_that_expires_while_a_group_ends_comes_at_the_next_wait) {
  begin([&]() -> task<> {
    timeout_scope limit(500ms);
    try {
      task<> group = group_that_ends_late();
      co_await std::move(group);
      co_await async::sleep(1h);
      limit.leave();
    } catch (const cancelled_error&) {
      if (limit.leave_cancelled()) throw async::timeout_error();
      throw;
    }
  });
  run_all(loop);
  EXPECT_EQ(log, (events{"errors at 1100", "outer timed out at 1100"}));
}

TEST_F(NestedCancel, a_timeout_that_expires_while_three_groups_end_comes_at_the_next_wait) {
  begin([&]() -> task<> {
    timeout_scope limit(500ms);
    try {
      task<> group = group_that_ends_late(3);
      co_await std::move(group);
      co_await async::sleep(1h);
      limit.leave();
    } catch (const cancelled_error&) {
      if (limit.leave_cancelled()) throw async::timeout_error();
      throw;
    }
  });
  run_all(loop);
  EXPECT_EQ(log, (events{"errors at 1100", "errors at 1100", "errors at 1100", "outer timed out at 1100"}));
}

TEST_F(NestedCancel, a_timeout_that_expired_while_a_group_ended_is_taken_back_where_nothing_waits) {
  begin([&]() -> task<> {
    {
      timeout_scope limit(500ms);
      task<> group = group_that_ends_late();
      co_await std::move(group);
      limit.leave();
    }
    co_await async::sleep(1ms);
  });
  run_all(loop);
  EXPECT_EQ(log, (events{"errors at 1100", "cancelling 0", "outer ended at 1101"}));
}

TEST_F(NestedCancel, of_two_timeouts_around_a_group_that_ends_late_the_outer_one_comes_out_of_the_outer) {
  begin([&]() -> task<> {
    timeout_scope outer(500ms);
    try {
      task<> within = async::timeout(600ms, [](NestedCancel& test) -> task<> {
        task<> group = test.group_that_ends_late();
        co_await std::move(group);
        co_await async::sleep(1h);
      }(*this));
      co_await std::move(within);
    } catch (const cancelled_error&) {
      say("inner cancelled");
      if (outer.leave_cancelled()) throw async::timeout_error();
      throw;
    }
  });
  run_all(loop);
  EXPECT_EQ(log, (events{"errors at 1100", "inner cancelled at 1100", "outer timed out at 1100"}));
}

TEST_F(NestedCancel, a_cancel_from_outside_while_a_group_ends_is_delivered_at_the_next_wait) {
  const auto outer = begin([&]() -> task<> {
    task<> group = group_that_ends_late();
    co_await std::move(group);
    co_await async::sleep(1h);
  });
  async::call_later(loop, 500ms, [&] { EXPECT_TRUE(outer.cancel()); });
  run_all(loop);
  EXPECT_EQ(log, (events{"errors at 1100", "outer cancelled at 1100"}));
  EXPECT_EQ(outer.cancelling(), 1U);
}

TEST_F(NestedCancel, a_cancel_from_outside_before_a_group_fails_is_delivered_at_the_next_wait) {
  const auto outer = begin([&]() -> task<> {
    try {
      task<> group = run_group([this](task_group& own) -> task<> {
        own.create_task([](event& flag) -> task<> {
          task<int> slow = answer_when_cancelled(flag, 1);
          co_await std::move(slow);
          throw std::runtime_error("cleanup");
        }(never));
        co_await never.wait();
      });
      co_await std::move(group);
    } catch (const error_group&) {
      say("errors");
    }
    co_await async::sleep(1h);
  });
  async::call_later(loop, 10ms, [&] { outer.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, (events{"errors at 10", "outer cancelled at 10"}));
}

TEST_F(NestedCancel, a_cancel_from_outside_while_three_groups_end_is_delivered_at_the_next_wait) {
  const auto outer = begin([&]() -> task<> {
    task<> group = group_that_ends_late(3);
    co_await std::move(group);
    co_await async::sleep(1h);
  });
  async::call_later(loop, 500ms, [&] { outer.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, (events{"errors at 1100", "errors at 1100", "errors at 1100", "outer cancelled at 1100"}));
}

TEST_F(NestedCancel, a_cancel_that_a_group_left_to_be_delivered_outlives_a_timeout_of_the_cleanup) {
  const auto outer = begin([&]() -> task<> {
    task<> group = group_that_ends_late();
    co_await std::move(group);
    try {
      task<int> cleanup = obey_slowly(never, 1s);
      task<int> limited = async::timeout(10ms, async::wait_for(std::move(cleanup), 1h));
      co_await std::move(limited);
    } catch (const async::timeout_error&) {
      say("timed out");
    }
    co_await async::sleep(1h);
  });
  async::call_later(loop, 500ms, [&] { outer.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, (events{"errors at 1100", "timed out at 1110", "outer cancelled at 1110"}));
}

}  // namespace
}  // namespace handoff::async_tests
