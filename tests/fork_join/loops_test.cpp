// Loops and reductions: every element once, from left to right where that matters, split only on request.
#include "queues/stealing/loops.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <numeric>
#include <ranges>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "tests/fork_join/awaiting.hpp"
#include "tests/support/guarded.hpp"

namespace handoff::fork_join_tests {
namespace {

class Loops : public testing_support::guarded {};

TEST_F(Loops, for_each_visits_every_element_once) {
  for (const unsigned threads : {1U, 2U, 6U}) {
    stealing_executor executor(threads);
    for (const std::size_t size : {0U, 1U, 2U, 3U, 1'000U, 50'000U}) {
      std::vector<int> visits(size, 0);
      executor.run([&] { stealing::for_each(visits.begin(), visits.end(), [](int& v) { ++v; }); });
      ASSERT_EQ(visits, std::vector<int>(size, 1));
    }
  }
}

TEST_F(Loops, outside_of_a_run_they_are_plain_loops) {
  const auto numbers = std::views::iota(1, 101);
  int sum = 0;
  stealing::for_each(numbers.begin(), numbers.end(), [&](int i) { sum += i; });
  EXPECT_EQ(sum, 5050);
  EXPECT_EQ(stealing::reduce(numbers.begin(), numbers.end(), 0, std::plus<>()), 5050);
}

TEST_F(Loops, reduce_keeps_the_order_of_an_operation_that_does_not_commute) {
  const auto numbers = std::views::iota(0, 2'000);
  const auto text = [](int i) { return std::to_string(i) + ","; };
  const auto expected =
      stealing::reduce(numbers.begin(), numbers.end(), std::string("begin:"), std::plus<>(), text);
  stealing_executor executor(4);
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(executor.run([&] {
      return stealing::reduce(numbers.begin(), numbers.end(), std::string("begin:"), std::plus<>(), text);
    }),
              expected);
  }
}

TEST_F(Loops, a_loop_is_split_when_a_thread_asks_and_not_before) {
  stealing_executor executor(2);
  await_idle(executor, 1);
  const auto numbers = std::views::iota(0, 4);
  std::atomic<int> at_once{0};
  executor.run([&] {
    stealing::for_each(numbers.begin(), numbers.end(), [&](int i) {
      ++at_once;
      if (i == 0 || i == 2)
        while (at_once < 2) std::this_thread::yield();  // both halves have begun
    });
  });
  EXPECT_EQ(executor.given_away() > 0, true);
  stealing_executor alone(1);
  alone.run([&] { stealing::for_each(numbers.begin(), numbers.end(), [](int) {}); });
  EXPECT_EQ(alone.given_away(), 0U);
}

TEST_F(Loops, an_exception_and_a_stop_end_a_loop) {
  stealing_executor executor(3);
  const auto numbers = std::views::iota(0, 100'000);
  const auto throwing = [&] {
    stealing::for_each(numbers.begin(), numbers.end(), [](int i) {
      if (i == 77'777) throw std::runtime_error("an element");
    });
  };
  EXPECT_THROW(executor.run(throwing), std::runtime_error);
  std::stop_source stop;
  const auto stopping = [&] {
    stealing::for_each(numbers.begin(), numbers.end(), [&](int i) {
      if (i == 0) stop.request_stop();
    });
  };
  EXPECT_THROW(executor.run(stopping, stop.get_token()), stealing::cancelled);
}

}  // namespace
}  // namespace handoff::fork_join_tests
