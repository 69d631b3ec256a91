// Timers, the virtual clock, and the order of what the loop runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "queues/async/calls.hpp"
#include "queues/async/remote.hpp"
#include "tests/async/virtual_time.hpp"
#include "tests/support/sanitizers.hpp"

namespace handoff::async_tests {
namespace {

using async::call_handle;
using async::call_later;
using async::call_soon;
using async::event;

struct Timers : testing::Test {
  virtual_loop loop;
  events log;

  task_handle<> sleeper(const std::string& name, nanoseconds delay) {
    return create_task(loop, tell(loop, name, sleep_for(delay), log));
  }
};

struct Ready : Timers {};

struct VirtualTime : Timers {};

TEST_F(Timers, fire_in_the_order_of_their_moments) {
  for (const int ms : {30, 10, 50, 20, 40}) sleeper(std::to_string(ms), std::chrono::milliseconds(ms));
  run_all(loop);
  EXPECT_EQ(log, (events{"10 ended at 10", "20 ended at 20", "30 ended at 30", "40 ended at 40",
                         "50 ended at 50"}));
}

TEST_F(Timers, of_the_same_moment_fire_in_the_order_in_which_they_were_armed) {
  for (int i = 0; i != 20; ++i) sleeper(std::to_string(i), 10ms);
  run_all(loop);
  ASSERT_EQ(log.size(), 20U);
  for (int i = 0; i != 20; ++i) {
    EXPECT_EQ(log[static_cast<std::size_t>(i)], std::to_string(i) + " ended at 10");
  }
}

TEST_F(Timers, a_function_that_is_called_later_runs_once_at_its_moment) {
  call_later(loop, 20ms, [this] { log.push_back(at(loop, "b")); });
  call_later(loop, 10ms, [this] { log.push_back(at(loop, "a")); });
  run_all(loop);
  EXPECT_EQ(log, (events{"a at 10", "b at 20"}));
  EXPECT_FALSE(loop.run_once());
}

TEST_F(Timers, a_cancelled_one_leaves_nothing_and_does_not_move_the_clock) {
  call_handle one = call_later(loop, 1h, [this] { log.push_back("fired"); });
  EXPECT_EQ(loop.timers().size(), 1U);
  EXPECT_FALSE(one.cancelled());
  one.cancel();
  EXPECT_TRUE(one.cancelled());
  EXPECT_TRUE(loop.timers().empty());
  run_all(loop);
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(loop.time(), 0ms);
}

TEST_F(Timers, one_may_cancel_another_that_is_due_at_the_same_moment) {
  std::optional<call_handle> second;
  call_later(loop, 10ms, [&] {
    second->cancel();
    second.reset();
  });
  second = call_later(loop, 10ms, [this] { log.push_back("fired"); });
  run_all(loop);
  EXPECT_TRUE(log.empty());
  EXPECT_TRUE(loop.timers().empty());
}

TEST_F(Timers, a_function_may_cancel_itself_and_arm_another) {
  call_handle self = call_later(loop, 10ms, [&] {
    self.cancel();
    call_later(loop, 10ms, [this] { log.push_back(at(loop, "second")); });
  });
  run_all(loop);
  EXPECT_EQ(log, events{"second at 20"});
}

TEST_F(Timers, one_whose_handle_was_dropped_still_fires) {
  {
    const call_handle dropped = call_later(loop, 10ms, [this] { log.push_back(at(loop, "fired")); });
  }
  run_all(loop);
  EXPECT_EQ(log, events{"fired at 10"});
}

TEST_F(Timers, cancelling_the_middle_ones_keeps_the_order_of_the_others) {
  std::vector<call_handle> handles;
  std::vector<int> fired;
  std::vector<int> expected;
  for (int i = 0; i != 1000; ++i) {
    handles.push_back(call_later(loop, std::chrono::milliseconds(1 + i * 7919 % 1000),
                                 [&fired, i] { fired.push_back(i * 7919 % 1000); }));
  }
  for (int i = 0; i != 1000; ++i)
    if (i % 3 == 1) handles[static_cast<std::size_t>(i)].cancel();
  for (int i = 0; i != 1000; ++i)
    if (i % 3 != 1) expected.push_back(i * 7919 % 1000);
  std::sort(expected.begin(), expected.end());
  run_all(loop);
  EXPECT_EQ(fired, expected);
}

TEST_F(Timers, a_million_pending_ones_end_in_order) {
  const auto count = static_cast<std::uint32_t>(testing_support::scaled(1'000'000));
  nanoseconds last{0};
  std::uint32_t ended = 0;
  for (std::uint32_t i = 0; i != count; ++i) {
    create_task(loop,
                [](event_loop& own, nanoseconds delay, nanoseconds& previous, std::uint32_t& done) -> task<> {
                  co_await async::sleep(delay);
                  if (own.time() == delay && previous <= delay) ++done;
                  previous = delay;
                }(loop, nanoseconds(1 + i * 2'654'435'761U % 1'000'000'007U), last, ended));
  }
  settle(loop);
  EXPECT_EQ(loop.timers().size(), count);
  run_all(loop);
  EXPECT_EQ(ended, count);
  EXPECT_TRUE(loop.timers().empty());
}

TEST_F(Timers, a_million_cancelled_ones_leave_nothing) {
  const auto count = static_cast<std::uint32_t>(testing_support::scaled(1'000'000));
  std::vector<task_handle<>> sleepers;
  for (std::uint32_t i = 0; i != count; ++i) {
    sleepers.push_back(create_task(loop, sleep_for(nanoseconds(1 + i * 2'654'435'761U % 1'000'000'007U))));
  }
  settle(loop);
  EXPECT_EQ(loop.timers().size(), count);
  for (const auto& one : sleepers) one.cancel();
  loop.run_pass();
  EXPECT_TRUE(loop.timers().empty());
  EXPECT_EQ(loop.pending_tasks(), 0U);
  EXPECT_EQ(loop.time(), 0ms);
}

TEST_F(Timers, a_sleep_on_the_steady_clock_takes_its_time) {
  event_loop steady;
  const nanoseconds start = steady.time();
  create_task(steady, sleep_for(2ms));
  run_all(steady);
  EXPECT_GE(steady.time() - start, 2ms);
  EXPECT_EQ(steady.pending_tasks(), 0U);
}

TEST_F(VirtualTime, stands_still_while_anything_is_ready) {
  sleeper("a", 10ms);
  create_task(loop, [](event_loop& own, events& told) -> task<> {
    for (int i = 0; i != 1000; ++i) co_await async::yield();
    told.push_back(at(own, "busy"));
  }(loop, log));
  run_all(loop);
  EXPECT_EQ(log, (events{"busy at 0", "a ended at 10"}));
}

TEST_F(VirtualTime, jumps_to_the_next_timer_only) {
  sleeper("a", 10ms);
  sleeper("b", 72h);
  settle(loop);
  EXPECT_EQ(loop.time(), 0ms);
  EXPECT_TRUE(loop.run_once());
  EXPECT_EQ(loop.time(), 10ms);
  run_all(loop);
  EXPECT_EQ(loop.time(), 72h);
  EXPECT_EQ(log.size(), 2U);
}

TEST_F(VirtualTime, ends_where_no_timer_is_left_and_nothing_is_ready) {
  event never(loop);
  create_task(loop, wait_on(never));
  run_all(loop);
  EXPECT_FALSE(loop.run_once());
  EXPECT_EQ(loop.time(), 0ms);
  EXPECT_EQ(loop.pending_tasks(), 1U);
}

TEST_F(Ready, a_sleep_of_zero_is_one_bare_hop) {
  sleeper("a", 0ms);
  sleeper("b", -10ms);
  loop.run_pass();
  EXPECT_TRUE(log.empty());
  loop.run_pass();
  EXPECT_EQ(log, (events{"a ended at 0", "b ended at 0"}));
  EXPECT_TRUE(loop.timers().empty());
}

TEST_F(Ready, waking_a_task_costs_it_one_hop) {
  event flag(loop);
  const auto a = create_task(loop, wait_on(flag));
  settle(loop);
  flag.set();
  EXPECT_FALSE(a.done());
  EXPECT_TRUE(loop.run_pass());
  EXPECT_TRUE(a.done());
}

TEST_F(Ready, the_end_of_a_sleep_takes_the_timers_turn_and_one_hop) {
  const auto a = sleeper("a", 10ms);
  settle(loop);
  EXPECT_TRUE(loop.run_once());
  EXPECT_FALSE(a.done());
  EXPECT_TRUE(loop.run_once());
  EXPECT_TRUE(a.done());
}

TEST_F(Ready, functions_and_tasks_run_in_the_order_in_which_they_were_scheduled) {
  call_soon(loop, [this] { log.push_back("first"); });
  create_task(loop, [](events& told) -> task<> {
    told.push_back("task");
    co_return;
  }(log));
  call_soon(loop, [this] {
    log.push_back("second");
    call_soon(loop, [this] { log.push_back("next pass"); });
  });
  call_soon(loop, [this] { log.push_back("third"); });
  loop.run_pass();
  EXPECT_EQ(log, (events{"first", "task", "second", "third"}));
  loop.run_pass();
  EXPECT_EQ(log.back(), "next pass");
}

TEST_F(Ready, a_cancelled_function_does_not_run) {
  call_handle one = call_soon(loop, [this] { log.push_back("ran"); });
  one.cancel();
  run_all(loop);
  EXPECT_TRUE(log.empty());
}

TEST_F(Ready, stop_ends_the_run_after_the_present_pass) {
  call_soon(loop, [this] {
    loop.stop();
    log.push_back("stops");
    call_soon(loop, [this] { log.push_back("next pass"); });
  });
  call_soon(loop, [this] { log.push_back("same pass"); });
  loop.run_until_stopped();
  EXPECT_EQ(log, (events{"stops", "same pass"}));
  loop.run_until_stopped();
  EXPECT_EQ(log.back(), "next pass");
}

TEST_F(Ready, a_call_from_another_thread_wakes_the_loop) {
  event_loop steady;
  event flag(steady);
  const auto waiting = create_task(steady, wait_on(flag));
  std::thread caller(
      [far = async::remote_of(steady), &flag] { EXPECT_TRUE(far.call_soon([&flag] { flag.set(); })); });
  run_all(steady);  // ends when the thread has let go of its remote
  caller.join();
  EXPECT_TRUE(waiting.done());
}

TEST_F(Ready, a_stop_that_came_before_lets_one_pass_run) {
  loop.stop();
  call_soon(loop, [this] {
    log.push_back("first");
    call_soon(loop, [this] { log.push_back("second"); });
  });
  loop.run_until_stopped();
  EXPECT_EQ(log, events{"first"});
}

TEST_F(Ready, a_step_of_a_loop_cannot_run_it) {
  const auto refused = [this](auto run_it) {
    try {
      run_it();
      log.push_back("ran");
    } catch (const std::logic_error&) {
      log.push_back("refused");
    }
  };
  call_soon(loop, [&] {
    refused([&] { run(loop, sleep_for(1ms)); });
    refused([&] { loop.run_until_stopped(); });
    refused([&] { loop.run_to_the_end(); });
  });
  call_soon(loop, [this] { log.push_back("stands in the same pass"); });
  run_all(loop);
  EXPECT_EQ(log, (events{"refused", "refused", "refused", "stands in the same pass"}));
  EXPECT_EQ(loop.pending_tasks(), 0U);
}

TEST_F(Ready, no_task_runs_once_it_has_ended) {
  struct : async::loop_observer {
    void step(const event_loop&, const async::ready_node&) override {}
    void stepped(const event_loop&) override { tasks.push_back(static_cast<bool>(async::current_task())); }
    std::vector<bool> tasks;
  } observer;
  loop.observe(&observer);
  create_task(loop, sleep_for(0ms));
  run_all(loop);
  EXPECT_EQ(observer.tasks, (std::vector<bool>{true, false}));
  loop.observe(nullptr);
}

TEST_F(Ready, a_sleep_beyond_the_end_of_the_clock_does_not_return) {
  create_task(loop, tell(
                        loop, "long",
                        [](event_loop& own) -> task<> {
                          co_await async::sleep(1ms);
                          EXPECT_EQ(own.time(), 1ms);
                          co_await async::sleep(nanoseconds::max());
                        }(loop),
                        log));
  create_task(loop, tell(loop, "short", sleep_for(1h), log));
  for (int pass = 0; pass != 10 && log.empty(); ++pass) loop.run_once();
  EXPECT_EQ(log, events{"short ended at 3600000"});
}

}  // namespace
}  // namespace handoff::async_tests
