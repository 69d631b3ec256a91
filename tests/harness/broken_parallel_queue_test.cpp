// Queues for coroutines on several threads that do one thing wrong. A task that waits forever ends the run,
// as on a loop; what came out is judged by receipts, and the order across producers in a proof run.
#include <gtest/gtest.h>

#include "tests/harness/faulty_contenders.hpp"
#include "tests/harness/trial.hpp"

namespace handoff::harness_tests {

namespace {

using harness::item_kind;
using harness::stop_protocol;
using enum moment;
using enum harness::scenario;
using enum harness::stop_protocol;

class broken_parallel_queue : public testing::TestWithParam<broken> {};

TEST_P(broken_parallel_queue, ends_as_the_right_status_and_never_as_a_number) {
  expect_right_end(GetParam(), faulty_parallel_contender);
}

INSTANTIATE_TEST_SUITE_P(
    in_streams, broken_parallel_queue,
    testing::Values(
        broken{"loses_an_item", {.what = fault::loses}, "corrupt", "were lost"},
        broken{"loses_an_item_of_a_sample",
               {.what = fault::loses, .when = in_a_sample, .producers = 2, .consumers = 2},
               "corrupt",
               "were lost"},
        broken{"loses_an_item_of_the_proof",
               {.what = fault::loses, .producers = 2, .consumers = 2},
               "corrupt",
               "in the proof of order"},
        broken{"doubles_an_item", {.what = fault::doubles}, "corrupt", "items came out"},
        broken{"swaps_two_items", {.what = fault::swaps, .nth = 1}, "corrupt", "order"},
        broken{"lets_items_be_overtaken_by_another_producers",
               {.what = fault::overtaken, .producers = 2},
               "corrupt",
               "in the proof of order"},
        broken{"tears_an_item", {.what = fault::tears, .item = item_kind::bytes_64}, "corrupt", "torn"},
        broken{"invents_an_item", {.what = fault::invents}, "corrupt", "never pushed"},
        broken{"leaves_a_pop_waiting", {.what = fault::forgets_wake_up}, "corrupt", "lost"},
        broken{"answers_closed_to_a_push",
               {.what = fault::closed_to_push},
               "corrupt",
               "async_push answered closed"},
        broken{"throws_in_pop", {.what = fault::throws_in_pop}, "corrupt"},
        broken{"loses_a_paced_item",
               {.what = fault::loses, .when = in_a_sample, .scenario = paced},
               "corrupt",
               "lost"},
        broken{"loses_an_item_of_ping_pong",
               {.what = fault::loses, .when = in_a_sample, .scenario = ping_pong},
               "corrupt",
               "came back"}),
    by_name);

INSTANTIATE_TEST_SUITE_P(
    in_join_and_shutdown, broken_parallel_queue,
    testing::Values(
        broken{"joins_at_once",
               {.what = fault::joins_at_once, .scenario = join},
               "corrupt",
               "join returned with"},
        broken{"never_joins", {.what = fault::never_joins, .scenario = join}, "corrupt", "wait forever"},
        broken{"loses_an_item_of_a_join",
               {.what = fault::loses, .when = in_a_sample, .scenario = join},
               "corrupt",
               "lost"},
        broken{"accepts_a_push_after_close",
               {.what = fault::accepts_after_close, .scenario = shutdown, .stop = close},
               "corrupt",
               "a push after close was answered success"},
        broken{"forgets_to_wake_the_blocked",
               {.what = fault::forgets_wake_up_at_close, .consumers = 2, .scenario = shutdown, .stop = close},
               "corrupt",
               "wait forever"},
        broken{"never_joins_before_a_stop",
               {.what = fault::never_joins, .scenario = shutdown, .stop = stop_protocol::join_cancel},
               "corrupt",
               "wait forever"},
        broken{"loses_an_item_before_a_stop",
               {.what = fault::loses, .scenario = shutdown, .stop = sentinel},
               "corrupt",
               "lost"}),
    by_name);

}  // namespace

}  // namespace handoff::harness_tests
