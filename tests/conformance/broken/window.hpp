// The moment between two steps of a fault in which another thread must act for the fault to show.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

namespace handoff::conformance::broken {

/// Held open until the other thread has acted, so that the fault shows in every schedule, on one core too.
/// Any thread may call either function.
class window {
 public:
  /// Returns once `end` has been called, or after a second if nobody acts.
  void hold() const {
    using namespace std::chrono_literals;
    const auto latest = std::chrono::steady_clock::now() + 1s;
    while (!over_.load(std::memory_order_relaxed) &&  // a moment, not a message: nothing is read through it
           std::chrono::steady_clock::now() < latest)
      std::this_thread::yield();
  }
  void end() noexcept { over_.store(true, std::memory_order_relaxed); }  // as above

 private:
  std::atomic<bool> over_{false};
};

}  // namespace handoff::conformance::broken
