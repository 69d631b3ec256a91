// Deadlines: never before they pass, and not at all if an operation need not wait.
#include <chrono>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/blocked_threads.hpp"
#include "tests/conformance/cases/common.hpp"

namespace handoff::conformance {

namespace {

using std::chrono::steady_clock;

void a_pop_that_need_not_wait_does_not_look_at_the_deadline(const trial& t) {
  lone_queue q(t, 2);
  item_key key = 0;
  for (const deadline_t deadline : {past(), deadline_t::min(), deadline_t{}}) {
    EXPECT_EQ(q.consumer->pop_until(key, deadline), timed_out) << "nothing inside";
    ASSERT_EQ(q.producer->try_push(5), success);
    EXPECT_EQ(q.consumer->pop_until(key, deadline), success);
  }
}

void a_push_that_need_not_wait_does_not_look_at_the_deadline(const trial& t) {
  for (const deadline_t deadline : {past(), deadline_t::min(), deadline_t{}}) {
    lone_queue q(t, 3);
    const std::size_t room = t.traits().bounded ? q.queue->capacity() : 3;
    for (item_key i = 0; i < room; ++i) ASSERT_EQ(q.producer->push_until(item_key{i}, deadline), success);
    if (t.traits().bounded) {
      EXPECT_EQ(q.producer->push_until(9, deadline), timed_out) << "no room";
    }
    EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), room);
  }
}

void a_pop_does_not_time_out_before_its_deadline(const trial& t) {
  lone_queue q(t, 2);
  item_key key = 0;
  for (const int milliseconds : {0, 1, 3}) {
    const deadline_t deadline = steady_clock::now() + std::chrono::milliseconds{milliseconds};
    EXPECT_EQ(q.consumer->pop_until(key, deadline), timed_out);
    EXPECT_GE(steady_clock::now(), deadline);
  }
}

void a_push_does_not_time_out_before_its_deadline(const trial& t) {
  lone_queue q(t, 2);
  const std::size_t bound = fill(*q.producer, 0);
  for (const int milliseconds : {0, 1, 3}) {
    const deadline_t deadline = steady_clock::now() + std::chrono::milliseconds{milliseconds};
    EXPECT_EQ(q.producer->push_until(9, deadline), timed_out);
    EXPECT_GE(steady_clock::now(), deadline);
  }
  EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), bound) << "a push that timed out leaves nothing behind";
}

/// The latest time that the clock can name does not overflow.
void a_deadline_at_the_end_of_time_waits(const trial& t) {
  const auto queue = t.make(2);
  blocked_threads waiting;
  waiting.pop(*queue,
              [](auto& consumer, item_key& key) { return consumer.pop_until(key, deadline_t::max()); });
  waiting.wait_until_blocked();
  ASSERT_EQ(queue->producer()->try_push(7), success);
  waiting.join();
  EXPECT_EQ(waiting.answer(0), success);
}

void a_blocked_push_with_a_deadline_still_gets_its_place(const trial& t) {
  const auto queue = t.make(2);
  const std::size_t bound = fill(*queue->producer(), 0);
  blocked_threads waiting;
  waiting.push(*queue, [](any_producer& producer) { return producer.push_until(100, far_future()); });
  waiting.wait_until_blocked();
  const auto consumer = queue->consumer();
  item_key key = 0;
  ASSERT_EQ(take(*queue, *consumer, t, key), success);
  waiting.join();
  EXPECT_EQ(waiting.answer(0), success);
  EXPECT_EQ(drain(*queue, *consumer, t).size(), bound);
}

}  // namespace

std::span<const test_case> deadline_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(a_pop_that_need_not_wait_does_not_look_at_the_deadline, tries | timed),
      HANDOFF_CASE(a_push_that_need_not_wait_does_not_look_at_the_deadline, tries | timed),
      HANDOFF_CASE(a_pop_does_not_time_out_before_its_deadline, timed, tracked, setting::sleepers),
      HANDOFF_CASE(a_push_does_not_time_out_before_its_deadline, tries | timed | bounded, tracked,
                   setting::sleepers),
      HANDOFF_CASE(a_deadline_at_the_end_of_time_waits, tries | timed, tracked, setting::sleepers),
      HANDOFF_CASE(a_blocked_push_with_a_deadline_still_gets_its_place, tries | timed | bounded, tracked,
                   setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
