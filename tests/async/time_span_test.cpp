// Spans of time that nanoseconds cannot count: they never pass, wherever they are given, and what waits for
// them can be cancelled.
#include <gtest/gtest.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <ratio>
#include <string>
#include <utility>
#include <vector>

#include "queues/async/calls.hpp"
#include "queues/async/debug.hpp"
#include "queues/async/time_span.hpp"
#include "queues/async/timeout.hpp"
#include "queues/async/wait.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::event;
using async::time_span;
using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::years;

constexpr nanoseconds longest = nanoseconds::max();
constexpr nanoseconds shortest = nanoseconds::min();

TEST(TimeSpan, keeps_what_nanoseconds_can_count) {
  EXPECT_EQ(nanoseconds(time_span(5ms)), 5ms);
  EXPECT_EQ(nanoseconds(time_span(-3h)), -3h);
  EXPECT_EQ(nanoseconds(time_span(0s)), 0s);
  EXPECT_EQ(nanoseconds(time_span(longest)), longest);
  EXPECT_EQ(nanoseconds(time_span(shortest)), shortest);
  EXPECT_EQ(nanoseconds(time_span(seconds(9'223'372'036))), seconds(9'223'372'036));
  EXPECT_EQ(nanoseconds(time_span(years(292))), years(292));
  EXPECT_EQ(nanoseconds(time_span(std::chrono::duration<std::int8_t, hours::period>(100))), 100h);
  EXPECT_EQ(nanoseconds(time_span(std::chrono::duration<std::uint64_t, std::nano>(7))), 7ns);
}

TEST(TimeSpan, of_more_is_the_longest_there_is) {
  EXPECT_EQ(nanoseconds(time_span(seconds(9'223'372'037))), longest);
  EXPECT_EQ(nanoseconds(time_span(years(293))), longest);
  EXPECT_EQ(nanoseconds(time_span(hours::max())), longest);
  EXPECT_EQ(nanoseconds(time_span(seconds::max())), longest);
  EXPECT_EQ(nanoseconds(time_span(std::chrono::milliseconds::max())), longest);
  EXPECT_EQ(nanoseconds(time_span(std::chrono::duration<std::uint64_t, std::nano>(UINT64_MAX))), longest);
}

TEST(TimeSpan, of_less_is_the_shortest_there_is) {
  EXPECT_EQ(nanoseconds(time_span(years(-293))), shortest);
  EXPECT_EQ(nanoseconds(time_span(hours::min())), shortest);
}

TEST(TimeSpan, after_a_moment_comes_never_where_the_clock_cannot_count_as_far) {
  EXPECT_EQ(async::later(5ms, 5ms), 10ms);
  EXPECT_EQ(async::later(0ms, longest), async::never);
  EXPECT_EQ(async::later(5ms, longest), async::never);
  EXPECT_EQ(async::later(5ms, longest - 4ms), async::never);
  EXPECT_EQ(async::later(5ms, longest - 6ms), longest - 1ms);
  EXPECT_EQ(async::later(longest - 1ms, 1h), async::never);
  EXPECT_EQ(async::later(5ms, shortest), shortest + 5ms);
}

TEST(TimeSpan, left_until_a_moment_that_has_passed_is_nothing) {
  EXPECT_EQ(async::left_until(8ms, 5ms), 3ms);
  EXPECT_EQ(async::left_until(5ms, 5ms), 0ms);
  EXPECT_EQ(async::left_until(shortest, 5ms), 0ms);
  EXPECT_EQ(async::left_until(async::never, 5ms), longest - 5ms);
}

/// A fraction, which may be no number at all, is refused where it is compiled, and so is a unit finer than
/// the clock's.
static_assert(!std::convertible_to<std::chrono::duration<double>, time_span>);
static_assert(!std::convertible_to<std::chrono::duration<float, std::nano>, time_span>);
static_assert(!std::convertible_to<std::chrono::duration<int, std::pico>, time_span>);

/// Each operation that takes a span, waiting for something that does not come within it.
template <class Span>
std::vector<std::pair<std::string, task<>>> waits_of(event_loop& loop, event& flag, Span span) {
  std::vector<std::pair<std::string, task<>>> all;
  all.emplace_back("sleep", [](Span delay) -> task<> { co_await async::sleep(delay); }(span));
  all.emplace_back("timeout of an awaiter", [](event& awaited, Span delay) -> task<> {
    co_await async::timeout(delay, awaited.wait());
  }(flag, span));
  all.emplace_back("timeout of a coroutine", [](event& awaited, Span delay) -> task<> {
    task<> limited = async::timeout(delay, wait_on(awaited));
    co_await std::move(limited);
  }(flag, span));
  all.emplace_back("timeout_scope", [](event& awaited, Span delay) -> task<> {
    const async::timeout_scope limit(delay);
    co_await awaited.wait();
  }(flag, span));
  all.emplace_back("reschedule", [](event& awaited, Span delay) -> task<> {
    async::timeout_scope limit(1s);
    limit.reschedule(delay);
    co_await awaited.wait();
  }(flag, span));
  all.emplace_back("wait", [](event_loop& own, event& awaited, Span delay) -> task<> {
    std::vector<task_handle<>> others{create_task(own, wait_on(awaited))};
    co_await async::wait(std::move(others), async::until::all_completed, delay);
  }(loop, flag, span));
  all.emplace_back("wait_for of a task", [](event_loop& own, event& awaited, Span delay) -> task<> {
    task<> limited = async::wait_for(create_task(own, wait_on(awaited)), delay);
    co_await std::move(limited);
  }(loop, flag, span));
  all.emplace_back("wait_for of a coroutine", [](event& awaited, Span delay) -> task<> {
    task<> limited = async::wait_for(wait_on(awaited), delay);
    co_await std::move(limited);
  }(flag, span));
  return all;
}

/// Nothing of it ends within a hundred years, nor ever; all of it can be cancelled.
template <class Span>
void never_ends(Span span) {
  virtual_loop loop;
  event never{loop};
  std::vector<task_handle<>> all;
  events log;
  for (auto& [name, work] : waits_of(loop, never, span))
    all.push_back(create_task(loop, tell(loop, name, std::move(work), log)));
  async::call_handle call = async::call_later(loop, span, [&] { log.push_back(at(loop, "called")); });
  create_task(loop, sleep_for(years(100)));
  run_all(loop);
  EXPECT_EQ(log, events{});
  EXPECT_EQ(loop.time(), years(100));
  for (const task_handle<>& one : all) one.cancel();
  call.cancel();
  run_all(loop);
  EXPECT_EQ(log.size(), all.size());
  for (const task_handle<>& one : all) EXPECT_TRUE(one.cancelled());
  EXPECT_TRUE(loop.timers().empty());
  EXPECT_EQ(loop.time(), years(100));
}

TEST(TimeSpan, of_hours_max_never_passes) { never_ends(hours::max()); }
TEST(TimeSpan, of_seconds_max_never_passes) { never_ends(seconds::max()); }
TEST(TimeSpan, of_milliseconds_max_never_passes) { never_ends(std::chrono::milliseconds::max()); }
TEST(TimeSpan, of_nanoseconds_max_never_passes) { never_ends(nanoseconds::max()); }
TEST(TimeSpan, of_300_years_never_passes) { never_ends(years(300)); }

/// And before the beginning of the clock all of it is over at once.
TEST(TimeSpan, of_hours_min_is_over_at_once) {
  virtual_loop loop;
  event never{loop};
  events log;
  for (auto& [name, work] : waits_of(loop, never, hours::min()))
    create_task(loop, tell(loop, name, std::move(work), log));
  async::call_later(loop, hours::min(), [&] { log.push_back("called"); });
  run_all(loop);
  EXPECT_EQ(log.size(), 9U);
  EXPECT_EQ(loop.time(), 0s);
}

TEST(TimeSpan, of_hours_max_finds_no_step_slow) {
  events found;
  async::debug_mode debug(hours::max(), [&](const std::string& line) { found.push_back(line); });
  virtual_loop loop;
  debug.watch(loop);
  create_task(loop, sleep_for(1h));
  run_all(loop);
  EXPECT_EQ(found, events{});
}

}  // namespace
}  // namespace handoff::async_tests
