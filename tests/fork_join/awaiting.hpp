// How the tests of this area wait for each other's threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>

namespace handoff::fork_join_tests {

/// Returns once `count` threads have nothing to do: as many of the next forks give their branches away.
template <class Executor>
void await_idle(Executor& executor, std::size_t count) {
  while (executor.idle_threads() != count) std::this_thread::yield();
}

/// Returns once `what` has happened.
inline void await(const std::atomic<bool>& what) {
  while (!what.load()) std::this_thread::yield();
}

/// Returns once `counter` is at `count`.
inline void await_count(const std::atomic<unsigned>& counter, unsigned count) {
  while (counter.load() != count) std::this_thread::yield();
}

}  // namespace handoff::fork_join_tests
