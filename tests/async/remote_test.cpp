// Calls from elsewhere: what was promised is done.
#include "queues/async/remote.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "tests/async/allocations.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {

namespace {

TEST(Remote, a_call_that_was_accepted_runs_although_the_last_remote_goes_while_the_loop_takes_calls_over) {
  event_loop loop;
  std::optional<async::remote> far = async::remote_of(loop);
  int ran = 0;
  int accepted = far->call_soon([&] { ++ran; }) ? 1 : 0;
  // The loop's first allocation is for that call, which it has taken over by then.
  allocations::at_the_next([&] {
    accepted += far->call_soon([&] { ++ran; }) ? 1 : 0;
    far.reset();
  });
  loop.run_to_the_end();
  EXPECT_FALSE(far.has_value());
  EXPECT_EQ(accepted, 2);
  EXPECT_EQ(ran, accepted);
}

TEST(Remote, the_loop_ends_when_the_last_remote_has_gone) {
  event_loop loop;
  int ran = 0;
  {
    const async::remote far = async::remote_of(loop);
    const async::remote copy = far;
    EXPECT_TRUE(copy.call_soon([&] { ++ran; }));
  }
  loop.run_to_the_end();
  EXPECT_EQ(ran, 1);
  EXPECT_TRUE(loop.io().empty());
}

}  // namespace

}  // namespace handoff::async_tests
