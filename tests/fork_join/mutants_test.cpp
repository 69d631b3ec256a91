// Executors with a planted fault each: the schedule that is meant to find it must do so, in every run. The
// same schedules end well with the steps that are shipped.
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>

#include "queues/stealing/detail/hub_steps.hpp"
#include "tests/fork_join/schedules.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/planted.hpp"

namespace handoff::fork_join_tests {
namespace {

using stealing::detail::awaited_record;
using stealing::detail::record;
using stealing::detail::steps;
using support::eventcount;

struct asks_nobody : steps {
  static void request(std::atomic<bool>&, bool) noexcept {}
};
struct asks_for_one_branch_at_a_time : steps {
  static bool more_wanted(std::size_t idle, std::size_t listed) noexcept { return idle > 0 && listed == 0; }
};
struct wakes_nobody : steps {
  static void wake_one(eventcount&) noexcept {}
};
struct leaves_what_it_takes_in_the_list : steps {
  static record* pick(support::intrusive_list<record>& list) noexcept {
    return list.empty() ? nullptr : &list.front();
  }
};
struct does_not_wait_for_a_stolen_branch : steps {
  static bool is_over(const record&) noexcept { return true; }
};
struct calls_a_branch_over_when_it_is_taken : steps {
  static record* pick(support::intrusive_list<record>& list) noexcept {
    record* const r = steps::pick(list);
    if (r != nullptr) r->where = record::place::over;
    return r;
  }
};
struct loses_exceptions : steps {
  static void mark_over(awaited_record& r) noexcept {
    r.threw = false;
    steps::mark_over(r);
  }
};
struct wakes_no_join : steps {
  static void wake_joiner(eventcount::waiter&) noexcept {}
};
struct does_not_look_before_it_sleeps : steps {
  static bool stays_awake(bool) noexcept { return false; }
};

class Schedules : public testing_support::guarded {};

TEST_F(Schedules, end_well_with_the_shipped_steps) {
  for (int i = 0; i < 20; ++i) {
    a_fork_gives_its_branch_to_an_idle_thread<steps>();
    as_many_branches_are_given_away_as_threads_are_idle<steps>();
    a_branch_given_away_wakes_a_sleeper<steps>();
    a_stolen_branch_runs_once<steps>();
    a_join_returns_after_its_stolen_branch<steps>();
    a_join_that_is_woken_for_another_branch_waits_on_for_its_own<steps>();
    the_exception_of_a_stolen_branch_comes_out<steps>();
    the_end_of_a_stolen_branch_wakes_its_join<steps>();
    a_thread_that_is_about_to_sleep_sees_what_was_given_away_before<steps>();
  }
}

class Mutants : public testing_support::planted {};

TEST_F(Mutants, one_that_asks_nobody_is_found) {
  EXPECT_FOUND(&a_fork_gives_its_branch_to_an_idle_thread<asks_nobody>, "request was lost");
}
TEST_F(Mutants, one_that_asks_for_one_branch_at_a_time_is_found) {
  EXPECT_FOUND(&as_many_branches_are_given_away_as_threads_are_idle<asks_for_one_branch_at_a_time>,
               "request was lost");
}
TEST_F(Mutants, one_that_wakes_nobody_is_found) {
  EXPECT_FOUND(&a_branch_given_away_wakes_a_sleeper<wakes_nobody>, "sleeper was missed");
}
TEST_F(Mutants, one_that_leaves_what_it_takes_in_the_list_is_found) {
  EXPECT_FOUND(&a_stolen_branch_runs_once<leaves_what_it_takes_in_the_list>, "ran twice");
}
TEST_F(Mutants, one_that_does_not_wait_for_a_stolen_branch_is_found) {
  EXPECT_FOUND(&a_join_returns_after_its_stolen_branch<does_not_wait_for_a_stolen_branch>,
               "before its branch");
}
TEST_F(Mutants, one_that_calls_a_branch_over_when_it_is_taken_is_found) {
  EXPECT_FOUND(&a_join_returns_after_its_stolen_branch<calls_a_branch_over_when_it_is_taken>,
               "before its branch");
}
TEST_F(Mutants, one_that_loses_exceptions_is_found) {
  EXPECT_FOUND(&the_exception_of_a_stolen_branch_comes_out<loses_exceptions>, "exception was lost");
}
TEST_F(Mutants, one_that_wakes_no_join_is_found) {
  EXPECT_FOUND(&the_end_of_a_stolen_branch_wakes_its_join<wakes_no_join>, "was not woken");
}
TEST_F(Mutants, one_that_does_not_look_before_it_sleeps_is_found) {
  EXPECT_FOUND(
      &a_thread_that_is_about_to_sleep_sees_what_was_given_away_before<does_not_look_before_it_sleeps>,
      "sleeps although");
}

}  // namespace
}  // namespace handoff::fork_join_tests
