// How many items a sample gets, and how the figures of runs are combined.
#include "harness/sizing.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/outcome.hpp"
#include "harness/rounds.hpp"
#include "tests/support/seed.hpp"

namespace handoff::harness_tests {

namespace {

using namespace std::chrono_literals;
using harness::find_items;

/// What find_items returns for a run that takes so long, and how often it ran.
struct search {
  std::uint64_t found = 0;
  std::vector<std::uint64_t> tried;
};

search find(std::chrono::nanoseconds target, std::uint64_t step,
            const std::function<double(std::uint64_t)>& seconds) {
  search s;
  s.found = find_items(target, step, [&](std::uint64_t items) {
    s.tried.push_back(items);
    return seconds(items);
  });
  return s;
}

void expect_multiples(const search& s, std::uint64_t step) {
  EXPECT_EQ(s.found % step, 0u);
  EXPECT_GE(s.found, step);
  for (const std::uint64_t items : s.tried) EXPECT_EQ(items % step, 0u) << items;
}

TEST(find_items, hits_the_target_where_time_is_proportional) {
  for (const double per_item : {1e-9, 5e-9, 1e-7, 3e-6, 1e-3})
    for (const std::uint64_t step : {1, 2, 3, 8}) {
      const search s =
          find(50ms, step, [&](std::uint64_t items) { return static_cast<double>(items) * per_item; });
      expect_multiples(s, step);
      EXPECT_NEAR(static_cast<double>(s.found) * per_item, 0.05,
                  0.05 * 0.01 + per_item * static_cast<double>(step));
      EXPECT_LE(s.tried.size(), 12u);
    }
}

TEST(find_items, is_not_misled_by_a_cost_that_every_run_has) {
  for (const double per_item : {2e-9, 1e-7, 1e-5}) {
    const search s =
        find(50ms, 2, [&](std::uint64_t items) { return 1e-3 + static_cast<double>(items) * per_item; });
    const double lasts = 1e-3 + static_cast<double>(s.found) * per_item;
    EXPECT_GT(lasts, 0.75 * 0.05) << per_item;
    EXPECT_LT(lasts, 1.25 * 0.05) << per_item;
  }
}

/// If an item's work is known to be long, the search does not begin with half a thousand items.
TEST(find_items, begins_with_fewer_where_their_work_is_long) {
  const auto tried = [](double work_s, std::uint64_t step) {
    std::vector<std::uint64_t> counts;
    const auto run = [&](std::uint64_t items) {
      counts.push_back(items);
      return static_cast<double>(items) * work_s;
    };
    EXPECT_GE(find_items(50ms, step, run, work_s), step);
    return counts;
  };
  EXPECT_EQ(tried(1, 1), std::vector<std::uint64_t>{1});
  EXPECT_EQ(tried(1, 4), std::vector<std::uint64_t>{4});
  EXPECT_EQ(tried(1e-3, 4).front(), 12u);
  EXPECT_EQ(tried(1e-7, 4).front(), 512u);
}

/// What find_items returns for at least so many items.
search find_at_least(std::uint64_t fewest, const std::function<double(std::uint64_t)>& seconds) {
  search s;
  s.found = find_items(
      50ms, 1,
      [&](std::uint64_t items) {
        s.tried.push_back(items);
        return seconds(items);
      },
      0, fewest);
  return s;
}

/// If the start of the threads fills a short run, its items say nothing about the time of the others.
TEST(find_items, is_not_misled_by_a_start_that_lasts_as_long_as_a_sample) {
  const auto seconds = [](std::uint64_t items) { return 0.033 + static_cast<double>(items) * 1e-7; };
  const search s = find_at_least(4096, seconds);
  EXPECT_GE(s.found, 4096u);
  EXPECT_GE(s.tried.back(), 2048u);
  EXPECT_GE(find_at_least(1'000'000, seconds).found, 1'000'000u);
}

TEST(find_items, lets_time_decide_where_the_fewest_would_last_too_long) {
  for (const double per_item : {1e-4, 1e-3, 0.1}) {
    const search s =
        find_at_least(4096, [&](std::uint64_t items) { return static_cast<double>(items) * per_item; });
    EXPECT_NEAR(static_cast<double>(s.found) * per_item, 0.05 * harness::longest_sample, per_item + 0.001);
    EXPECT_LE(s.tried.size(), 3u);
  }
}

TEST(fewest_items, fill_the_queue_several_times_and_give_every_worker_many_turns) {
  harness::cell c;
  c.capacity = 1024;
  EXPECT_EQ(harness::fewest_items(c), 4096u);
  c.capacity = 1;
  EXPECT_EQ(harness::fewest_items(c), 64u);
  c.consumers = 8;
  EXPECT_EQ(harness::fewest_items(c), 512u);
  c.capacity.reset();
  EXPECT_EQ(harness::fewest_items(c), 512u);
}

TEST(find_items, ends_near_the_target_with_noisy_runs) {
  const std::uint64_t seed = testing_support::test_seed();
  SCOPED_TRACE("HANDOFF_TEST_SEED=" + std::to_string(seed));
  testing_support::random_source random(seed);
  for (int round = 0; round < 500; ++round) {
    const double per_item = 1e-9 * static_cast<double>(1 + random.below(100'000));
    const search s = find(50ms, 4, [&](std::uint64_t items) {
      const double factor = 0.5 + static_cast<double>(random.below(1001)) / 1000;  // 0.5 … 1.5
      return static_cast<double>(items) * per_item * factor;
    });
    expect_multiples(s, 4);
    const double lasts = static_cast<double>(s.found) * per_item;
    ASSERT_GE(lasts, 0.05 / 1.5 * 0.9) << per_item;
    ASSERT_LE(lasts, 0.05 / 0.5 * 1.1 + 4 * per_item) << per_item;
    ASSERT_LE(s.tried.size(), 16u);
  }
}

/// On a busy machine, a run may lose its core for as long as a sample lasts.
TEST(find_items, is_not_misled_by_one_run_that_was_interrupted) {
  for (const double per_item : {1e-9, 1e-8, 1e-7, 1e-6, 1e-5})
    for (std::size_t interrupted = 1; interrupted <= 6; ++interrupted)
      for (const double lost_s : {0.02, 0.05, 1.0}) {
        std::size_t runs = 0;
        const search s = find(50ms, 1, [&](std::uint64_t items) {
          return static_cast<double>(items) * per_item + (++runs == interrupted ? lost_s : 0);
        });
        EXPECT_NEAR(static_cast<double>(s.found) * per_item, 0.05, 0.05 / 2)
            << per_item << " s an item, run " << interrupted << " loses " << lost_s << " s";
      }
}

TEST(find_items, tries_more_each_time) {
  const search s = find(50ms, 1, [](std::uint64_t items) { return static_cast<double>(items) * 1e-9; });
  for (std::size_t i = 1; i < s.tried.size(); ++i) EXPECT_GE(s.tried[i], 2 * s.tried[i - 1]);
}

TEST(find_items, stays_within_its_bounds) {
  const search instant = find(50ms, 8, [](std::uint64_t) { return 0.0; });
  expect_multiples(instant, 8);
  EXPECT_EQ(instant.found, harness::most_items);
  const search quick = find(60s, 8, [](std::uint64_t items) { return static_cast<double>(items) * 1e-9; });
  EXPECT_EQ(quick.found, harness::most_items);
  const search endless = find(50ms, 8, [](std::uint64_t) { return 1e9; });
  EXPECT_EQ(endless.found, 8u);
  EXPECT_EQ(endless.tried.size(), 1u);
  expect_multiples(find(50ms, 4096, [](std::uint64_t) { return 1.0; }), 4096);
}

TEST(median, of_odd_and_even_counts) {
  EXPECT_EQ(harness::median({3}), 3);
  EXPECT_EQ(harness::median({5, 1, 3}), 3);
  EXPECT_EQ(harness::median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(harness::median({1e300, -1, 0, -1, 7}), 0);
  EXPECT_EQ(harness::median({2, 2, 2, 2}), 2);
}

TEST(smallest_to_largest, is_one_for_equals_and_zero_for_nothing) {
  EXPECT_EQ(harness::smallest_to_largest({5}), 1);
  EXPECT_EQ(harness::smallest_to_largest({5, 5, 5}), 1);
  EXPECT_EQ(harness::smallest_to_largest({2, 8, 4}), 0.25);
  EXPECT_EQ(harness::smallest_to_largest({0, 8}), 0);
  EXPECT_EQ(harness::smallest_to_largest({0, 0}), 1);
}

TEST(adding, keeps_unknown_what_nobody_knows) {
  std::optional<std::uint64_t> sum;
  harness::add(sum, std::nullopt);
  EXPECT_EQ(sum, std::nullopt);
  harness::add(sum, 3);
  harness::add(sum, std::nullopt);
  harness::add(sum, 4);
  EXPECT_EQ(sum, 7u);
}

TEST(repeat_for, goes_three_rounds_at_least_and_stops_when_told) {
  int rounds = 0;
  harness::repeat_for(0ns, [&] { return ++rounds > 0; });
  EXPECT_EQ(rounds, 3);
  rounds = 0;
  harness::repeat_for(1h, [&] { return ++rounds < 2; });
  EXPECT_EQ(rounds, 2);
}

TEST(join_round_share, gives_every_consumer_a_few) {
  for (unsigned producers = 1; producers < 9; ++producers)
    for (unsigned consumers = 1; consumers < 9; ++consumers) {
      harness::cell c;
      c.producers = producers;
      c.consumers = consumers;
      EXPECT_GE(harness::join_round_share(c) * producers, 32 * consumers);
      EXPECT_LT(harness::join_round_share(c) * producers, 32 * consumers + producers);
    }
}

harness::stream_outcome some_outcome() {
  harness::stream_outcome run;
  run.items = 1000;
  run.seconds = 0.5;
  run.push_failed = 7;
  run.fairness_producers = 0.75;
  run.fairness_consumers = 0.5;
  return run;
}

TEST(to_sample, divides_items_by_seconds_and_carries_the_rest) {
  const harness::sample s = harness::to_sample(some_outcome());
  EXPECT_EQ(s.status, harness::sample_status::ok);
  EXPECT_EQ(s.items, 1000u);
  EXPECT_EQ(s.items_per_second, 2000.0);
  EXPECT_EQ(s.push_failed, 7u);
  EXPECT_EQ(s.pop_failed, std::nullopt);
  EXPECT_EQ(s.fairness_producers, 0.75);
  EXPECT_EQ(s.fairness_consumers, 0.5);
  EXPECT_TRUE(s.clock_ns && s.resources);
  EXPECT_FALSE(s.latency || s.join_ns || s.shutdown_ns || s.rate_items_per_second);
}

TEST(to_sample, of_a_wrong_run_has_a_sentence_and_no_figure) {
  harness::stream_outcome run = some_outcome();
  run.wrong = "1 of 1000 items were lost";
  const harness::sample s = harness::to_sample(run);
  EXPECT_EQ(s.status, harness::sample_status::corrupt);
  EXPECT_EQ(s.detail, run.wrong);
  EXPECT_FALSE(s.items || s.seconds || s.items_per_second || s.push_failed || s.resources ||
               s.fairness_producers);
}

TEST(sample_status, has_a_word_for_every_value) {
  using enum harness::sample_status;
  std::vector<std::string> words;
  for (const auto status : {ok, corrupt, crashed, timeout, skipped, unavailable, unsustained})
    words.emplace_back(to_string(status));
  EXPECT_EQ(words, (std::vector<std::string>{"ok", "corrupt", "crashed", "timeout", "skipped", "unavailable",
                                             "unsustained"}));
}

}  // namespace

}  // namespace handoff::harness_tests
