// Closing a queue that knows nothing of closing, without a shared counter on the way of an item.
//
// The hazard: a producer looks (open), close happens, the last consumer sees closed and empty and leaves,
// and then the producer's item goes in and is lost. The cure: a producer announces its push on its handle's
// own cache line before it looks at the state, and again when the push is over; a consumer says "the end"
// only when it has seen no push under way since the queue was closed, and has found it empty after that.
// The fence between "I push" and the look is the light half of an asymmetric pair: two stores and two loads
// per push, nothing per pop.
#pragma once

#include <atomic>
#include <thread>
#include <tuple>

#include "queues/support/asymmetric_fence.hpp"
#include "queues/support/hardware.hpp"
#include "queues/support/participants.hpp"

namespace handoff::support {

/// The close policy of `layered`: `close()` exists, pushes are announced.
class announced_close {
 public:
  static constexpr bool closes = true;

  /// Producer: announces one push. False when the queue refuses it; then there is nothing to `leave`. A push
  /// that was let in and not accepted by the queue is to be counted in `withdrawn`.
  [[gnu::always_inline]] bool enter(participant& self) const noexcept {
    // Without this look, producers that keep trying a closed queue would keep consumers from their verdict.
    if (state_.load(std::memory_order_relaxed) != open) [[unlikely]]  // a hint: looked at again, or refused
      return enter_fenced(self);
    count(self.push_steps);
    free_light_fence();                                             // (1) partner: (2)
    if (state_.load(std::memory_order_relaxed) == open) [[likely]]  // ordered by (1) and (2)
      return true;
    refuse(self);
    return false;
  }

  /// Producer: the push that was let in is over.
  [[gnu::always_inline]] static void leave(participant& self) noexcept { count(self.push_steps); }

  /// Any thread, any number of times. Returns when the queue is closed; wakes no thread.
  void close() noexcept {
    unsigned before = state_.load(std::memory_order_relaxed);  // a guess, which (5) verifies
    // (5) release: partner (6); ordered before the sums of consumers by (2); relaxed on failure: another
    // guess
    while (accepts(before) && !state_.compare_exchange_weak(before, closing, std::memory_order_release,
                                                            std::memory_order_relaxed)) {
    }
    if (accepts(before)) {
      heavy_fence();  // (2) partner: (1): a producer either sees `closing`, or its announcement is seen
      state_.store(closed, std::memory_order_release);  // (3) partner: (4)
      return;
    }
    while (!is_closed()) std::this_thread::yield();  // another thread is between the two stores
  }

  /// Whether a consumer may begin its verdict.
  [[nodiscard]] bool is_closed() const noexcept {
    return state_.load(std::memory_order_acquire) >= closed;  // (4) partner: (3)
  }

  /// Consumer, after `is_closed()`: whether what it finds in the queue from now on is all there will ever
  /// be. False as long as a push is under way; one lasts an attempt, never a wait, but its thread may be
  /// off its core: no thread waits for this to become true without checking the limits of the wait. Once
  /// true, always true: a push that is announced afterwards is going to be refused.
  [[nodiscard]] bool settled(const participant_list& everybody) noexcept {
    // (7) acquire: partner (8): what was pushed before is found by this thread as well
    unsigned before = state_.load(std::memory_order_acquire);
    if (before == certain) return true;
    const bool nobody_pushes = everybody.nobody_pushes();
    if (nobody_pushes && before == closed)
      // (8) release: partner (7); relaxed on failure: another consumer has said the same
      state_.compare_exchange_strong(before, certain, std::memory_order_release, std::memory_order_relaxed);
    return nobody_pushes;
  }

 private:
  static constexpr unsigned open = 0;         // pushes are accepted, their fence is free
  static constexpr unsigned open_fenced = 1;  // pushes are accepted, their fence is a real one
  static constexpr unsigned closing = 2;  // pushes are refused, but one that began earlier may be under way
  static constexpr unsigned closed = 3;   // every push that will ever be accepted has been announced
  static constexpr unsigned certain = 4;  // every push that will ever be accepted is over

  static constexpr bool accepts(unsigned state) noexcept { return state == open || state == open_fenced; }

  /// The push of a queue that was made on a machine without an asymmetric fence (or that is not open any
  /// more).
  [[gnu::noinline]] bool enter_fenced(participant& self) const noexcept {
    // (6) acquire: partner (5) and (3): a push that is refused sees what came before close(), as a pop does
    if (state_.load(std::memory_order_acquire) != open_fenced) return false;
    count(self.push_steps);
    std::atomic_thread_fence(std::memory_order_seq_cst);                     // (1) partner: (2)
    if (state_.load(std::memory_order_relaxed) == open_fenced) return true;  // ordered by (1) and (2)
    refuse(self);
    return false;
  }

  [[gnu::noinline, gnu::cold]] void refuse(participant& self) const noexcept {
    count(self.withdrawn);
    leave(self);
    std::ignore = state_.load(std::memory_order_acquire);  // (6) as above: the look that refused was relaxed
  }

  // Read by all, written by close() and by the first consumer whose verdict is certain.
  alignas(separation) std::atomic<unsigned> state_{light_fence_is_free() ? open : open_fenced};
};

/// The close policy without closing: for queues that never close, and to measure the cost of closing.
class no_close {
 public:
  static constexpr bool closes = false;
  static constexpr bool enter(participant&) noexcept { return true; }
  static constexpr void leave(participant&) noexcept {}
  static constexpr bool is_closed() noexcept { return false; }
  static constexpr bool settled(const participant_list&) noexcept { return false; }
};

}  // namespace handoff::support
