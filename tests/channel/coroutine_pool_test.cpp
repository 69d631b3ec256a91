// Coroutines on the threads of an executor, as a runtime of the contract, and their queue.
#include "queues/coroutine_pool.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "queues/async/errors.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/rounds.hpp"
#include "tests/support/sanitizers.hpp"

namespace handoff::channel_tests {
namespace {

using runtime = stealing::coroutine_runtime;
using task = runtime::task;
using pool = coroutine_pool<std::uint64_t>;
using testing_support::rounds;

class CoroutinePool : public testing_support::guarded {};

task push_range(pool& queue, std::uint64_t first, std::uint64_t count, std::atomic<unsigned>& pushing) {
  for (std::uint64_t i = first; i != first + count; ++i) {
    std::uint64_t item = i;
    const op_status pushed = co_await queue.async_push(std::move(item));
    EXPECT_EQ(pushed, op_status::success);
  }
  if (pushing.fetch_sub(1) == 1) queue.close();
}

task pop_all(pool& queue, std::vector<std::atomic<unsigned>>& seen) {
  auto&& consumer = queue.consumer();
  for (std::uint64_t item = 0;;) {
    const op_status popped = co_await consumer.async_pop(item);
    if (popped != op_status::success) co_return;
    ++seen[item];
    consumer.task_done();
  }
}

/// Every item from `producers` to `consumers` through a queue, once.
void stream(unsigned threads, unsigned producers, unsigned consumers, std::uint64_t share,
            std::size_t capacity) {
  runtime loop(threads);
  pool queue(loop, capacity);
  std::vector<std::atomic<unsigned>> seen(producers * share);
  std::atomic<unsigned> pushing{producers};
  for (unsigned i = 0; i < consumers; ++i) loop.spawn(pop_all(queue, seen));
  for (unsigned i = 0; i < producers; ++i) loop.spawn(push_range(queue, i * share, share, pushing));
  loop.run();
  for (const std::atomic<unsigned>& times : seen) ASSERT_EQ(times.load(), 1U);
  EXPECT_EQ(queue.size(), 0U);
}

TEST_F(CoroutinePool, every_item_arrives_once_on_any_number_of_threads) {
  for (const unsigned threads : {1U, 2U, 4U, 8U})
    for (const std::size_t capacity : {1U, 64U})
      stream(threads, 100, 100, testing_support::scaled(200), capacity);
}

TEST_F(CoroutinePool, ten_thousand_coroutines_share_a_channel) { stream(2, 5000, 5000, 2, 64); }

TEST_F(CoroutinePool, a_run_ends_when_its_last_task_has) {
  for (rounds each(2000); each.next();) stream(2, 1, 1, 3, 1);
}

task pop_one(pool& queue, std::atomic<unsigned>& came, op_status& status) {
  auto&& consumer = queue.consumer();
  std::uint64_t item = 0;
  status = co_await consumer.async_pop(item);
  ++came;
}

TEST_F(CoroutinePool, tasks_that_all_wait_are_reported_and_can_be_woken_between_runs) {
  for (const unsigned threads : {1U, 2U}) {
    runtime loop(threads);
    pool queue(loop, 1);
    std::atomic<unsigned> came{0};
    std::array<op_status, 2> statuses{};
    for (op_status& status : statuses) loop.spawn(pop_one(queue, came, status));
    EXPECT_THROW(loop.run(), async::deadlock_error);
    EXPECT_EQ(came, 0U);
    queue.close();
    EXPECT_NO_THROW(loop.run());
    EXPECT_EQ(came, 2U);
    for (const op_status status : statuses) EXPECT_EQ(status, op_status::closed);
  }
}

task fail() {
  throw std::runtime_error("it was told to");
  co_return;
}

TEST_F(CoroutinePool, an_exception_comes_out_of_the_run_once_the_others_have_ended) {
  runtime loop(2);
  pool queue(loop, 4);
  std::vector<std::atomic<unsigned>> seen(100);
  std::atomic<unsigned> pushing{1};
  loop.spawn(fail());
  loop.spawn(pop_all(queue, seen));
  loop.spawn(push_range(queue, 0, 100, pushing));
  EXPECT_THROW(loop.run(), std::runtime_error);
  for (const std::atomic<unsigned>& times : seen) EXPECT_EQ(times.load(), 1U);
  EXPECT_NO_THROW(loop.run());
}

task count_passes(runtime& loop, unsigned passes, std::atomic<unsigned>& all) {
  for (unsigned i = 0; i < passes; ++i) {
    ++all;
    co_await loop.yield();
  }
}

TEST_F(CoroutinePool, tasks_that_yield_are_run_to_their_ends) {
  for (const unsigned threads : {1U, 2U, 4U}) {
    runtime loop(threads);
    std::atomic<unsigned> all{0};
    for (unsigned i = 0; i < 10; ++i) loop.spawn(count_passes(loop, 100, all));
    loop.run();
    EXPECT_EQ(all, 1000U);
  }
}

/// Pops until the queue is closed, whatever it is cancelled meanwhile.
task pop_undeterred(pool& queue, std::atomic<std::uint64_t>& popped, std::atomic<std::uint64_t>& cancelled) {
  auto&& consumer = queue.consumer();
  for (std::uint64_t item = 0;;) {
    const op_status status = co_await consumer.async_pop(item);
    if (status == op_status::closed) co_return;
    ++(status == op_status::success ? popped : cancelled);
  }
}

task cancel_all(runtime& loop, const std::vector<runtime::handle>& them,
                const std::atomic<unsigned>& pushing) {
  while (pushing.load() > 0) {
    for (const runtime::handle& one : them) runtime::cancel(one);
    co_await loop.yield();
  }
}

TEST_F(CoroutinePool, cancellations_lose_no_item) {
  std::uint64_t cancelled_in_all = 0;
  for (rounds each(200); each.next();) {
    runtime loop(3);
    pool queue(loop, 1);
    std::atomic<std::uint64_t> popped{0}, cancelled{0};
    std::atomic<unsigned> pushing{2};
    std::vector<runtime::handle> consumers;
    for (unsigned i = 0; i < 3; ++i)
      consumers.push_back(loop.spawn(pop_undeterred(queue, popped, cancelled)));
    for (unsigned i = 0; i < 2; ++i) loop.spawn(push_range(queue, 0, 200, pushing));
    loop.spawn(cancel_all(loop, consumers, pushing));
    loop.spawn(cancel_all(loop, consumers, pushing));
    loop.run();
    EXPECT_EQ(popped, 400U);
    cancelled_in_all += cancelled;
  }
  EXPECT_GT(cancelled_in_all, 0U);
}

TEST_F(CoroutinePool, started_threads_call_what_they_are_to_begin_with) {
  std::atomic<unsigned> sum{0};
  {
    runtime loop(4, [&sum](unsigned number) { sum += number; });
    EXPECT_EQ(loop.threads(), 4U);
    loop.run();
  }
  EXPECT_EQ(sum, 1U + 2U + 3U);
  EXPECT_THROW(runtime(0), std::invalid_argument);
}

}  // namespace
}  // namespace handoff::channel_tests
