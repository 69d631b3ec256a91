// Closing a queue that knows nothing of closing, without a shared counter on the way of a push.
//
// The hazard: a producer looks (open), close happens, the last consumer sees closed and empty and leaves, and
// then the producer's item goes in and is lost. The cure: each producer covers one try_push with an `active`
// flag on its own cache line, and a consumer says "the end" only after it has seen closed, then every
// producer inactive, then one more failed try_pop. The fence between "active" and the look at the state is
// the light half of an asymmetric pair.
#pragma once

#include <atomic>
#include <thread>

#include "queues/support/asymmetric_fence.hpp"
#include "queues/support/cache_line.hpp"
#include "queues/support/participants.hpp"

namespace handoff::support {

/// The close policy of `layered`: `close()` exists, pushes are announced.
class announced_close {
 public:
  static constexpr bool closes = true;

  /// Producer: announces one try_push. False when the queue refuses pushes; then nothing was announced.
  bool enter(participant& self) const noexcept {
    self.active.store(1, std::memory_order_relaxed);                // ordered by the fence
    light_fence();                                                  // (1) partner: (3)
    if (state_.load(std::memory_order_relaxed) == open) [[likely]]  // relaxed: ordered by (1) and (3)
      return true;
    leave(self);
    return false;
  }

  /// Producer: the try_push is over, whatever it came to.
  static void leave(participant& self) noexcept {
    self.active.store(0, std::memory_order_release);  // (2) partner: (6)
  }

  /// Any thread, any number of times. Returns when the queue is closed; wakes nobody.
  void close() noexcept {
    unsigned expected = open;
    if (state_.compare_exchange_strong(expected, closing, std::memory_order_relaxed)) {  // ordered by (3)
      heavy_fence();  // (3) partner: (1): a producer either sees `closing` or is seen active
      state_.store(closed, std::memory_order_release);  // (4) partner: (5)
      return;
    }
    while (!is_closed()) std::this_thread::yield();  // another thread is between the two stores
  }

  /// Whether a consumer may begin its verdict.
  [[nodiscard]] bool is_closed() const noexcept {
    return state_.load(std::memory_order_acquire) == closed;  // (5) partner: (4)
  }

  /// Consumer, after `is_closed()`: returns when no push from before the close is under way any more. A push
  /// lasts one try_push, never a wait, so this ends soon; it yields, because the producer may be off its
  /// core.
  static void wait_for_producers(const participant_list& everybody) noexcept {
    for (const participant* p = everybody.first(); p != nullptr; p = p->next)
      while (p->active.load(std::memory_order_acquire) !=
             0)  // (6) partner: (2): its item is visible afterwards
        std::this_thread::yield();
  }

 private:
  static constexpr unsigned open = 0;     // pushes are accepted
  static constexpr unsigned closing = 1;  // pushes are refused, but one that began earlier may be under way
  static constexpr unsigned closed = 2;   // every push that will ever be accepted has announced itself
  alignas(separation) std::atomic<unsigned> state_{open};  // read by everybody, written by close()
};

/// The close policy that leaves closing out: for queues that never close, and to measure what closing costs.
class no_close {
 public:
  static constexpr bool closes = false;
  static constexpr bool enter(participant&) noexcept { return true; }
  static constexpr void leave(participant&) noexcept {}
  static constexpr bool is_closed() noexcept { return false; }
  static constexpr void wait_for_producers(const participant_list&) noexcept {}
};

}  // namespace handoff::support
