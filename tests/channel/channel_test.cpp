// The channel between coroutines on the threads of an executor.
#include "queues/channel/channel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "queues/stealing/task.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/rounds.hpp"

namespace handoff::channel_tests {
namespace {

using stealing::fork;
using stealing::join;
using stealing::task;
using testing_support::rounds;

class Channel : public testing_support::guarded {};

using numbers = channel<std::uint64_t>;

TEST_F(Channel, try_push_and_try_pop_answer_full_empty_and_closed) {
  numbers channel(2);
  std::uint64_t out = 0;
  EXPECT_EQ(channel.try_pop(out), op_status::empty);
  EXPECT_EQ(channel.try_push(1), op_status::success);
  EXPECT_EQ(channel.try_push(2), op_status::success);
  EXPECT_EQ(channel.try_push(3), op_status::full);
  EXPECT_EQ(channel.size(), 2U);
  channel.close();
  EXPECT_EQ(channel.try_push(3), op_status::closed);
  EXPECT_EQ(channel.try_pop(out), op_status::success);
  EXPECT_EQ(out, 1U);
  EXPECT_EQ(channel.try_pop(out), op_status::success);
  EXPECT_EQ(channel.try_pop(out), op_status::closed);
  EXPECT_TRUE(channel.is_closed());
}

TEST_F(Channel, a_capacity_of_0_is_refused) { EXPECT_THROW(numbers(0), std::invalid_argument); }

TEST_F(Channel, items_that_are_left_inside_are_destroyed) {
  const auto item = std::make_shared<int>(1);
  {
    channel<std::shared_ptr<int>> channel(3);
    EXPECT_EQ(channel.try_push(std::shared_ptr<int>(item)), op_status::success);
    EXPECT_EQ(item.use_count(), 2);
  }
  EXPECT_EQ(item.use_count(), 1);
}

task<> produce(numbers& channel, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t i = first; i != first + count; ++i) {
    std::uint64_t item = i;
    const op_status pushed = co_await channel.async_push(std::move(item));
    EXPECT_EQ(pushed, op_status::success);
  }
}

/// Counts what comes until the channel is closed.
task<> consume(numbers& channel, std::vector<std::atomic<unsigned>>& seen) {
  for (std::uint64_t item = 0;;) {
    const op_status popped = co_await channel.async_pop(item);
    if (popped != op_status::success) {
      EXPECT_EQ(popped, op_status::closed);
      co_return;
    }
    ++seen[item];
    channel.task_done();
  }
}

/// `producers` and `consumers` on `threads`, and then a join and the end: every item has come out once.
void stream(unsigned threads, unsigned producers, unsigned consumers, std::uint64_t each,
            std::size_t capacity) {
  stealing_executor executor(threads);
  numbers channel(capacity);
  std::vector<std::atomic<unsigned>> seen(producers * each);
  const auto all_producers = [&]() -> task<> {
    for (unsigned i = 0; i < producers; ++i) co_await fork(produce(channel, i * each, each));
    co_await join();
  };
  const auto root = [&]() -> task<> {
    for (unsigned i = 0; i < consumers; ++i) co_await fork(consume(channel, seen));
    co_await all_producers();
    const op_status joined = co_await channel.async_join();
    EXPECT_EQ(joined, op_status::success);
    for (const auto& one : seen) EXPECT_EQ(one, 1U);
    channel.close();
    co_await join();
  };
  executor.run(root());
  EXPECT_EQ(channel.size(), 0U);
}

TEST_F(Channel, every_item_comes_out_once_at_any_number_of_threads_and_any_capacity) {
  for (const unsigned threads : {1U, 2U, 4U})
    for (const std::size_t capacity : {1U, 2U, 64U}) stream(threads, 10, 10, 100, capacity);
}

TEST_F(Channel, a_hundred_producers_and_consumers_share_two_threads) {
  for (rounds round(20); round.next();) stream(2, 100, 100, 50, 64);
}

TEST_F(Channel, ten_thousand_coroutines_share_three_threads) { stream(3, 5'000, 5'000, 4, 64); }

TEST_F(Channel, seeded_streams_lose_nothing) {
  auto source = random();
  for (rounds round(200); round.next();)
    stream(1 + static_cast<unsigned>(source.below(4)), 1 + static_cast<unsigned>(source.below(8)),
           1 + static_cast<unsigned>(source.below(8)), source.below(60), 1 + source.below(5));
}

TEST_F(Channel, items_of_one_producer_come_in_their_order) {
  stealing_executor executor(2);
  numbers channel(3);
  std::vector<std::uint64_t> order;
  const auto consumer = [&]() -> task<> {
    for (std::uint64_t item = 0; order.size() < 1000;) {
      const op_status popped = co_await channel.async_pop(item);
      EXPECT_EQ(popped, op_status::success);
      order.push_back(item);
    }
  };
  const auto root = [&]() -> task<> {
    co_await fork(consumer());
    co_await fork(produce(channel, 0, 1000));
    co_await join();
  };
  executor.run(root());
  for (std::uint64_t i = 0; i < 1000; ++i) ASSERT_EQ(order[i], i);
}

TEST_F(Channel, close_answers_those_who_wait_and_leaves_their_items) {
  stealing_executor executor(2);
  channel<std::unique_ptr<int>> full(1);
  numbers empty(1);
  std::atomic<int> closed{0};
  const auto producer = [&]() -> task<> {
    auto item = std::make_unique<int>(1);
    const op_status pushed = co_await full.async_push(std::move(item));
    if (pushed == op_status::closed && item != nullptr) ++closed;
  };
  const auto consumer = [&]() -> task<> {
    std::uint64_t item = 0;
    const op_status popped = co_await empty.async_pop(item);
    if (popped == op_status::closed) ++closed;
  };
  const auto root = [&]() -> task<> {
    EXPECT_EQ(full.try_push(std::make_unique<int>(0)), op_status::success);
    for (int i = 0; i < 3; ++i) co_await fork(producer());
    for (int i = 0; i < 3; ++i) co_await fork(consumer());
    full.close();
    empty.close();
    co_await join();
  };
  executor.run(root());
  EXPECT_EQ(closed, 6);
  std::unique_ptr<int> left;
  EXPECT_EQ(full.try_pop(left), op_status::success);
  EXPECT_EQ(full.try_pop(left), op_status::closed);
}

TEST_F(Channel, a_thread_outside_wakes_coroutines_of_threads_that_sleep) {
  stealing_executor executor(2);
  numbers channel(1);
  std::thread outside([&] {
    while (executor.idle_threads() != 2) std::this_thread::yield();  // all wait
    EXPECT_EQ(channel.try_push(7), op_status::success);
  });
  const auto root = [&]() -> task<std::uint64_t> {
    std::uint64_t item = 0;
    const op_status popped = co_await channel.async_pop(item);
    EXPECT_EQ(popped, op_status::success);
    co_return item;
  };
  EXPECT_EQ(executor.run(root()), 7U);
  outside.join();
}

TEST_F(Channel, a_join_waits_for_what_is_out_and_not_done) {
  stealing_executor executor(1);
  numbers channel(1);
  bool done = false;
  const auto joiner = [&]() -> task<> {
    const op_status joined = co_await channel.async_join();
    EXPECT_EQ(joined, op_status::success);
    EXPECT_TRUE(done);
  };
  const auto root = [&]() -> task<> {
    std::uint64_t item = 1;
    EXPECT_EQ(channel.try_push(1), op_status::success);
    EXPECT_THROW(channel.task_done(), std::logic_error);
    EXPECT_EQ(channel.try_pop(item), op_status::success);
    co_await fork(joiner());
    done = true;
    channel.task_done();
    co_await join();
    EXPECT_THROW(channel.task_done(), std::logic_error);
  };
  executor.run(root());
}

class ChannelCancellation : public testing_support::guarded {};

TEST_F(ChannelCancellation, a_stop_ends_every_kind_of_wait_and_leaves_the_item) {
  stealing_executor executor(2);
  channel<std::unique_ptr<int>> channel(1);
  std::stop_source source;
  std::atomic<int> cancelled{0};
  const auto producer = [&]() -> task<> {
    auto item = std::make_unique<int>(1);
    const op_status pushed = co_await channel.async_push(std::move(item), source.get_token());
    if (pushed == op_status::cancelled && item != nullptr) ++cancelled;
  };
  const auto joiner = [&]() -> task<> {
    const op_status joined = co_await channel.async_join(source.get_token());
    if (joined == op_status::cancelled) ++cancelled;
  };
  const auto root = [&]() -> task<> {
    EXPECT_EQ(channel.try_push(std::make_unique<int>(0)), op_status::success);
    for (int i = 0; i < 5; ++i) co_await fork(producer());
    co_await fork(joiner());
    source.request_stop();
    co_await join();
  };
  executor.run(root());
  EXPECT_EQ(cancelled, 6);
  EXPECT_EQ(channel.size(), 1U);
}

TEST_F(ChannelCancellation, what_need_not_wait_succeeds_and_what_is_closed_says_so) {
  stealing_executor executor(1);
  numbers channel(1);
  std::stop_source source;
  source.request_stop();
  const auto root = [&]() -> task<> {
    std::uint64_t item = 5;
    const op_status pushed = co_await channel.async_push(std::move(item), source.get_token());
    EXPECT_EQ(pushed, op_status::success);
    const op_status again = co_await channel.async_push(std::move(item), source.get_token());
    EXPECT_EQ(again, op_status::cancelled);
    const op_status popped = co_await channel.async_pop(item, source.get_token());
    EXPECT_EQ(popped, op_status::success);
    channel.close();
    const op_status closed = co_await channel.async_pop(item, source.get_token());
    EXPECT_EQ(closed, op_status::closed);
  };
  executor.run(root());
}

TEST_F(ChannelCancellation, races_with_items_and_loses_none) {
  auto source = random();
  for (rounds round(1'000); round.next();) {
    stealing_executor executor(2);
    numbers channel(1);
    std::stop_source stop;
    std::atomic<int> pushed{0};
    std::atomic<int> popped{0};
    const auto producer = [&]() -> task<> {
      std::uint64_t item = 1;
      const op_status status = co_await channel.async_push(std::move(item), stop.get_token());
      if (status == op_status::success) ++pushed;
    };
    const auto consumer = [&]() -> task<> {
      std::uint64_t item = 0;
      const op_status status = co_await channel.async_pop(item, stop.get_token());
      if (status == op_status::success) ++popped;
    };
    const std::uint64_t turns = source.below(3000);
    std::thread stopper([&] {
      for (std::uint64_t i = 0; i < turns; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
      stop.request_stop();
    });
    const auto root = [&]() -> task<> {
      for (int i = 0; i < 4; ++i) {
        co_await fork(producer());
        co_await fork(producer());
        co_await fork(consumer());
      }
      co_await join();
    };
    executor.run(root());
    stopper.join();
    ASSERT_EQ(static_cast<std::size_t>(pushed - popped), channel.size());
  }
}

}  // namespace
}  // namespace handoff::channel_tests
