// Helpers shared by most cases.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "tests/conformance/trial.hpp"

namespace handoff::conformance {

using enum op_status;

/// A deadline that no test lives to see, and one that has always passed.
inline deadline_t far_future() { return std::chrono::steady_clock::now() + std::chrono::hours{1}; }
inline deadline_t past() { return std::chrono::steady_clock::now() - std::chrono::milliseconds{1}; }

/// A try_pop that, if `empty` may be false, repeats until the size agrees. Only while no other thread is in
/// the middle of an operation.
inline op_status take(const any_queue& queue, any_consumer& consumer, const trial& t, item_key& key) {
  for (;;) {
    const op_status status = consumer.try_pop(key);
    if (status != empty || t.traits().exact_empty || queue.size() == 0) return status;
  }
}

/// Everything that is inside, in the order in which it comes out. Only while no other thread is active.
inline std::vector<item_key> drain(const any_queue& queue, any_consumer& consumer, const trial& t) {
  std::vector<item_key> keys;
  item_key key = 0;
  while (take(queue, consumer, t, key) == success) keys.push_back(key);
  return keys;
}

/// Pushes first, first + 1 … until the bounded queue is full; returns how many went in.
inline std::size_t fill(any_producer& producer, item_key first) {
  item_key key = first;
  while (producer.try_push(key) == success) ++key;
  return static_cast<std::size_t>(key - first);
}

/// A queue with one handle of each side.
struct lone_queue {
  lone_queue(const trial& t, std::size_t capacity, first_position first = {})
      : queue(t.make(capacity, first)), producer(queue->producer()), consumer(queue->consumer()) {}

  std::unique_ptr<any_queue> queue;
  std::unique_ptr<any_producer> producer;
  std::unique_ptr<any_consumer> consumer;
};

}  // namespace handoff::conformance
