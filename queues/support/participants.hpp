// What the layering keeps per handle: one record a producer or consumer handle, on a list that only grows.
//
// A record outlives its handle: it is handed to the next handle with its counters running on, because a
// counter that were folded into a total could be read twice (or not at all) by somebody who is adding up.
#pragma once

#include <atomic>
#include <cstdint>

#include "queues/support/cache_line.hpp"

namespace handoff::support {

/// Written by the thread that owns the handle, read by whoever closes or joins.
struct alignas(separation) participant {
  std::atomic<std::uint32_t> active{0};  ///< 1 while one try_push is under way, else 0
  std::atomic<std::uint64_t> pushed{0};  ///< pushes begun
  std::atomic<std::uint64_t> done{0};    ///< items done, and pushes that failed after they were counted
  std::uint64_t unfinished = 0;          ///< items popped and not done; owner only
  std::uint64_t failed_attempts = 0;     ///< owner only; of the present handle

  participant* next = nullptr;    ///< set before the record is published, never changed
  std::atomic<bool> taken{true};  ///< false: no handle owns it
};

class participant_list {
 public:
  participant_list() = default;
  participant_list(const participant_list&) = delete;
  participant_list& operator=(const participant_list&) = delete;
  ~participant_list() {
    for (participant* p = head_.load(std::memory_order_relaxed); p != nullptr;) {  // nobody else is left
      participant* next = p->next;
      delete p;
      p = next;
    }
  }

  /// A record for a new handle: one that was given back, else a new one. Any thread; lock-free but for the
  /// allocation.
  participant& take() {
    for (participant* p = first(); p != nullptr; p = p->next) {
      // (2) acquire: synchronises with (1), so that the new owner goes on from the last owner's counters
      if (!p->taken.load(std::memory_order_relaxed) && !p->taken.exchange(true, std::memory_order_acquire)) {
        p->failed_attempts = 0;
        return *p;
      }
    }
    auto* fresh = new participant;
    fresh->next = head_.load(std::memory_order_relaxed);
    // (3) release: partner (4); relaxed on failure: nothing is read through the value
    while (!head_.compare_exchange_weak(fresh->next, fresh, std::memory_order_release,
                                        std::memory_order_relaxed)) {
    }
    return *fresh;
  }

  /// Gives a record back. Its counters stay where they are.
  static void give_back(participant& p) noexcept {
    p.taken.store(false, std::memory_order_release);  // (1) partner: (2)
  }

  /// The newest record; follow `next`. Reads the head anew each time.
  [[nodiscard]] participant* first() const noexcept {
    return head_.load(std::memory_order_acquire);  // (4) partner: (3)
  }

 private:
  std::atomic<participant*> head_{nullptr};
};

}  // namespace handoff::support
