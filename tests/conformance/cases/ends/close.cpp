// close(): what it rejects, what it lets out, and which threads it wakes.
#include <atomic>
#include <thread>
#include <vector>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/blocked_threads.hpp"
#include "tests/conformance/cases/common.hpp"

namespace handoff::conformance {

namespace {

/// Every form of push that the contender has returns this status.
void expect_every_push(const trial& t, any_producer& producer, op_status answer) {
  if (t.can().tries) {
    EXPECT_EQ(producer.try_push(1), answer);
  }
  if (t.can().blocks) {
    EXPECT_EQ(producer.push(2), answer);
  }
  if (t.can().timed) {
    EXPECT_EQ(producer.push_until(3, far_future()), answer);
  }
  if (t.can().cancellable) {
    EXPECT_EQ(producer.push(4, std::stop_token{}), answer);
  }
}

void expect_every_pop(const trial& t, any_consumer& consumer, op_status answer) {
  item_key key = 0;
  if (t.can().tries) {
    EXPECT_EQ(consumer.try_pop(key), answer);
  }
  if (t.can().blocks) {
    EXPECT_EQ(consumer.pop(key), answer);
  }
  if (t.can().timed) {
    EXPECT_EQ(consumer.pop_until(key, far_future()), answer);
  }
  if (t.can().cancellable) {
    EXPECT_EQ(consumer.pop(key, std::stop_token{}), answer);
  }
}

void push_after_close_is_refused(const trial& t) {
  for (const std::size_t inside : {0U, 1U, 4U}) {  // 4: full, if the queue is bounded
    lone_queue q(t, 4);
    for (item_key i = 0; i < inside; ++i) ASSERT_EQ(q.producer->try_push(item_key{i}), success);
    EXPECT_FALSE(q.queue->is_closed());
    q.queue->close();
    EXPECT_TRUE(q.queue->is_closed());
    expect_every_push(t, *q.producer, closed);
    expect_every_push(t, *q.queue->producer(), closed);
    EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), inside);
  }
}

void pop_after_close_drains_then_answers_closed(const trial& t) {
  lone_queue q(t, 4);
  for (item_key i = 1; i <= 4; ++i) ASSERT_EQ(q.producer->try_push(item_key{i}), success);
  q.queue->close();
  item_key sum = 0;
  item_key key = 0;
  EXPECT_EQ(q.consumer->try_pop(key), success);
  sum += key;
  if (t.can().blocks) {
    EXPECT_EQ(q.consumer->pop(key), success);
  } else {
    EXPECT_EQ(q.consumer->try_pop(key), success);
  }
  sum += key;
  if (t.can().timed) {
    EXPECT_EQ(q.consumer->pop_until(key, far_future()), success);
  } else {
    EXPECT_EQ(q.consumer->try_pop(key), success);
  }
  sum += key;
  if (t.can().cancellable) {
    EXPECT_EQ(q.consumer->pop(key, std::stop_token{}), success);
  } else {
    EXPECT_EQ(q.consumer->try_pop(key), success);
  }
  sum += key;
  EXPECT_EQ(sum, 10U);
  expect_every_pop(t, *q.consumer, closed);
  expect_every_pop(t, *q.queue->consumer(), closed);
}

void a_closed_empty_queue_answers_closed_and_not_empty(const trial& t) {
  lone_queue q(t, 2);
  q.queue->close();
  expect_every_pop(t, *q.consumer, closed);
}

void close_may_be_called_again(const trial& t) {
  lone_queue q(t, 2);
  ASSERT_EQ(q.producer->try_push(1), success);
  for (int i = 0; i < 3; ++i) q.queue->close();
  EXPECT_EQ(q.producer->try_push(2), closed);
  EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), 1U);
  q.queue->close();
  EXPECT_TRUE(q.queue->is_closed());
}

void close_wakes_everyone_blocked_in_pop(const trial& t) {
  for (int round = 0; round < 5; ++round) {
    const auto queue = t.make(4);
    blocked_threads waiting;
    const std::stop_source source;
    for (unsigned i = 0; i < t.consumers(4); ++i) {
      waiting.pop(*queue, [&, i](any_consumer& consumer, item_key& key) {
        if (i % 4 == 1 && t.can().timed) return consumer.pop_until(key, far_future());
        if (i % 4 == 2 && t.can().cancellable) return consumer.pop(key, source.get_token());
        return consumer.pop(key);
      });
    }
    waiting.wait_until_blocked();
    queue->close();
    waiting.join();
    for (std::size_t i = 0; i < waiting.size(); ++i) EXPECT_EQ(waiting.answer(i), closed);
  }
}

void close_wakes_everyone_blocked_in_push(const trial& t) {
  for (int round = 0; round < 5; ++round) {
    const auto queue = t.make(2);
    const std::size_t bound = fill(*queue->producer(), 0);
    blocked_threads waiting;
    const std::stop_source source;
    for (unsigned i = 0; i < t.producers(4); ++i) {
      waiting.push(*queue, [&, i](any_producer& producer) {
        if (i % 4 == 1 && t.can().timed) return producer.push_until(100 + i, far_future());
        if (i % 4 == 2 && t.can().cancellable) return producer.push(100 + i, source.get_token());
        return producer.push(100 + i);
      });
    }
    waiting.wait_until_blocked();
    queue->close();
    waiting.join();
    for (std::size_t i = 0; i < waiting.size(); ++i) EXPECT_EQ(waiting.answer(i), closed);
    EXPECT_EQ(drain(*queue, *queue->consumer(), t).size(), bound)
        << "what was inside before, and nothing else";
  }
}

/// Every thread that returns from close() finds the queue closed, even if another thread had begun to close
/// it.
void concurrent_closes_all_find_it_closed(const trial& t) {
  for (int round = 0; round < 20; ++round) {
    const auto queue = t.make(4);
    std::atomic<unsigned> ready{0};
    std::vector<std::thread> closers;
    for (unsigned i = 0; i < 4; ++i) {
      closers.emplace_back([&] {
        ready.fetch_add(1);
        while (ready.load() < 4) std::this_thread::yield();
        queue->close();
        EXPECT_TRUE(queue->is_closed());
        if (t.traits().producers == cardinality::many) {
          EXPECT_EQ(queue->producer()->try_push(1), closed);
        }
      });
    }
    for (auto& closer : closers) closer.join();
    item_key key = 0;
    EXPECT_EQ(queue->consumer()->try_pop(key), closed);
  }
}

}  // namespace

std::span<const test_case> close_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(push_after_close_is_refused, tries | closes, tracked, setting::alone),
      HANDOFF_CASE(pop_after_close_drains_then_answers_closed, tries | closes, tracked, setting::alone),
      HANDOFF_CASE(a_closed_empty_queue_answers_closed_and_not_empty, closes, tracked, setting::alone),
      HANDOFF_CASE(close_may_be_called_again, tries | closes, tracked, setting::alone),
      HANDOFF_CASE(close_wakes_everyone_blocked_in_pop, blocks | closes, tracked, setting::sleepers),
      HANDOFF_CASE(close_wakes_everyone_blocked_in_push, tries | blocks | closes | bounded, tracked,
                   setting::sleepers),
      HANDOFF_CASE(concurrent_closes_all_find_it_closed, tries | closes),
  };
  return cases;
}

}  // namespace handoff::conformance
