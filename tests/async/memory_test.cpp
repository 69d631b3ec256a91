// What an async queue keeps of a burst, and what it takes before there is one, by the bytes that are
// allocated.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <vector>

#include "tests/async/allocations.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {

namespace {

/// An item that may throw while it moves.
struct restless {
  explicit restless(int v = 0) : value(v) {}
  restless(restless&& other) noexcept(false) : value(other.value) {}
  restless& operator=(restless&& other) noexcept(false) {
    value = other.value;
    return *this;
  }
  int value;
};

constexpr int burst = 300'000;
constexpr std::size_t little = 64 * 1024;

template <class Queue>
void fill(Queue& q, int count) {
  for (int i = 0; i < count; ++i) q.put_nowait(typename Queue::value_type(i));
}

template <class Queue>
class Memory : public testing::Test {};

using queues = testing::Types<queue<int>, async::lifo_queue<int>, async::priority_queue<int>, queue<restless>,
                              async::lifo_queue<restless>>;
TYPED_TEST_SUITE(Memory, queues);

TYPED_TEST(Memory, of_a_burst_is_given_back_when_it_has_drained) {
  event_loop loop;
  TypeParam q(loop);
  const std::size_t before = allocations::live_bytes();
  fill(q, burst);
  EXPECT_GT(allocations::live_bytes(), before + burst * sizeof(int));
  for (int i = 0; i < burst; ++i) q.get_nowait();
  EXPECT_LT(allocations::live_bytes(), before + little);
}

TYPED_TEST(Memory, of_a_burst_is_given_back_by_a_shutdown_at_once) {
  event_loop loop;
  TypeParam q(loop);
  const std::size_t before = allocations::live_bytes();
  fill(q, burst);
  q.shutdown(true);
  EXPECT_LT(allocations::live_bytes(), before + little);
}

TYPED_TEST(Memory, of_a_burst_shrinks_while_it_drains) {
  event_loop loop;
  TypeParam q(loop);
  const std::size_t before = allocations::live_bytes();
  fill(q, burst);
  const std::size_t whole = allocations::live_bytes() - before;
  for (int i = 0; i < burst / 16 * 15; ++i) q.get_nowait();
  EXPECT_LT(allocations::live_bytes() - before, whole / 2);
}

TYPED_TEST(Memory, does_not_come_and_go_at_a_boundary) {
  event_loop loop;
  TypeParam q(loop);
  fill(q, burst);
  // An array changes once; a deque may begin a segment, which is some items, with each of them.
  const std::size_t steps = std::is_nothrow_move_constructible_v<typename TypeParam::value_type> ? 1 : 4;
  for (int left = burst; left > 32; --left) {
    q.get_nowait();
    const std::size_t before = allocations::count();
    for (int i = 0; i < 4; ++i) {
      q.put_nowait(typename TypeParam::value_type(i));
      q.get_nowait();
    }
    ASSERT_LE(allocations::count() - before, steps);
  }
}

TYPED_TEST(Memory, of_a_large_bound_is_not_taken_before_there_are_items) {
  event_loop loop;
  const std::size_t before = allocations::live_bytes();
  TypeParam q(loop, 1'000'000'000);
  fill(q, 100);
  EXPECT_LT(allocations::live_bytes(), before + little);
}

TEST(QueueMemory, items_that_come_and_go_in_a_small_queue_cost_no_allocation) {
  event_loop loop;
  queue<int> q(loop, 64);
  const std::size_t before = allocations::count();
  for (int round = 0; round < 1000; ++round) {
    fill(q, 64);
    for (int i = 0; i < 64; ++i) q.get_nowait();
  }
  EXPECT_EQ(allocations::count(), before);
}

TEST(QueueMemory, lets_the_item_of_a_waiting_putter_in_whatever_goes_meanwhile) {
  constexpr int bound = 200'000;
  event_loop loop;
  queue<int> q(loop, bound);
  fill(q, bound);
  std::vector<task_handle<void>> putters;
  for (int i = 0; i < 60'000; ++i) putters.push_back(create_task(loop, put_one(q, bound + i)));
  settle(loop);
  for (int i = 0; i < bound; ++i) ASSERT_EQ(q.get_nowait(), i);
  settle(loop);
  for (int i = 0; i < 60'000; ++i) ASSERT_EQ(q.get_nowait(), bound + i);
}

class silent_timer final : public async::timer {
  void fire() override {}
};

TEST(QueueMemory, of_a_burst_of_timers_is_given_back) {
  constexpr int count = 100'000;
  const auto timers = std::make_unique<silent_timer[]>(count);
  event_loop loop(async::loop_clock::virtual_time);
  const std::size_t before = allocations::live_bytes();
  for (int i = 0; i < count; ++i) loop.arm_after(timers[i], std::chrono::seconds(i));
  for (int i = 0; i < count; i += 2) loop.disarm(timers[i]);
  while (loop.run_once()) {
  }
  EXPECT_LT(allocations::live_bytes(), before + little);
}

TEST(QueueMemory, items_of_a_burst_come_out_in_order_while_it_is_given_back) {
  event_loop loop;
  queue<std::unique_ptr<int>> q(loop);
  int put = 0;
  int got = 0;
  for (int wave = 0; wave < 40; ++wave) {
    for (int i = 0; i < 1 << (wave % 14); ++i) q.put_nowait(std::make_unique<int>(put++));
    while (q.qsize() > static_cast<std::size_t>(wave)) ASSERT_EQ(*q.get_nowait(), got++);
  }
  while (!q.empty()) ASSERT_EQ(*q.get_nowait(), got++);
  EXPECT_EQ(got, put);
}

}  // namespace

}  // namespace handoff::async_tests
