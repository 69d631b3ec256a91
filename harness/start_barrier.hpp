// Workers start together: a spinning barrier, because a condition variable would start them one wake-up after
// another.
#pragma once

#include <atomic>
#include <thread>

#include "harness/hardware.hpp"

namespace handoff::harness {

/// For one meeting of `parties` threads. Spins a while and then yields, so that more threads than cores
/// arrive too.
class start_barrier {
 public:
  explicit start_barrier(unsigned parties) noexcept : missing_(parties) {}

  void arrive_and_wait() noexcept {
    missing_.fetch_sub(1, std::memory_order_acq_rel);  // (1) release: partner (2)
    for (unsigned spins = 0; missing_.load(std::memory_order_acquire) != 0; ++spins) {  // (2) partner: (1)
      if (spins < spins_before_yield)
        relax();
      else
        std::this_thread::yield();
    }
  }

 private:
  static constexpr unsigned spins_before_yield = 2000;
  alignas(separation) std::atomic<unsigned> missing_;
};

}  // namespace handoff::harness
