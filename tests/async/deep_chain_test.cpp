// Chains of a million resumes do not grow the stack, whatever the compiler makes of tail calls.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/async/tools.hpp"

namespace handoff::async_tests {
namespace {

constexpr int hops = 1'000'000;

task<int> one() { co_return 1; }

task<int> nested(int depth) {
  if (depth == 0) co_return 0;
  const int below = co_await nested(depth - 1);
  co_return below + 1;
}

task<> nested_wait(int depth, queue<int>& never) {
  if (depth == 0) {
    co_await never.get();
  } else {
    co_await nested_wait(depth - 1, never);
  }
}

TEST(DeepChain, a_million_children_one_after_the_other) {
  event_loop loop;
  const int sum = async::run(loop, []() -> task<int> {
    int total = 0;
    for (int i = 0; i != hops; ++i) {
      const int value = co_await one();
      total += value;
    }
    co_return total;
  }());
  EXPECT_EQ(sum, hops);
}

TEST(DeepChain, a_million_children_one_inside_the_other) {
  event_loop loop;
  EXPECT_EQ(async::run(loop, nested(hops)), hops);
}

TEST(DeepChain, a_million_frames_are_destroyed_with_the_loop) {
  auto loop = std::make_unique<event_loop>();
  queue<int> never(*loop);
  const auto handle = create_task(*loop, nested_wait(hops, never));
  settle(*loop);
  EXPECT_FALSE(handle.done());
  loop.reset();
  EXPECT_TRUE(handle.done());
}

TEST(DeepChain, a_cancellation_unwinds_a_hundred_thousand_frames) {
  event_loop loop;
  queue<int> never(loop);
  const auto handle = create_task(loop, nested_wait(hops / 10, never));
  settle(loop);
  handle.cancel();
  settle(loop);
  EXPECT_TRUE(handle.cancelled());
}

TEST(DeepChain, a_million_yields) {
  event_loop loop;
  async::run(loop, []() -> task<> {
    for (int i = 0; i != hops; ++i) co_await async::yield();
  }());
}

TEST(DeepChain, a_million_hops_between_a_producer_and_a_consumer_on_maxsize_one) {
  event_loop loop;
  queue<int> q(loop, 1);
  create_task(loop, [](queue<int>& to) -> task<> {
    for (int i = 0; i != hops; ++i) co_await to.put(i);
  }(q));
  const auto last = async::run(loop, [](queue<int>& from) -> task<int> {
    int item = -1;
    for (int i = 0; i != hops; ++i) item = co_await from.get();
    co_return item;
  }(q));
  EXPECT_EQ(last, hops - 1);
}

TEST(DeepChain, a_hundred_thousand_tasks_that_await_each_other_are_cancelled_through_the_last) {
  event_loop loop;
  queue<int> never(loop);
  std::vector<task_handle<>> chain{
      create_task(loop, [](queue<int>& from) -> task<> { co_await from.get(); }(never))};
  for (int i = 0; i != hops / 10; ++i) {
    chain.push_back(create_task(loop, [](task_handle<> next) -> task<> { co_await next; }(chain.back())));
  }
  settle(loop);
  EXPECT_TRUE(chain.back().cancel());
  settle(loop);
  EXPECT_TRUE(chain.front().cancelled());
  EXPECT_TRUE(chain.back().cancelled());
}

}  // namespace
}  // namespace handoff::async_tests
