// Schedules that find a planted fault: what they report with, and how a test runs one.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/support/presence.hpp"
#include "tests/support/watchdog.hpp"

namespace handoff::testing_support {

inline constexpr int found = 42;  // exit status

/// Ends the process at once, because a mutant's threads may be about to touch what is no longer there.
[[noreturn]] inline void report(const char* finding) {
  std::fprintf(stderr, "%s\n", finding);
  std::_Exit(found);
}

/// Returns true once `thread` stays asleep although `over` does not come: it has missed what it waits for.
/// False once `over` has come.
inline bool sleeps_on(const std::atomic<bool>& over, const presence& thread) {
  constexpr int looks = 100;  // whoever is about to wake up is not asleep in the kernel as often as that
  for (int asleep = 0; !over; ++asleep) {
    thread.wait_until_blocked(INT64_MAX);
    if (asleep == looks && !over) return true;
  }
  return false;
}

/// Reports `finding` in that case.
inline void watch(const std::atomic<bool>& over, const presence& thread, const char* finding) {
  if (sleeps_on(over, thread)) report(finding);
}

/// Each runs in a child, which is killed if it hangs: then the fault is not found.
class planted : public ::testing::Test {
 protected:
  static void run(void (*schedule)()) {
    ::alarm(static_cast<unsigned>(watchdog_limit().count()));
    schedule();
  }
};

}  // namespace handoff::testing_support

/// In a test of `planted`.
#define EXPECT_FOUND(schedule, finding) \
  EXPECT_EXIT(run(schedule), ::testing::ExitedWithCode(::handoff::testing_support::found), finding)
