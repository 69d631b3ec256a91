// Long chains and rings of tasks that wait for each other: nothing recurses. (Chains of frames are in
// deep_chain_test.cpp.)
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "queues/async/gather.hpp"
#include "queues/async/shield.hpp"
#include "queues/async/wait.hpp"
#include "tests/async/virtual_time.hpp"
#include "tests/support/sanitizers.hpp"

namespace handoff::async_tests {
namespace {

using async::event;

const auto million = static_cast<int>(testing_support::scaled(1'000'000));
const auto many = static_cast<int>(testing_support::scaled(100'000));

task<int> first_of_chain(event& flag) {
  co_await flag.wait();
  co_return 1;
}

task<int> await_next(task_handle<int> next) {
  const int below = co_await next;
  co_return below + 1;
}

task<int> gather_next(task_handle<int> next) {
  std::vector<task_handle<int>> only(1, next);
  const std::vector<int> below = co_await async::gather(std::move(only));
  co_return below[0] + 1;
}

task<int> shield_next(task_handle<int> next) {
  const int below = co_await async::shield(std::move(next));
  co_return below + 1;
}

task<int> wait_for_next(task_handle<int> next) {
  task<int> limited = async::wait_for(std::move(next), 1h);
  const int below = co_await std::move(limited);
  co_return below + 1;
}

struct TaskChain : testing::Test {
  std::unique_ptr<virtual_loop> loop = std::make_unique<virtual_loop>();
  event flag{*loop};

  /// The last task of a chain of so many, each of which waits for the one before.
  task_handle<int> chain(task<int> (*link)(task_handle<int>), int length) {
    task_handle<int> last = create_task(*loop, first_of_chain(flag));
    for (int i = 1; i != length; ++i) last = create_task(*loop, link(std::move(last)));
    return last;
  }

  /// It ends from its beginning on.
  void expect_to_end(task<int> (*link)(task_handle<int>), int length) {
    const auto last = chain(link, length);
    settle(*loop);
    EXPECT_EQ(loop->pending_tasks(), static_cast<std::size_t>(length));
    flag.set();
    run_all(*loop);
    EXPECT_EQ(last.result(), length);
  }

  /// It ends as cancelled when its last task is cancelled.
  void expect_to_be_cancelled(task<int> (*link)(task_handle<int>), int length) {
    const auto last = chain(link, length);
    settle(*loop);
    EXPECT_TRUE(last.cancel());
    run_all(*loop);
    EXPECT_TRUE(last.cancelled());
    EXPECT_EQ(loop->pending_tasks(), 0U);
  }
};

TEST_F(TaskChain, of_a_million_tasks_that_await_each_other_ends) { expect_to_end(await_next, million); }

TEST_F(TaskChain, of_gathers_ends) { expect_to_end(gather_next, many); }

TEST_F(TaskChain, of_shields_ends) { expect_to_end(shield_next, many); }

TEST_F(TaskChain, of_wait_fors_ends) { expect_to_end(wait_for_next, many); }

TEST_F(TaskChain, of_a_hundred_thousand_tasks_is_cancelled_and_nobody_keeps_a_handle) {
  expect_to_be_cancelled(await_next, many);
}

TEST_F(TaskChain, of_gathers_is_cancelled) { expect_to_be_cancelled(gather_next, many); }

TEST_F(TaskChain, of_wait_fors_is_cancelled) { expect_to_be_cancelled(wait_for_next, many); }

TEST_F(TaskChain, of_a_million_tasks_that_have_not_begun_is_cancelled) {
  const auto last = chain(await_next, million);
  EXPECT_TRUE(last.cancel());
  loop->run_pass();
  EXPECT_TRUE(last.cancelled());
  EXPECT_EQ(loop->pending_tasks(), static_cast<std::size_t>(million - 1)) << "it had not reached the others";
}

TEST_F(TaskChain, of_a_million_tasks_is_destroyed_with_the_loop) {
  const auto last = chain(await_next, million);
  settle(*loop);
  loop.reset();
  EXPECT_TRUE(last.done());
}

TEST_F(TaskChain, of_gathers_is_destroyed_with_the_loop) {
  const auto last = chain(gather_next, many);
  settle(*loop);
  loop.reset();
  EXPECT_TRUE(last.done());
}

TEST_F(TaskChain, of_a_million_tasks_each_of_which_makes_the_next_ends) {
  struct maker {
    static task<int> make(int left) {
      if (left == 0) co_return 0;
      const task_handle<int> next = create_task(make(left - 1));
      const int below = co_await next;
      co_return below + 1;
    }
  };
  EXPECT_EQ(async::run(*loop, maker::make(million)), million);
}

TEST_F(TaskChain, an_error_goes_up_a_hundred_thousand_tasks) {
  task_handle<int> last = create_task(*loop, fail_after(1ms, "bottom"));
  for (int i = 1; i != many; ++i) last = create_task(*loop, await_next(std::move(last)));
  run_all(*loop);
  EXPECT_THROW(last.result(), std::runtime_error);
}

struct TaskRing : testing::Test {
  virtual_loop loop;
  std::vector<task_handle<>> ring;

  /// Each member waits for the next one, and the last one for the first.
  void close(task<> (*link)(const task_handle<>&), std::size_t length) {
    ring.resize(length);
    for (std::size_t i = 0; i != length; ++i) ring[i] = create_task(loop, link(ring[(i + 1) % length]));
    settle(loop);
    EXPECT_EQ(loop.pending_tasks(), length);
  }
};

TEST_F(TaskRing, of_a_hundred_thousand_tasks_is_cancelled_through_one) {
  close([](const task_handle<>& next) -> task<> { co_await next; }, static_cast<std::size_t>(many));
  EXPECT_TRUE(ring[7].cancel());
  run_all(loop);
  for (const auto& member : ring) ASSERT_TRUE(member.cancelled());
}

// CPython's cancel() recurses here until it throws RecursionError: nothing more is promised.
TEST_F(TaskRing, of_gathers_survives_a_cancellation_and_the_end_of_the_loop) {
  close(
      [](const task_handle<>& next) -> task<> {
        std::vector<task_handle<>> twice(2, next);
        co_await async::gather(std::move(twice));
      },
      5);
  EXPECT_TRUE(ring[2].cancel());
  run_all(loop);
  ring.clear();
}

TEST_F(TaskRing, of_tasks_and_shields_is_cancelled_up_to_the_shield) {
  ring.resize(3);
  ring[0] = create_task(loop, [](const task_handle<>& next) -> task<> { co_await next; }(ring[1]));
  ring[1] =
      create_task(loop, [](const task_handle<>& next) -> task<> { co_await async::shield(next); }(ring[2]));
  ring[2] = create_task(loop, [](const task_handle<>& next) -> task<> {
    try {
      co_await next;
    } catch (const cancelled_error&) {
    }
  }(ring[0]));
  settle(loop);
  ring[0].cancel();
  run_all(loop);
  EXPECT_TRUE(ring[0].cancelled());
  EXPECT_TRUE(ring[1].cancelled());
  EXPECT_TRUE(ring[2].done());
  EXPECT_FALSE(ring[2].cancelled());
  EXPECT_EQ(ring[2].cancelling(), 0U);
}

TEST_F(TaskRing, is_destroyed_with_the_loop) {
  auto own = std::make_unique<event_loop>();
  std::vector<task_handle<>> members(3);
  for (std::size_t i = 0; i != 3; ++i) {
    members[i] = create_task(*own, [](const task_handle<>& next) -> task<> {
      co_await task_handle<>(next);  // keeps it alive
    }(members[(i + 1) % 3]));
  }
  settle(*own);
  EXPECT_EQ(own->pending_tasks(), 3U);
  own.reset();
  for (const auto& member : members) EXPECT_TRUE(member.done());
}

}  // namespace
}  // namespace handoff::async_tests
