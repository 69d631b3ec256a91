// Which of a pool's consumers search, and who wakes the next one: at most half of them search at once.
//
// More would only take each other's cores and cache lines. Since somebody who searches comes past every
// deque, a consumer that spawns wakes a sleeper only if nobody searches (`any`). That makes whoever searches
// answerable for items that came meanwhile and woke nobody. Not all of them: the last one to leave.
//   - If it has found an item, it wakes a sleeper, who searches on. More than this one item may have come.
//   - If it has found nothing, it looks again, now that it does not count any more, and searches on if
//     anything is there. Only then may it go to sleep, time out, or be destroyed.
// One who may not search goes on as if nothing were there; it sleeps only if the whole pool is empty
// (`size`), as after a search of its own.
//
// No missed wake-up: who spawns publishes the item, fences, (2) reads the number. The last one to leave
// (3) counts itself out, (4) fences, looks. If (2) still finds it counted, the look finds the item.
//
// The idea: Go's scheduler (Vyukov, Go preemptive scheduler design, 2012) and tokio's (Lerche, 2019).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "queues/support/hardware.hpp"

namespace handoff::stealing {

class alignas(support::separation) searchers {
 public:
  /// How a search ended.
  enum class outcome : unsigned char {
    nothing,
    found,
    found_last,  ///< found, and a sleeper must be woken
  };

  /// One of `workers` searches, if it may: `steal` says whether it has found an item, `nothing_there` whether
  /// all that could be found looks empty. Any thread. Lock-free, if both are.
  template <class Steal, class Look>
  outcome search(std::uint32_t workers, Steal steal, Look nothing_there) noexcept {
    while (enter(std::max(workers / 2, std::uint32_t{1}))) {
      const bool found = steal();
      const bool last = leave();
      if (found) return last ? outcome::found_last : outcome::found;
      if (!last || nothing_there()) break;
    }
    return outcome::nothing;
  }

  /// Whether somebody searches. For a caller that has published an item and fenced (seq_cst) since.
  [[nodiscard]] bool any() const noexcept {
    return number_.load(std::memory_order_relaxed) != 0;  // (2) ordered by the caller's fence, partner: (4)
  }

 private:
  bool enter(std::uint32_t most) noexcept {
    std::uint32_t now = number_.load(std::memory_order_relaxed);  // a guess, which the exchange verifies
    do {
      if (now >= most) return false;
      // relaxed: that it searches promises nothing before (3)
    } while (!number_.compare_exchange_weak(now, now + 1, std::memory_order_relaxed));
    return true;
  }

  /// Whether nobody is left.
  bool leave() noexcept {
    // (3) release, acquire: partner: itself: the last one sees what those before it have moved
    if (number_.fetch_sub(1, std::memory_order_acq_rel) != 1) return false;
    std::atomic_thread_fence(std::memory_order_seq_cst);  // (4) partner: the fence before (2)
    return true;
  }

  std::atomic<std::uint32_t> number_{0};  // of those who search
};

}  // namespace handoff::stealing
