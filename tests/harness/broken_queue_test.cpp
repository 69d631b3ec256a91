// Queues for threads that do one thing wrong, through the real sessions: each ends with the right status, and
// never with a number.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "harness/threads/thread_state.hpp"
#include "tests/harness/faulty_contenders.hpp"
#include "tests/harness/faulty_queue.hpp"
#include "tests/harness/trial.hpp"
#include "tests/support/watchdog.hpp"

namespace handoff::harness_tests {

namespace {

using harness::item_kind;
using enum moment;
using enum judged_by;
using enum harness::scenario;

harness::item_8 item(std::uint64_t sequence) {
  return harness::item_codec<harness::item_8>::make(harness::make_key(0, sequence));
}

/// A plan that is armed in this process for the lifetime of this object.
class armed_plan {
 public:
  armed_plan(fault what, std::uint64_t nth) {
    fault_plan::what = what;
    fault_plan::nth = nth;
    fault_plan::armed = true;
  }
  armed_plan(const armed_plan&) = delete;
  armed_plan& operator=(const armed_plan&) = delete;
  ~armed_plan() {
    fault_plan::armed = false;
    fault_plan::nth = 1;
    fault_plan::what = fault::none;
  }
};

class broken_queue : public testing::TestWithParam<broken> {};

TEST_P(broken_queue, ends_as_the_right_status_and_never_as_a_number) {
  expect_right_end(GetParam(), faulty_fifo_contender);
}

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
               {.what = fault::loses,
                .nth = 100,
                .when = after_the_proof,
                .how = stalling,
                .producers = 2,
                .consumers = 3},
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
               {.what = fault::doubles, .nth = 100, .when = after_the_proof, .producers = 2, .consumers = 3},
               "corrupt",
               "513 items came out, 512 went in"},
        broken{
            "swaps_two_items", {.what = fault::swaps, .nth = 1}, "corrupt", "out of their producer's order"},
        broken{"swaps_two_items_of_a_sample",
               {.what = fault::swaps, .nth = 1, .when = in_a_sample},
               "corrupt",
               "out of their producer's order"},
        broken{"takes_two_producers_for_one_another",
               {.what = fault::trades, .producers = 2},
               "corrupt",
               "first items of a fresh queue did not come out in the order that it promises, fifo"},
        broken{"takes_two_producers_for_one_another_among_many_workers",
               {.what = fault::trades, .producers = 3, .consumers = 2, .item = item_kind::bytes_64},
               "corrupt",
               "first items of a fresh queue did not come out in the order that it promises, fifo"},
        broken{"lets_items_be_overtaken_by_another_producers",
               {.what = fault::overtaken, .when = after_the_proof, .producers = 2},
               "corrupt",
               "of 512 items arrived after one that was pushed later"},
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

/// Faults that no sample shows, because it has no note between the two, or no consumer that gets both; and
/// what else can happen to a proof.
INSTANTIATE_TEST_SUITE_P(
    of_order_among_many_workers, broken_queue,
    testing::Values(
        broken{"exchanges_two_producers_items",
               {.what = fault::exchanges, .nth = 51, .producers = 2},
               "corrupt",
               "in the proof of order, 1 of 2048 items arrived after one that was pushed later"},
        broken{"exchanges_two_producers_items_among_many_workers",
               {.what = fault::exchanges, .nth = 501, .producers = 3, .consumers = 2, .capacity = 600},
               "corrupt",
               "in the proof of order, 1 of 2400 items arrived after one that was pushed later"},
        broken{"exchanges_two_producers_move_only_items",
               {.what = fault::exchanges, .nth = 51, .producers = 2, .item = item_kind::move_only},
               "corrupt",
               "in the proof of order, 1 of 2048 items arrived after one that was pushed later"},
        broken{"exchanges_two_producers_paced_items",
               {.what = fault::exchanges, .nth = 51, .producers = 2, .scenario = paced},
               "corrupt",
               "in the proof of order, 1 of 2048 items arrived after one that was pushed later"},
        broken{"exchanges_two_producers_joined_items",
               {.what = fault::exchanges, .nth = 51, .producers = 2, .consumers = 2, .scenario = join},
               "corrupt",
               "in the proof of order, 1 of 2048 items arrived after one that was pushed later"},
        broken{"exchanges_two_consumers_items",
               {.what = fault::splits, .nth = 51, .consumers = 2},
               "corrupt",
               "in the proof of order, 1 of 2048 items arrived out of their producer's order"},
        broken{"exchanges_two_consumers_items_before_a_shutdown",
               {.what = fault::splits, .nth = 51, .consumers = 2, .scenario = shutdown},
               "corrupt",
               "in the proof of order, 1 of 2048 items arrived out of their producer's order"},
        broken{"lets_items_be_overtaken",
               {.what = fault::overtaken, .producers = 2},
               "corrupt",
               "in the proof of order, "},
        broken{"loses_an_item",
               {.what = fault::loses, .how = stalling, .producers = 2, .consumers = 2},
               "corrupt",
               "1 of 2048 items were lost"},
        broken{"doubles_the_last_item",
               {.what = fault::doubles, .nth = 2048, .producers = 2, .consumers = 2},
               "corrupt",
               "in the proof of order, 2049 items came out, 2048 went in"},
        broken{"forgets_a_wake_up",
               {.what = fault::forgets_wake_up, .how = stalling, .producers = 2},
               "timeout",
               "slept at 2047 of 2048"},
        broken{"hangs_in_push",
               {.what = fault::hangs_in_push, .how = impatience, .producers = 2},
               "timeout",
               "the proof of order of throughput/faulty"},
        broken{"throws_in_pop",
               {.what = fault::throws_in_pop, .producers = 2},
               "corrupt",
               "this pop was told to throw"}),
    by_name);

/// A queue that promises less is held only to what it promises.
TEST(queue_that_promises_less, is_not_held_to_the_order_between_producers) {
  const trial exchanging{.what = fault::exchanges, .nth = 51, .producers = 2};
  EXPECT_EQ(run(exchanging, faulty_per_producer_contender).status(), "ok");
  EXPECT_EQ(run(exchanging, faulty_unordered_contender).status(), "ok");
}

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

/// Each is first in, first out, but says that it is something else.
TEST(queue_that_promises_another_order, is_found_in_its_first_items) {
  const trial alone{}, many{.producers = 2, .consumers = 2};
  const std::string promise = "first items of a fresh queue did not come out in the order that it promises, ";
  for (const trial& t : {alone, many}) {
    EXPECT_TRUE(ends_as(run(t, faulty_lifo_contender), "corrupt", promise + "lifo"));
    EXPECT_TRUE(ends_as(run(t, faulty_priority_contender), "corrupt", promise + "priority"));
  }
  const trial trading{.what = fault::trades, .producers = 2};
  EXPECT_EQ(run(trading, faulty_per_producer_contender).status(), "ok");
  EXPECT_EQ(run(trading, faulty_unordered_contender).status(), "ok");
}

/// Without try forms no thread can check whether the missing item is still inside.
TEST(queue_that_can_only_wait, stalls_when_an_item_is_lost) {
  EXPECT_TRUE(ends_as(run({.what = fault::loses, .how = stalling}, faulty_plain_contender), "timeout",
                      "stalled at 511 of 512 items"));
}

/// A thread that pushes item `sequence` and, by now, waits for room.
std::thread blocked_push(faulty_fifo<harness::item_8>& queue, std::uint64_t sequence) {
  std::atomic<pid_t> id{0};
  std::thread pusher([&queue, &id, sequence] {
    id.store(harness::current_thread_id(), std::memory_order_release);  // the last touch of `id` from here
    (void)queue.push(item(sequence));
  });
  while (id.load(std::memory_order_acquire) == 0) std::this_thread::yield();  // partner: the release above
  while (harness::thread_state(id) != 'S') std::this_thread::yield();  // the watchdog's, if it never sleeps
  return pusher;
}

/// Counted first, inserted when others have been counted as well: the plan means this push.
TEST(fault_of_a_push, stays_with_a_push_that_waits_while_others_are_counted) {
  const testing_support::watchdog hung("fault_of_a_push", 0);
  const armed_plan plan(fault::doubles, 1);
  faulty_fifo<harness::item_8> queue(1);
  ASSERT_EQ(queue.push(item(0)), op_status::success);  // spared: the harness's touch
  std::thread first = blocked_push(queue, 1);
  std::thread second = blocked_push(queue, 2);

  std::vector<std::uint64_t> out;
  const auto pop = [&] {
    harness::item_8 received{};
    const op_status answer = queue.try_pop(received);
    if (answer == op_status::success)
      out.push_back(harness::sequence_of(harness::item_codec<harness::item_8>::key(received)));
    return answer;
  };
  while (out.size() < 3)
    if (pop() != op_status::success) std::this_thread::yield();
  first.join();
  second.join();
  while (pop() == op_status::success) {
  }
  std::ranges::sort(out);
  EXPECT_EQ(out, (std::vector<std::uint64_t>{0, 1, 1, 2}));
}

}  // namespace

}  // namespace handoff::harness_tests
