// asyncio's TaskGroup.
#include <gtest/gtest.h>

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "queues/async/calls.hpp"
#include "queues/async/task_group.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::error_group;
using async::event;
using async::run_group;
using async::task_group;

/// What each error of a group says.
std::string text(const error_group& group) {
  std::string all;
  for (const std::exception_ptr& one : group.errors) {
    if (!all.empty()) all += ", ";
    try {
      std::rethrow_exception(one);
    } catch (const std::exception& error) {
      all += error.what();
    }
  }
  return all;
}

/// Runs a group, and says how it ended and how many cancellations are left.
template <class Body>
task<> tell_group(event_loop& loop, Body body, events& log) {
  std::string how = "ended";
  bool cancelled = false;
  try {
    task<> group = run_group(std::move(body));
    co_await std::move(group);
  } catch (const error_group& errors) {
    how = "errors: " + text(errors);
  } catch (const cancelled_error&) {
    how = "cancelled";
    cancelled = true;
  }
  log.push_back(at(loop, "group " + how));
  log.push_back("cancelling " + std::to_string(async::current_task().cancelling()));
  if (cancelled) throw cancelled_error{};
}

struct TaskGroup : testing::Test {
  virtual_loop loop;
  event never{loop};
  events log;

  /// `body` answers a task<>; what it refers to must outlive the test's run.
  template <class Body>
  task_handle<> begin(Body body) {
    return create_task(loop, tell_group(loop, std::move(body), log));
  }
  task<> member(const std::string& name, task<> work) { return tell(loop, name, std::move(work), log); }
  task<> failing(nanoseconds delay, std::string why) {
    return [](nanoseconds time, std::string what) -> task<> {
      co_await async::sleep(time);
      throw std::runtime_error(what);
    }(delay, std::move(why));
  }
};

TEST_F(TaskGroup, without_tasks_ends_with_its_body) {
  begin([](task_group&) -> task<> { co_await async::sleep(10ms); });
  run_all(loop);
  EXPECT_EQ(log, (events{"group ended at 10", "cancelling 0"}));
}

TEST_F(TaskGroup, ends_when_its_last_task_has_ended) {
  task_handle<int> answer;
  begin([&](task_group& group) -> task<> {
    group.create_task(member("a", sleep_for(30ms)));
    answer = group.create_task(answer_after(10ms, 5));
    co_return;
  });
  run_all(loop);
  EXPECT_EQ(log, (events{"a ended at 30", "group ended at 30", "cancelling 0"}));
  EXPECT_EQ(answer.result(), 5);
}

TEST_F(TaskGroup, a_task_of_the_group_may_add_another) {
  begin([&](task_group& group) -> task<> {
    group.create_task([](TaskGroup& test, task_group& own) -> task<> {
      co_await async::sleep(10ms);
      own.create_task(test.member("late", sleep_for(10ms)));
    }(*this, group));
    co_return;
  });
  run_all(loop);
  EXPECT_EQ(log, (events{"late ended at 20", "group ended at 20", "cancelling 0"}));
}

TEST_F(TaskGroup, an_error_cancels_the_siblings_and_the_body_and_all_are_awaited) {
  const auto parent = begin([&](task_group& group) -> task<> {
    group.create_task(failing(10ms, "one"));
    group.create_task(obey_slowly(never, 30ms));
    group.create_task(member("sibling", sleep_for(1h)));
    task<> inside = member("body", sleep_for(1h));
    co_await std::move(inside);
  });
  run_all(loop);
  EXPECT_EQ(log, (events{"sibling cancelled at 10", "body cancelled at 10", "group errors: one at 40",
                         "cancelling 0"}));
  EXPECT_FALSE(parent.cancelled());
}

TEST_F(TaskGroup, an_error_after_the_body_cancels_the_siblings_and_leaves_no_cancellation_behind) {
  begin([&](task_group& group) -> task<> {
    group.create_task(failing(10ms, "one"));
    group.create_task(member("sibling", sleep_for(1h)));
    co_return;
  });
  run_all(loop);
  // What CPython counts here is 0 from 3.13 on: 3.11 forgets to take its own cancellation back.
  EXPECT_EQ(log, (events{"sibling cancelled at 10", "group errors: one at 10", "cancelling 0"}));
}

TEST_F(TaskGroup, the_errors_come_together_in_the_order_in_which_they_came) {
  begin([&](task_group& group) -> task<> {
    group.create_task([](event& flag) -> task<> {
      bool cancelled = false;
      try {
        co_await flag.wait();
      } catch (const cancelled_error&) {
        cancelled = true;
      }
      if (!cancelled) co_return;
      co_await async::sleep(5ms);
      throw std::runtime_error("cleanup");
    }(never));
    group.create_task(failing(10ms, "one"));
    group.create_task(failing(10ms, "two"));
    co_return;
  });
  run_all(loop);
  EXPECT_EQ(log, (events{"group errors: one, two, cleanup at 15", "cancelling 0"}));
}

TEST_F(TaskGroup, an_error_of_the_body_cancels_the_tasks_and_comes_last_in_the_group) {
  begin([&](task_group& group) -> task<> {
    group.create_task(member("a", sleep_for(1h)));
    co_await async::sleep(10ms);
    throw std::runtime_error("body");
  });
  run_all(loop);
  EXPECT_EQ(log, (events{"a cancelled at 10", "group errors: body at 10", "cancelling 0"}));
}

TEST_F(TaskGroup, a_cancelled_task_of_the_group_is_no_error) {
  task_handle<> victim;
  begin([&](task_group& group) -> task<> {
    victim = group.create_task(member("victim", sleep_for(1h)));
    group.create_task(member("sibling", sleep_for(30ms)));
    co_return;
  });
  async::call_later(loop, 10ms, [&] { victim.cancel(); });
  run_all(loop);
  EXPECT_EQ(log,
            (events{"victim cancelled at 10", "sibling ended at 30", "group ended at 30", "cancelling 0"}));
}

TEST_F(TaskGroup, cancelling_the_parent_in_the_body_cancels_the_tasks_and_comes_out_when_all_have_ended) {
  const auto parent = begin([&](task_group& group) -> task<> {
    group.create_task(obey_slowly(never, 30ms));
    co_await async::sleep(1h);
  });
  async::call_later(loop, 10ms, [&] { parent.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, (events{"group cancelled at 40", "cancelling 1"}));
  EXPECT_TRUE(parent.cancelled());
}

TEST_F(TaskGroup, cancelling_the_parent_after_the_body_cancels_the_tasks_and_comes_out_when_all_have_ended) {
  const auto parent = begin([&](task_group& group) -> task<> {
    group.create_task(obey_slowly(never, 30ms));
    co_return;
  });
  async::call_later(loop, 10ms, [&] { parent.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, (events{"group cancelled at 40", "cancelling 1"}));
  EXPECT_TRUE(parent.cancelled());
}

TEST_F(TaskGroup, cancelling_the_parent_again_while_the_tasks_end_waits_all_the_same) {
  task_handle<int> slow;
  const auto parent = begin([&](task_group& group) -> task<> {
    slow = group.create_task(obey_slowly(never, 30ms));
    co_return;
  });
  async::call_later(loop, 10ms, [&] { parent.cancel(); });
  async::call_later(loop, 20ms, [&] { parent.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, (events{"group cancelled at 40", "cancelling 2"}));
  EXPECT_EQ(slow.cancelling(), 1U) << "its cleanup was not disturbed";
}

TEST_F(TaskGroup, an_error_while_the_parent_is_cancelled_wins_over_the_cancellation) {
  const auto parent = begin([&](task_group& group) -> task<> {
    group.create_task([](event& flag) -> task<> {
      bool cancelled = false;
      try {
        co_await flag.wait();
      } catch (const cancelled_error&) {
        cancelled = true;
      }
      if (cancelled) throw std::runtime_error("cleanup");
    }(never));
    co_await async::sleep(1h);
  });
  async::call_later(loop, 10ms, [&] { parent.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, (events{"group errors: cleanup at 10", "cancelling 1"}));
  EXPECT_TRUE(parent.cancelled()) << "the request is delivered when nothing else comes out";
}

TEST_F(TaskGroup, takes_no_task_while_it_is_cancelled_or_after_its_end) {
  task_group* kept = nullptr;
  const auto refused = [&] {
    try {
      kept->create_task(sleep_for(0ms));
    } catch (const std::logic_error&) {
      log.push_back("refused");
    }
  };
  begin([&](task_group& group) -> task<> {
    kept = &group;
    group.create_task(failing(10ms, "one"));
    group.create_task(obey_slowly(never, 30ms));
    co_return;
  });
  async::call_later(loop, 20ms, refused);
  run_all(loop);
  EXPECT_EQ(log, (events{"refused", "group errors: one at 40", "cancelling 0"}));
}

TEST_F(TaskGroup, takes_no_task_between_its_last_end_and_its_parents_turn) {
  task_group* kept = nullptr;
  begin([&](task_group& group) -> task<> {
    kept = &group;
    const auto last = group.create_task(sleep_for(10ms));
    create_task(loop, [](async::task_handle<> awaited, task_group& late, events& told) -> task<> {
      co_await awaited;  // told after the group, and before the group's parent has its turn
      try {
        late.create_task(sleep_for(0ms));
        told.push_back("taken");
      } catch (const std::logic_error&) {
        told.push_back("refused");
      }
    }(last, group, log));
    co_return;
  });
  run_all(loop);
  EXPECT_EQ(log, (events{"refused", "group ended at 10", "cancelling 0"}));
}

TEST_F(TaskGroup, of_a_task_group_hands_the_errors_up) {
  begin([&](task_group& outer) -> task<> {
    outer.create_task(run_group([this](task_group& inner) -> task<> {
      inner.create_task(failing(10ms, "leaf"));
      inner.create_task(member("cousin", sleep_for(1h)));
      co_return;
    }));
    outer.create_task(member("uncle", sleep_for(1h)));
    co_return;
  });
  run_all(loop);
  EXPECT_EQ(log, (events{"cousin cancelled at 10", "uncle cancelled at 10",
                         "group errors: 1 error(s) in a task group at 10", "cancelling 0"}));
}

TEST_F(TaskGroup, runs_a_thousand_tasks) {
  int ended = 0;
  begin([&](task_group& group) -> task<> {
    for (int i = 0; i != 1000; ++i) {
      group.create_task([](int delay, int& count) -> task<> {
        co_await async::sleep(std::chrono::milliseconds(delay));
        ++count;
      }(i % 10, ended));
    }
    co_return;
  });
  run_all(loop);
  EXPECT_EQ(ended, 1000);
  EXPECT_EQ(log, (events{"group ended at 9", "cancelling 0"}));
}

}  // namespace
}  // namespace handoff::async_tests
