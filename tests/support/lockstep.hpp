// Two threads that meet again and again within a few dozen nanoseconds: for races that are over before a
// round of a crew begins.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>

namespace handoff::testing_support {

class lockstep {
 public:
  /// Thread `me` (0 or 1) is at its meeting number `meeting` (0, 1, 2 …): returns once the other is there
  /// too.
  void meet(unsigned me, std::uint64_t meeting) noexcept {
    at_[me].meeting.store(meeting + 1, std::memory_order_release);  // (1) partner: (2)
    const auto& other = at_[1 - me].meeting;
    for (unsigned turns = 0; other.load(std::memory_order_acquire) <= meeting; ++turns)  // (2) partner: (1)
      if (turns > patience) std::this_thread::yield();
  }

 private:
  static constexpr unsigned patience = 2'000;
  struct alignas(128) place {
    std::atomic<std::uint64_t> meeting{0};
  };
  std::array<place, 2> at_;
};

}  // namespace handoff::testing_support
