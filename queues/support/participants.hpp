// The layering's data per handle: one record per producer or consumer handle, on a list that only grows.
//
// A record outlives its handle: it is handed to the next handle with its counters running on, because a
// counter that were folded into a total could be read twice (or not at all) by a thread that is adding up.
#pragma once

#include <atomic>
#include <cstdint>

#include "queues/support/hardware.hpp"

namespace handoff::support {

/// A counter that only grows: one writer, any number of readers.
using counter = std::atomic<std::uint64_t>;

/// Adds to it. The writer only; a plain store, because no other thread writes.
[[gnu::always_inline]] inline void count(counter& c, std::uint64_t more = 1) noexcept {
  // relaxed: it reads what it wrote itself, or what the record's last owner did: ordered by (1) and (2)
  c.store(c.load(std::memory_order_relaxed) + more, std::memory_order_release);  // (5) partner: (6), (7), (8)
}

/// Written by the thread that owns the handle; the counters are read by threads that join or end.
struct alignas(separation) participant {
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
      // (2) acquire: synchronises with (1), so that the new owner continues from the last owner's counters.
      // relaxed: a hint, which (2) verifies
      if (!p->taken.load(std::memory_order_relaxed) && !p->taken.exchange(true, std::memory_order_acquire)) {
        p->failed_attempts.store(0, std::memory_order_relaxed);  // the owner's from here on
        return *p;
      }
    }
    auto* fresh = new participant;
    fresh->next = head_.load(std::memory_order_relaxed);  // a guess, which (3) verifies
    // (3) release: partner (4), which follows `next`: each change of the head is a read-modify-write, so that
    // it synchronises with older records' (3), too; relaxed on failure: nothing is read through the value
    while (!head_.compare_exchange_weak(fresh->next, fresh, std::memory_order_release,
                                        std::memory_order_relaxed)) {
    }
    return *fresh;
  }

  /// Gives a record back. Its counters stay where they are.
  static void give_back(participant& p) noexcept {
    p.taken.store(false, std::memory_order_release);  // (1) partner: (2)
  }

  /// Whether at one moment during this call every push that had begun was withdrawn or its item done. Any
  /// thread. What is done is added up before what was pushed: done(t1) <= pushed(t1) <= pushed(later), so
  /// equal sums mean that at t1 nothing was between the two. The other order would say so too early.
  [[nodiscard]] bool all_done() const noexcept {
    std::uint64_t gone = 0;
    for (const participant* p = first(); p != nullptr; p = p->next) {
      gone += p->withdrawn.load(std::memory_order_acquire);  // (6) partner: (5): the push that it takes back
      gone += p->done.load(std::memory_order_acquire);  // (6) partner: (5): with the queue's own order, the
    }                                                   // push of what is done
    std::uint64_t begun = 0;
    for (const participant* p = first(); p != nullptr; p = p->next)      // the list may have grown
      begun += (p->push_steps.load(std::memory_order_acquire) + 1) / 2;  // (7) partner: (5)
    return gone == begun;
  }

  /// Whether every push that had begun before this call is over: what was accepted is in the queue, and this
  /// thread finds it there. Any thread.
  [[nodiscard]] bool nobody_pushes() const noexcept {
    for (const participant* p = first(); p != nullptr; p = p->next)
      if (p->push_steps.load(std::memory_order_acquire) % 2 != 0) return false;  // (8) partner: (5)
    return true;
  }

  /// The newest record; follow `next`. Reads the head anew each time.
  [[nodiscard]] participant* first() const noexcept {
    return head_.load(std::memory_order_acquire);  // (4) partner: (3)
  }

 private:
  std::atomic<participant*> head_{nullptr};
};

}  // namespace handoff::support
