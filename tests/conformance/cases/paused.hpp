// Operations that stand still in the middle of the move of their item, and others that run beside them.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <thread>

#include "tests/conformance/cases/common.hpp"
#include "tests/support/half_way.hpp"
#include "tests/support/presence.hpp"

namespace handoff::conformance {

/// A thread whose operation stands still in its move number `moves` until `finish`; unless it has fewer
/// moves.
class paused_operation {
 public:
  template <class Operation>
  paused_operation(std::uint64_t moves, Operation operation)
      : thread_([this, moves, operation] {
          stop_.arm(moves);
          answer_ = operation();
          testing_support::half_way::disarm();
          ended_.store(true, std::memory_order_relaxed);  // a sign of the moment: nothing is read through it
        }) {
    while (!stop_.reached() && !ended_.load(std::memory_order_relaxed)) std::this_thread::yield();
  }
  paused_operation(const paused_operation&) = delete;
  paused_operation& operator=(const paused_operation&) = delete;
  ~paused_operation() { finish(); }

  [[nodiscard]] bool stands_still() const noexcept { return stop_.reached(); }
  op_status finish() {
    stop_.go_on();
    if (thread_.joinable()) thread_.join();
    return answer_;
  }

 private:
  testing_support::half_way stop_;
  std::atomic<bool> ended_{false};
  op_status answer_ = full;
  std::thread thread_;
};

/// Another thread that keeps trying meanwhile, for as long as it may.
class bystander {
 public:
  template <class Operation>
  explicit bystander(Operation operation)
      : thread_([this, operation] {
          where_.announce();
          answer_ = operation();
          back_.store(true, std::memory_order_relaxed);  // as above
        }) {
    where_.wait_until_blocked(beyond_its_first_looks);
  }
  bystander(const bystander&) = delete;
  bystander& operator=(const bystander&) = delete;
  ~bystander() { finish(); }

  /// The thread has not returned, though it has had all the time it needs.
  [[nodiscard]] bool waits() const noexcept { return !back_.load(std::memory_order_relaxed); }
  op_status finish() {
    if (thread_.joinable()) thread_.join();
    return answer_;
  }

 private:
  static constexpr std::int64_t beyond_its_first_looks = 1'000'000;  // nanoseconds, if it never sleeps

  testing_support::presence where_;
  std::atomic<bool> back_{false};
  op_status answer_ = full;
  std::thread thread_;
};

/// The ways to wait for an item or a place; the first polls.
inline constexpr unsigned ways = 4;
inline bool has_way(const trial& t, unsigned way) {
  return way == 0 || (way == 1 && t.can().blocks) || (way == 2 && t.can().timed) ||
         (way == 3 && t.can().cancellable);
}

inline op_status pop_by(unsigned way, any_consumer& consumer, item_key& key) {
  if (way == 1) return consumer.pop(key);
  if (way == 2) return consumer.pop_until(key, far_future());
  if (way == 3) return consumer.pop(key, std::stop_token{});
  op_status status = empty;
  while ((status = consumer.try_pop(key)) == empty) std::this_thread::yield();
  return status;
}

inline op_status push_by(unsigned way, any_producer& producer, item_key key) {
  if (way == 1) return producer.push(key);
  if (way == 2) return producer.push_until(key, far_future());
  if (way == 3) return producer.push(key, std::stop_token{});
  op_status status = full;
  while ((status = producer.try_push(key)) == full) std::this_thread::yield();
  return status;
}

/// Calls `round(way, moves)` for each way, and for each of the moves in turn until it returns that there is
/// none.
template <class Round>
void for_each_pause(const trial& t, Round round) {
  for (unsigned way = 0; way < ways; ++way) {
    std::uint64_t moves = 0;
    while (has_way(t, way) && round(way, moves)) {
      ++moves;
      if (::testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace handoff::conformance
