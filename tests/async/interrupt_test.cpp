// SIGINT and `run()`: wherever it comes, the program does not end as if nothing had happened. (A second one
// ends the process; tests/async/patterns has that.)
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "queues/async/calls.hpp"
#include "tests/async/refused_calls.hpp"
#include "tests/async/virtual_time.hpp"
#include "tests/support/presence.hpp"

namespace handoff::async_tests {
namespace {

using async::loop_clock;

/// Its handler has run when this returns: the signal goes to the thread that raises it.
void interrupt() { std::raise(SIGINT); }

/// Cleans up for an hour, and says how that ended.
task<> clean_up(events& log) {
  task<> cleanup = tell(async::running_loop(), "cleanup", sleep_for(1h), log);
  co_await std::move(cleanup);
}

/// Waits until it is cancelled, and cleans up.
task<> obey(async::event& never, events& log) {
  bool cancelled = false;
  try {
    co_await never.wait();
  } catch (const cancelled_error&) {
    cancelled = true;
  }
  if (!cancelled) co_return;
  task<> cleanup = clean_up(log);
  co_await std::move(cleanup);
}

/// The same; SIGINT comes as the cleanup begins.
task<> obey_with_an_interrupt(async::event& never, events& log) {
  bool cancelled = false;
  try {
    co_await never.wait();
  } catch (const cancelled_error&) {
    cancelled = true;
  }
  if (!cancelled) co_return;
  interrupt();
  task<> cleanup = clean_up(log);
  co_await std::move(cleanup);
}

struct Interrupt : testing::Test {
  events log;

  /// Runs `main` and says how that ended.
  std::string outcome(task<int> main, loop_clock clock = loop_clock::virtual_time) {
    try {
      return "answered " + std::to_string(async::run(std::move(main), clock));
    } catch (const async::interrupted&) {
      return "interrupted";
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  /// A SIGINT that comes while main waits.
  void expect_a_waiting_main_cancelled() {
    EXPECT_EQ(outcome([](events& told) -> task<int> {
                async::call_later(async::running_loop(), 10ms, interrupt);
                task<> inside = tell(async::running_loop(), "main", sleep_for(1h), told);
                co_await std::move(inside);
                co_return 1;
              }(log)),
              "interrupted");
    EXPECT_EQ(log, events{"main cancelled at 10"});
  }
};

TEST_F(Interrupt, of_a_main_that_waits_cancels_it) { expect_a_waiting_main_cancelled(); }

TEST_F(Interrupt, of_a_main_that_never_waits_is_told_at_its_end) {
  EXPECT_EQ(outcome([]() -> task<int> {
              interrupt();
              co_return 1;
            }()),
            "interrupted");
}

TEST_F(Interrupt, in_the_last_step_of_a_main_that_waited_is_told_at_its_end) {
  EXPECT_EQ(outcome([]() -> task<int> {
              co_await async::sleep(10ms);
              interrupt();
              co_return 1;
            }()),
            "interrupted");
}

TEST_F(Interrupt, of_a_main_that_never_waits_leaves_what_is_left_its_cleanup) {
  EXPECT_EQ(outcome([](events& told) -> task<int> {
              async::event never(async::running_loop());
              create_task(obey(never, told));
              co_await async::sleep(1ms);
              interrupt();
              co_return 1;
            }(log)),
            "interrupted");
  EXPECT_EQ(log, events{"cleanup ended at 3600001"});
}

TEST_F(Interrupt, while_what_is_left_cleans_up_cancels_that_and_is_told) {
  EXPECT_EQ(outcome([](events& told) -> task<int> {
              async::event never(async::running_loop());
              create_task(obey_with_an_interrupt(never, told));
              co_await async::sleep(10ms);
              co_return 1;
            }(log)),
            "interrupted");
  EXPECT_EQ(log, events{"cleanup cancelled at 10"});
}

TEST_F(Interrupt, while_what_is_left_of_a_deadlock_cleans_up_cancels_that) {
  const std::string told = outcome([](events& all) -> task<int> {
    async::event never(async::running_loop());
    create_task(obey_with_an_interrupt(never, all));
    co_await never.wait();
    co_return 1;
  }(log));
  EXPECT_EQ(told.find("nothing is ready to run"), 0U) << told;
  EXPECT_EQ(log, events{"cleanup cancelled at 0"});
}

TEST_F(Interrupt, that_main_survives_is_none) {
  EXPECT_EQ(outcome([]() -> task<int> {
              async::call_later(async::running_loop(), 10ms, interrupt);
              bool cancelled = false;
              try {
                co_await async::sleep(1h);
              } catch (const cancelled_error&) {
                cancelled = true;
              }
              co_return cancelled ? 7 : 0;
            }()),
            "answered 7");
}

TEST_F(Interrupt, of_a_main_that_fails_leaves_its_error) {
  EXPECT_EQ(outcome([]() -> task<int> {
              interrupt();
              throw std::runtime_error("broken");
              co_return 1;
            }()),
            "broken");
}

TEST_F(Interrupt, is_no_matter_of_the_next_run) {
  EXPECT_EQ(outcome([]() -> task<int> {
              interrupt();
              co_return 1;
            }()),
            "interrupted");
  EXPECT_EQ(outcome([]() -> task<int> { co_return 2; }()), "answered 2");
}

/// A main that sleeps forever waits for a signal, and not for nothing.
task<int> sleep_until_interrupted(event_loop& own) {
  async::call_soon(own, [&own] { async::call_soon(own, interrupt); });
  co_await async::sleep(std::chrono::hours::max());
  co_return 1;
}

TEST_F(Interrupt, ends_a_main_that_sleeps_for_ever) {
  EXPECT_EQ(outcome(
                []() -> task<int> {
                  task<int> sleep = sleep_until_interrupted(async::running_loop());
                  co_return co_await std::move(sleep);
                }(),
                loop_clock::steady),
            "interrupted");
}

TEST_F(Interrupt, before_the_first_step_means_that_main_never_begins) {
  virtual_loop loop;
  const auto main = create_task(loop, tell(loop, "main", sleep_for(1h), log));
  async::interrupt_guard guard(loop, main);
  interrupt();
  run_all(loop);
  guard.end();
  EXPECT_TRUE(main.cancelled());
  EXPECT_TRUE(guard.interrupted());
  EXPECT_EQ(log, events{});
}

TEST_F(Interrupt, wakes_the_loop_by_a_pipe_where_eventfd_is_refused) {
  const refused<system_call::eventfd> sandbox(EPERM);
  expect_a_waiting_main_cancelled();
}

TEST_F(Interrupt, stays_with_a_handler_that_main_has_set) {
  static volatile std::sig_atomic_t handled = 0;
  EXPECT_EQ(outcome([]() -> task<int> {
              std::signal(SIGINT, [](int) { handled = 1; });
              co_return 1;
            }()),
            "answered 1");
  interrupt();
  EXPECT_EQ(handled, 1);
  std::signal(SIGINT, SIG_DFL);
}

TEST_F(Interrupt, is_not_looked_for_where_there_is_no_descriptor_for_it) {
  const refused<system_call::eventfd, system_call::pipe2> no_more(EMFILE);
  EXPECT_EQ(outcome([]() -> task<int> {
              struct sigaction now {};
              ::sigaction(SIGINT, nullptr, &now);
              co_await async::sleep(1ms);
              co_return now.sa_handler == SIG_DFL ? 2 : 1;
            }()),
            "answered 2");
}

/// The handler runs on a thread that loses its core before it writes; meanwhile the guard ends.
TEST_F(Interrupt, on_another_thread_writes_to_no_descriptor_that_is_another_ones_by_then) {
  constexpr std::int64_t all_that_the_end_needs = 50'000'000;  // nanoseconds of processor time
  event_loop loop;
  async::interrupt_guard guard(loop, create_task(loop, sleep_for(1ms)));
  stopped_write held;
  std::latch holds(1);
  std::thread handling([&] {
    held.hold();
    holds.count_down();
    while (!held.over()) ::poll(nullptr, 0, 1);
  });
  holds.wait();
  ::pthread_kill(handling.native_handle(), SIGINT);
  held.await();
  testing_support::presence where;
  std::latch looked(1);
  std::thread looking([&] {
    where.wait_until_blocked(all_that_the_end_needs);
    EXPECT_NE(::fcntl(held.descriptor(), F_GETFD), -1) << "the guard has closed it";
    held.go_on();
    looked.count_down();
  });
  where.announce();
  guard.end();
  looked.wait();
  looking.join();
  handling.join();
  EXPECT_TRUE(guard.interrupted());
}

}  // namespace
}  // namespace handoff::async_tests
