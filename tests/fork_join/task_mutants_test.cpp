// As mutants_test.cpp, for the steps of coroutines.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <limits>

#include "queues/stealing/detail/hub_steps.hpp"
#include "tests/fork_join/task_schedules.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/planted.hpp"

namespace handoff::fork_join_tests {
namespace {

using stealing::detail::continuation_stack;
using stealing::detail::record;
using stealing::detail::steps;
using support::eventcount;

struct lets_a_join_pass : steps {
  static bool all_over(std::int64_t) noexcept { return true; }
};
struct does_not_count_a_steal : steps {
  static std::uint32_t stolen_again(std::uint32_t times) noexcept { return times; }
};
struct keeps_what_it_gives_away : steps {
  static record& give(continuation_stack& continuations) noexcept {
    record& oldest = continuations.take_oldest();
    continuations.push(oldest);
    return oldest;
  }
};
struct wakes_no_thief : steps {
  static void wake_one(eventcount&) noexcept {}
};
struct wakes_no_run : steps {
  static void wake_joiner(eventcount::waiter&) noexcept {}
};
struct loses_exceptions_of_children : steps {
  static bool comes_out(std::uint32_t, std::uint32_t) noexcept { return false; }
};
struct prefers_a_later_exception : steps {
  static bool comes_out(std::uint32_t order, std::uint32_t other) noexcept {
    return order > other || other == std::numeric_limits<std::uint32_t>::max();
  }
};
struct loses_strays : steps {
  template <class Frame>
  static Frame* take_strays(std::atomic<Frame*>& strays) noexcept {
    steps::take_strays(strays);
    return nullptr;
  }
};
struct counts_a_child_that_never_began : steps {
  static std::uint32_t refused(std::uint32_t times) noexcept { return times + 1; }
};

class TaskSchedules : public testing_support::guarded {};

TEST_F(TaskSchedules, end_well_with_the_shipped_steps) {
  for (int i = 0; i < 20; ++i) {
    a_join_continues_after_the_child_of_a_stolen_parent<steps>();
    the_end_of_a_task_waits_for_a_child_that_it_did_not_join<steps>();
    a_parent_is_continued_once<steps>();
    a_parent_given_away_wakes_a_sleeper<steps>();
    the_end_of_a_run_wakes_its_thread<steps>();
    the_first_exception_in_the_order_of_the_forks_comes_out<steps>();
    the_child_of_a_stolen_parent_leaves_its_result_and_no_frame<steps>();
    a_join_of_a_cancelled_run_ends<steps>();
  }
}

class TaskMutants : public testing_support::planted {};

TEST_F(TaskMutants, one_that_lets_a_join_pass_is_found) {
  EXPECT_FOUND(&a_join_continues_after_the_child_of_a_stolen_parent<lets_a_join_pass>, "before its child");
}
TEST_F(TaskMutants, one_that_lets_the_end_of_a_task_pass_is_found) {
  EXPECT_FOUND(&the_end_of_a_task_waits_for_a_child_that_it_did_not_join<lets_a_join_pass>,
               "before its child");
}
TEST_F(TaskMutants, one_that_does_not_count_a_steal_is_found) {
  EXPECT_FOUND(&a_join_continues_after_the_child_of_a_stolen_parent<does_not_count_a_steal>,
               "before its child");
}
TEST_F(TaskMutants, one_that_keeps_what_it_gives_away_is_found) {
  EXPECT_FOUND(&a_parent_is_continued_once<keeps_what_it_gives_away>, "continued twice");
}
TEST_F(TaskMutants, one_that_wakes_no_thief_is_found) {
  EXPECT_FOUND(&a_parent_given_away_wakes_a_sleeper<wakes_no_thief>, "sleeper was missed");
}
TEST_F(TaskMutants, one_that_wakes_no_run_is_found) {
  EXPECT_FOUND(&the_end_of_a_run_wakes_its_thread<wakes_no_run>, "was not woken");
}
TEST_F(TaskMutants, one_that_loses_exceptions_is_found) {
  EXPECT_FOUND(&the_first_exception_in_the_order_of_the_forks_comes_out<loses_exceptions_of_children>,
               "exception was lost");
}
TEST_F(TaskMutants, one_that_prefers_a_later_exception_is_found) {
  EXPECT_FOUND(&the_first_exception_in_the_order_of_the_forks_comes_out<prefers_a_later_exception>,
               "later exception");
}
TEST_F(TaskMutants, one_that_loses_strays_is_found) {
  EXPECT_FOUND(&the_child_of_a_stolen_parent_leaves_its_result_and_no_frame<loses_strays>, "frame was kept");
}
TEST_F(TaskMutants, one_that_counts_a_child_that_never_began_is_found) {
  EXPECT_FOUND(&a_join_of_a_cancelled_run_ends<counts_a_child_that_never_began>, "never began");
}

}  // namespace
}  // namespace handoff::fork_join_tests
