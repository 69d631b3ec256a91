// One call of an executor's `run`: whether it has been cancelled.
#pragma once

#include <atomic>

namespace handoff::stealing::detail {

class run_state {
 public:
  /// `outer`: the run inside which this one was called, or null. A stop of that stops this one, too.
  explicit run_state(const run_state* outer) noexcept : outer_(outer) {}
  run_state(const run_state&) = delete;
  run_state& operator=(const run_state&) = delete;

  /// Any thread.
  void stop() noexcept { stopped_.store(true, std::memory_order_relaxed); }  // read through no other data

  /// Any thread that runs a part of it.
  [[nodiscard]] bool stopped() const noexcept {
    for (const run_state* at = this; at != nullptr; at = at->outer_)
      if (at->stopped_.load(std::memory_order_relaxed)) return true;  // as in stop()
    return false;
  }

 private:
  const run_state* const outer_;
  std::atomic<bool> stopped_{false};
};

}  // namespace handoff::stealing::detail
