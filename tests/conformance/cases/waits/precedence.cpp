// Where several answers are true at once: success, else closed, else cancelled, else timed_out.
#include <stop_token>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"

namespace handoff::conformance {

namespace {

/// A pop in every form, with the token stopped and the deadline past, where `answer` is due.
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

constexpr test_case cases[] = {
    HANDOFF_CASE(an_item_comes_before_closed_cancelled_and_timed_out, tries, tracked, setting::alone),
    HANDOFF_CASE(room_comes_before_cancelled_and_timed_out, tries, tracked, setting::alone),
    HANDOFF_CASE(closed_comes_before_full_cancelled_and_timed_out_on_push, tries | closes, tracked,
                 setting::alone),
    HANDOFF_CASE(closed_comes_before_empty_cancelled_and_timed_out_on_pop, tries | closes, tracked,
                 setting::alone),
    HANDOFF_CASE(without_an_item_each_limit_has_its_own_answer, tries, tracked, setting::alone),
    HANDOFF_CASE(without_room_each_limit_has_its_own_answer, tries | bounded, tracked, setting::alone),
};

}  // namespace

std::span<const test_case> precedence_cases() { return cases; }

}  // namespace handoff::conformance
