// Any number of them: every sleeper is woken, every handle may be used, everything asked for is held. Tables
// and counters that suffice for only a few show here.
#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <stop_token>
#include <vector>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/blocked_threads.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/conformance/cases/ends/joiner.hpp"

namespace handoff::conformance {

namespace {

/// More than a word has bits. Those who wait by spinning or yielding stand in no table, and make each other
/// slow.
unsigned crowd_of(const trial& t) {
  const wait_kind wait = t.who().wait;
  return wait == wait_kind::spin || wait == wait_kind::yield ? 12 : 70;
}

/// A pop by each form that waits, in turn.
op_status pop_somehow(const trial& t, unsigned form, any_consumer& consumer, item_key& key,
                      const std::stop_token& token) {
  if (form % 3 == 1 && t.can().timed) return consumer.pop_until(key, far_future());
  if (form % 3 == 2 && t.can().cancellable) return consumer.pop(key, token);
  return consumer.pop(key);
}

op_status push_somehow(const trial& t, unsigned form, any_producer& producer, const std::stop_token& token) {
  if (form % 3 == 1 && t.can().timed) return producer.push_until(100 + form, far_future());
  if (form % 3 == 2 && t.can().cancellable) return producer.push(100 + form, token);
  return producer.push(100 + form);
}

struct crowd_in_pop {
  crowd_in_pop(const trial& t, any_queue& queue, const std::stop_token& token) {
    for (unsigned i = 0; i < crowd_of(t); ++i)
      threads.pop(queue, [&t, i, token](any_consumer& consumer, item_key& key) {
        return pop_somehow(t, i, consumer, key, token);
      });
    threads.wait_until_blocked();
  }
  void expect_all(op_status answer) {
    threads.join();
    for (std::size_t i = 0; i < threads.size(); ++i) ASSERT_EQ(threads.answer(i), answer) << "sleeper " << i;
  }
  blocked_threads threads;
};

struct crowd_in_push {
  crowd_in_push(const trial& t, any_queue& queue, const std::stop_token& token) {
    for (unsigned i = 0; i < crowd_of(t); ++i)
      threads.push(queue,
                   [&t, i, token](any_producer& producer) { return push_somehow(t, i, producer, token); });
    threads.wait_until_blocked();
  }
  void expect_all(op_status answer) {
    threads.join();
    for (std::size_t i = 0; i < threads.size(); ++i) ASSERT_EQ(threads.answer(i), answer) << "sleeper " << i;
  }
  blocked_threads threads;
};

void however_many_sleep_in_pop_every_item_wakes_one(const trial& t) {
  const auto queue = t.make(crowd_of(t));
  crowd_in_pop sleepers(t, *queue, {});
  const auto producer = queue->producer();
  for (unsigned i = 0; i < crowd_of(t); ++i) ASSERT_EQ(producer->try_push(item_key{i}), success);
  sleepers.expect_all(success);
}

void however_many_sleep_in_push_every_place_wakes_one(const trial& t) {
  const auto queue = t.make(2);
  const std::size_t bound = fill(*queue->producer(), 0);
  crowd_in_push sleepers(t, *queue, {});
  const auto consumer = queue->consumer();
  item_key key = 0;
  for (unsigned i = 0; i < crowd_of(t); ++i) ASSERT_EQ(consumer->pop(key), success);
  sleepers.expect_all(success);
  EXPECT_EQ(drain(*queue, *consumer, t).size(), bound);
}

void however_many_sleep_close_wakes_them(const trial& t) {
  {
    const auto empty_one = t.make(2);
    crowd_in_pop sleepers(t, *empty_one, {});
    empty_one->close();
    sleepers.expect_all(closed);
  }
  if (!t.traits().bounded || t.traits().producers == cardinality::one) return;
  const auto full_one = t.make(2);
  fill(*full_one->producer(), 0);
  crowd_in_push sleepers(t, *full_one, {});
  full_one->close();
  sleepers.expect_all(closed);
}

void however_many_sleep_one_stop_wakes_them(const trial& t) {
  std::stop_source source;
  const auto queue = t.make(2);
  blocked_threads sleepers;
  for (unsigned i = 0; i < crowd_of(t); ++i)
    sleepers.pop(
        *queue, [&](any_consumer& consumer, item_key& key) { return consumer.pop(key, source.get_token()); });
  sleepers.wait_until_blocked();
  source.request_stop();
  sleepers.join();
  for (std::size_t i = 0; i < sleepers.size(); ++i)
    ASSERT_EQ(sleepers.answer(i), cancelled) << "sleeper " << i;
}

void however_many_are_in_join_all_return(const trial& t) {
  lone_queue q(t, 2);
  ASSERT_EQ(q.producer->try_push(1), success);
  item_key key = 0;
  ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
  std::vector<std::unique_ptr<joiner>> joiners;
  for (unsigned i = 0; i < crowd_of(t); ++i) joiners.push_back(std::make_unique<joiner>(*q.queue));
  for (const auto& waiting : joiners) waiting->expect_blocked();
  q.consumer->task_done();
  for (const auto& waiting : joiners) waiting->finish();
}

constexpr item_key handles_at_once = 300;  // more than a byte can count

/// Each handle pushes one item; each pops one and marks it.
void one_item_a_handle(const trial& t, any_queue& queue,
                       const std::vector<std::unique_ptr<any_producer>>& producers,
                       const std::vector<std::unique_ptr<any_consumer>>& consumers) {
  std::vector<item_key> popped;
  for (std::size_t i = 0; i < producers.size(); ++i) {
    if (producers[i] == nullptr) continue;
    ASSERT_EQ(producers[i]->try_push(item_key{i}), success) << "producer " << i;
  }
  for (std::size_t i = 0; i < consumers.size(); ++i) {
    if (consumers[i] == nullptr) continue;
    item_key key = 0;
    ASSERT_EQ(take(queue, *consumers[i], t, key), success) << "consumer " << i;
    popped.push_back(key);
    if (t.can().joinable) consumers[i]->task_done();
  }
  if (t.can().joinable) queue.join();
  std::sort(popped.begin(), popped.end());
  std::size_t next = 0;
  for (std::size_t i = 0; i < producers.size(); ++i) {
    if (producers[i] == nullptr) continue;
    ASSERT_EQ(popped.at(next++), i) << "lost, or popped more than once";
  }
}

void however_many_handles_there_are_each_can_be_used(const trial& t) {
  const auto queue = t.make(handles_at_once);
  std::vector<std::unique_ptr<any_producer>> producers;
  std::vector<std::unique_ptr<any_consumer>> consumers;
  for (item_key i = 0; i < handles_at_once; ++i) {
    producers.push_back(queue->producer());
    consumers.push_back(queue->consumer());
  }
  one_item_a_handle(t, *queue, producers, consumers);
  for (std::size_t i = 0; i < handles_at_once; i += 2) {
    producers[i].reset();
    consumers[i].reset();
  }
  one_item_a_handle(t, *queue, producers, consumers);
}

void however_many_handles_there_were_a_new_one_can_be_used(const trial& t) {
  const auto queue = t.make(4);
  for (unsigned i = 0; i < 70'000; ++i) {  // more than sixteen bits can count
    queue->producer();
    queue->consumer();
  }
  item_key key = 0;
  ASSERT_EQ(queue->producer()->try_push(7), success);
  ASSERT_EQ(take(*queue, *queue->consumer(), t, key), success);
  EXPECT_EQ(key, 7U);
}

constexpr item_key beyond_seventeen_bits = 140'000;

/// The final check of the items 0 … n - 1 that came out as `keys`.
void expect_all_of(const trial& t, std::vector<item_key> keys, std::size_t n) {
  if (t.traits().order != ordering::fifo && t.traits().order != ordering::per_producer_fifo)
    std::sort(keys.begin(), keys.end());
  std::vector<item_key> expected(n);
  std::iota(expected.begin(), expected.end(), 0);
  ASSERT_EQ(keys.size(), n) << "items that came out";
  EXPECT_TRUE(keys == expected) << "lost, popped more than once, or out of order";
}

void as_many_are_held_as_were_asked_for(const trial& t) {
  const std::size_t asked = beyond_seventeen_bits;
  lone_queue q(t, asked);
  const std::size_t bound = q.queue->capacity();
  ASSERT_GE(bound, asked) << "capacity";
  ASSERT_EQ(fill(*q.producer, 0), bound) << "items accepted where the capacity is " << bound;
  if (t.can().knows_size) {
    EXPECT_EQ(q.queue->size(), bound);
  }
  expect_all_of(t, drain(*q.queue, *q.consumer, t), bound);
}

/// Positions that are kept in few bits overflow here, also in a ring of a size that divides no power of two.
void as_many_pass_through_few_places_as_come(const trial& t) {
  for (const std::size_t places : {3U, 8U}) {
    lone_queue q(t, places);
    std::vector<item_key> keys;
    keys.reserve(beyond_seventeen_bits);
    for (item_key i = 0; i < beyond_seventeen_bits; ++i) {
      ASSERT_EQ(q.producer->try_push(item_key{i}), success) << "item " << i;
      if (i + 1 < places) continue;
      item_key key = 0;
      ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success) << "after item " << i;
      keys.push_back(key);
    }
    for (const item_key key : drain(*q.queue, *q.consumer, t)) keys.push_back(key);
    expect_all_of(t, std::move(keys), beyond_seventeen_bits);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace

std::span<const test_case> crowd_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(however_many_sleep_in_pop_every_item_wakes_one, tries | blocks | many_consumers, tracked,
                   setting::sleepers),
      HANDOFF_CASE(however_many_sleep_in_push_every_place_wakes_one,
                   tries | blocks | bounded | many_producers, tracked, setting::sleepers),
      HANDOFF_CASE(however_many_sleep_close_wakes_them, tries | blocks | closes | many_consumers, tracked,
                   setting::sleepers),
      HANDOFF_CASE(however_many_sleep_one_stop_wakes_them, cancels | many_consumers, tracked,
                   setting::sleepers),
      HANDOFF_CASE(however_many_are_in_join_all_return, tries | joins, tracked, setting::sleepers),
      HANDOFF_CASE(however_many_handles_there_are_each_can_be_used, tries | many_producers | many_consumers,
                   tracked, setting::alone),
      HANDOFF_CASE(however_many_handles_there_were_a_new_one_can_be_used, tries, tracked, setting::alone),
      HANDOFF_CASE(as_many_are_held_as_were_asked_for, tries | bounded, words, setting::alone),
      HANDOFF_CASE(as_many_pass_through_few_places_as_come, tries, words, setting::alone),
  };
  return cases;
}

}  // namespace handoff::conformance
