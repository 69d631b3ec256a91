// First in, first out between producers: what was pushed before another push began must be received before
// it, and nothing is said about pushes that overlap.
#include "harness/timeline.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "harness/ledger.hpp"
#include "tests/support/seed.hpp"

namespace handoff::harness_tests {

namespace {

using harness::item_key;
using harness::ledger;
using harness::make_key;
using harness::timeline;
using harness::verdict;

/// Producers whose pushes end before the next one begins, and what one consumer makes of them.
class sequential {
 public:
  sequential(unsigned producers, std::uint64_t share) : line_(producers, share), pushed_(producers, 0) {
    for (unsigned p = 0; p < producers; ++p) pens_.push_back(line_.writer_of(p));
  }

  void push(unsigned producer) {
    pens_[producer].before_push(pushed_[producer]);
    order_.push_back(make_key(producer, pushed_[producer]));
    pens_[producer].after_push(pushed_[producer]++);
  }

  [[nodiscard]] std::string judged(std::vector<item_key> received, ordering promised = ordering::fifo) const {
    ledger book(static_cast<unsigned>(pushed_.size()), promised, &line_);
    for (const item_key key : received) book.enter(key);
    return verdict({book}, pushed_);
  }
  [[nodiscard]] const std::vector<item_key>& order() const { return order_; }

 private:
  timeline line_;
  std::vector<timeline::writer> pens_;
  std::vector<std::uint64_t> pushed_;
  std::vector<item_key> order_;
};

TEST(timeline, names_each_exchange_of_two_producers_items) {
  sequential run(3, 90);
  testing_support::random_source random(1);
  for (int i = 0; i < 90; ++i) run.push(static_cast<unsigned>(random.below(3)));
  EXPECT_EQ(run.judged(run.order()), "");
  for (std::size_t i = 0; i + 1 < run.order().size(); ++i) {
    auto received = run.order();
    std::swap(received[i], received[i + 1]);
    ASSERT_EQ(run.judged(received), "1 of 90 items arrived after one that was pushed later") << i;
  }
}

TEST(timeline, is_no_concern_of_a_queue_that_promises_each_producers_order_alone) {
  sequential run(2, 4);
  for (int i = 0; i < 4; ++i) run.push(0);
  for (int i = 0; i < 4; ++i) run.push(1);
  std::vector<item_key> second_first(run.order().begin() + 4, run.order().end());
  second_first.insert(second_first.end(), run.order().begin(), run.order().begin() + 4);
  EXPECT_EQ(run.judged(second_first, ordering::per_producer_fifo), "");
  EXPECT_EQ(run.judged(second_first, ordering::unordered), "");
  EXPECT_EQ(run.judged(second_first, ordering::lifo), "");
  EXPECT_EQ(run.judged(second_first, ordering::fifo), "1 of 8 items arrived after one that was pushed later");
}

/// Long runs take notes now and then: an item from before a note is still found if a later one overtakes it.
TEST(timeline, of_a_long_run_finds_an_item_that_many_later_ones_overtook) {
  constexpr std::uint64_t share = 100'000;
  sequential run(2, share);
  run.push(0);
  for (std::uint64_t i = 0; i < share; ++i) run.push(1);
  auto received = run.order();
  received.erase(received.begin());
  received.insert(received.begin() + share / 32, run.order().front());
  EXPECT_EQ(run.judged(received), "1 of 100001 items arrived after one that was pushed later");
}

TEST(timeline, accuses_no_order_of_two_pushes_that_overlap) {
  for (const bool swapped : {false, true}) {
    timeline line(2, 1);
    timeline::writer one = line.writer_of(0), other = line.writer_of(1);
    one.before_push(0);
    other.before_push(0);
    one.after_push(0);
    other.after_push(0);
    ledger book(2, ordering::fifo, &line);
    book.enter(make_key(swapped ? 1 : 0, 0));
    book.enter(make_key(swapped ? 0 : 1, 0));
    EXPECT_EQ(verdict({book}, {1, 1}), "");
  }
}

/// Pushes begin, take effect and end in any order that one thread per producer allows, and consumers share
/// what comes out.
TEST(timeline, accuses_no_queue_that_keeps_its_order) {
  const std::uint64_t seed = testing_support::test_seed();
  SCOPED_TRACE("HANDOFF_TEST_SEED=" + std::to_string(seed));
  testing_support::random_source random(seed);
  for (int round = 0; round < 200; ++round) {
    const unsigned producers = 2 + static_cast<unsigned>(random.below(3));
    const std::uint64_t share = 1 + random.below(600);
    timeline line(producers, share);
    std::vector<timeline::writer> pens;
    for (unsigned p = 0; p < producers; ++p) pens.push_back(line.writer_of(p));
    std::vector<ledger> books(2, ledger(producers, ordering::fifo, &line));
    std::vector<std::uint64_t> sequence(producers, 0), step(producers, 0);
    std::deque<item_key> queue;
    for (std::uint64_t missing = share * producers; missing > 0;) {
      if (!queue.empty() && random.below(2) == 0) {
        books[random.below(2)].enter(queue.front());
        queue.pop_front();
        --missing;
        continue;
      }
      const auto p = static_cast<unsigned>(random.below(producers));
      if (sequence[p] == share) continue;
      switch (step[p]++ % 3) {
        case 0: pens[p].before_push(sequence[p]); break;
        case 1: queue.push_back(make_key(p, sequence[p])); break;
        case 2: pens[p].after_push(sequence[p]++); break;
      }
    }
    ASSERT_EQ(verdict(books, std::vector<std::uint64_t>(producers, share)), "");
  }
}

TEST(timeline, of_one_producer_asks_for_nothing) {
  timeline line(1, 1000);
  EXPECT_EQ(line.first_due(), timeline::never);
  timeline::writer pen = line.writer_of(0);
  pen.before_push(0);
  pen.after_push(0);
}

TEST(timeline, overlooks_items_that_nobody_pushed) {
  timeline line(2, 10);
  ledger book(2, ordering::fifo, &line);
  book.enter(make_key(0, 1'000'000));
  EXPECT_FALSE(verdict({book}, {0, 0}).empty());
}

}  // namespace

}  // namespace handoff::harness_tests
