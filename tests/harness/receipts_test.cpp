// What consumers record inside the window reaches their ledgers, whichever consumer received it and however
// much.
#include "harness/threads/receipts.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <thread>
#include <vector>

#include "tests/support/seed.hpp"

namespace handoff::harness_tests {

namespace {

using harness::item_key;
using harness::make_key;
using harness::receipt_book;
using harness::receipt_pages;
using harness::receipts;

TEST(receipts, come_out_as_they_went_in_however_consumers_share_a_run) {
  const std::uint64_t seed = testing_support::test_seed();
  SCOPED_TRACE("HANDOFF_TEST_SEED=" + std::to_string(seed));
  testing_support::random_source random(seed);
  receipt_pages pages;
  for (int round = 0; round < 300; ++round) {
    const auto consumers = static_cast<unsigned>(1 + random.below(5));
    const std::uint64_t items = random.below(random.below(2) == 0 ? 200 : 40'000);
    const auto favourite = static_cast<unsigned>(random.below(consumers));
    receipt_book book(pages, items, 1, consumers, ordering::fifo);
    for (std::uint64_t i = 0; i < items; ++i)
      book.of(random.below(3) == 0 ? static_cast<unsigned>(random.below(consumers)) : favourite)
          .enter(make_key(0, i), true);
    std::uint64_t count = 0;
    for (unsigned consumer = 0; consumer < consumers; ++consumer) count += book.count(consumer);
    EXPECT_EQ(count, items);
    book.settle();
    ASSERT_EQ(book.verdict({items}), "") << items << " items, " << consumers << " consumers";
  }
}

TEST(receipts, of_several_rounds_add_up) {
  receipt_pages pages;
  receipt_book book(pages, 100, 1, 2, ordering::fifo);
  for (std::uint64_t round = 0; round < 10; ++round) {
    for (std::uint64_t i = 0; i < 100; ++i)
      book.of(i % 7 == 0 ? 1 : 0).enter(make_key(0, round * 100 + i), true);
    book.settle();
    EXPECT_EQ(book.count(0), 0u);
  }
  EXPECT_EQ(book.verdict({1000}), "");
  EXPECT_EQ(book.verdict({1001}), "1 of 1001 items were lost");
}

/// Each fault of one item, at every place: the first and last of a page are among them.
TEST(receipts, show_each_fault_wherever_it_lies) {
  constexpr std::uint64_t items = 1000;
  receipt_pages pages;
  for (std::uint64_t place = 0; place + 1 < items; ++place) {
    const auto judged = [&](auto receive) {
      receipt_book book(pages, items, 1, 1, ordering::fifo);
      for (std::uint64_t i = 0; i < items; ++i) receive(book.of(0), i);
      book.settle();
      return book.verdict({items});
    };
    ASSERT_EQ(judged([&](receipts& received, std::uint64_t i) {
                received.enter(make_key(0, i == place ? i + 1 : i == place + 1 ? i - 1 : i), true);
              }),
              "1 of 1000 items arrived out of their producer's order");
    ASSERT_EQ(judged([&](receipts& received, std::uint64_t i) {
                if (i != place) received.enter(make_key(0, i), true);
              }),
              "1 of 1000 items were lost");
    ASSERT_EQ(
        judged([&](receipts& received, std::uint64_t i) { received.enter(make_key(0, i), i != place); }),
        "1 of 1000 items arrived torn");
    ASSERT_EQ(judged([&](receipts& received, std::uint64_t i) {
                received.enter(i == place ? make_key(1, i) : make_key(0, i), true);
              }),
              "1 of 1000 items were never pushed");
  }
}

/// A queue may hand out far more than was pushed: everything is counted, and nothing is written beyond the
/// memory.
TEST(receipts, beyond_all_room_are_counted) {
  receipt_pages pages;
  for (const unsigned consumers : {1U, 3U}) {
    receipt_book book(pages, 10, 1, consumers, ordering::unordered);
    for (unsigned consumer = 0; consumer < consumers; ++consumer)
      for (std::uint64_t i = 0; i < 10'000; ++i) book.of(consumer).enter(make_key(0, i), true);
    book.settle();
    EXPECT_EQ(book.verdict({10}), std::to_string(10'000 * consumers) + " items came out, 10 went in");
  }
}

TEST(receipts, of_consumers_on_threads_lie_apart) {
  constexpr unsigned consumers = 4;
  constexpr std::uint64_t items = 400'000;
  receipt_pages pages;
  receipt_book book(pages, items, consumers, consumers, ordering::fifo);
  {
    std::vector<std::jthread> threads;
    for (unsigned consumer = 0; consumer < consumers; ++consumer)
      threads.emplace_back([&, consumer] {
        receipts own = book.of(consumer);
        for (std::uint64_t i = 0; i < items / consumers; ++i) own.enter(make_key(consumer, i), true);
        book.of(consumer) = own;
      });
  }
  book.settle();
  EXPECT_EQ(book.verdict(std::vector<std::uint64_t>(consumers, items / consumers)), "");
}

/// The cost inside a window must not depend on how often a session has run: memory is touched once.
TEST(receipt_pages, are_the_same_memory_in_the_next_run) {
  receipt_pages pages;
  pages.prepare(10'000, 2);
  std::set<const item_key*> before;
  for (int i = 0; i < 4; ++i) before.insert(pages.take(0));
  pages.prepare(10'000, 2);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(before.contains(pages.take(1)));
  EXPECT_EQ(pages.owner(0), 1u);
}

}  // namespace

}  // namespace handoff::harness_tests
