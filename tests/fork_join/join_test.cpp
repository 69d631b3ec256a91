// join alone: what comes back, by value or by exception, from branches that were stolen and from others.
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "queues/stealing/executor.hpp"
#include "tests/fork_join/guarded.hpp"

namespace handoff::fork_join_tests {
namespace {

using stealing::join;

class Join : public guarded {};

std::int64_t fib(std::int64_t n) {
  if (n < 2) return n;
  const auto [x, y] = join([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
  return x + y;
}

/// Returns once `count` threads have nothing to do: the next forks give their branches away.
void await_idle(stealing_executor& executor, std::size_t count) {
  while (executor.idle_threads() != count) std::this_thread::yield();
}

/// A branch that ends only once the other one has begun: that must have been stolen.
void await(const std::atomic<bool>& begun) {
  while (!begun.load()) std::this_thread::yield();
}

TEST_F(Join, fib_is_right_on_one_thread_and_on_more_than_there_are_cores) {
  for (const unsigned threads : {1U, 2U, 3U, 8U}) {
    stealing_executor executor(threads);
    EXPECT_EQ(executor.run([] { return fib(20); }), 6765) << threads << " threads";
  }
}

TEST_F(Join, outside_of_a_run_both_branches_run_in_turn) { EXPECT_EQ(fib(15), 610); }

TEST_F(Join, results_come_by_value) {
  stealing_executor executor(1);
  executor.run([] {
    int i = 1;
    auto [text, number] = join([] { return std::string("left"); }, [&i]() -> int& { return i; });
    static_assert(std::is_same_v<decltype(number), int>);
    i = 2;
    EXPECT_EQ(text, "left");
    EXPECT_EQ(number, 1);
  });
}

TEST_F(Join, nothing_comes_of_two_branches_that_return_nothing) {
  static_assert(std::is_void_v<decltype(join([] {}, [] {}))>);
  using one_sided = std::pair<int, std::monostate>;
  static_assert(std::is_same_v<decltype(join([] { return 1; }, [] {})), one_sided>);
  int sum = 0;
  stealing_executor(1).run([&] { join([&] { sum += 1; }, [&] { sum += 2; }); });
  EXPECT_EQ(sum, 3);
}

TEST_F(Join, a_result_that_can_only_be_moved_comes_back_from_a_stolen_branch) {
  stealing_executor executor(2);
  await_idle(executor, 1);
  executor.run([] {
    std::atomic<bool> begun{false};
    const auto [left, right] = join(
        [&] {
          await(begun);
          return std::make_unique<int>(1);
        },
        [&] {
          begun = true;
          return std::make_unique<int>(2);
        });
    EXPECT_EQ(*left + *right, 3);
  });
}

TEST_F(Join, the_exception_of_a_stolen_branch_comes_out) {
  stealing_executor executor(2);
  await_idle(executor, 1);
  const auto call = [&] {
    executor.run([] {
      std::atomic<bool> begun{false};
      join([&] { await(begun); },
           [&] {
             begun = true;
             throw std::runtime_error("stolen");
           });
    });
  };
  EXPECT_THROW(call(), std::runtime_error);
}

}  // namespace
}  // namespace handoff::fork_join_tests
