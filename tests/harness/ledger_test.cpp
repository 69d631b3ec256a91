// The proof of a sample: each fault alone, and faults that would cancel each other out in a mere count.
#include "harness/ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/seed.hpp"

namespace handoff::harness_tests {

namespace {

using harness::item_key;
using harness::ledger;
using harness::make_key;
using harness::verdict;

constexpr std::uint64_t items = 200;

/// What one consumer gets from one producer, in order.
std::vector<item_key> arrivals() {
  std::vector<item_key> keys;
  for (std::uint64_t i = 0; i < items; ++i) keys.push_back(make_key(0, i));
  return keys;
}

/// What a consumer does with an item.
void receive(ledger& book, item_key key, bool intact) {
  book.enter(key);
  if (!intact) book.enter_torn(1);
}

std::string judged(const std::vector<item_key>& keys, ordering promised = ordering::fifo) {
  ledger book(1, promised);
  for (const item_key key : keys) receive(book, key, true);
  return verdict({book}, {items});
}

bool says(const std::string& sentence, const std::string& words) {
  return sentence.find(words) != std::string::npos;
}

TEST(verdict, of_all_items_in_order_is_empty) {
  EXPECT_EQ(judged(arrivals()), "");
  EXPECT_EQ(judged(arrivals(), ordering::unordered), "");
}

TEST(verdict, of_nothing_pushed_is_empty) {
  EXPECT_EQ(verdict({ledger(1, ordering::fifo)}, {0}), "");
  EXPECT_EQ(verdict({ledger(2, ordering::fifo), ledger(2, ordering::fifo)}, {0, 0}), "");
}

TEST(verdict, names_each_lost_item) {
  for (std::uint64_t lost = 0; lost < items; ++lost) {
    auto keys = arrivals();
    keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(lost));
    ASSERT_EQ(judged(keys), "1 of 200 items were lost");
  }
  EXPECT_EQ(judged({}), "200 of 200 items were lost");
}

TEST(verdict, names_each_doubled_item) {
  for (std::uint64_t doubled = 0; doubled < items; ++doubled) {
    auto keys = arrivals();
    keys.push_back(make_key(0, doubled));
    ASSERT_EQ(judged(keys), "201 items came out, 200 went in");
    ASSERT_EQ(judged(keys, ordering::unordered), "201 items came out, 200 went in");
  }
}

TEST(verdict, sees_one_lost_and_another_doubled) {
  for (std::uint64_t lost = 0; lost < items; ++lost)
    for (std::uint64_t doubled = 0; doubled < items; ++doubled) {
      if (lost == doubled) continue;
      auto keys = arrivals();
      keys[lost] = make_key(0, doubled);
      ASSERT_EQ(judged(keys, ordering::unordered), "200 items came out, but not the ones that went in")
          << lost << ' ' << doubled;
    }
}

/// Two items lost and the two between them doubled: a plain sum of keys would be the same.
TEST(verdict, sees_neighbours_lost_and_doubled) {
  for (std::uint64_t gap = 1; gap < 8; ++gap)
    for (std::uint64_t first = 0; first + 3 * gap < items; ++first) {
      auto keys = arrivals();
      keys[first] = make_key(0, first + gap);
      keys[first + 3 * gap] = make_key(0, first + 2 * gap);
      ASSERT_FALSE(judged(keys, ordering::unordered).empty()) << first << ' ' << gap;
    }
}

/// Sequence numbers traded between producers: the count of each producer is right, and so is the sum of keys.
TEST(verdict, sees_items_under_the_wrong_name) {
  const std::uint64_t seed = testing_support::test_seed();
  SCOPED_TRACE("HANDOFF_TEST_SEED=" + std::to_string(seed));
  testing_support::random_source random(seed);
  for (int round = 0; round < 1000; ++round) {
    const std::uint64_t one = random.below(items), other = random.below(items);
    if (one == other) continue;
    ledger book(2, ordering::unordered);
    for (std::uint64_t i = 0; i < items; ++i) {
      receive(book, make_key(0, i == one ? other : i), true);
      receive(book, make_key(1, i == other ? one : i), true);
    }
    ASSERT_EQ(verdict({book}, {items, items}), "400 items came out, but not the ones that went in");
  }
}

TEST(verdict, names_an_exchange_only_where_order_was_promised) {
  for (std::uint64_t i = 0; i + 1 < items; ++i) {
    auto keys = arrivals();
    std::swap(keys[i], keys[i + 1]);
    ASSERT_EQ(judged(keys), "1 of 200 items arrived out of their producer's order");
    ASSERT_EQ(judged(keys, ordering::unordered), "");
  }
  auto backwards = arrivals();
  std::reverse(backwards.begin(), backwards.end());
  EXPECT_EQ(judged(backwards), "199 of 200 items arrived out of their producer's order");
}

TEST(verdict, names_a_torn_item_before_anything_else) {
  ledger book(1, ordering::fifo);
  for (std::uint64_t i = 0; i < items; ++i) receive(book, make_key(0, i), i != 7);
  EXPECT_EQ(verdict({book}, {items}), "1 of 200 items arrived torn");
  EXPECT_EQ(verdict({book}, {items + 1}), "1 of 200 items arrived torn");
}

TEST(verdict, names_items_of_producers_that_there_are_not) {
  auto keys = arrivals();
  keys.push_back(make_key(1, 0));
  EXPECT_EQ(judged(keys), "1 of 201 items were never pushed");
  keys = arrivals();
  keys[3] = make_key(65534, 3);
  EXPECT_EQ(judged(keys), "1 of 200 items were never pushed");
}

TEST(verdict, sees_a_sequence_number_that_was_never_pushed) {
  auto keys = arrivals();
  keys.back() = make_key(0, items);
  EXPECT_TRUE(says(judged(keys), "not the ones that went in"));
}

TEST(verdict, adds_consumers_up) {
  ledger one(2, ordering::per_producer_fifo), other(2, ordering::per_producer_fifo);
  for (std::uint64_t i = 0; i < items; ++i) {
    receive(i % 3 == 0 ? one : other, make_key(0, i), true);
    receive(i % 5 == 0 ? one : other, make_key(1, i), true);
  }
  EXPECT_EQ(verdict({one, other}, {items, items}), "");
  EXPECT_FALSE(verdict({one}, {items, items}).empty());
  EXPECT_FALSE(verdict({one, other, other}, {items, items}).empty());
}

/// Each consumer may see gaps, because others take items too; none may see a producer go back.
TEST(verdict, holds_each_consumer_to_each_producers_order_by_itself) {
  ledger one(2, ordering::per_producer_fifo), other(2, ordering::per_producer_fifo);
  receive(one, make_key(0, 1), true);
  receive(other, make_key(0, 0), true);
  receive(one, make_key(1, 0), true);
  receive(other, make_key(1, 1), true);
  EXPECT_EQ(verdict({one, other}, {2, 2}), "");
  receive(one, make_key(0, 2), true);
  receive(one, make_key(1, 3), true);
  receive(one, make_key(1, 2), true);
  EXPECT_EQ(verdict({one, other}, {3, 4}), "1 of 7 items arrived out of their producer's order");
}

TEST(promises_producer_order, holds_for_the_two_orders_that_do) {
  EXPECT_TRUE(harness::promises_producer_order(ordering::fifo));
  EXPECT_TRUE(harness::promises_producer_order(ordering::per_producer_fifo));
  EXPECT_FALSE(harness::promises_producer_order(ordering::lifo));
  EXPECT_FALSE(harness::promises_producer_order(ordering::priority));
  EXPECT_FALSE(harness::promises_producer_order(ordering::unordered));
}

}  // namespace

}  // namespace handoff::harness_tests
