// The two sides of a queue as seen by the threads that wait at it, so that one case serves both.
#pragma once

#include <stop_token>

#include "tests/conformance/trial.hpp"

namespace handoff::conformance {

/// A thread that waits for an item.
struct popping_side {
  static auto handle(any_queue& queue) { return queue.consumer(); }
  static op_status wait(any_consumer& c) {
    item_key key = 0;
    return c.pop(key);
  }
  static op_status wait(any_consumer& c, const std::stop_token& token) {
    item_key key = 0;
    return c.pop(key, token);
  }
  static op_status wait(any_consumer& c, deadline_t deadline) {
    item_key key = 0;
    return c.pop_until(key, deadline);
  }
};

/// A thread that waits for a place.
struct pushing_side {
  static auto handle(any_queue& queue) { return queue.producer(); }
  static op_status wait(any_producer& p) { return p.push(1); }
  static op_status wait(any_producer& p, const std::stop_token& token) { return p.push(1, token); }
  static op_status wait(any_producer& p, deadline_t deadline) { return p.push_until(1, deadline); }
};

}  // namespace handoff::conformance
