// A move that stops in the middle: what a queue shows of an item at that moment, it shows too early.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace handoff::testing_support {

/// One stop, for one thread: `arm` and `disarm` belong to the thread that moves, the rest to any thread.
class half_way {
 public:
  half_way() = default;
  half_way(const half_way&) = delete;
  half_way& operator=(const half_way&) = delete;

  /// The calling thread's move of a tracked_item number `moves` from now (0: the next) stops half-way.
  void arm(std::uint64_t moves) noexcept {
    armed_ = this;
    countdown_ = moves;
  }
  static void disarm() noexcept { armed_ = nullptr; }

  /// Whether a move stands still here, or has done so.
  [[nodiscard]] bool reached() const noexcept {
    return reached_.load(std::memory_order_relaxed);  // a sign of the moment: nothing is read through it
  }
  /// Lets the move continue.
  void go_on() noexcept {
    going_.store(true, std::memory_order_relaxed);  // as above
    going_.notify_all();
  }

  /// Called by an item in the middle of each move.
  static void pass() noexcept {
    if (armed_ == nullptr) [[likely]]
      return;
    if (countdown_-- == 0) std::exchange(armed_, nullptr)->stop();
  }

 private:
  void stop() noexcept {
    reached_.store(true, std::memory_order_relaxed);  // as above
    going_.wait(false, std::memory_order_relaxed);
  }

  inline static constinit thread_local half_way* armed_ = nullptr;
  inline static constinit thread_local std::uint64_t countdown_ = 0;
  std::atomic<bool> reached_{false};
  std::atomic<bool> going_{false};
};

}  // namespace handoff::testing_support
