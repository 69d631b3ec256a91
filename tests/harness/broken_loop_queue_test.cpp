// Queues for coroutines that do one thing wrong. What would sleep forever on threads leaves a loop with
// nothing to run: that shows at once, and the ledgers say what did not arrive.
#include <gtest/gtest.h>

#include "tests/harness/faulty_contenders.hpp"
#include "tests/harness/trial.hpp"

namespace handoff::harness_tests {

namespace {

using harness::item_kind;
using harness::stop_protocol;
using enum moment;
using enum judged_by;
using enum harness::scenario;
using enum harness::stop_protocol;

class broken_loop_queue : public testing::TestWithParam<broken> {};

TEST_P(broken_loop_queue, ends_as_the_right_status_and_never_as_a_number) {
  expect_right_end(GetParam(), faulty_loop_contender);
}

INSTANTIATE_TEST_SUITE_P(
    in_throughput, broken_loop_queue,
    testing::Values(
        broken{"loses_an_item", {.what = fault::loses}, "corrupt", "1 of 512 items were lost"},
        broken{"loses_an_item_of_a_sample", {.what = fault::loses, .when = in_a_sample}, "corrupt", "lost"},
        broken{"doubles_an_item", {.what = fault::doubles}, "corrupt", "513 items came out"},
        broken{"swaps_two_items", {.what = fault::swaps, .nth = 1}, "corrupt", "order"},
        broken{"lets_items_be_overtaken_by_another_producers",
               {.what = fault::overtaken, .producers = 2},
               "corrupt",
               "of 512 items arrived after one that was pushed later"},
        broken{"exchanges_two_items_where_one_producer_follows_another",
               {.what = fault::exchanges, .nth = 256, .producers = 2, .capacity = 512},
               "corrupt",
               "1 of 512 items arrived after one that was pushed later"},
        broken{"exchanges_two_items_among_many_workers",
               {.what = fault::exchanges, .nth = 256, .producers = 2, .consumers = 2, .capacity = 512},
               "corrupt",
               "1 of 512 items arrived after one that was pushed later"},
        broken{"tears_an_item", {.what = fault::tears, .item = item_kind::bytes_64}, "corrupt", "torn"},
        broken{"invents_an_item", {.what = fault::invents}, "corrupt", "never pushed"},
        broken{"leaves_a_pop_waiting", {.what = fault::forgets_wake_up}, "corrupt", "lost"},
        broken{"answers_closed_to_a_push",
               {.what = fault::closed_to_push},
               "corrupt",
               "async_push answered closed"},
        broken{"answers_closed_to_a_pop",
               {.what = fault::closed_to_pop},
               "corrupt",
               "async_pop answered closed"},
        broken{"throws_in_push", {.what = fault::throws_in_push}, "corrupt"},
        broken{"throws_in_pop", {.what = fault::throws_in_pop}, "corrupt"},
        broken{"hangs_in_push", {.what = fault::hangs_in_push, .how = impatience}, "timeout"},
        broken{"hangs_in_its_destructor", {.what = fault::hangs_in_destructor, .how = impatience}, "timeout"},
        broken{"crashes_in_pop", {.what = fault::crashes_in_pop}, "crashed"},
        broken{"crashes_in_its_destructor", {.what = fault::crashes_in_destructor}, "crashed"}),
    by_name);

INSTANTIATE_TEST_SUITE_P(
    in_ping_pong_and_paced, broken_loop_queue,
    testing::Values(broken{"loses_an_item_of_the_warm_up",
                           {.what = fault::loses, .scenario = ping_pong},
                           "corrupt",
                           "came back"},
                    broken{"loses_an_item_of_a_sample",
                           {.what = fault::loses, .when = in_a_sample, .scenario = ping_pong},
                           "corrupt",
                           "came back"},
                    broken{"doubles_an_item_of_the_warm_up",
                           {.what = fault::doubles, .scenario = ping_pong},
                           "corrupt",
                           "came back wrong"},
                    broken{"doubles_an_item_of_a_sample",
                           {.what = fault::doubles, .when = in_a_sample, .scenario = ping_pong},
                           "corrupt",
                           "came back wrong"},
                    broken{"loses_a_paced_item",
                           {.what = fault::loses, .when = in_a_sample, .scenario = paced},
                           "corrupt",
                           "lost"},
                    broken{"doubles_a_paced_item",
                           {.what = fault::doubles, .when = in_a_sample, .scenario = paced},
                           "corrupt",
                           "came out"}),
    by_name);

INSTANTIATE_TEST_SUITE_P(
    in_join, broken_loop_queue,
    testing::Values(
        broken{"joins_at_once",
               {.what = fault::joins_at_once, .scenario = join},
               "corrupt",
               "join returned with"},
        broken{"never_joins", {.what = fault::never_joins, .scenario = join}, "corrupt", "wait forever"},
        broken{"loses_an_item",
               {.what = fault::loses, .when = in_a_sample, .scenario = join},
               "corrupt",
               "lost"},
        broken{"throws_in_task_done",
               {.what = fault::throws_in_task_done, .when = in_a_sample, .scenario = join},
               "corrupt"}),
    by_name);

INSTANTIATE_TEST_SUITE_P(
    in_shutdown, broken_loop_queue,
    testing::Values(
        broken{"accepts_a_push_after_close",
               {.what = fault::accepts_after_close, .scenario = shutdown, .stop = close},
               "corrupt",
               "a push after close was answered success"},
        broken{"forgets_to_wake_the_blocked",
               {.what = fault::forgets_wake_up_at_close, .consumers = 2, .scenario = shutdown, .stop = close},
               "corrupt",
               "wait forever"},
        broken{"hangs_in_close",
               {.what = fault::hangs_in_close, .how = impatience, .scenario = shutdown, .stop = close},
               "timeout"},
        broken{"answers_closed_before_it_is_closed",
               {.what = fault::closed_to_pop, .scenario = shutdown, .stop = close},
               "corrupt",
               "answered closed"},
        broken{"answers_closed_to_a_pop",
               {.what = fault::closed_to_pop, .scenario = shutdown, .stop = sentinel},
               "corrupt",
               "answered closed"},
        broken{"never_joins",
               {.what = fault::never_joins, .scenario = shutdown, .stop = stop_protocol::join_cancel},
               "corrupt",
               "wait forever"},
        broken{"loses_an_item",
               {.what = fault::loses, .scenario = shutdown, .stop = sentinel},
               "corrupt",
               "lost"}),
    by_name);

}  // namespace

}  // namespace handoff::harness_tests
