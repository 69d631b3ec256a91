// Threads in join().
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/conformance/subject.hpp"
#include "tests/support/presence.hpp"

namespace handoff::conformance {

/// A thread in join(), and whether it has returned.
class joiner {
 public:
  explicit joiner(any_queue& queue)
      : thread_([this, &queue] {
          where_.announce();
          queue.join();
          back_.store(true);
        }) {}
  joiner(const joiner&) = delete;
  joiner& operator=(const joiner&) = delete;
  ~joiner() {
    if (thread_.joinable()) thread_.join();
  }

  /// The thread waits, and has not returned: something is unfinished.
  void expect_blocked() const {
    where_.wait_until_blocked();
    EXPECT_FALSE(back_.load()) << "join() returned early";
  }
  void finish() { thread_.join(); }

 private:
  testing_support::presence where_;
  std::atomic<bool> back_{false};
  std::thread thread_;
};

}  // namespace handoff::conformance
