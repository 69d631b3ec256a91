// Who is slow is not said to have lost anything; nor is anybody whose process was stopped.
#include "harness/stall_watch.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "harness/watched_time.hpp"
#include "tests/harness/faulty_contenders.hpp"
#include "tests/harness/trial.hpp"

namespace handoff::harness_tests {

namespace {

using namespace std::chrono_literals;
using harness::scenario;

struct hand_moved {
  static inline std::int64_t ns = 0;
  static std::int64_t now_ns() noexcept { return ns; }
  static void advance(std::chrono::nanoseconds by) noexcept { ns += by.count(); }
};

TEST(watched_time, counts_no_more_than_two_pauses_of_a_gap) {
  harness::basic_watched_time<hand_moved> time(10ms);
  hand_moved::advance(11ms);
  EXPECT_EQ(time.look(), 11ms);
  hand_moved::advance(1h);
  EXPECT_EQ(time.look(), 31ms);
  time.start();
  hand_moved::advance(9ms);
  EXPECT_EQ(time.look(), 9ms);
}

/// Whether all sleep.
constexpr auto yes = [] { return true; };
constexpr auto no = [] { return false; };

struct looking {
  harness::basic_stall_watch<hand_moved> watch{100ms, 10ms};
  template <class AllSleep>
  bool looks(int times, AllSleep all_sleep, std::uint64_t progress = 7) {
    for (int i = 0; i < times; ++i) {
      hand_moved::advance(10ms);
      if (watch.stands_still(progress, all_sleep)) return true;
    }
    return false;
  }
};

TEST(stall_watch, says_so_when_nothing_moves_for_the_limit_and_all_sleep) {
  looking l;
  EXPECT_FALSE(l.looks(11, yes));
  EXPECT_TRUE(l.looks(1, yes));
}

TEST(stall_watch, starts_again_when_something_moves) {
  looking l;
  EXPECT_FALSE(l.looks(11, yes, 7));
  EXPECT_FALSE(l.looks(11, yes, 8));
  EXPECT_TRUE(l.looks(1, yes, 8));
}

TEST(stall_watch, waits_on_for_who_runs_and_gives_everybody_the_limit_afterwards) {
  looking l;
  EXPECT_FALSE(l.looks(1 + 10 * 11, no));
  EXPECT_FALSE(l.looks(10, yes));
  EXPECT_TRUE(l.looks(1, yes));
}

TEST(stall_watch, concludes_nothing_from_a_time_in_which_the_process_was_stopped) {
  looking l;
  EXPECT_FALSE(l.looks(2, yes));
  hand_moved::advance(1h);
  EXPECT_FALSE(l.looks(7, yes));
  EXPECT_TRUE(l.looks(5, yes));
}

class slow_consumer : public testing::TestWithParam<scenario> {};

TEST_P(slow_consumer, is_not_said_to_have_lost_or_slept_through_anything) {
  const trial dawdling{.what = fault::dawdles_in_pop,
                       .when = moment::in_a_sample,
                       .how = judged_by::stalling,
                       .scenario = GetParam()};
  EXPECT_EQ(run(dawdling, faulty_fifo_contender).status(), "ok") << run(dawdling, faulty_fifo_contender);
}

INSTANTIATE_TEST_SUITE_P(of, slow_consumer,
                         testing::Values(scenario::throughput, scenario::join, scenario::shutdown,
                                         scenario::tree),
                         [](const auto& info) { return std::string(to_string(info.param)); });

TEST(slow_consumer, of_a_proof_of_order_is_not_said_to_have_lost_anything) {
  const trial dawdling{.what = fault::dawdles_in_pop, .how = judged_by::stalling, .producers = 2};
  EXPECT_EQ(run(dawdling, faulty_fifo_contender).status(), "ok");
}

}  // namespace

}  // namespace handoff::harness_tests
