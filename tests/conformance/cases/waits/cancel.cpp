// Stop tokens: a thread that waits with a stopped one leaves; a thread that need not wait does not look at
// it.
#include <array>
#include <stop_token>
#include <vector>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/blocked_threads.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/support/crew.hpp"
#include "tests/support/lockstep.hpp"

namespace handoff::conformance {

namespace {

using testing_support::crew;
using testing_support::lockstep;
using testing_support::stroll;

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

/// The others stay, and get what comes next, whichever of them was first in line.
void only_the_stopped_one_leaves(const trial& t) {
  for (const std::size_t stopped : {0U, 1U, 2U}) {
    const auto queue = t.make(2);
    std::array<std::stop_source, 3> sources;
    blocked_threads waiting;
    for (const std::stop_source& source : sources) {
      waiting.pop(*queue,
                  [&](auto& consumer, item_key& key) { return consumer.pop(key, source.get_token()); });
      waiting.wait_until_blocked();  // one after the other
    }
    sources[stopped].request_stop();
    waiting.join(stopped);
    EXPECT_EQ(waiting.answer(stopped), cancelled);
    const auto producer = queue->producer();
    ASSERT_EQ(producer->try_push(1), success);
    ASSERT_EQ(producer->try_push(2), success);
    waiting.join();
    item_key sum = 0;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (i == stopped) continue;
      EXPECT_EQ(waiting.answer(i), success);
      sum += waiting.key(i);
    }
    EXPECT_EQ(sum, 3U);
  }
}

constexpr std::uint64_t meetings = 50;  // per round

/// The stop comes at the moment when the other thread has looked at the token and goes to sleep.
template <class Wait>
void stop_while_falling_asleep(const trial& t, Wait wait) {
  crew pair(2);
  for (trial::rounds round(t, 400, 2); round.next();) {
    random_source random = t.random(round.index());
    const std::uint64_t reach = random.below(3) == 0 ? 20'000 : 600;  // the first: beyond a few yields
    const auto queue = t.make(1);
    std::vector<std::stop_source> sources(meetings);
    lockstep together;
    pair.run([&](unsigned me) {
      random_source mine = random.fork(me);
      if (me == 0) {
        wait(*queue, [&](std::uint64_t i) {
          together.meet(0, i);
          return sources[i].get_token();
        });
      } else {
        for (std::uint64_t i = 0; i < meetings; ++i) {
          together.meet(1, i);
          stroll(mine.below(reach));
          sources[i].request_stop();
        }
      }
    });
  }
}

void a_stop_that_comes_while_the_consumer_lies_down_ends_its_wait(const trial& t) {
  stop_while_falling_asleep(t, [](any_queue& queue, auto token_of) {
    const auto consumer = queue.consumer();
    item_key key = 0;
    for (std::uint64_t i = 0; i < meetings; ++i) ASSERT_EQ(consumer->pop(key, token_of(i)), cancelled);
  });
}

void a_stop_that_comes_while_the_producer_lies_down_ends_its_wait(const trial& t) {
  stop_while_falling_asleep(t, [](any_queue& queue, auto token_of) {
    const auto producer = queue.producer();
    fill(*producer, 0);
    for (std::uint64_t i = 0; i < meetings; ++i) ASSERT_EQ(producer->push(100, token_of(i)), cancelled);
  });
}

}  // namespace

std::span<const test_case> cancel_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(a_stop_ends_a_blocked_pop, cancels, tracked, setting::sleepers),
      HANDOFF_CASE(a_stop_ends_a_blocked_push, tries | cancels | bounded, tracked, setting::sleepers),
      HANDOFF_CASE(a_pop_that_need_not_wait_does_not_look_at_the_token, tries | cancels),
      HANDOFF_CASE(a_push_that_need_not_wait_does_not_look_at_the_token, tries | cancels),
      HANDOFF_CASE(a_token_that_cannot_be_stopped_is_no_obstacle, tries | cancels),
      HANDOFF_CASE(a_blocked_pop_with_a_token_still_gets_its_item, tries | cancels, tracked,
                   setting::sleepers),
      HANDOFF_CASE(a_stop_that_comes_while_the_consumer_lies_down_ends_its_wait, cancels, tracked,
                   setting::sleepers),
      HANDOFF_CASE(a_stop_that_comes_while_the_producer_lies_down_ends_its_wait, tries | cancels | bounded,
                   tracked, setting::sleepers),
      HANDOFF_CASE(only_the_stopped_one_leaves, tries | blocks | cancels | many_consumers, tracked,
                   setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
