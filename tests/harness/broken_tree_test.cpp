// Queues that grow a tree wrongly: on threads and on a loop, each ends with the right status, and never with
// a number.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "tests/harness/faulty_contenders.hpp"
#include "tests/harness/trial.hpp"

namespace handoff::harness_tests {

namespace {

using enum harness::scenario;
using enum moment;
using enum judged_by;
/// The whole tree fits into the queue, so that every node is pushed: which one a fault strikes is known.
constexpr std::size_t roomy = 2048;

class broken_tree : public testing::TestWithParam<broken> {};

TEST_P(broken_tree, ends_as_the_right_status_and_never_as_a_number) {
  expect_right_end(GetParam(), faulty_fifo_contender);
}

INSTANTIATE_TEST_SUITE_P(
    on_threads, broken_tree,
    testing::Values(
        broken{"loses_a_node_of_the_warm_up",
               {.what = fault::loses, .nth = 500, .how = stalling, .capacity = roomy, .scenario = tree},
               "corrupt",
               "of 1111 items were lost"},
        broken{"loses_a_node_among_many_workers",
               {.what = fault::loses,
                .nth = 500,
                .when = in_a_sample,
                .how = stalling,
                .producers = 4,
                .consumers = 4,
                .capacity = roomy,
                .scenario = tree},
               "corrupt",
               "of 1111 items were lost"},
        broken{"loses_the_root",
               {.what = fault::loses, .nth = 1, .how = stalling, .scenario = tree},
               "corrupt",
               "1111 of 1111 items were lost"},
        broken{"doubles_a_node",
               {.what = fault::doubles, .nth = 500, .when = in_a_sample, .capacity = roomy, .scenario = tree},
               "corrupt",
               "nodes were visited of a tree that has 1111"},
        broken{"doubles_a_node_among_many_workers",
               {.what = fault::doubles,
                .nth = 500,
                .when = in_a_sample,
                .producers = 4,
                .consumers = 4,
                .capacity = roomy,
                .scenario = tree},
               "corrupt",
               "nodes were visited of a tree that has 1111"},
        broken{
            "replaces_a_node_by_the_one_before",
            {.what = fault::replaces, .nth = 900, .when = in_a_sample, .capacity = roomy, .scenario = tree},
            "corrupt",
            "not the same ones"},
        broken{"tears_a_node",
               {.what = fault::tears,
                .nth = 500,
                .when = in_a_sample,
                .capacity = roomy,
                .scenario = tree,
                .tree = harness::tree_name::uts_small},
               "corrupt"},
        broken{"joins_at_once",
               {.what = fault::joins_at_once, .scenario = tree},
               "corrupt",
               "when join returned, "},
        broken{"joins_at_once_among_many_workers",
               {.what = fault::joins_at_once, .producers = 4, .consumers = 4, .scenario = tree},
               "corrupt",
               "when join returned, "},
        broken{"joins_after_one_node",
               {.what = fault::joins_after_one, .scenario = tree},
               "corrupt",
               "when join returned, "},
        broken{"joins_after_one_node_while_the_queue_is_full",
               {.what = fault::joins_after_one, .capacity = 8, .scenario = tree},  // a node has ten children
               "corrupt",
               "when join returned, "},
        broken{"never_joins",
               {.what = fault::never_joins, .how = stalling, .scenario = tree},
               "timeout",
               "join did not return although the whole tree was visited"},
        broken{"forgets_a_wake_up",
               {.what = fault::forgets_wake_up,
                .nth = 500,
                .when = in_a_sample,
                .how = stalling,
                .capacity = roomy,
                .scenario = tree},
               "timeout",
               "slept"},
        broken{"answers_closed_to_a_pop",
               {.what = fault::closed_to_pop, .nth = 500, .capacity = roomy, .scenario = tree},
               "corrupt",
               "pop answered closed"},
        broken{"throws_in_task_done",
               {.what = fault::throws_in_task_done, .when = in_a_sample, .scenario = tree},
               "corrupt",
               "this task_done was told to throw"},
        broken{
            "hangs_in_a_pop",
            {.what = fault::hangs_in_pop, .nth = 500, .how = impatience, .capacity = roomy, .scenario = tree},
            "timeout"},
        broken{"crashes_in_a_pop",
               {.what = fault::crashes_in_pop, .nth = 500, .capacity = roomy, .scenario = tree},
               "crashed"}),
    by_name);

class broken_tree_on_a_loop : public testing::TestWithParam<broken> {};

TEST_P(broken_tree_on_a_loop, ends_as_the_right_status_and_never_as_a_number) {
  expect_right_end(GetParam(), faulty_loop_contender);
}

INSTANTIATE_TEST_SUITE_P(
    of, broken_tree_on_a_loop,
    testing::Values(
        broken{"loses_a_node",
               {.what = fault::loses, .nth = 500, .when = in_a_sample, .capacity = roomy, .scenario = tree},
               "corrupt",
               "nodes were visited of a tree that has 1111"},
        broken{"doubles_a_node",
               {.what = fault::doubles,
                .nth = 500,
                .producers = 2,
                .consumers = 2,
                .capacity = roomy,
                .scenario = tree},
               "corrupt",
               "nodes were visited of a tree that has 1111"},
        broken{
            "replaces_a_node_by_the_one_before",
            {.what = fault::replaces, .nth = 900, .when = in_a_sample, .capacity = roomy, .scenario = tree},
            "corrupt",
            "not the same ones"},
        broken{"joins_at_once",
               {.what = fault::joins_at_once, .scenario = tree},
               "corrupt",
               "when join returned, "},
        broken{"never_joins", {.what = fault::never_joins, .scenario = tree}, "corrupt", "wait forever"},
        broken{"forgets_a_wake_up",
               {.what = fault::forgets_wake_up,
                .nth = 500,
                .when = in_a_sample,
                .capacity = roomy,
                .scenario = tree},
               "corrupt",
               "never came out"},
        broken{"throws_in_task_done",
               {.what = fault::throws_in_task_done, .nth = 500, .when = in_a_sample, .scenario = tree},
               "corrupt"}),
    by_name);

/// A fault that never strikes: the tests above find what they plant, and nothing else.
TEST(sound_tree, is_measured_on_threads_and_on_a_loop) {
  for (const auto* who : {&faulty_fifo_contender, &faulty_unordered_contender, &faulty_loop_contender})
    for (const unsigned workers : {1U, 4U})
      for (const std::size_t capacity : {1U, 64U, 4096U})
        for (const auto name :
             {harness::tree_name::fib_16, harness::tree_name::nqueens_8, harness::tree_name::uts_small}) {
          const ending e = run({.producers = workers,
                                .consumers = workers,
                                .capacity = capacity,
                                .scenario = tree,
                                .tree = name},
                               *who);
          EXPECT_EQ(e.status(), "ok") << to_string(name) << ' ' << workers << ' ' << capacity << ' ' << e;
        }
}

}  // namespace

}  // namespace handoff::harness_tests
