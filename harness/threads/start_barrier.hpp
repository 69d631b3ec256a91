// Starts workers together: a spinning barrier, because a sleeping one (std::latch) would start them one
// wake-up after another.
#pragma once

#include <atomic>
#include <thread>

#include "queues/support/hardware.hpp"

namespace handoff::harness {

/// For one meeting of `parties` threads. Spins for a while and then yields, so that more threads than cores
/// can arrive too.
class start_barrier {
 public:
  explicit start_barrier(unsigned parties) noexcept : missing_(parties) {}

  void arrive_and_wait() noexcept {
    arrive_and_wait([] {});
  }

  /// The last to arrive calls `open()`, with which a window begins, before it lets the others go.
  template <class Open>
  void arrive_and_wait(Open open) noexcept {
    if (missing_.fetch_sub(1, std::memory_order_acq_rel) == 1) {  // (1) partner: (1), of those before
      open();
      open_.store(true, std::memory_order_release);  // (2) partner: (3)
      return;
    }
    for (unsigned spins = 0; !open_.load(std::memory_order_acquire); ++spins) {  // (3) partner: (2)
      if (spins < spins_before_yield)
        support::cpu_relax();
      else
        std::this_thread::yield();
    }
  }

 private:
  static constexpr unsigned spins_before_yield = 2000;
  alignas(support::separation) std::atomic<unsigned> missing_;
  std::atomic<bool> open_{false};
};

}  // namespace handoff::harness
