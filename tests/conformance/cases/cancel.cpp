// Stop tokens: whoever waits with a stopped one leaves, whoever need not wait does not look at it.
#include <stop_token>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/blocked_threads.hpp"
#include "tests/conformance/cases/common.hpp"

namespace handoff::conformance {

namespace {

std::stop_token stopped_token() {
  std::stop_source source;
  source.request_stop();
  return source.get_token();
}

void a_stop_ends_a_blocked_pop(const trial& t) {
  const auto queue = t.make(2);
  std::stop_source source;
  blocked_threads waiting;
  for (unsigned i = 0; i < t.consumers(3); ++i)
    waiting.pop(*queue, [&](auto& consumer, item_key& key) { return consumer.pop(key, source.get_token()); });
  waiting.wait_until_blocked();
  source.request_stop();
  waiting.join();
  for (std::size_t i = 0; i < waiting.size(); ++i) EXPECT_EQ(waiting.answer(i), cancelled);
}

void a_stop_ends_a_blocked_push(const trial& t) {
  const auto queue = t.make(2);
  const std::size_t bound = fill(*queue->producer(), 0);
  std::stop_source source;
  blocked_threads waiting;
  for (unsigned i = 0; i < t.producers(3); ++i)
    waiting.push(*queue, [&](any_producer& producer) { return producer.push(100, source.get_token()); });
  waiting.wait_until_blocked();
  source.request_stop();
  waiting.join();
  for (std::size_t i = 0; i < waiting.size(); ++i) EXPECT_EQ(waiting.answer(i), cancelled);
  EXPECT_EQ(drain(*queue, *queue->consumer(), t).size(), bound) << "a cancelled push leaves nothing behind";
}

void a_pop_that_need_not_wait_does_not_look_at_the_token(const trial& t) {
  lone_queue q(t, 2);
  const std::stop_token token = stopped_token();
  item_key key = 0;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(q.consumer->pop(key, token), cancelled) << "nothing inside";
    ASSERT_EQ(q.producer->try_push(5), success);
    EXPECT_EQ(q.consumer->pop(key, token), success);
  }
}

void a_push_that_need_not_wait_does_not_look_at_the_token(const trial& t) {
  lone_queue q(t, 3);
  const std::stop_token token = stopped_token();
  const std::size_t room = t.traits().bounded ? q.queue->capacity() : 3;
  for (item_key i = 0; i < room; ++i) ASSERT_EQ(q.producer->push(item_key{i}, token), success);
  if (t.traits().bounded) {
    EXPECT_EQ(q.producer->push(9, token), cancelled) << "no room";
  }
  EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), room);
}

void a_token_that_cannot_be_stopped_is_no_obstacle(const trial& t) {
  const auto queue = t.make(2);
  blocked_threads waiting;
  waiting.pop(*queue, [](auto& consumer, item_key& key) { return consumer.pop(key, std::stop_token{}); });
  waiting.wait_until_blocked();
  ASSERT_EQ(queue->producer()->try_push(7), success);
  waiting.join();
  EXPECT_EQ(waiting.answer(0), success);
  EXPECT_EQ(waiting.key(0), 7U);
}

void a_blocked_pop_with_a_token_still_gets_its_item(const trial& t) {
  const auto queue = t.make(2);
  const std::stop_source source;
  blocked_threads waiting;
  waiting.pop(*queue, [&](auto& consumer, item_key& key) { return consumer.pop(key, source.get_token()); });
  waiting.wait_until_blocked();
  ASSERT_EQ(queue->producer()->try_push(7), success);
  waiting.join();
  EXPECT_EQ(waiting.answer(0), success);
}

/// The others stay, and what comes then is theirs.
void only_the_stopped_one_leaves(const trial& t) {
  const auto queue = t.make(2);
  std::stop_source stopped;
  const std::stop_source other;
  blocked_threads waiting;
  waiting.pop(*queue, [&](auto& consumer, item_key& key) { return consumer.pop(key, stopped.get_token()); });
  waiting.pop(*queue, [&](auto& consumer, item_key& key) { return consumer.pop(key, other.get_token()); });
  waiting.pop(*queue, [](auto& consumer, item_key& key) { return consumer.pop(key); });
  waiting.wait_until_blocked();
  stopped.request_stop();
  waiting.join(0);
  EXPECT_EQ(waiting.answer(0), cancelled);
  const auto producer = queue->producer();
  ASSERT_EQ(producer->try_push(1), success);
  ASSERT_EQ(producer->push(2), success);
  waiting.join();
  EXPECT_EQ(waiting.answer(1), success);
  EXPECT_EQ(waiting.answer(2), success);
  EXPECT_EQ(waiting.key(1) + waiting.key(2), 3U);
}

constexpr test_case cases[] = {
    HANDOFF_CASE(a_stop_ends_a_blocked_pop, cancels, tracked, setting::sleepers),
    HANDOFF_CASE(a_stop_ends_a_blocked_push, tries | cancels | bounded, tracked, setting::sleepers),
    HANDOFF_CASE(a_pop_that_need_not_wait_does_not_look_at_the_token, tries | cancels),
    HANDOFF_CASE(a_push_that_need_not_wait_does_not_look_at_the_token, tries | cancels),
    HANDOFF_CASE(a_token_that_cannot_be_stopped_is_no_obstacle, tries | cancels),
    HANDOFF_CASE(a_blocked_pop_with_a_token_still_gets_its_item, tries | cancels, tracked, setting::sleepers),
    HANDOFF_CASE(only_the_stopped_one_leaves, tries | blocks | cancels | many_consumers, tracked,
                 setting::sleepers),
};

}  // namespace

std::span<const test_case> cancel_cases() { return cases; }

}  // namespace handoff::conformance
