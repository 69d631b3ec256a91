// Queues for threads that do one thing wrong, through the real sessions: each ends as the right status, and
// never as a number.
#include <gtest/gtest.h>

#include <string>

#include "tests/harness/faulty_contenders.hpp"
#include "tests/harness/trial.hpp"

namespace handoff::harness_tests {

namespace {

using harness::item_kind;
using harness::scenario;

class broken_queue : public testing::TestWithParam<broken> {};

TEST_P(broken_queue, ends_as_the_right_status_and_never_as_a_number) {
  expect_right_end(GetParam(), faulty_fifo_contender);
}

constexpr auto in_a_sample = moment::in_a_sample;
constexpr auto stalling = judged_by::stalling;
constexpr auto impatience = judged_by::impatience;

INSTANTIATE_TEST_SUITE_P(
    of_items_in_throughput, broken_queue,
    testing::Values(
        broken{
            "loses_an_item", {.what = fault::loses, .how = stalling}, "corrupt", "1 of 512 items were lost"},
        broken{"loses_an_item_of_a_sample",
               {.what = fault::loses, .when = in_a_sample, .how = stalling},
               "corrupt",
               "items were lost"},
        broken{"loses_the_first_item", {.what = fault::loses, .nth = 1, .how = stalling}, "corrupt", "lost"},
        broken{"loses_the_last_item", {.what = fault::loses, .nth = 512, .how = stalling}, "corrupt", "lost"},
        broken{"loses_an_item_of_64_bytes",
               {.what = fault::loses, .how = stalling, .item = item_kind::bytes_64},
               "corrupt",
               "1 of 512 items were lost"},
        broken{"loses_a_move_only_item",
               {.what = fault::loses, .how = stalling, .item = item_kind::move_only},
               "corrupt",
               "1 of 512 items were lost"},
        broken{"loses_an_item_among_many_workers",
               {.what = fault::loses, .nth = 100, .how = stalling, .producers = 2, .consumers = 3},
               "corrupt",
               "1 of 512 items were lost"},
        broken{"doubles_an_item", {.what = fault::doubles}, "corrupt", "513 items came out, 512 went in"},
        broken{"doubles_an_item_of_a_sample",
               {.what = fault::doubles, .when = in_a_sample},
               "corrupt",
               "came out"},
        broken{
            "doubles_the_last_item", {.what = fault::doubles, .nth = 512}, "corrupt", "513 items came out"},
        broken{"doubles_a_move_only_item",
               {.what = fault::doubles, .item = item_kind::move_only},
               "corrupt",
               "513 items came out, 512 went in"},
        broken{"doubles_an_item_among_many_workers",
               {.what = fault::doubles, .nth = 100, .producers = 2, .consumers = 3},
               "corrupt",
               "513 items came out, 512 went in"},
        broken{
            "swaps_two_items", {.what = fault::swaps, .nth = 1}, "corrupt", "out of their producer's order"},
        broken{"swaps_two_items_of_a_sample",
               {.what = fault::swaps, .nth = 1, .when = in_a_sample},
               "corrupt",
               "out of their producer's order"},
        broken{"tears_an_item",
               {.what = fault::tears, .item = item_kind::bytes_64},
               "corrupt",
               "1 of 512 items arrived torn"},
        broken{"tears_an_item_of_a_sample",
               {.what = fault::tears, .when = in_a_sample, .item = item_kind::bytes_64},
               "corrupt",
               "items arrived torn"},
        broken{"invents_an_item", {.what = fault::invents}, "corrupt", "1 of 513 items were never pushed"},
        broken{"invents_an_end_marker", {.what = fault::invents_marker, .how = impatience}, "timeout"}),
    by_name);

INSTANTIATE_TEST_SUITE_P(
    of_calls_in_throughput, broken_queue,
    testing::Values(
        broken{"forgets_a_wake_up",
               {.what = fault::forgets_wake_up, .how = stalling},
               "timeout",
               "slept at 511 of 512"},
        broken{"hangs_in_push",
               {.what = fault::hangs_in_push, .how = impatience},
               "timeout",
               "the warm-up of throughput/faulty"},
        broken{"hangs_in_push_of_a_sample",
               {.what = fault::hangs_in_push, .when = in_a_sample, .how = impatience},
               "timeout"},
        broken{"hangs_in_pop",
               {.what = fault::hangs_in_pop, .how = impatience},
               "timeout",
               "the warm-up of throughput/faulty"},
        broken{"hangs_in_one_of_many_pops",
               {.what = fault::hangs_in_pop, .how = impatience, .consumers = 2},
               "timeout"},
        broken{"hangs_in_its_destructor", {.what = fault::hangs_in_destructor, .how = impatience}, "timeout"},
        broken{
            "answers_closed_to_a_push", {.what = fault::closed_to_push}, "corrupt", "push answered closed"},
        broken{"answers_closed_to_a_pop", {.what = fault::closed_to_pop}, "corrupt", "pop answered closed"},
        broken{"answers_full_to_a_push", {.what = fault::full_to_push}, "corrupt", "push answered full"},
        broken{"throws_in_push", {.what = fault::throws_in_push}, "corrupt", "this push was told to throw"},
        broken{"throws_in_push_of_an_end_marker",
               {.what = fault::throws_in_push, .nth = 513},
               "corrupt",
               "this push was told to throw"},
        broken{"throws_in_pop", {.what = fault::throws_in_pop}, "corrupt", "this pop was told to throw"},
        broken{"throws_what_is_no_exception", {.what = fault::throws_no_exception_class}, "crashed"},
        broken{"crashes_in_push", {.what = fault::crashes_in_push}, "crashed"},
        broken{"crashes_in_pop", {.what = fault::crashes_in_pop}, "crashed"},
        broken{"crashes_in_its_destructor", {.what = fault::crashes_in_destructor}, "crashed"}),
    by_name);

constexpr auto paced = scenario::paced;

INSTANTIATE_TEST_SUITE_P(
    in_paced, broken_queue,
    testing::Values(
        broken{
            "loses_an_item", {.what = fault::loses, .how = stalling, .scenario = paced}, "corrupt", "lost"},
        broken{"loses_an_item_of_a_sample",
               {.what = fault::loses, .when = in_a_sample, .how = stalling, .scenario = paced},
               "corrupt",
               "lost"},
        broken{"doubles_an_item_of_a_sample",
               {.what = fault::doubles, .when = in_a_sample, .scenario = paced},
               "corrupt",
               "came out"},
        broken{"swaps_two_items_of_a_sample",
               {.what = fault::swaps, .nth = 1, .when = in_a_sample, .scenario = paced},
               "corrupt",
               "order"},
        broken{"tears_an_item_of_a_sample",
               {.what = fault::tears, .when = in_a_sample, .item = item_kind::bytes_64, .scenario = paced},
               "corrupt",
               "torn"},
        broken{"forgets_a_wake_up_of_a_sample",
               {.what = fault::forgets_wake_up, .when = in_a_sample, .how = stalling, .scenario = paced},
               "timeout",
               "slept"},
        broken{"hangs_in_push_of_a_sample",
               {.what = fault::hangs_in_push, .when = in_a_sample, .how = impatience, .scenario = paced},
               "timeout"},
        broken{"crashes_in_pop_of_a_sample",
               {.what = fault::crashes_in_pop, .when = in_a_sample, .scenario = paced},
               "crashed"}),
    by_name);

constexpr auto ping_pong = scenario::ping_pong;

INSTANTIATE_TEST_SUITE_P(
    in_ping_pong, broken_queue,
    testing::Values(
        broken{"doubles_an_item_of_the_warm_up",
               {.what = fault::doubles, .scenario = ping_pong},
               "corrupt",
               "came back wrong"},
        broken{"doubles_an_item_of_a_sample",
               {.what = fault::doubles, .when = in_a_sample, .scenario = ping_pong},
               "corrupt",
               "came back wrong"},
        broken{"swaps_two_items_of_the_warm_up",
               {.what = fault::swaps, .nth = 1, .scenario = ping_pong},
               "corrupt",
               "came back wrong"},
        broken{"swaps_two_items_of_a_sample",
               {.what = fault::swaps, .nth = 1, .when = in_a_sample, .scenario = ping_pong},
               "corrupt",
               "came back wrong"},
        broken{
            "tears_an_item_of_a_sample",
            {.what = fault::tears, .when = in_a_sample, .item = item_kind::bytes_64, .scenario = ping_pong},
            "corrupt",
            "came back wrong"},
        broken{"loses_an_item", {.what = fault::loses, .how = impatience, .scenario = ping_pong}, "timeout"},
        broken{"forgets_a_wake_up",
               {.what = fault::forgets_wake_up, .how = impatience, .scenario = ping_pong},
               "timeout"},
        broken{"answers_closed_to_a_pop",
               {.what = fault::closed_to_pop, .scenario = ping_pong},
               "corrupt",
               "pop answered closed"},
        broken{"throws_in_push",
               {.what = fault::throws_in_push, .scenario = ping_pong},
               "corrupt",
               "told to throw"},
        broken{"crashes_in_push", {.what = fault::crashes_in_push, .scenario = ping_pong}, "crashed"}),
    by_name);

/// Without try forms nobody can look whether the missing item is still inside.
TEST(queue_that_can_only_wait, stalls_when_an_item_is_lost) {
  EXPECT_TRUE(ends_as(run({.what = fault::loses, .how = stalling}, faulty_plain_contender), "timeout",
                      "stalled at 511 of 512 items"));
}

}  // namespace

}  // namespace handoff::harness_tests
