// Debug mode: what it finds, with the names and places, and that it says nothing else.
#include "queues/async/debug.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "queues/async/calls.hpp"
#include "queues/async/event.hpp"
#include "queues/async/gather.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {
namespace {

using namespace std::chrono_literals;

task<> nothing() { co_return; }

task<> forget_a_coroutine() {
  [[maybe_unused]] const auto forgotten = nothing();
  co_return;
}

task<> hold_the_loop_up() {
  std::this_thread::sleep_for(30ms);
  co_return;
}

task<> wait_for_no_event(async::event& never) { co_await never.wait(); }

task<> await_another() { co_await nothing(); }

class Debug : public ::testing::Test {
 protected:
  events found;
  async::debug_mode debug{20ms, [this](const std::string& line) { found.push_back(line); }};

  bool mentions(std::size_t finding, const std::string& words) const {
    return finding < found.size() && found[finding].find(words) != std::string::npos;
  }
};

TEST_F(Debug, says_nothing_of_a_program_that_does_everything_right) {
  {
    event_loop loop;
    debug.watch(loop);
    create_task(loop, await_another());
    settle(loop);
  }
  EXPECT_EQ(found, events{});
}

TEST_F(Debug, reports_a_slow_step_with_the_name_of_its_task_and_where_that_was_made) {
  event_loop loop;
  debug.watch(loop);
  create_task(loop, hold_the_loop_up(), "hog");
  settle(loop);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(mentions(0, "slow step")) << found[0];
  EXPECT_TRUE(mentions(0, "'hog'")) << found[0];
  EXPECT_TRUE(mentions(0, "debug_test.cpp")) << found[0];
}

TEST_F(Debug, reports_a_slow_function) {
  event_loop loop;
  debug.watch(loop);
  async::call_soon(loop, [] { std::this_thread::sleep_for(30ms); });
  settle(loop);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(mentions(0, "a function")) << found[0];
}

TEST_F(Debug, reports_a_coroutine_that_nobody_awaited_by_name_and_place) {
  event_loop loop;
  debug.watch(loop);
  create_task(loop, forget_a_coroutine());
  settle(loop);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(mentions(0, "never awaited")) << found[0];
  EXPECT_TRUE(mentions(0, "nothing()")) << found[0];
  EXPECT_TRUE(mentions(0, "debug_test.cpp")) << found[0];
}

TEST_F(Debug, reports_a_task_that_is_destroyed_while_it_is_pending) {
  {
    event_loop loop;
    async::event never(loop);
    debug.watch(loop);
    create_task(loop, wait_for_no_event(never), "stuck");
    settle(loop);
    EXPECT_EQ(found, events{});
  }
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(mentions(0, "destroyed while pending")) << found[0];
  EXPECT_TRUE(mentions(0, "'stuck'")) << found[0];
  EXPECT_TRUE(mentions(0, "debug_test.cpp")) << found[0];
}

TEST_F(Debug, reports_a_task_that_never_began) {
  {
    event_loop loop;
    create_task(loop, nothing(), "early");
  }
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(mentions(0, "'early'")) << found[0];
}

task<int> fail_at_once() {
  throw std::runtime_error("lost in a task");
  co_return 1;
}

TEST_F(Debug, reports_an_exception_that_nobody_asked_a_task_for) {
  event_loop loop;
  debug.watch(loop);
  create_task(loop, fail_at_once(), "careless");
  settle(loop);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(mentions(0, "never retrieved")) << found[0];
  EXPECT_TRUE(mentions(0, "'careless'")) << found[0];
  EXPECT_TRUE(mentions(0, "debug_test.cpp")) << found[0];
  EXPECT_TRUE(mentions(0, "lost in a task")) << found[0];
}

TEST_F(Debug, an_exception_that_was_asked_for_awaited_or_gathered_is_not_lost) {
  event_loop loop;
  debug.watch(loop);
  {
    const auto asked = create_task(loop, fail_at_once());
    settle(loop);
    EXPECT_NE(asked.exception(), nullptr);
  }
  create_task(loop, []() -> task<> {
    const auto awaited = create_task(fail_at_once());
    try {
      co_await awaited;
    } catch (const std::runtime_error&) {
    }
    std::vector<task_handle<int>> all(1, create_task(fail_at_once()));
    co_await async::gather(std::move(all), async::return_exceptions);
  }());
  settle(loop);
  EXPECT_EQ(found, events{});
}

TEST_F(Debug, a_cancellation_is_no_lost_exception) {
  event_loop loop;
  async::event never(loop);
  debug.watch(loop);
  auto waiting = create_task(loop, wait_for_no_event(never));
  settle(loop);
  waiting.cancel();
  waiting = {};
  settle(loop);
  EXPECT_EQ(found, events{});
}

TEST(DebugOff, is_off_again_when_it_has_gone) {
  events found;
  {
    async::debug_mode debug(1ns, [&](const std::string& line) { found.push_back(line); });
  }
  event_loop loop;
  create_task(loop, forget_a_coroutine());
  settle(loop);
  EXPECT_EQ(found, events{});
}

}  // namespace
}  // namespace handoff::async_tests
