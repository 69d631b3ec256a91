// What becomes of an item on its way: it is moved and not copied, nothing of it stays behind, every part of
// it arrives. (That no queue copies is checked by the census of the surroundings, in every case.)
#include <vector>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/support/census.hpp"
#include "tests/support/crew.hpp"

namespace handoff::conformance {

namespace {

using testing_support::census;
using testing_support::crew;

constexpr std::size_t places = 5;

/// Fills the queue and empties it again; the pops use each form in turn.
void fill_and_empty(const trial& t, lone_queue& q) {
  for (item_key i = 0; i < places; ++i) {
    ASSERT_EQ(
        i % 2 == 1 && t.can().blocks ? q.producer->push(item_key{i}) : q.producer->try_push(item_key{i}),
        success);
    EXPECT_EQ(census::filled.load(), static_cast<std::int64_t>(i + 1)) << "items that hold something, inside";
  }
  for (std::int64_t inside = places; inside > 0; --inside) {
    item_key key = 0;
    ASSERT_EQ(inside % 2 == 1 && t.can().blocks ? q.consumer->pop(key) : take(*q.queue, *q.consumer, t, key),
              success);
    EXPECT_EQ(census::filled.load(), inside - 1)
        << "items that hold something, after a pop: the queue keeps what it gave out, or what the pop's "
           "argument held before";
  }
}

void nothing_of_a_popped_item_stays_in_the_queue(const trial& t) {
  lone_queue q(t, places);
  const auto objects = census::alive.load();
  for (int lap = 0; lap < 3; ++lap) {
    fill_and_empty(t, q);
    EXPECT_EQ(census::alive.load(), objects) << "objects alive in the emptied queue, of which a new one had "
                                             << objects << ": destroy an item when it is popped";
  }
}

void a_pop_that_fails_keeps_nothing(const trial& t) {
  lone_queue q(t, places);
  item_key key = 0;
  EXPECT_EQ(q.consumer->try_pop(key), empty);
  if (t.can().timed) {
    EXPECT_EQ(q.consumer->pop_until(key, past()), timed_out);
  }
  EXPECT_EQ(census::filled.load(), 0);
}

constexpr item_key volume = 120'000;  // an item that is torn once in 100,000 is torn here

void each_of_many_items_comes_out_whole(const trial& t) {
  lone_queue q(t, places);
  for (item_key i = 0; i < volume; ++i) {
    item_key key = 0;
    ASSERT_EQ(q.producer->try_push(item_key{i}), success);
    ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
    ASSERT_EQ(key, i);
  }
}

void each_of_many_items_comes_from_another_thread_whole(const trial& t) {
  const auto queue = t.make(1024);
  crew pair(2);
  pair.run([&, items = testing_support::scaled(volume)](unsigned me) {
    if (me == 0) {
      const auto producer = queue->producer();
      for (item_key i = 0; i < items; ++i) ASSERT_EQ(producer->push(item_key{i}), success);
    } else {
      const auto consumer = queue->consumer();
      item_key key = 0;
      for (item_key i = 0; i < items; ++i) ASSERT_EQ(consumer->pop(key), success);
    }
  });
}

}  // namespace

std::span<const test_case> content_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(nothing_of_a_popped_item_stays_in_the_queue, tries, tracked, setting::alone),
      HANDOFF_CASE(a_pop_that_fails_keeps_nothing, tries, tracked, setting::alone),
      HANDOFF_CASE(each_of_many_items_comes_out_whole, tries, blocks_of_64, setting::alone),
      HANDOFF_CASE(each_of_many_items_comes_from_another_thread_whole, blocks, blocks_of_64),
  };
  return cases;
}

}  // namespace handoff::conformance
