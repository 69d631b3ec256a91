// The whole history of a run on threads: every exchange of two items that do not overlap is found, whichever
// consumers receive them, and nothing is said about those that do.
#include "harness/threads/history.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "harness/threads/proof_state.hpp"
#include "tests/support/seed.hpp"

namespace handoff::harness_tests {

namespace {

using harness::item_key;
using harness::make_key;
using harness::threads::history;
using harness::threads::manner;
using harness::threads::proof_state;

constexpr std::uint64_t share = 60;

/// Producers take turns to push their share, and consumers to receive everything in this order.
std::string judged(unsigned producers, unsigned consumers, const std::vector<item_key>& received) {
  history record(producers, consumers, share);
  for (std::uint64_t i = 0; i < share; ++i)
    for (unsigned producer = 0; producer < producers; ++producer) record.pushed(producer, record.now());
  for (std::size_t i = 0; i < received.size(); ++i)
    record.popped(static_cast<unsigned>(i % consumers), record.now(), received[i], true);
  return record.verdict();
}

std::vector<item_key> in_order(unsigned producers) {
  std::vector<item_key> keys;
  for (std::uint64_t i = 0; i < share; ++i)
    for (unsigned producer = 0; producer < producers; ++producer) keys.push_back(make_key(producer, i));
  return keys;
}

TEST(history, names_each_exchange_of_two_items) {
  for (const unsigned producers : {1U, 2U, 3U})
    for (const unsigned consumers : {1U, 2U, 3U}) {
      auto received = in_order(producers);
      EXPECT_EQ(judged(producers, consumers, received), "");
      for (std::size_t i = 0; i + 1 < received.size(); ++i) {
        std::swap(received[i], received[i + 1]);
        ASSERT_EQ(judged(producers, consumers, received),
                  "1 of " + std::to_string(producers * share) +
                      (producers == 1 ? " items arrived out of their producer's order"
                                      : " items arrived after one that was pushed later"))
            << producers << " to " << consumers << ": " << i;
        std::swap(received[i], received[i + 1]);
      }
    }
}

TEST(history, accuses_no_order_of_two_pushes_that_overlap) {
  for (const bool swapped : {false, true}) {
    history record(2, 1, 1);
    const auto one = record.now(), other = record.now();
    record.pushed(0, one);
    record.pushed(1, other);
    record.popped(0, record.now(), make_key(swapped ? 1 : 0, 0), true);
    record.popped(0, record.now(), make_key(swapped ? 0 : 1, 0), true);
    EXPECT_EQ(record.verdict(), "");
  }
}

TEST(history, accuses_no_order_of_two_pops_that_overlap) {
  for (const bool swapped : {false, true}) {
    history record(2, 2, 1);
    for (const unsigned producer : {0U, 1U}) record.pushed(producer, record.now());
    const auto one = record.now(), other = record.now();
    record.popped(0, one, make_key(swapped ? 1 : 0, 0), true);
    record.popped(1, other, make_key(swapped ? 0 : 1, 0), true);
    EXPECT_EQ(record.verdict(), "");
  }
}

/// Operations begin, take effect and end in any order that one thread per worker allows.
TEST(history, accuses_no_queue_that_keeps_its_order) {
  const std::uint64_t seed = testing_support::test_seed();
  SCOPED_TRACE("HANDOFF_TEST_SEED=" + std::to_string(seed));
  testing_support::random_source random(seed);
  struct worker {
    unsigned step = 0;
    history::moment began = 0;
    item_key key = 0;
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<worker> producers(1 + random.below(3)), consumers(1 + random.below(3));
    std::vector<std::uint64_t> pushed(producers.size(), 0);
    history record(static_cast<unsigned>(producers.size()), static_cast<unsigned>(consumers.size()), share);
    std::deque<item_key> queue;
    for (std::uint64_t missing = 2 * share * producers.size(); missing > 0;) {  // pushes and pops
      const auto p = static_cast<unsigned>(random.below(producers.size()));
      worker& pushing = producers[p];
      if (pushed[p] < share) switch (pushing.step++ % 3) {
          case 0: pushing.began = record.now(); break;
          case 1: queue.push_back(make_key(p, pushed[p])); break;
          case 2: record.pushed(p, pushing.began), ++pushed[p], --missing; break;
        }
      const auto c = static_cast<unsigned>(random.below(consumers.size()));
      worker& popping = consumers[c];
      if (popping.step % 3 == 1 && queue.empty()) continue;
      switch (popping.step++ % 3) {
        case 0: popping.began = record.now(); break;
        case 1: popping.key = queue.front(), queue.pop_front(); break;
        case 2: record.popped(c, popping.began, popping.key, true), --missing; break;
      }
    }
    ASSERT_EQ(record.verdict(), "") << round;
  }
}

TEST(history, says_what_is_wrong_with_the_items_first) {
  auto received = in_order(2);
  std::swap(received[0], received[1]);
  received.push_back(received.back());
  EXPECT_EQ(judged(2, 2, received), "121 items came out, 120 went in");
  received[7] = make_key(1, share);
  received.pop_back();
  EXPECT_EQ(judged(2, 2, received), "120 items came out, but not the ones that went in");
  received[7] = make_key(2, 0);
  EXPECT_EQ(judged(2, 2, received), "1 of 120 items were never pushed");
  received.pop_back();
  received[7] = make_key(1, 3);
  EXPECT_EQ(judged(2, 2, received), "1 of 120 items were lost");
}

TEST(history, counts_torn_items) {
  history record(1, 1, 1);
  record.pushed(0, record.now());
  record.popped(0, record.now(), make_key(0, 0), false);
  EXPECT_EQ(record.verdict(), "1 of 1 items arrived torn");
}

harness::cell cell_of(unsigned producers, unsigned consumers, std::size_t capacity) {
  harness::cell c;
  c.producers = producers;
  c.consumers = consumers;
  c.capacity = capacity;
  return c;
}

std::uint64_t pushed_by(proof_state& state) {
  state.begin();
  std::uint64_t pushed = 0;
  while (state.goes_on(pushed)) ++pushed;
  return pushed;
}

TEST(proof_run, fills_the_queue_several_times_unless_it_is_very_large) {
  using std::chrono::hours;
  const auto items = [](unsigned producers, unsigned consumers, std::size_t capacity) {
    proof_state state(cell_of(producers, consumers, capacity), manner::at_will, hours{1});
    return pushed_by(state) * producers;
  };
  EXPECT_EQ(items(2, 2, 1), 2048U);
  EXPECT_EQ(items(2, 2, 1024), 4096U);
  EXPECT_EQ(items(1, 2, 1 << 20), 16384U);
  EXPECT_EQ(items(1, 2, ~std::size_t{0}), 16384U);
  EXPECT_EQ(items(2, 400, 1), 8U * 400);
}

TEST(proof_run, that_has_no_time_still_gives_every_worker_several_turns) {
  for (const auto& [producers, consumers] : {std::pair{2U, 1U}, std::pair{2U, 8U}, std::pair{3U, 4U}}) {
    proof_state state(cell_of(producers, consumers, 1), manner::in_turns, std::chrono::nanoseconds{0});
    const std::uint64_t pushed = pushed_by(state) * producers;
    EXPECT_GE(pushed, 8U * producers);
    EXPECT_GE(pushed, 8U * consumers);
    EXPECT_LT(pushed, 8U * (producers + consumers));
  }
}

/// Otherwise, workers whose turn comes after that of the first to stop would wait for it.
TEST(proof_run, ends_for_all_when_it_ends_for_one) {
  proof_state state(cell_of(2, 1, 1), manner::in_turns, std::chrono::hours{1});
  state.begin();
  EXPECT_TRUE(state.goes_on(state.fewest));
  state.deadline_ns = 0;
  EXPECT_FALSE(state.goes_on(state.fewest));
  state.begin();
  EXPECT_FALSE(state.goes_on(state.fewest));
  EXPECT_TRUE(state.goes_on(state.fewest - 1));
}

}  // namespace

}  // namespace handoff::harness_tests
