// The layering's data per handle: one record per producer or consumer handle.
#pragma once

#include <atomic>
#include <cstdint>

#include "queues/support/counter.hpp"
#include "queues/support/hardware.hpp"
#include "queues/support/record_list.hpp"

namespace handoff::support {

/// Written by the thread that owns the handle; the counters are read by threads that join or end.
struct alignas(separation) participant : listed<participant> {
  /// Two per push: one when it begins and one when it is over, so that it is odd while a push is under way.
  /// If nothing closes, that is never read, and both are counted when it begins.
  counter push_steps{0};
  counter withdrawn{0};  ///< pushes begun that were not accepted
  counter done{0};       ///< items marked as processed
  /// Of the present handle; written by its owner. A number and nothing behind it, so relaxed.
  std::atomic<std::uint64_t> failed_attempts{0};

  void count_failed_attempt() noexcept {
    // Relaxed: its only writer.
    failed_attempts.store(failed_attempts.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
};

class participant_list : public record_list<participant> {
 public:
  /// A record for a new handle.
  participant& take() {
    participant& p = record_list::take();
    p.failed_attempts.store(0, std::memory_order_relaxed);  // the owner's from here on
    return p;
  }

  /// Whether at one moment during this call every push that had begun was withdrawn or its item done. Any
  /// thread. What is done is added up before what was pushed: done(t1) <= pushed(t1) <= pushed(later), so
  /// equal sums mean that at t1 nothing was between the two. The other order would say so too early.
  [[nodiscard]] bool all_done() const noexcept {
    std::uint64_t gone = 0;
    for (const participant* p = first(); p != nullptr; p = p->next) {
      gone += p->withdrawn.load(std::memory_order_acquire);  // (1) partner: count() of the push's withdrawal
      gone += p->done.load(std::memory_order_acquire);       // (1) partner: count(), and with the queue's own
    }                                                        // order, the push of what is done
    std::uint64_t begun = 0;
    for (const participant* p = first(); p != nullptr; p = p->next)      // the list may have grown
      begun += (p->push_steps.load(std::memory_order_acquire) + 1) / 2;  // (2) partner: count()
    return gone == begun;
  }

  /// Whether every push that had begun before this call is over: what was accepted is in the queue, and this
  /// thread finds it there. Any thread.
  [[nodiscard]] bool nobody_pushes() const noexcept {
    for (const participant* p = first(); p != nullptr; p = p->next)
      if (p->push_steps.load(std::memory_order_acquire) % 2 != 0) return false;  // (3) partner: count()
    return true;
  }
};

}  // namespace handoff::support
