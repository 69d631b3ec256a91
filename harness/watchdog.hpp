// Ends a hung cell with a status instead of a hung run.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace handoff::harness {

/// If one lives longer than `limit`, the process is abandoned as `timeout`. Time in which the whole process
/// was stopped does not count (harness/watched_time.hpp).
class watchdog {
 public:
  /// `what` names the step, for the detail of the sample: "warm-up of …".
  watchdog(std::chrono::nanoseconds limit, std::string what);
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;
  ~watchdog();

 private:
  void watch();

  const std::chrono::nanoseconds limit_;
  const std::string what_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace handoff::harness
