// Forks and joins of coroutines that throw or are cancelled.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "queues/stealing/task.hpp"
#include "tests/fork_join/awaiting.hpp"
#include "tests/fork_join/task_tools.hpp"
#include "tests/support/crew.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/rounds.hpp"

namespace handoff::fork_join_tests {
namespace {

using stealing::fork;
using stealing::join;
using stealing::task;
using testing_support::crew;
using testing_support::rounds;

class TaskExceptions : public testing_support::guarded {};

task<int> thrower(const char* what, std::atomic<int>& begun) {
  ++begun;
  throw std::runtime_error(what);
  co_return 0;
}

/// What the run of this task throws.
template <class T>
std::string thrown_by(stealing_executor& executor, task<T> work) {
  try {
    executor.run(std::move(work));
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing";
}

TEST_F(TaskExceptions, come_out_at_the_join_the_first_in_the_order_of_the_forks) {
  std::atomic<int> begun{0};
  bool joined = false;
  const auto root = [&]() -> task<> {
    int results[3] = {};
    co_await fork(results[0], thrower("first", begun));
    co_await fork(results[1], thrower("second", begun));
    co_await fork(results[2], thrower("third", begun));
    try {
      co_await join();
    } catch (const std::runtime_error& error) {
      joined = error.what() == std::string("first");
    }
    co_await join();  // it came out once
    co_await fork(thrower("fourth", begun));
    co_await join();
  };
  stealing_executor executor(1);
  EXPECT_EQ(thrown_by(executor, root()), "fourth");
  EXPECT_TRUE(joined);
  EXPECT_EQ(begun, 4);
}

TEST_F(TaskExceptions, of_a_child_that_is_awaited_come_out_at_once) {
  std::atomic<int> begun{0};
  const auto root = [&]() -> task<int> {
    try {
      co_return co_await thrower("called", begun);
    } catch (const std::runtime_error&) {
    }
    co_return 1;
  };
  EXPECT_EQ(stealing_executor(1).run(root()), 1);
}

TEST_F(TaskExceptions, of_children_that_a_task_did_not_join_come_out_of_it) {
  std::atomic<int> begun{0};
  const auto unjoined = [&]() -> task<> { co_await fork(thrower("child", begun)); };
  const auto throws_itself = [&]() -> task<> {
    co_await fork(thrower("child", begun));
    throw std::runtime_error("parent");
  };
  stealing_executor executor(1);
  EXPECT_EQ(thrown_by(executor, unjoined()), "child");
  EXPECT_EQ(thrown_by(executor, throws_itself()), "child");
}

TEST_F(TaskExceptions, of_the_body_come_out_when_its_children_are_over) {
  stealing_executor executor(2);
  await_idle(executor, 1);
  std::atomic<bool> continued{false};
  std::atomic<bool> over{false};
  const auto child = [&]() -> task<> {
    await(continued);
    await_idle(executor, 1);  // the parent has thrown and waits
    over = true;
    co_return;
  };
  const auto root = [&]() -> task<> {
    co_await fork(child());
    continued = true;
    throw std::runtime_error("parent");
  };
  EXPECT_EQ(thrown_by(executor, root()), "parent");
  EXPECT_TRUE(over);
}

TEST_F(TaskExceptions, come_in_the_order_of_the_forks_when_the_parent_was_stolen_between_them) {
  stealing_executor executor(2);
  std::atomic<bool> continued{false};
  std::atomic<int> begun{0};
  const auto late = [&]() -> task<> {
    await(continued);
    await_idle(executor, 1);
    throw std::runtime_error("first");
    co_return;
  };
  const auto root = [&]() -> task<> {
    await_idle(executor, 1);
    co_await fork(late());
    co_await fork(thrower("second", begun));
    continued = true;
    co_await join();
  };
  EXPECT_EQ(thrown_by(executor, root()), "first");
}

class TaskCancellation : public testing_support::guarded {};

task<> grow(std::atomic<std::uint64_t>& count, unsigned depth) {
  ++count;
  if (depth == 0) co_return;
  co_await fork(grow(count, depth - 1));
  co_await fork(grow(count, depth - 1));
  co_await join();
}

TEST_F(TaskCancellation, a_run_that_is_cancelled_before_it_begins_begins_no_child) {
  for (const unsigned threads : {1U, 2U}) {
    stealing_executor executor(threads);
    std::stop_source source;
    source.request_stop();
    std::atomic<std::uint64_t> count{0};
    EXPECT_THROW(executor.run(grow(count, 20), source.get_token()), stealing::cancelled);
    EXPECT_EQ(count, 1U);
  }
}

TEST_F(TaskCancellation, a_run_in_the_middle_of_a_tree_ends_soon_and_leaves_no_frame) {
  stealing_executor executor(3);
  std::stop_source source;
  std::atomic<std::uint64_t> count{0};
  std::thread canceller([&] {
    while (count < 1000) std::this_thread::yield();
    source.request_stop();
  });
  EXPECT_THROW(executor.run(grow(count, 60), source.get_token()),
               stealing::cancelled);  // for years, otherwise
  canceller.join();
}

TEST_F(TaskCancellation, leaves_another_run_alone) {
  stealing_executor executor(2);
  std::stop_source source;
  source.request_stop();
  crew callers(2);
  for (rounds round(200); round.next();) {
    callers.run([&](unsigned caller) {
      callers.line_up();
      std::atomic<std::uint64_t> count{0};
      if (caller == 0)
        EXPECT_THROW(executor.run(grow(count, 8), source.get_token()), stealing::cancelled);
      else
        EXPECT_EQ(executor.run(tree_fib(10)), 55);
    });
  }
}

TEST_F(TaskCancellation, after_the_last_fork_changes_nothing) {
  stealing_executor executor(1);
  std::stop_source source;
  const auto root = [&]() -> task<std::int64_t> {
    const std::int64_t result = co_await tree_fib(5);
    source.request_stop();
    co_await join();
    co_return result;
  };
  EXPECT_EQ(executor.run(root(), source.get_token()), 5);
}

TEST_F(TaskExceptions, of_seeded_trees_are_those_of_the_serial_program) {
  auto source = random();
  const auto leaf = [](std::uint64_t number, bool throws) -> task<std::uint64_t> {
    if (throws) throw std::runtime_error(std::to_string(number));
    co_return number;
  };
  for (rounds round(2'000); round.next();) {
    stealing_executor executor(1 + static_cast<unsigned>(source.below(4)));
    const std::uint64_t throwing = source.next();
    std::string expected = "nothing";
    for (unsigned i = 10; i-- > 0;)
      if ((throwing >> (3 * i) & 7U) == 0) expected = std::to_string(i);
    const auto root = [&]() -> task<> {
      std::uint64_t results[10] = {};
      for (unsigned i = 0; i < 10; ++i) co_await fork(results[i], leaf(i, (throwing >> (3 * i) & 7U) == 0));
      co_await join();
      for (unsigned i = 0; i < 10; ++i) EXPECT_EQ(results[i], i);
    };
    ASSERT_EQ(thrown_by(executor, root()), expected);
  }
}

}  // namespace
}  // namespace handoff::fork_join_tests
