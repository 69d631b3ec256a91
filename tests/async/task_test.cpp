// Tasks: results, exceptions, cancellation.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/async/small_tasks.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {
namespace {

TEST(Task, is_lazy) {
  event_loop loop;
  bool began = false;
  {
    const auto unused = [](bool& flag) -> task<> {
      flag = true;
      co_return;
    }(began);
    settle(loop);
  }
  EXPECT_FALSE(began);
}

TEST(Task, awaiting_a_coroutine_runs_it_in_the_same_turn) {
  event_loop loop;
  const auto outer = create_task(loop, []() -> task<int> {
    const int one = co_await answer(1);
    const int two = co_await answer(2);
    co_return one + two;
  }());
  loop.run_pass();
  EXPECT_TRUE(outer.done());
  EXPECT_EQ(outer.result(), 3);
}

TEST(Task, create_task_schedules_the_first_step_and_does_not_run_it) {
  event_loop loop;
  const auto handle = create_task(loop, answer(5));
  EXPECT_FALSE(handle.done());
  EXPECT_THROW(handle.result(), std::logic_error);
  loop.run_pass();
  EXPECT_EQ(handle.result(), 5);
}

TEST(Task, an_exception_comes_out_of_the_await) {
  event_loop loop;
  const auto text = async::run(loop, []() -> task<std::string> {
    std::string caught;
    try {
      const int unused = co_await fail("broken");
      caught = std::to_string(unused);
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    co_return caught;
  }());
  EXPECT_EQ(text, "broken");
}

TEST(Task, an_exception_stays_with_the_handle) {
  event_loop loop;
  const auto handle = create_task(loop, fail("kept"));
  settle(loop);
  EXPECT_TRUE(handle.done());
  EXPECT_FALSE(handle.cancelled());
  EXPECT_NE(handle.exception(), nullptr);
  EXPECT_THROW(handle.result(), std::runtime_error);
  EXPECT_THROW(handle.result(), std::runtime_error) << "and may be asked for again";
}

TEST(Task, results_may_be_move_only) {
  event_loop loop;
  auto value = async::run(loop, []() -> task<std::unique_ptr<int>> {
    auto inner = co_await []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(4); }();
    co_return std::move(inner);
  }());
  EXPECT_EQ(*value, 4);
}

TEST(Task, the_work_of_a_dropped_handle_goes_on) {
  event_loop loop;
  bool ended = false;
  create_task(loop, [](bool& flag) -> task<> {
    co_await async::yield();
    flag = true;
  }(ended));
  settle(loop);
  EXPECT_TRUE(ended);
  EXPECT_EQ(loop.pending_tasks(), 0U);
}

TEST(Task, run_reports_a_task_that_can_never_end) {
  event_loop loop;
  queue<int> never(loop);
  EXPECT_THROW(async::run(loop, wait_for_ever(never)), async::deadlock_error);
}

TEST(Yield, lets_everything_else_that_is_ready_run_once) {
  event_loop loop;
  events log;
  const auto steps = [](std::string name, events& told) -> task<> {
    for (int i = 0; i != 3; ++i) {
      told.push_back(name + std::to_string(i));
      co_await async::yield();
    }
  };
  create_task(loop, steps("a", log));
  create_task(loop, steps("b", log));
  settle(loop);
  EXPECT_EQ(log, (events{"a0", "b0", "a1", "b1", "a2", "b2"}));
}

TEST(Loop, a_pass_runs_only_what_stood_in_it_when_it_began) {
  event_loop loop;
  int turns = 0;
  create_task(loop, [](int& count) -> task<> {
    for (;;) {
      ++count;
      co_await async::yield();
    }
  }(turns));
  for (int pass = 1; pass != 5; ++pass) {
    EXPECT_TRUE(loop.run_pass());
    EXPECT_EQ(turns, pass);
  }
}

TEST(Loop, a_task_created_in_a_pass_runs_in_the_next) {
  event_loop loop;
  bool inner = false;
  create_task(loop, [](event_loop& own, bool& flag) -> task<> {
    create_task(own, [](bool& ran) -> task<> {
      ran = true;
      co_return;
    }(flag));
    co_return;
  }(loop, inner));
  loop.run_pass();
  EXPECT_FALSE(inner);
  loop.run_pass();
  EXPECT_TRUE(inner);
}

TEST(Cancel, before_the_first_step_the_body_never_runs) {
  event_loop loop;
  bool began = false;
  const auto handle = create_task(loop, [](bool& flag) -> task<> {
    flag = true;
    co_return;
  }(began));
  EXPECT_TRUE(handle.cancel());
  settle(loop);
  EXPECT_FALSE(began);
  EXPECT_TRUE(handle.cancelled());
  EXPECT_THROW(handle.result(), cancelled_error);
}

TEST(Cancel, is_delivered_where_the_task_waits_one_turn_later) {
  event_loop loop;
  queue<int> never(loop);
  const auto handle = create_task(loop, wait_for_ever(never));
  settle(loop);
  EXPECT_TRUE(handle.cancel());
  EXPECT_FALSE(handle.done());
  loop.run_pass();
  EXPECT_TRUE(handle.done());
  EXPECT_TRUE(handle.cancelled());
}

TEST(Cancel, of_an_ended_task_answers_false) {
  event_loop loop;
  const auto handle = create_task(loop, answer(1));
  settle(loop);
  EXPECT_FALSE(handle.cancel());
  EXPECT_FALSE(handle.cancelled());
}

TEST(Cancel, of_a_running_task_is_delivered_at_its_next_await_that_waits_and_once) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  q.put_nowait(1);
  task_handle<> handle;
  handle = create_task(loop, [](queue<int>& from, const task_handle<>& self, events& told) -> task<> {
    self.cancel();
    const int item = co_await from.get();  // need not wait, and does not look
    told.push_back("got " + std::to_string(item));
    try {
      co_await async::yield();
    } catch (const cancelled_error&) {
      told.push_back("cancelled");
    }
    co_await async::yield();
    told.push_back("went on");
  }(q, handle, log));
  settle(loop);
  EXPECT_EQ(log, (events{"got 1", "cancelled", "went on"}));
  EXPECT_FALSE(handle.cancelled());
}

TEST(Cancel, of_a_running_task_does_not_touch_the_frame_in_which_it_last_waited) {
  event_loop loop;
  queue<int> q(loop);
  task_handle<> handle;
  handle = create_task(loop, [](queue<int>& from, const task_handle<>& self) -> task<> {
    const int item = co_await get_one(from);  // waits in a frame that is gone afterwards
    EXPECT_EQ(item, 1);
    EXPECT_TRUE(self.cancel());
    co_await async::yield();
  }(q, handle));
  settle(loop);
  q.put_nowait(1);
  settle(loop);
  EXPECT_TRUE(handle.cancelled());
}

TEST(Cancel, of_a_running_task_that_waits_no_more_makes_it_end_as_cancelled) {
  event_loop loop;
  task_handle<int> handle;
  handle = create_task(loop, [](const task_handle<int>& self) -> task<int> {
    self.cancel();
    co_return 1;
  }(handle));
  settle(loop);
  EXPECT_TRUE(handle.cancelled());
  EXPECT_THROW(handle.result(), cancelled_error);
}

TEST(Cancel, does_not_hide_the_exception_that_a_task_ends_with) {
  event_loop loop;
  task_handle<> handle;
  handle = create_task(loop, [](const task_handle<>& self) -> task<> {
    self.cancel();
    throw std::runtime_error("kept");
    co_return;
  }(handle));
  settle(loop);
  EXPECT_FALSE(handle.cancelled());
  EXPECT_THROW(handle.result(), std::runtime_error);
}

TEST(Cancel, of_a_running_task_takes_it_out_of_the_queue_that_it_then_waits_in) {
  event_loop loop;
  queue<int> q(loop);
  events log;
  task_handle<> handle;
  handle = create_task(loop, [](queue<int>& from, const task_handle<>& self, events& told) -> task<> {
    self.cancel();
    co_await get_and_tell(from, "self", told);
  }(q, handle, log));
  loop.run_pass();
  EXPECT_EQ(q.waiting_getters(), 0U);
  EXPECT_FALSE(handle.done());
  loop.run_pass();
  EXPECT_EQ(log, (events{"self cancelled"}));
}

TEST(Cancel, twice_before_the_delivery_is_one_cancellation) {
  event_loop loop;
  queue<int> never(loop);
  events log;
  const auto handle = create_task(loop, [](queue<int>& from, events& told) -> task<> {
    for (int i = 0; i != 2; ++i) {
      try {
        co_await from.get();
      } catch (const cancelled_error&) {
        told.push_back("cancelled");
      }
    }
  }(never, log));
  settle(loop);
  handle.cancel();
  handle.cancel();
  settle(loop);
  EXPECT_EQ(log, (events{"cancelled"}));
  EXPECT_FALSE(handle.done());
  handle.cancel();
  settle(loop);
  EXPECT_EQ(log, (events{"cancelled", "cancelled"}));
  EXPECT_TRUE(handle.done());
}

TEST(Cancel, unwinds_every_frame_of_the_task) {
  event_loop loop;
  queue<int> never(loop);
  events log;
  struct leaving {
    events& log;
    const char* name;
    ~leaving() { log.emplace_back(name); }
  };
  const auto inner = [](queue<int>& from, events& told) -> task<> {
    const leaving mark{told, "inner"};
    co_await from.get();
  };
  const auto handle = create_task(loop, [](auto child, queue<int>& from, events& told) -> task<> {
    const leaving mark{told, "outer"};
    co_await child(from, told);
  }(inner, never, log));
  settle(loop);
  handle.cancel();
  settle(loop);
  EXPECT_EQ(log, (events{"inner", "outer"}));
}

}  // namespace
}  // namespace handoff::async_tests
