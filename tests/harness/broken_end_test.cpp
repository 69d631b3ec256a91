// Queues for threads that are wrong about the end of the work: join and shutdown.
#include <gtest/gtest.h>

#include <string>

#include "tests/harness/faulty_contenders.hpp"
#include "tests/harness/trial.hpp"

namespace handoff::harness_tests {

namespace {

using harness::item_kind;
using harness::scenario;
using harness::stop_protocol;
using enum moment;
using enum judged_by;
using enum harness::scenario;
using enum harness::stop_protocol;

class broken_end : public testing::TestWithParam<broken> {};

TEST_P(broken_end, ends_as_the_right_status_and_never_as_a_number) {
  expect_right_end(GetParam(), faulty_fifo_contender);
}

INSTANTIATE_TEST_SUITE_P(
    of_join, broken_end,
    testing::Values(
        broken{"joins_at_once",
               {.what = fault::joins_at_once, .scenario = join},
               "corrupt",
               "join returned when"},
        broken{"joins_at_once_among_many_workers",
               {.what = fault::joins_at_once, .producers = 2, .consumers = 2, .scenario = join},
               "corrupt",
               "join returned when"},
        broken{"joins_after_one_item",
               {.what = fault::joins_after_one, .scenario = join},
               "corrupt",
               "join returned when"},
        broken{"never_joins",
               {.what = fault::never_joins, .how = stalling, .scenario = join},
               "timeout",
               "join did not return although every item was done"},
        broken{"loses_an_item",
               {.what = fault::loses, .when = in_a_sample, .how = stalling, .scenario = join},
               "corrupt",
               "1 of 32 items were lost"},
        broken{"doubles_an_item",
               {.what = fault::doubles, .when = in_a_sample, .scenario = join},
               "corrupt",
               "came out"},
        broken{"swaps_two_items",
               {.what = fault::swaps, .when = in_a_sample, .scenario = join},
               "corrupt",
               "order"},
        broken{"tears_an_item",
               {.what = fault::tears, .when = in_a_sample, .item = item_kind::bytes_64, .scenario = join},
               "corrupt",
               "torn"},
        broken{"forgets_a_wake_up",
               {.what = fault::forgets_wake_up, .when = in_a_sample, .how = stalling, .scenario = join},
               "timeout",
               "slept"},
        broken{"throws_in_task_done",
               {.what = fault::throws_in_task_done, .when = in_a_sample, .scenario = join},
               "corrupt",
               "this task_done was told to throw"},
        broken{"hangs_in_task_done",
               {.what = fault::hangs_in_task_done, .when = in_a_sample, .how = impatience, .scenario = join},
               "timeout"},
        broken{"loses_an_item_of_the_warm_up",
               {.what = fault::loses, .how = stalling, .scenario = join},
               "corrupt",
               "of 512 items were lost"}),
    by_name);

INSTANTIATE_TEST_SUITE_P(
    of_shutdown_by_close, broken_end,
    testing::Values(
        broken{"accepts_a_push_after_close",
               {.what = fault::accepts_after_close, .scenario = shutdown, .stop = close},
               "corrupt",
               "a push after close was answered success"},
        broken{"accepts_a_push_after_close_in_a_sample",
               {.what = fault::accepts_after_close, .when = in_a_sample, .scenario = shutdown, .stop = close},
               "corrupt",
               "a push after close was answered success"},
        broken{"answers_empty_to_a_pop_after_close",
               {.what = fault::empty_after_close, .consumers = 2, .scenario = shutdown, .stop = close},
               "corrupt",
               "answered empty, not closed"},
        broken{"forgets_to_wake_the_blocked",
               {.what = fault::forgets_wake_up_at_close,
                .how = impatience,
                .consumers = 2,
                .scenario = shutdown,
                .stop = close},
               "timeout",
               "the warm-up of shutdown/faulty"},
        broken{"hangs_in_close",
               {.what = fault::hangs_in_close, .how = impatience, .scenario = shutdown, .stop = close},
               "timeout"},
        broken{"answers_closed_before_it_is_closed",
               {.what = fault::closed_to_pop, .how = stalling, .scenario = shutdown, .stop = close},
               "corrupt",
               "answered closed"},
        broken{"crashes_in_pop",
               {.what = fault::crashes_in_pop, .scenario = shutdown, .stop = close},
               "crashed"}),
    by_name);

INSTANTIATE_TEST_SUITE_P(
    of_shutdown_by_cancelling, broken_end,
    testing::Values(
        broken{"ignores_a_stop_request",
               {.what = fault::ignores_stop,
                .how = impatience,
                .consumers = 2,
                .scenario = shutdown,
                .stop = join_cancel},
               "timeout"},
        broken{"answers_closed_to_the_cancelled",
               {.what = fault::closed_when_cancelled, .scenario = shutdown, .stop = join_cancel},
               "corrupt",
               "answered closed, not cancelled"},
        broken{"never_joins",
               {.what = fault::never_joins, .how = impatience, .scenario = shutdown, .stop = join_cancel},
               "timeout"},
        broken{
            "hangs_in_task_done",
            {.what = fault::hangs_in_task_done, .how = impatience, .scenario = shutdown, .stop = join_cancel},
            "timeout"}),
    by_name);

INSTANTIATE_TEST_SUITE_P(
    of_shutdown_by_markers, broken_end,
    testing::Values(
        broken{"loses_an_item",
               {.what = fault::loses,
                .when = after_the_proof,
                .how = stalling,
                .consumers = 2,
                .scenario = shutdown,
                .stop = sentinel},
               "corrupt",
               "1 of 16 items were lost"},
        broken{"loses_an_end_marker",
               {.what = fault::loses, .nth = 9, .how = impatience, .scenario = shutdown, .stop = sentinel},
               "timeout"},
        broken{"loses_a_relayed_marker",
               {.what = fault::loses,
                .nth = 18,
                .when = after_the_proof,
                .how = impatience,
                .consumers = 2,
                .scenario = shutdown,
                .stop = relay},
               "timeout"},
        broken{"doubles_an_item",
               {.what = fault::doubles, .scenario = shutdown, .stop = relay},
               "corrupt",
               "came out"},
        broken{"swaps_two_items",
               {.what = fault::swaps, .scenario = shutdown, .stop = sentinel},
               "corrupt",
               "order"},
        broken{"forgets_a_wake_up",
               {.what = fault::forgets_wake_up, .how = stalling, .scenario = shutdown, .stop = sentinel},
               "timeout",
               "slept"},
        broken{"answers_closed_to_a_pop",
               {.what = fault::closed_to_pop, .how = stalling, .scenario = shutdown, .stop = sentinel},
               "corrupt",
               "answered closed"},
        broken{"answers_closed_to_a_push",
               {.what = fault::closed_to_push, .scenario = shutdown, .stop = sentinel},
               "corrupt",
               "push answered closed"},
        broken{
            "hangs_in_its_destructor",
            {.what = fault::hangs_in_destructor, .how = impatience, .scenario = shutdown, .stop = sentinel},
            "timeout"}),
    by_name);

/// An exception of a consumer or of the stopping thread makes the cell corrupt, as in the other scenarios.
INSTANTIATE_TEST_SUITE_P(
    of_shutdown_by_throwing, broken_end,
    testing::Values(broken{"throws_in_push",
                           {.what = fault::throws_in_push, .scenario = shutdown, .stop = sentinel},
                           "corrupt",
                           "this push was told to throw"},
                    broken{"throws_in_pop",
                           {.what = fault::throws_in_pop, .scenario = shutdown, .stop = sentinel},
                           "corrupt",
                           "this pop was told to throw"},
                    broken{"throws_in_task_done",
                           {.what = fault::throws_in_task_done, .scenario = shutdown, .stop = join_cancel},
                           "corrupt",
                           "this task_done was told to throw"}),
    by_name);

testing::AssertionResult all_ok(const ending& e) {
  if (e.exit_status != 0 || e.samples.size() != 2) return testing::AssertionFailure() << e;
  for (const report_line& s : e.samples)
    if (s.status != "ok" || !s.holds_a_figure) return testing::AssertionFailure() << e;
  return testing::AssertionSuccess();
}

TEST(queue_without_order, may_swap_items) {
  for (const scenario what : {scenario::throughput, scenario::join, scenario::shutdown})
    EXPECT_TRUE(all_ok(run({.what = fault::swaps, .scenario = what}, faulty_unordered_contender)))
        << to_string(what);
}

TEST(queue_without_order, may_not_lose_items) {
  EXPECT_TRUE(
      ends_as(run({.what = fault::loses, .how = stalling}, faulty_unordered_contender), "corrupt", "lost"));
}

TEST(queue_without_a_fault, is_ok_in_every_scenario) {
  for (const scenario what : {scenario::throughput, scenario::ping_pong, scenario::join})
    for (const item_kind item : {item_kind::bytes_8, item_kind::bytes_64, item_kind::move_only})
      EXPECT_TRUE(all_ok(run({.item = item, .scenario = what}, faulty_fifo_contender)))
          << to_string(what) << to_string(item);
  for (const stop_protocol stop : harness::stop_protocol_words.values())
    EXPECT_TRUE(all_ok(run({.consumers = 2, .scenario = shutdown, .stop = stop}, faulty_fifo_contender)))
        << to_string(stop);
}

}  // namespace

}  // namespace handoff::harness_tests
