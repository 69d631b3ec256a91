// Forks and joins of coroutines: what comes back, in which order, and what is left of the frames.
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

class Task : public testing_support::guarded {};

constexpr std::int64_t serial_fib(std::int64_t n) {
  return n < 2 ? n : serial_fib(n - 1) + serial_fib(n - 2);
}

TEST_F(Task, fib_is_right_on_one_thread_and_on_more_than_there_are_cores) {
  for (const unsigned threads : {1U, 2U, 3U, 8U}) {
    stealing_executor executor(threads);
    EXPECT_EQ(executor.run(tree_fib(18)), 2584) << threads << " threads";
  }
}

TEST_F(Task, results_that_can_only_be_moved_come_back) {
  const auto leaf = [](int value) -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(value); };
  const auto root = [&]() -> task<std::unique_ptr<int>> {
    std::unique_ptr<int> x;
    co_await fork(x, leaf(1));
    const std::unique_ptr<int> y = co_await leaf(2);
    co_await join();
    co_return std::make_unique<int>(*x + *y);
  };
  EXPECT_EQ(*stealing_executor(1).run(root()), 3);
}

TEST_F(Task, a_result_that_nobody_wants_is_dropped) {
  const auto leaf = []() -> task<std::string> { co_return std::string(100, 'x'); };
  const auto root = [&]() -> task<> {
    co_await fork(leaf());
    co_await join();
  };
  stealing_executor(1).run(root());
}

/// Adds itself to a list when it begins and when it is over.
task<> entry(std::vector<int>& list, int number) {
  list.push_back(number);
  co_await join();
  list.push_back(-number);
}

TEST_F(Task, on_one_thread_children_run_in_the_order_of_the_serial_program) {
  std::vector<int> list;
  const auto root = [&]() -> task<> {
    co_await fork(entry(list, 1));
    list.push_back(0);
    co_await entry(list, 2);
    co_await fork(entry(list, 3));
    co_await join();
  };
  stealing_executor(1).run(root());
  EXPECT_EQ(list, (std::vector<int>{1, -1, 0, 2, -2, 3, -3}));
}

TEST_F(Task, a_join_without_a_fork_goes_on) {
  const auto root = []() -> task<int> {
    co_await join();
    co_await join();
    co_return 7;
  };
  EXPECT_EQ(stealing_executor(2).run(root()), 7);
}

task<> holder(counted) { co_return; }

TEST_F(Task, one_that_is_not_run_is_destroyed_without_having_begun) {
  std::atomic<int> alive{0};
  {
    const auto unused = holder(counted(alive));
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

TEST_F(Task, one_thread_keeps_no_frame_of_a_child_that_is_over) {
  std::atomic<int> alive{0};
  int most = 0;
  const auto root = [&]() -> task<> {
    for (int i = 0; i < 1000; ++i) {
      co_await fork(holder(counted(alive)));
      most = std::max(most, alive.load());
    }
    co_await join();
  };
  stealing_executor(1).run(root());
  EXPECT_EQ(most, 0);
}

TEST_F(Task, frames_of_stolen_work_are_gone_after_the_run) {
  for (rounds round(200); round.next();) {
    std::atomic<int> alive{0};
    stealing_executor executor(4);
    const auto root = [&]() -> task<> {
      for (int i = 0; i < 50; ++i) {
        co_await fork(holder(counted(alive)));
        if (i % 10 == 9) co_await join();
      }
    };
    executor.run(root());
    EXPECT_EQ(alive, 0);
  }
}

task<std::int64_t> fork_down(std::int64_t depth) {
  if (depth == 0) co_return 0;
  std::int64_t below = 0;
  co_await fork(below, fork_down(depth - 1));
  co_await join();
  co_return below + 1;
}
task<std::int64_t> call_down(std::int64_t depth) {
  if (depth == 0) co_return 0;
  const std::int64_t below = co_await call_down(depth - 1);
  co_return below + 1;
}

TEST_F(Task, depth_does_not_take_stack) {
  constexpr std::int64_t depth = 200'000;
  stealing_executor executor(2);
  EXPECT_EQ(executor.run(fork_down(depth)), depth);
  EXPECT_EQ(executor.run(call_down(depth)), depth);
}

/// Each of a chain ends without a join, so that its end has to wait for the next one.
task<> end_down(std::atomic<std::int64_t>& count, std::int64_t depth) {
  if (depth > 0) co_await fork(end_down(count, depth - 1));
  ++count;
}

TEST_F(Task, a_chain_of_tasks_that_end_without_a_join_is_over_as_a_whole) {
  constexpr std::int64_t depth = 20'000;
  for (const unsigned threads : {1U, 2U, 4U}) {
    std::atomic<std::int64_t> count{0};
    stealing_executor(threads).run(end_down(count, depth));
    EXPECT_EQ(count, depth + 1);
  }
}

TEST_F(Task, several_callers_at_once_get_their_own_results) {
  stealing_executor executor(3);
  crew callers(4);
  for (rounds round(200); round.next();) {
    callers.run([&](unsigned caller) {
      callers.line_up();
      const std::int64_t n = 8 + caller;
      EXPECT_EQ(executor.run(tree_fib(n)), serial_fib(n));
    });
  }
}

TEST_F(Task, functions_fork_in_coroutines_and_coroutines_run_in_functions) {
  stealing_executor executor(3);
  const auto leaf = [&](std::int64_t n) -> task<std::int64_t> {
    const auto [x, y] =
        join([&] { return executor.run(tree_fib(n - 1)); }, [n] { return serial_fib(n - 2); });
    co_return x + y;
  };
  const auto root = [&]() -> task<std::int64_t> {
    std::int64_t sums[8] = {};
    for (int i = 0; i < 8; ++i) co_await fork(sums[i], leaf(8 + i));
    co_await join();
    std::int64_t sum = 0;
    for (const std::int64_t one : sums) sum += one;
    co_return sum;
  };
  std::int64_t expected = 0;
  for (int i = 0; i < 8; ++i) expected += serial_fib(8 + i);
  for (rounds round(100); round.next();) EXPECT_EQ(executor.run(root()), expected);
}

/// A seeded tree: each node forks, calls, joins and throws as its number says.
struct node_result {
  std::int64_t nodes = 0;
};
task<node_result> seeded_tree(testing_support::random_source source, unsigned depth,
                              std::atomic<std::int64_t>& begun) {
  ++begun;
  node_result all{1};
  if (depth == 0) co_return all;
  const std::uint64_t children = source.below(5);
  std::vector<node_result> results(children);
  for (std::uint64_t i = 0; i < children; ++i) {
    if (source.below(4) == 0)
      results[i] = co_await seeded_tree(source.fork(i), depth - 1, begun);
    else
      co_await fork(results[i], seeded_tree(source.fork(i), depth - 1, begun));
    if (source.below(3) == 0) co_await join();
  }
  co_await join();
  for (const node_result& one : results) all.nodes += one.nodes;
  co_return all;
}

TEST_F(Task, seeded_trees_on_more_threads_than_cores_count_their_nodes) {
  auto source = random();
  for (rounds round(100); round.next();) {
    stealing_executor executor(1 + static_cast<unsigned>(source.below(8)));
    for (int run = 0; run < 20; ++run) {
      std::atomic<std::int64_t> begun{0};
      const auto depth = static_cast<unsigned>(source.below(7));
      const auto all = executor.run(seeded_tree(source.fork(round.index()), depth, begun));
      ASSERT_EQ(all.nodes, begun);
    }
  }
}

}  // namespace
}  // namespace handoff::fork_join_tests
