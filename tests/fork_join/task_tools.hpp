// What the tests of coroutines share.
#pragma once

#include <atomic>
#include <cstdint>

#include "queues/stealing/task.hpp"

namespace handoff::fork_join_tests {

/// tree_fib(10) is 55.
inline stealing::task<std::int64_t> tree_fib(std::int64_t n) {
  if (n < 2) co_return n;
  std::int64_t x = 0;
  std::int64_t y = 0;
  co_await stealing::fork(x, tree_fib(n - 1));
  co_await stealing::fork(y, tree_fib(n - 2));
  co_await stealing::join();
  co_return x + y;
}

/// Counts the frames that hold one as an argument.
struct counted {
  explicit counted(std::atomic<int>& count) noexcept : alive(&count) { ++*alive; }
  counted(counted&& other) noexcept : alive(other.alive) { ++*alive; }
  counted& operator=(counted&&) = delete;
  ~counted() { --*alive; }
  std::atomic<int>* alive;
};

}  // namespace handoff::fork_join_tests
