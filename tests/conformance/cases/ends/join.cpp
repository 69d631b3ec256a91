// task_done() and join(): what counts as unfinished, and which threads learn of it.
#include <stdexcept>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/conformance/cases/ends/joiner.hpp"

namespace handoff::conformance {

namespace {

void join_of_a_queue_without_work_returns_at_once_and_again(const trial& t) {
  lone_queue q(t, 4);
  q.queue->join();
  q.queue->join();
  ASSERT_EQ(q.producer->try_push(1), success);
  item_key key = 0;
  ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
  q.consumer->task_done();
  q.queue->join();
  q.queue->join();
}

void join_waits_until_the_last_item_is_done(const trial& t) {
  lone_queue q(t, 4);
  for (item_key i = 0; i < 3; ++i) ASSERT_EQ(q.producer->try_push(item_key{i}), success);
  joiner waiting(*q.queue);
  item_key key = 0;
  for (int i = 0; i < 3; ++i) {
    waiting.expect_blocked();
    ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
    waiting.expect_blocked();
    q.consumer->task_done();
  }
  waiting.finish();
}

void popping_without_task_done_does_not_finish_an_item(const trial& t) {
  lone_queue q(t, 4);
  for (item_key i = 0; i < 2; ++i) ASSERT_EQ(q.producer->try_push(item_key{i}), success);
  EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), 2U);
  joiner waiting(*q.queue);
  waiting.expect_blocked();
  q.consumer->task_done();
  waiting.expect_blocked();
  q.consumer->task_done();
  waiting.finish();
}

void one_task_done_too_many_throws(const trial& t) {
  lone_queue q(t, 4);
  EXPECT_THROW(q.consumer->task_done(), std::logic_error) << "nothing was ever popped";
  ASSERT_EQ(q.producer->try_push(1), success);
  EXPECT_THROW(q.consumer->task_done(), std::logic_error) << "pushed and not popped";
  item_key key = 0;
  ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
  q.consumer->task_done();
  EXPECT_THROW(q.consumer->task_done(), std::logic_error) << "done already";
  q.queue->join();
  // The rejected calls changed nothing.
  ASSERT_EQ(q.producer->try_push(2), success);
  ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
  joiner waiting(*q.queue);
  waiting.expect_blocked();
  q.consumer->task_done();
  waiting.finish();
}

void task_done_counts_what_this_handle_popped(const trial& t) {
  lone_queue q(t, 4);
  const auto other = q.queue->consumer();
  ASSERT_EQ(q.producer->try_push(1), success);
  item_key key = 0;
  ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
  EXPECT_THROW(other->task_done(), std::logic_error);
  q.consumer->task_done();
  q.queue->join();
}

void a_refused_push_is_not_waited_for(const trial& t) {
  lone_queue q(t, 2);
  if (t.traits().bounded) {
    fill(*q.producer, 0);
    EXPECT_EQ(q.producer->try_push(9), full);
    if (t.can().timed) {
      EXPECT_EQ(q.producer->push_until(9, past()), timed_out);
    }
  }
  item_key key = 0;
  while (take(*q.queue, *q.consumer, t, key) == success) q.consumer->task_done();
  if (t.can().closable) {
    q.queue->close();
    EXPECT_EQ(q.producer->try_push(9), closed);
  }
  q.queue->join();
}

void a_failed_pop_is_not_counted(const trial& t) {
  lone_queue q(t, 2);
  item_key key = 0;
  EXPECT_EQ(q.consumer->try_pop(key), empty);
  EXPECT_THROW(q.consumer->task_done(), std::logic_error);
  if (t.can().timed) {
    EXPECT_EQ(q.consumer->pop_until(key, past()), timed_out);
  }
  if (t.can().closable) {
    q.queue->close();
    EXPECT_EQ(q.consumer->try_pop(key), closed);
  }
  EXPECT_THROW(q.consumer->task_done(), std::logic_error);
  q.queue->join();
}

void join_after_close_waits_for_what_was_accepted(const trial& t) {
  lone_queue q(t, 4);
  for (item_key i = 0; i < 2; ++i) ASSERT_EQ(q.producer->try_push(item_key{i}), success);
  q.queue->close();
  joiner waiting(*q.queue);
  item_key key = 0;
  for (int i = 0; i < 2; ++i) {
    waiting.expect_blocked();
    ASSERT_EQ(q.consumer->try_pop(key), success);
    q.consumer->task_done();
  }
  waiting.finish();
}

void everyone_in_join_returns(const trial& t) {
  lone_queue q(t, 4);
  ASSERT_EQ(q.producer->try_push(1), success);
  item_key key = 0;
  ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
  joiner first(*q.queue);
  joiner second(*q.queue);
  joiner third(*q.queue);
  for (joiner* waiting : {&first, &second, &third}) waiting->expect_blocked();
  q.consumer->task_done();
  for (joiner* waiting : {&first, &second, &third}) waiting->finish();
}

/// Pushes, pops and dones of handles that no longer exist count as before.
void what_a_handle_counted_survives_it(const trial& t) {
  const auto queue = t.make(4);
  item_key key = 0;
  for (item_key i = 0; i < 3; ++i) ASSERT_EQ(queue->producer()->try_push(item_key{i}), success);
  joiner waiting(*queue);
  for (int i = 0; i < 3; ++i) {
    waiting.expect_blocked();
    const auto consumer = queue->consumer();
    ASSERT_EQ(take(*queue, *consumer, t, key), success);
    consumer->task_done();
  }
  waiting.finish();
  EXPECT_THROW(queue->consumer()->task_done(), std::logic_error);
  queue->join();
}

/// Whether every item gets done is the queue's concern, not the handle's.
void what_a_handle_left_undone_a_later_one_may_mark(const trial& t) {
  const auto queue = t.make(8);
  item_key key = 0;
  for (item_key i = 0; i < 6; ++i) ASSERT_EQ(queue->producer()->try_push(item_key{i}), success);
  {
    const auto diligent = queue->consumer();
    ASSERT_EQ(take(*queue, *diligent, t, key), success);
    diligent->task_done();
  }
  for (int popped = 1; popped < 3; ++popped) {
    const auto careless = queue->consumer();
    for (int i = 0; i < popped; ++i) ASSERT_EQ(take(*queue, *careless, t, key), success);
  }
  joiner waiting(*queue);
  const auto later = queue->consumer();
  ASSERT_EQ(take(*queue, *later, t, key), success);
  ASSERT_EQ(take(*queue, *later, t, key), success);
  for (int i = 0; i < 5; ++i) {
    waiting.expect_blocked();
    later->task_done();
  }
  waiting.finish();
  EXPECT_THROW(later->task_done(), std::logic_error);
}

}  // namespace

std::span<const test_case> join_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(join_of_a_queue_without_work_returns_at_once_and_again, tries | joins),
      HANDOFF_CASE(join_waits_until_the_last_item_is_done, tries | joins, tracked, setting::sleepers),
      HANDOFF_CASE(popping_without_task_done_does_not_finish_an_item, tries | joins),
      HANDOFF_CASE(one_task_done_too_many_throws, tries | joins),
      HANDOFF_CASE(task_done_counts_what_this_handle_popped, tries | joins | many_consumers),
      HANDOFF_CASE(a_refused_push_is_not_waited_for, tries | joins),
      HANDOFF_CASE(a_failed_pop_is_not_counted, tries | joins),
      HANDOFF_CASE(join_after_close_waits_for_what_was_accepted, tries | joins | closes),
      HANDOFF_CASE(everyone_in_join_returns, tries | joins, tracked, setting::sleepers),
      HANDOFF_CASE(what_a_handle_counted_survives_it, tries | joins, tracked, setting::sleepers),
      HANDOFF_CASE(what_a_handle_left_undone_a_later_one_may_mark, tries | joins),
  };
  return cases;
}

}  // namespace handoff::conformance
