// One thread: what each operation returns, in which order items come out, and what becomes of the rest.
#include <algorithm>
#include <deque>
#include <numeric>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/conformance/cases/items/model.hpp"
#include "tests/support/census.hpp"

namespace handoff::conformance {

namespace {

constexpr unsigned every_kind = words | blocks_of_64 | tracked | throwing;

void what_is_pushed_comes_out_in_the_declared_order(const trial& t) {
  lone_queue q(t, 16);
  std::vector<item_key> keys(16);
  std::iota(keys.begin(), keys.end(), 100);
  std::shuffle(keys.begin(), keys.end(), std::minstd_rand(static_cast<unsigned>(t.random().next())));
  std::deque<item_key> inside;
  for (const item_key key : keys) {
    ASSERT_EQ(q.producer->try_push(item_key{key}), success);
    inside.push_back(key);
  }
  while (!inside.empty()) {
    item_key key = 0;
    ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
    expect_next(inside, key, t.traits().order);
  }
}

void an_empty_queue_answers_empty(const trial& t) {
  lone_queue q(t, 4);
  item_key key = 77;
  EXPECT_EQ(q.consumer->try_pop(key), empty);
  ASSERT_EQ(q.producer->try_push(1), success);
  ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
  EXPECT_EQ(q.consumer->try_pop(key), empty);
  EXPECT_EQ(q.consumer->try_pop(key), empty);
}

void push_and_pop_need_not_wait_where_there_is_room_and_an_item(const trial& t) {
  lone_queue q(t, 3);
  for (item_key lap = 0; lap < 10; ++lap) {
    for (item_key i = 0; i < 3; ++i) ASSERT_EQ(q.producer->push(lap * 3 + i), success);
    item_key sum = 0;
    for (item_key i = 0; i < 3; ++i) {
      item_key key = 0;
      ASSERT_EQ(q.consumer->pop(key), success);
      sum += key;
    }
    EXPECT_EQ(sum, lap * 9 + 3);
  }
}

void full_is_answered_at_the_capacity_and_not_before(const trial& t) {
  for (const std::size_t asked : {1U, 2U, 3U, 4U, 5U, 7U, 8U, 100U}) {
    lone_queue q(t, asked);
    const std::size_t bound = q.queue->capacity();
    EXPECT_GE(bound, asked);
    ASSERT_EQ(fill(*q.producer, 0), bound) << "capacity " << asked;
    EXPECT_EQ(q.producer->try_push(7), full);
    item_key key = 0;
    ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
    EXPECT_EQ(fill(*q.producer, bound), 1U) << "one place was free";
    EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), bound);
  }
}

void an_unbounded_queue_is_never_full(const trial& t) {
  lone_queue q(t, 1);
  for (item_key i = 0; i < 10'000; ++i) ASSERT_EQ(q.producer->try_push(i), success);
  EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), 10'000U);
}

void size_counts_what_is_inside(const trial& t) {
  lone_queue q(t, 5);
  for (std::size_t inside = 0; inside < 5; ++inside) {
    EXPECT_EQ(q.queue->size(), inside);
    ASSERT_EQ(q.producer->try_push(inside), success);
  }
  for (std::size_t inside = 5; inside > 0; --inside) {
    EXPECT_EQ(q.queue->size(), inside);
    item_key key = 0;
    ASSERT_EQ(q.consumer->try_pop(key), success);
  }
  EXPECT_EQ(q.queue->size(), 0U);
}

void handles_count_the_attempts_that_failed(const trial& t) {
  lone_queue q(t, 2);
  item_key key = 0;
  for (int i = 0; i < 3; ++i) q.consumer->try_pop(key);
  EXPECT_EQ(q.consumer->failed_attempts(), 3U);
  ASSERT_EQ(q.producer->try_push(1), success);
  ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
  EXPECT_EQ(q.consumer->failed_attempts(), 3U);
  EXPECT_EQ(q.producer->failed_attempts(), 0U);
  if (!t.traits().bounded) return;
  fill(*q.producer, 0);
  EXPECT_EQ(q.producer->failed_attempts(), 1U);
}

void many_laps_agree_with_a_model(const trial& t) {
  for (const std::size_t asked : {1U, 2U, 3U, 5U, 6U, 7U, 8U, 13U}) agree_with_a_model(t, asked);
}

/// The census of the surroundings checks that they were.
void items_left_inside_are_destroyed_with_the_queue(const trial& t) {
  for (const item_key popped : {0U, 3U, 5U}) {  // also with items across the end of a ring
    lone_queue q(t, 5);
    item_key key = 0;
    for (item_key i = 0; i < popped; ++i) {
      ASSERT_EQ(q.producer->try_push(item_key{i}), success);
      ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
    }
    for (item_key i = 0; i < 4; ++i) ASSERT_EQ(q.producer->try_push(10 + i), success);
    EXPECT_GE(testing_support::census::alive.load(), 4);
  }
}

}  // namespace

std::span<const test_case> single_thread_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(what_is_pushed_comes_out_in_the_declared_order, tries, every_kind, setting::alone),
      HANDOFF_CASE(an_empty_queue_answers_empty, tries, tracked, setting::alone),
      HANDOFF_CASE(push_and_pop_need_not_wait_where_there_is_room_and_an_item, blocks, tracked,
                   setting::alone),
      HANDOFF_CASE(full_is_answered_at_the_capacity_and_not_before, tries | bounded, tracked, setting::alone),
      HANDOFF_CASE(an_unbounded_queue_is_never_full, tries | unbounded, tracked, setting::alone),
      HANDOFF_CASE(size_counts_what_is_inside, tries | sized, tracked, setting::alone),
      HANDOFF_CASE(handles_count_the_attempts_that_failed, tries | counts_failed, tracked, setting::alone),
      HANDOFF_CASE(many_laps_agree_with_a_model, tries, every_kind, setting::alone),
      HANDOFF_CASE(items_left_inside_are_destroyed_with_the_queue, tries, tracked, setting::alone),
  };
  return cases;
}

}  // namespace handoff::conformance
