// The watchdog, the exit path of a cell, and the meters: how a hung cell ends, and what it spent.
#include "harness/watchdog.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "harness/abandon.hpp"
#include "harness/busy_work.hpp"
#include "harness/clock.hpp"
#include "harness/resources.hpp"
#include "tests/harness/child.hpp"
#include "tests/support/watchdog.hpp"

namespace handoff::harness_tests {

namespace {

using namespace std::chrono_literals;

TEST(watchdog, lets_a_step_pass_that_ends_in_time) {
  const ending e = run_in_child([](const reporter& report) {
    for (int i = 0; i < 100; ++i) const harness::watchdog fine(10min, "a short step");
    report.took({});
  });
  EXPECT_EQ(e.status(), "ok") << e;
}

TEST(watchdog, gives_a_hung_step_up_by_its_name) {
  const ending e = run_in_child([](const reporter&) {
    const harness::watchdog hung(30ms, "a sample of throughput/some_queue");
    for (;;) ::pause();
  });
  EXPECT_EQ(e.status(), "timeout") << e;
  EXPECT_EQ(e.detail(), "a sample of throughput/some_queue did not end within 0.03 s");
  EXPECT_EQ(e.exit_status, 1);
}

TEST(watchdog, of_an_outer_step_expires_whatever_an_inner_one_allows) {
  const ending e = run_in_child([](const reporter&) {
    const harness::watchdog outer(50ms, "the outer step");
    const harness::watchdog inner(10min, "the inner step");
    for (;;) ::pause();
  });
  EXPECT_EQ(e.detail(), "the outer step did not end within 0.05 s") << e;
}

/// Stops the whole process, as a debugger or a machine that sleeps does, while its parent waits for `span`.
void stand_still(std::chrono::nanoseconds span) {
  const pid_t self = ::getpid();
  const pid_t waker = ::fork();
  if (waker == 0) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(span);
    timespec wait{.tv_sec = seconds.count(), .tv_nsec = (span - seconds).count()};
    for (; ::getppid() == self; wait = {.tv_sec = 0, .tv_nsec = 10'000'000}) {  // it may not stand yet
      ::nanosleep(&wait, nullptr);
      ::kill(self, SIGCONT);
    }
    ::_exit(0);
  }
  ::raise(SIGSTOP);
  ::kill(waker, SIGKILL);
  ::waitpid(waker, nullptr, 0);
}

TEST(watchdog, does_not_count_the_time_in_which_the_whole_process_was_stopped) {
  const ending e = run_in_child([](const reporter& report) {
    {
      const harness::watchdog fine(1s, "a step in a machine that slept");
      std::this_thread::sleep_for(50ms);  // it looks, before and after
      stand_still(1500ms);
      std::this_thread::sleep_for(50ms);
    }
    report.took({});
  });
  EXPECT_EQ(e.status(), "ok") << e;
}

TEST(abandon, tells_the_handler_and_ends_the_process_with_status_1) {
  const ending e = run_in_child(
      [](const reporter&) { harness::abandon(harness::sample_status::corrupt, "the sun went down"); });
  EXPECT_EQ(e.status(), "corrupt") << e;
  EXPECT_EQ(e.detail(), "the sun went down");
  EXPECT_FALSE(e.any_number());
  EXPECT_EQ(e.exit_status, 1);
}

TEST(abandon, is_done_by_one_thread_however_many_call_it) {
  const ending e = run_in_child([](const reporter& report) {
    int calls = 0;  // unguarded: a second call would be the fault
    harness::on_abandon([&](const harness::sample& s) {
      ++calls;
      report.took({});
      if (calls == 1) report.gave_up(s);
    });
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([] { harness::abandon(harness::sample_status::timeout, "one of eight"); });
    for (std::thread& thread : threads) thread.join();
  });
  EXPECT_EQ(e.samples.size(), 1u) << e;
  EXPECT_EQ(e.status(), "timeout") << e;
  EXPECT_EQ(e.exit_status, 1);
}

TEST(abandon, without_a_handler_still_ends_the_process) {
  const ending e = run_in_child([](const reporter&) {
    harness::on_abandon(nullptr);
    harness::abandon(harness::sample_status::timeout, "nobody listens");
  });
  EXPECT_EQ(e.exit_status, 1) << e;
  EXPECT_EQ(e.status(), "silent");
}

TEST(resource_meter, counts_the_work_that_was_done) {
  const testing_support::watchdog hung("resource_meter", 0);
  const harness::resource_meter meter;
  harness::resource_usage before = meter.since();
  while (meter.since().cpu_user_s < before.cpu_user_s + 0.02)
    harness::work(100'000);  // ends only if work is seen
  const harness::resource_usage after = meter.since();
  EXPECT_GE(after.cpu_system_s, before.cpu_system_s);
  EXPECT_GE(after.switches_voluntary, before.switches_voluntary);
  EXPECT_GE(after.switches_involuntary, before.switches_involuntary);
  EXPECT_GE(after.peak_rss_bytes, before.peak_rss_bytes);
  EXPECT_GT(after.peak_rss_bytes, 1'000'000u);
  if (after.steal_s) {
    EXPECT_GE(*after.steal_s, *before.steal_s);
  }
}

TEST(resource_meter, counts_a_blocked_thread_as_a_voluntary_switch) {
  const testing_support::watchdog hung("resource_meter", 0);
  const harness::resource_meter meter;
  while (meter.since().switches_voluntary < 10) std::thread([] {}).join();
}

TEST(resource_meter, counts_from_its_own_start) {
  harness::work(harness::turns_for(1'000'000));
  const harness::resource_usage fresh = harness::resource_meter().since();
  EXPECT_GE(fresh.cpu_user_s, 0);
  EXPECT_GE(fresh.cpu_system_s, 0);
}

TEST(clock_cost, is_a_cost_and_always_the_same) {
  const double cost = harness::clock_cost_ns();
  EXPECT_GT(cost, 0);
  EXPECT_EQ(harness::clock_cost_ns(), cost);
}

TEST(turns_for, grow_with_the_time_that_they_should_last) {
  EXPECT_EQ(harness::turns_for(0), 0u);
  EXPECT_GE(harness::turns_for(1), 1u);
  std::uint64_t last = 0;
  for (const std::uint32_t ns : {10u, 100u, 1000u, 10'000u}) {
    EXPECT_GT(harness::turns_for(ns), last);
    last = harness::turns_for(ns);
    EXPECT_EQ(harness::turns_for(ns), last);
  }
}

}  // namespace

}  // namespace handoff::harness_tests
