// What the tests take for a blocked thread.
#include "tests/support/presence.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "tests/support/watchdog.hpp"

namespace handoff {

namespace {

/// Runs for as long as the way into a wait may take if its code and memory are touched for the first time.
void be_slow_on_the_way_in(const testing_support::presence& me) {
  constexpr std::int64_t slow = 230'000;  // nanoseconds of processor time
  for (const std::int64_t began = me.used(); me.used() - began < slow;) {
  }
}

TEST(presence, a_thread_on_its_way_into_a_wait_is_not_blocked_yet) {
  testing_support::watchdog hung("presence", 0);
  for (int round = 0; round < 20; ++round) {
    testing_support::presence where;
    std::atomic<bool> in_the_wait{false};
    std::atomic<bool> over{false};
    std::thread waiter([&] {
      where.announce();
      be_slow_on_the_way_in(where);
      in_the_wait = true;
      over.wait(false);
    });
    where.wait_until_blocked();
    EXPECT_TRUE(in_the_wait);
    over = true;
    over.notify_one();
    waiter.join();
  }
}

TEST(presence, a_thread_that_waits_without_sleep_counts_as_blocked_after_a_while) {
  testing_support::watchdog hung("presence", 0);
  testing_support::presence where;
  std::atomic<bool> over{false};
  std::thread waiter([&] {
    where.announce();
    while (!over) std::this_thread::yield();
  });
  where.wait_until_blocked();  // the watchdog's, if it never returns
  over = true;
  waiter.join();
}

}  // namespace

}  // namespace handoff
