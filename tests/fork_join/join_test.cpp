// join alone: what comes back, by value or by exception, from branches that were stolen and from others.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>

#include "queues/stealing/executor.hpp"
#include "tests/fork_join/awaiting.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/presence.hpp"

namespace handoff::fork_join_tests {
namespace {

using stealing::join;

class Join : public testing_support::guarded {};

std::int64_t fib(std::int64_t n) {
  if (n < 2) return n;
  const auto [x, y] = join([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
  return x + y;
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

TEST_F(Join, the_exception_of_either_branch_comes_out_on_one_thread) {
  stealing_executor executor(1);
  bool begun = false;
  const auto first = [&] { join([] { throw std::runtime_error("a"); }, [&] { begun = true; }); };
  EXPECT_THROW(executor.run(first), std::runtime_error);
  EXPECT_FALSE(begun) << "b must not begin if a has thrown before";
  const auto second = [&] { join([&] { begun = true; }, [] { throw std::logic_error("b"); }); };
  EXPECT_THROW(executor.run(second), std::logic_error);
  EXPECT_TRUE(begun);
  EXPECT_EQ(executor.run([] { return fib(10); }), 55) << "an exception must leave no branch behind";
}

TEST_F(Join, outside_of_a_run_b_does_not_begin_if_a_throws) {
  bool begun = false;
  const auto call = [&] { join([] { throw std::runtime_error("a"); }, [&] { begun = true; }); };
  EXPECT_THROW(call(), std::runtime_error);
  EXPECT_FALSE(begun);
}

TEST_F(Join, the_exception_of_a_stolen_branch_comes_out) {
  stealing_executor executor(2);
  await_idle(executor, 1);
  const auto call = [&] {
    std::atomic<bool> begun{false};
    join([&] { await(begun); },
         [&] {
           begun = true;
           throw std::runtime_error("stolen");
         });
  };
  EXPECT_THROW(executor.run(call), std::runtime_error);
}

TEST_F(Join, an_exception_of_a_wins_over_that_of_a_stolen_b_and_waits_for_its_end) {
  stealing_executor executor(2);
  await_idle(executor, 1);
  std::atomic<bool> begun{false};
  bool over = false;
  const auto call = [&] {
    join(
        [&] {
          await(begun);
          throw std::runtime_error("a");
        },
        [&] {
          begun = true;
          await_idle(executor, 1);  // the join waits
          over = true;
          throw std::logic_error("b");
        });
  };
  EXPECT_THROW(executor.run(call), std::runtime_error);
  EXPECT_TRUE(over);
}

TEST_F(Join, a_result_that_nobody_wants_is_destroyed) {
  stealing_executor executor(2);
  await_idle(executor, 1);
  auto witness = std::make_shared<int>(0);
  std::atomic<bool> begun{false};
  const auto call = [&] {
    join(
        [&] {
          await(begun);
          throw std::runtime_error("a");
        },
        [&] {
          begun = true;
          await_idle(executor, 1);
          return witness;
        });
  };
  EXPECT_THROW(executor.run(call), std::runtime_error);
  EXPECT_EQ(witness.use_count(), 1);
}

TEST_F(Join, a_join_that_waits_runs_what_others_give_away) {
  stealing_executor executor(2);
  await_idle(executor, 1);
  std::thread::id helper;
  const auto stolen = [&](std::atomic<bool>& begun) {
    begun = true;
    await_idle(executor, 1);  // the join waits, and asks
    std::atomic<bool> helped{false};
    join([&] { await(helped); },
         [&] {
           helper = std::this_thread::get_id();
           helped = true;
         });
  };
  executor.run([&] {
    std::atomic<bool> begun{false};
    join([&] { await(begun); }, [&] { stolen(begun); });
  });
  EXPECT_EQ(helper, std::this_thread::get_id());
}

TEST_F(Join, a_join_that_waits_falls_asleep) {
  stealing_executor executor(2);
  await_idle(executor, 1);
  testing_support::presence joiner;
  executor.run([&] {
    std::atomic<bool> begun{false};
    join(
        [&] {
          await(begun);
          joiner.announce();
        },
        [&] {
          begun = true;
          joiner.wait_until_blocked(INT64_MAX);  // hangs if it never sleeps
        });
  });
}

std::uint64_t depth_of(std::uint64_t levels) {
  if (levels == 0) return 0;
  const auto [deeper, one] = join([=] { return depth_of(levels - 1); }, [] { return std::uint64_t{1}; });
  return deeper + one;
}

TEST_F(Join, five_thousand_nested_forks_are_no_limit) {
  for (const unsigned threads : {1U, 3U}) {
    stealing_executor executor(threads);
    EXPECT_EQ(executor.run([] { return depth_of(5'000); }), 5'000U);
  }
}

TEST_F(Join, a_recursion_without_end_is_refused_before_the_stack_is_full) {
  stealing_executor executor(2);
  EXPECT_THROW(executor.run([] { return depth_of(UINT64_MAX); }), stealing::stack_exhausted);
  EXPECT_EQ(executor.run([] { return fib(15); }), 610) << "the executor must be sound afterwards";
}

TEST_F(Join, a_recursion_without_end_is_refused_in_a_stolen_branch_too) {
  stealing_executor executor(2);
  await_idle(executor, 1);
  const auto call = [&] {
    std::atomic<bool> begun{false};
    join([&] { await(begun); },
         [&] {
           begun = true;
           depth_of(UINT64_MAX);
         });
  };
  EXPECT_THROW(executor.run(call), stealing::stack_exhausted);
}

}  // namespace
}  // namespace handoff::fork_join_tests
