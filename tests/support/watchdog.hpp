// A hung test ends with its name and its seed instead of a killed build.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "tests/support/sanitizers.hpp"

namespace handoff::testing_support {

/// HANDOFF_TEST_LIMIT_S seconds if it is set, otherwise far more than any test needs.
inline std::chrono::seconds watchdog_limit() {
  if (const char* given = std::getenv("HANDOFF_TEST_LIMIT_S"))
    return std::chrono::seconds{std::strtoull(given, nullptr, 10)};
  return std::chrono::seconds{slowdown == 1 ? 100 : 240};
}

/// Aborts the process if it is not destroyed in time.
class watchdog {
 public:
  watchdog(std::string test, std::uint64_t seed)
      : test_(std::move(test)), seed_(seed), thread_([this] { watch(); }) {}
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;
  ~watchdog() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

 private:
  void watch() {
    const auto limit = watchdog_limit();
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, limit, [this] { return over_; })) return;
    std::fprintf(stderr, "watchdog: %s hangs: not over after %lld s; repeat with HANDOFF_TEST_SEED=%llu\n",
                 test_.c_str(), static_cast<long long>(limit.count()),
                 static_cast<unsigned long long>(seed_));
    std::fflush(stderr);
    std::abort();
  }

  const std::string test_;
  const std::uint64_t seed_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace handoff::testing_support
