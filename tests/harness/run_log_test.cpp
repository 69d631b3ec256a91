// On a loop, every exchange of two items is found, and nothing is said about operations that overlap.
#include "harness/coroutines/run_log.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/seed.hpp"

namespace handoff::harness_tests {

namespace {

using harness::item_key;
using harness::make_key;
using harness::coroutines::run_log;
using testing_support::random_source;
using testing_support::test_seed;

/// A run without overlaps: which workers pushed and popped, in order.
struct history {
  std::vector<item_key> pushed;
  std::vector<item_key> popped;
  std::vector<unsigned> popped_by;
  unsigned producers = 1;
  unsigned consumers = 1;

  history(unsigned producers_, unsigned consumers_, std::uint64_t items, random_source& random)
      : producers(producers_), consumers(consumers_) {
    std::vector<std::uint64_t> sequence(producers, 0);
    for (std::uint64_t i = 0; i < items; ++i) {
      const auto producer = static_cast<unsigned>(random.below(producers));
      pushed.push_back(make_key(producer, sequence[producer]++));
      popped_by.push_back(static_cast<unsigned>(random.below(consumers)));
    }
    popped = pushed;
  }

  [[nodiscard]] std::vector<std::uint64_t> counts() const {
    std::vector<std::uint64_t> of(producers, 0);
    for (const item_key key : pushed) ++of[harness::producer_of(key)];
    return of;
  }

  [[nodiscard]] std::string judged(ordering promised = ordering::fifo) const {
    run_log log(producers, consumers, promised);
    log.begin(pushed.size());
    for (const item_key key : pushed) log.pushed(harness::producer_of(key), log.pushes());
    for (std::size_t i = 0; i < popped.size(); ++i) log.popped(popped_by[i], log.pops(), popped[i], true);
    log.settle();
    return log.verdict(counts());
  }
};

TEST(run_log, shows_each_exchange_of_two_neighbours) {
  random_source random(1);
  for (const auto& [producers, consumers] : {std::pair{1U, 1U}, {3U, 1U}, {1U, 3U}, {3U, 3U}}) {
    const history right(producers, consumers, 300, random);
    ASSERT_EQ(right.judged(), "");
    for (std::size_t i = 0; i + 1 < right.popped.size(); ++i) {
      history swapped = right;
      std::swap(swapped.popped[i], swapped.popped[i + 1]);
      ASSERT_EQ(swapped.judged(), producers == 1 ? "1 of 300 items arrived out of their producer's order"
                                                 : "1 of 300 items arrived after one that was pushed later")
          << i << " of " << producers << ':' << consumers;
      ASSERT_EQ(swapped.judged(ordering::lifo), "");
      ASSERT_EQ(swapped.judged(ordering::unordered), "");
    }
  }
}

TEST(run_log, holds_a_queue_that_promises_less_to_each_producers_order_alone) {
  random_source random(2);
  history run(2, 1, 200, random);
  std::stable_sort(run.popped.begin(), run.popped.end());  // one producer's items, then the other's
  EXPECT_EQ(run.judged(ordering::per_producer_fifo), "");
  EXPECT_NE(run.judged(ordering::fifo), "");
  const auto one = std::find_if(run.popped.begin(), run.popped.end(), [](item_key key) { return key == 7; });
  std::swap(*one, *(one + 1));
  EXPECT_EQ(run.judged(ordering::per_producer_fifo), "1 of 200 items arrived out of their producer's order");
}

TEST(run_log, accuses_nobody_of_operations_that_overlap) {
  for (const bool pushes_overlap : {true, false})
    for (const bool pops_overlap : {true, false}) {
      run_log log(2, 2, ordering::fifo);
      log.begin(2);
      log.pushed(0, 0);
      log.pushed(1, pushes_overlap ? 0 : 1);
      log.popped(0, 0, make_key(1, 0), true);
      log.popped(1, pops_overlap ? 0 : 1, make_key(0, 0), true);
      log.settle();
      EXPECT_EQ(log.verdict({1, 1}),
                pushes_overlap || pops_overlap ? "" : "1 of 2 items arrived after one that was pushed later");
    }
}

/// An operation during which more others end than the log can count is taken to overlap with all.
TEST(run_log, believes_an_operation_that_took_very_long) {
  constexpr std::uint64_t others = 70'000;
  for (const std::uint64_t span : {others, std::uint64_t{0}}) {
    run_log log(2, 1, ordering::fifo);
    log.begin(others + 1);
    for (std::uint64_t i = 0; i < others; ++i) log.pushed(1, log.pushes());
    log.pushed(0, log.pushes() - span);
    log.popped(0, log.pops(), make_key(0, 0), true);
    for (std::uint64_t i = 0; i < others; ++i) log.popped(0, log.pops(), make_key(1, i), true);
    log.settle();
    EXPECT_EQ(log.verdict({1, others}).empty(), span == others);
  }
}

/// Workers whose operations begin, take effect and end one after another, each with one under way at most, on
/// a queue that keeps its order.
class orderly_run {
 public:
  orderly_run(run_log& log, unsigned producers, unsigned consumers, std::uint64_t share)
      : log_(log), share_(share), pushes_(producers), pops_(consumers) {}

  /// The next step of a producer, unless it has pushed its share.
  void step_of_producer(unsigned p) {
    pushing& mine = pushes_[p];
    if (mine.sequence == share_) return;
    switch (mine.step++ % 3) {
      case 0: mine.began = log_.pushes(); break;
      case 1: queue_.push_back(make_key(p, mine.sequence)); break;
      case 2: log_.pushed(p, mine.began), ++mine.sequence; break;
    }
  }

  /// The next step of a consumer, unless it would have to wait.
  void step_of_consumer(unsigned c) {
    popping& mine = pops_[c];
    if (mine.step % 3 == 1 && queue_.empty()) return;
    switch (mine.step++ % 3) {
      case 0: mine.began = log_.pops(); break;
      case 1: mine.item = queue_.front(), queue_.pop_front(); break;
      case 2: log_.popped(c, mine.began, mine.item, true); break;
    }
  }

 private:
  struct pushing {
    std::uint64_t sequence = 0, step = 0;
    std::size_t began = 0;
  };
  struct popping {
    std::uint64_t step = 0;
    std::size_t began = 0;
    item_key item = 0;
  };

  run_log& log_;
  const std::uint64_t share_;
  std::vector<pushing> pushes_;
  std::vector<popping> pops_;
  std::deque<item_key> queue_;
};

TEST(run_log, accuses_no_queue_that_keeps_its_order) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("HANDOFF_TEST_SEED=" + std::to_string(seed));
  random_source random(seed);
  for (int round = 0; round < 300; ++round) {
    const auto producers = static_cast<unsigned>(1 + random.below(3));
    const auto consumers = static_cast<unsigned>(1 + random.below(3));
    const std::uint64_t share = 1 + random.below(200);
    run_log log(producers, consumers, ordering::fifo);
    log.begin(share * producers);
    orderly_run run(log, producers, consumers, share);
    while (log.pops() < share * producers)
      if (random.below(2) == 0)
        run.step_of_producer(static_cast<unsigned>(random.below(producers)));
      else
        run.step_of_consumer(static_cast<unsigned>(random.below(consumers)));
    log.settle();
    ASSERT_EQ(log.verdict(std::vector<std::uint64_t>(producers, share)), "");
  }
}

TEST(run_log, goes_on_from_round_to_round) {
  for (const unsigned producers : {1U, 2U}) {
    run_log log(producers, 2, ordering::fifo);
    log.begin(10ULL * producers);
    for (std::uint64_t round = 0; round < 5; ++round) {
      for (std::uint64_t i = 0; i < 10; ++i)
        for (unsigned p = 0; p < producers; ++p) log.pushed(p, log.pushes());
      for (std::uint64_t i = 0; i < 10; ++i)
        for (unsigned p = 0; p < producers; ++p) {
          const bool swapped = round == 4 && i >= 8;
          const std::uint64_t sequence = round * 10 + (swapped ? 17 - i : i);
          log.popped(i % 2, log.pops(), make_key(p, sequence), true);
        }
      EXPECT_EQ(log.counts(), (std::vector<std::uint64_t>{5ULL * producers, 5ULL * producers}));
      log.settle();
      if (round < 4) {
        EXPECT_EQ(log.verdict(std::vector<std::uint64_t>(producers, round * 10 + 10)), "");
      }
    }
    EXPECT_NE(log.verdict(std::vector<std::uint64_t>(producers, 50)), "");
  }
}

TEST(run_log, counts_what_it_has_no_room_for) {
  run_log log(1, 1, ordering::unordered);
  log.begin(10);
  for (std::uint64_t i = 0; i < 1000; ++i) log.popped(0, log.pops(), make_key(0, i % 10), true);
  log.settle();
  EXPECT_EQ(log.verdict({10}), "1000 items came out, 10 went in");
}

TEST(run_log, shows_torn_and_invented_items) {
  for (const bool torn : {true, false}) {
    run_log log(2, 1, ordering::fifo);
    log.begin(2);
    log.pushed(0, 0);
    log.pushed(1, 1);
    log.popped(0, 0, make_key(0, 0), true);
    log.popped(0, 1, torn ? make_key(1, 0) : make_key(7, 0), !torn);
    log.settle();
    EXPECT_EQ(log.verdict({1, 1}), torn ? "1 of 2 items arrived torn" : "1 of 2 items were never pushed");
  }
}

}  // namespace

}  // namespace handoff::harness_tests
