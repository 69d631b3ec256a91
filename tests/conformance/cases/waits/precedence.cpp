// If several results are true at once: success, else closed, else cancelled, else timed_out.
#include <stop_token>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/blocked_threads.hpp"
#include "tests/conformance/cases/common.hpp"

namespace handoff::conformance {

namespace {

/// A pop in every form, with the token stopped and the deadline past; `answer` is due.
void expect_pops(const trial& t, any_consumer& consumer, op_status answer, op_status stopped,
                 op_status late) {
  std::stop_source source;
  source.request_stop();
  item_key key = 0;
  EXPECT_EQ(consumer.try_pop(key), answer);
  if (t.can().cancellable) {
    EXPECT_EQ(consumer.pop(key, source.get_token()), stopped);
  }
  if (t.can().timed) {
    EXPECT_EQ(consumer.pop_until(key, past()), late);
  }
}

void expect_pushes(const trial& t, any_producer& producer, op_status answer, op_status stopped,
                   op_status late) {
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(producer.try_push(50), answer);
  if (t.can().cancellable) {
    EXPECT_EQ(producer.push(51, source.get_token()), stopped);
  }
  if (t.can().timed) {
    EXPECT_EQ(producer.push_until(52, past()), late);
  }
}

void an_item_comes_before_closed_cancelled_and_timed_out(const trial& t) {
  lone_queue q(t, 3);
  for (item_key i = 0; i < 3; ++i) ASSERT_EQ(q.producer->try_push(item_key{i}), success);
  if (t.can().closable) q.queue->close();
  expect_pops(t, *q.consumer, success, success, success);
}

void room_comes_before_cancelled_and_timed_out(const trial& t) {
  lone_queue q(t, 3);
  expect_pushes(t, *q.producer, success, success, success);
}

void closed_comes_before_full_cancelled_and_timed_out_on_push(const trial& t) {
  for (const bool filled : {false, true}) {
    lone_queue q(t, 3);
    if (filled && t.traits().bounded) fill(*q.producer, 0);
    q.queue->close();
    expect_pushes(t, *q.producer, closed, closed, closed);
  }
}

void closed_comes_before_empty_cancelled_and_timed_out_on_pop(const trial& t) {
  lone_queue q(t, 3);
  q.queue->close();
  expect_pops(t, *q.consumer, closed, closed, closed);
}

void without_an_item_each_limit_has_its_own_answer(const trial& t) {
  lone_queue q(t, 3);
  expect_pops(t, *q.consumer, empty, cancelled, timed_out);
}

void without_room_each_limit_has_its_own_answer(const trial& t) {
  lone_queue q(t, 3);
  fill(*q.producer, 0);
  expect_pushes(t, *q.producer, full, cancelled, timed_out);
}

// A thread that waits with a token is given what ends the wait, and only then the stop: before the thread is
// back on a core, except in a rare round.

/// `wait` starts the thread that waits, `serve` ends its wait, and `answer` is due.
template <class Wait, class Serve>
void stop_after(const trial& t, op_status answer, bool filled, Wait wait, Serve serve) {
  for (trial::rounds round(t, 200, 2); round.next();) {
    lone_queue q(t, 2);
    if (filled) fill(*q.producer, 0);
    std::stop_source source;
    blocked_threads waiting;
    wait(waiting, *q.queue, source.get_token());
    waiting.wait_until_blocked();
    serve(q);
    source.request_stop();
    waiting.join();
    ASSERT_EQ(waiting.answer(0), answer) << "it came before the stop, in round " << round.index();
  }
}

void pop_with(blocked_threads& waiting, any_queue& queue, const std::stop_token& token) {
  waiting.pop(queue, [token](any_consumer& consumer, item_key& key) { return consumer.pop(key, token); });
}
void push_with(blocked_threads& waiting, any_queue& queue, const std::stop_token& token) {
  waiting.push(queue, [token](any_producer& producer) { return producer.push(100, token); });
}

void an_item_that_came_before_the_stop_is_taken(const trial& t) {
  stop_after(t, success, false, pop_with, [](lone_queue& q) { ASSERT_EQ(q.producer->try_push(7), success); });
}
void a_place_that_came_before_the_stop_is_taken(const trial& t) {
  stop_after(t, success, true, push_with, [&t](lone_queue& q) {
    item_key key = 0;
    ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
  });
}
void a_close_that_came_before_the_stop_is_told_to_who_pops(const trial& t) {
  stop_after(t, closed, false, pop_with, [](lone_queue& q) { q.queue->close(); });
}
void a_close_that_came_before_the_stop_is_told_to_who_pushes(const trial& t) {
  stop_after(t, closed, true, push_with, [](lone_queue& q) { q.queue->close(); });
}

constexpr unsigned stops_pops = tries | blocks | cancels;
constexpr unsigned stops_pushes = stops_pops | bounded;

}  // namespace

std::span<const test_case> precedence_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(an_item_comes_before_closed_cancelled_and_timed_out, tries, tracked, setting::alone),
      HANDOFF_CASE(room_comes_before_cancelled_and_timed_out, tries, tracked, setting::alone),
      HANDOFF_CASE(closed_comes_before_full_cancelled_and_timed_out_on_push, tries | closes, tracked,
                   setting::alone),
      HANDOFF_CASE(closed_comes_before_empty_cancelled_and_timed_out_on_pop, tries | closes, tracked,
                   setting::alone),
      HANDOFF_CASE(without_an_item_each_limit_has_its_own_answer, tries, tracked, setting::alone),
      HANDOFF_CASE(without_room_each_limit_has_its_own_answer, tries | bounded, tracked, setting::alone),
      HANDOFF_CASE(an_item_that_came_before_the_stop_is_taken, stops_pops | exact_empty, tracked,
                   setting::sleepers),
      HANDOFF_CASE(a_place_that_came_before_the_stop_is_taken, stops_pushes, tracked, setting::sleepers),
      HANDOFF_CASE(a_close_that_came_before_the_stop_is_told_to_who_pops, stops_pops | closes, tracked,
                   setting::sleepers),
      HANDOFF_CASE(a_close_that_came_before_the_stop_is_told_to_who_pushes, stops_pushes | closes, tracked,
                   setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
