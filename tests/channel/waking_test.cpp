// Who of those who wait in a channel is woken, and what happens if others are quicker than one that is. On
// one thread, so that the order of all steps is known.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "queues/async/errors.hpp"
#include "queues/coroutine_pool.hpp"
#include "tests/support/guarded.hpp"

namespace handoff::channel_tests {
namespace {

using lone_runtime = stealing::coroutine_runtime;
using lone_task = lone_runtime::task;
using lone_pool = coroutine_pool<std::uint64_t>;

class ChannelWaking : public testing_support::guarded {};

struct outcome {
  bool came = false;
  op_status status = op_status::success;
  std::uint64_t item = 0;
};

lone_task take_once(lone_pool& queue, outcome& out) {
  auto&& consumer = queue.consumer();
  out.status = co_await consumer.async_pop(out.item);
  out.came = true;
}

lone_task give_once(lone_pool& queue, std::uint64_t item, outcome& out) {
  out.item = item;
  out.status = co_await queue.async_push(std::move(out.item));
  out.came = true;
}

/// Three that wait, and then one that does what the test says, step by step; after each, all run that can.
struct crowd {
  explicit crowd(std::size_t capacity) : queue(std::in_place, loop, capacity) {}

  void consumers_wait() {
    for (outcome& each : all) handles.push_back(loop.spawn(take_once(*queue, each)));
    wait();
  }
  /// After `first` has been pushed, so that it is full; they wait with the next numbers.
  void producers_wait(std::uint64_t first) {
    push(first);
    for (outcome& each : all) handles.push_back(loop.spawn(give_once(*queue, ++first, each)));
    wait();
  }
  void wait() {
    try {
      loop.run();
    } catch (const async::deadlock_error&) {  // some wait still
    }
  }
  void push(std::uint64_t item) { EXPECT_EQ(queue->try_push(std::move(item)), op_status::success) << item; }
  [[nodiscard]] std::uint64_t pop() {
    std::uint64_t item = 0;
    EXPECT_EQ(queue->consumer().try_pop(item), op_status::success);
    return item;
  }
  void expect(std::size_t index, op_status status, std::uint64_t item) const {
    EXPECT_TRUE(all[index].came);
    EXPECT_EQ(all[index].status, status);
    EXPECT_EQ(all[index].item, item);
  }
  [[nodiscard]] std::size_t waiting() const {
    std::size_t left = 0;
    for (const outcome& each : all) left += each.came ? 0 : 1;
    return left;
  }

  std::array<outcome, 3> all;
  lone_runtime loop;
  std::optional<lone_pool> queue;
  std::vector<lone_runtime::handle> handles;
};

TEST_F(ChannelWaking, consumers_that_wait_get_the_items_in_the_order_of_their_coming) {
  crowd here(4);
  here.consumers_wait();
  for (const std::uint64_t item : {1U, 2U, 3U}) here.push(item);
  here.wait();
  for (std::size_t i = 0; i < 3; ++i) here.expect(i, op_status::success, i + 1);
}

TEST_F(ChannelWaking, producers_that_wait_are_let_in_in_the_order_of_their_coming) {
  crowd here(1);
  here.producers_wait(0);
  for (std::uint64_t item = 0; item <= 3; ++item) {
    EXPECT_EQ(here.pop(), item);
    here.wait();
  }
  EXPECT_EQ(here.waiting(), 0U);
}

TEST_F(ChannelWaking, room_for_many_is_passed_on_to_as_many_producers) {
  crowd here(3);
  here.push(8);
  here.push(9);
  here.producers_wait(0);
  for (const std::uint64_t item : {8U, 9U, 0U}) EXPECT_EQ(here.pop(), item);
  here.wait();
  EXPECT_EQ(here.waiting(), 0U);
  for (const std::uint64_t item : {1U, 2U, 3U}) EXPECT_EQ(here.pop(), item);
}

TEST_F(ChannelWaking, a_consumer_that_came_too_late_is_the_next_to_get_an_item) {
  crowd here(4);
  here.consumers_wait();
  here.push(1);
  here.push(2);  // calls the second one
  EXPECT_EQ(here.pop(), 2U);
  here.wait();
  here.expect(0, op_status::success, 1);
  EXPECT_EQ(here.waiting(), 2U);
  here.push(3);
  here.wait();
  here.expect(1, op_status::success, 3);
  EXPECT_FALSE(here.all[2].came);
}

TEST_F(ChannelWaking, a_producer_that_came_too_late_is_the_next_to_be_let_in) {
  crowd here(1);
  here.producers_wait(0);
  EXPECT_EQ(here.pop(), 0U);  // lets the first one in
  EXPECT_EQ(here.pop(), 1U);  // calls the second one
  here.push(9);
  here.wait();
  EXPECT_EQ(here.waiting(), 2U);
  EXPECT_EQ(here.pop(), 9U);
  here.wait();
  EXPECT_TRUE(here.all[1].came);
  EXPECT_FALSE(here.all[2].came);
  EXPECT_EQ(here.pop(), 2U);
}

TEST_F(ChannelWaking, a_consumer_that_is_served_gets_the_oldest_item) {
  crowd here(4);
  here.consumers_wait();
  for (const std::uint64_t item : {1U, 2U, 3U}) here.push(item);  // the second one is called
  EXPECT_EQ(here.pop(), 2U);
  here.push(4);  // serves the third one
  here.wait();
  here.expect(0, op_status::success, 1);
  here.expect(2, op_status::success, 3);
  here.expect(1, op_status::success, 4);
}

TEST_F(ChannelWaking, one_that_is_cancelled_when_others_were_quicker_says_so_once) {
  crowd here(4);
  here.consumers_wait();
  here.push(1);
  here.push(2);
  EXPECT_EQ(here.pop(), 2U);
  lone_runtime::cancel(here.handles[1]);
  here.wait();
  here.expect(1, op_status::cancelled, 0);
  here.push(3);
  here.wait();
  here.expect(2, op_status::success, 3);
}

TEST_F(ChannelWaking, one_that_is_cancelled_with_its_item_there_gets_it) {
  crowd here(4);
  here.consumers_wait();
  for (const std::uint64_t item : {1U, 2U, 3U}) here.push(item);
  lone_runtime::cancel(here.handles[1]);
  here.wait();
  for (std::size_t i = 0; i < 3; ++i) here.expect(i, op_status::success, i + 1);
}

TEST_F(ChannelWaking, close_reaches_one_that_was_called_in_vain) {
  crowd here(4);
  here.consumers_wait();
  here.push(1);
  here.push(2);
  EXPECT_EQ(here.pop(), 2U);
  here.queue->close();
  here.wait();
  for (const std::size_t i : {1U, 2U}) here.expect(i, op_status::closed, 0);
}

TEST_F(ChannelWaking, one_that_was_called_outlives_the_queue) {
  crowd here(4);
  here.consumers_wait();
  here.push(1);
  here.push(2);
  here.queue.reset();
  here.wait();
  here.expect(0, op_status::success, 1);
  here.expect(1, op_status::closed, 0);
  EXPECT_EQ(here.waiting(), 1U);
}

struct two_threads {
  std::atomic<std::thread::id> of_the_mover;
  std::atomic<bool> held{false}, released{false};
  std::atomic<unsigned> came{0};
};

/// Keeps the other thread until it is released.
lone_task hold_the_other(lone_runtime& loop, two_threads& shared) {
  while (shared.of_the_mover.load() == std::thread::id() ||
         shared.of_the_mover.load() == std::this_thread::get_id())
    co_await loop.yield();
  shared.held = true;
  while (!shared.released) std::this_thread::yield();
}

/// Wakes two consumers while the other thread is busy, and then moves items without ever waiting.
lone_task move_on(lone_runtime& loop, lone_pool& queue, two_threads& shared) {
  while (!shared.held) {
    shared.of_the_mover = std::this_thread::get_id();
    co_await loop.yield();
  }
  auto&& consumer = queue.consumer();
  std::uint64_t item = 0;
  for (const std::uint64_t each : {1U, 2U})
    EXPECT_EQ(queue.try_push(std::uint64_t{each}), op_status::success);
  shared.released = true;
  while (shared.came < 2) {
    EXPECT_EQ(queue.try_push(3), op_status::success);
    static_cast<void>(consumer.try_pop(item));
  }
}

lone_task take_and_count(lone_pool& queue, two_threads& shared) {
  auto&& consumer = queue.consumer();
  std::uint64_t item = 0;
  const op_status status = co_await consumer.async_pop(item);
  EXPECT_EQ(status, op_status::success);
  ++shared.came;
}

TEST_F(ChannelWaking, an_idle_thread_takes_those_who_were_woken_from_one_that_goes_on) {
  lone_runtime loop(2);
  lone_pool queue(loop, 8);
  two_threads shared;
  for (int i = 0; i < 2; ++i) loop.spawn(take_and_count(queue, shared));
  EXPECT_THROW(loop.run(), async::deadlock_error);
  loop.spawn(hold_the_other(loop, shared));
  loop.spawn(move_on(loop, queue, shared));
  loop.run();
  EXPECT_EQ(shared.came, 2U);
}

}  // namespace
}  // namespace handoff::channel_tests
