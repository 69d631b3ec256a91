// task_done and join without a shared counter: each handle counts on its own line, and join adds up.
//
// A producer counts a push *before* it publishes the item; a push that then fails counts one *done* rather
// than take its count back, so that every counter only grows. join adds up the done counters first and the
// pushes afterwards: sum(done at t1) <= sum(pushed at t1) <= sum(pushed later), so equal sums mean that at t1
// nothing was unfinished. The other order would be early.
//
// A joiner that sleeps announces itself and issues the heavy fence before it adds up; whoever counts a done
// issues the light one and looks for joiners. When there is one, two last threads can still miss each other's
// count unless a full fence lies between their count and their sums.
#pragma once

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "queues/support/asymmetric_fence.hpp"
#include "queues/support/eventcount.hpp"
#include "queues/support/participants.hpp"

namespace handoff::support {

/// The completion policy of `layered`: `task_done()` and `join()` exist. `Wait` says how a joiner waits.
template <class Wait>
class counted_completion {
 public:
  static constexpr bool counts = true;

  /// Producer, before the item is published.
  static void count_push(participant& self) noexcept {
    // release: partner (3), for a sum that reads this count directly; mostly the item itself carries it over
    self.pushed.store(self.pushed.load(std::memory_order_relaxed) + 1, std::memory_order_release);  // (1)
  }

  static void count_pop(participant& self) noexcept { ++self.unfinished; }

  /// Producer: the counted push was not accepted.
  void count_failed_push(participant& self, const participant_list& everybody) {
    count_done(self, everybody);
  }

  /// Consumer. Throws std::logic_error when neither this handle nor one that is gone has popped anything that
  /// is not done yet.
  void task_done(participant& self, const participant_list& everybody) {
    if (self.unfinished > 0) [[likely]]
      --self.unfinished;
    else if (!claim_orphan())
      throw std::logic_error("task_done() called more often than this handle popped an item");
    count_done(self, everybody);
  }

  /// A handle goes: what it popped and did not mark, any other may mark from now on.
  void leave(participant& self) noexcept {
    const std::uint64_t orphaned = std::exchange(self.unfinished, 0);
    if (orphaned > 0) orphans_.fetch_add(orphaned, std::memory_order_relaxed);  // a number, nothing behind it
  }

  /// Returns when every accepted item is done: at once where nothing is unfinished. Any thread.
  void join(const participant_list& everybody) {
    while (!settled(everybody)) {
      if constexpr (Wait::parks)
        park(everybody);
      else
        Wait::pause();
    }
  }

 private:
  /// One sleep. What woke it may be a verdict from before this join began, by a thread that was off its core
  /// between its sums and its notification: the joiner adds up for itself again.
  void park(const participant_list& everybody) {
    eventcount::waiter self;
    joiners_.enlist(self);
    heavy_fence();  // (4) partner: (5): a count is in our sums, or its thread sees us
    if (!settled(everybody)) joiners_.sleep(self, nullptr);
    std::ignore = joiners_.leave(self);
  }

  static bool settled(const participant_list& everybody) noexcept {
    std::uint64_t done = 0;
    for (const participant* p = everybody.first(); p != nullptr; p = p->next)
      done += p->done.load(std::memory_order_acquire);  // (2) partner: (6): the pushes behind it are visible
    std::uint64_t pushed = 0;
    for (const participant* p = everybody.first(); p != nullptr; p = p->next)  // the list may have grown
      pushed += p->pushed.load(std::memory_order_acquire);                     // (3) partner: (1)
    return done == pushed;
  }

  void count_done(participant& self, const participant_list& everybody) {
    self.done.store(self.done.load(std::memory_order_relaxed) + 1,
                    std::memory_order_release);  // (6) partner: (2)
    if constexpr (Wait::parks) {
      light_fence();  // (5) partner: (4)
      if (joiners_.has_waiters()) [[unlikely]] {
        std::atomic_thread_fence(std::memory_order_seq_cst);  // partner: itself, in the other last thread
        if (settled(everybody)) joiners_.notify_all();
      }
    }
  }

  bool claim_orphan() noexcept {
    std::uint64_t left = orphans_.load(std::memory_order_relaxed);
    while (left > 0 && !orphans_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) {
    }
    return left > 0;
  }

  eventcount joiners_;                     // used where Wait parks
  std::atomic<std::uint64_t> orphans_{0};  // popped and not done by handles that are gone
};

/// The completion policy that leaves counting out, to measure what it costs.
class no_completion {
 public:
  static constexpr bool counts = false;
  static constexpr void count_push(participant&) noexcept {}
  static constexpr void count_pop(participant&) noexcept {}
  static constexpr void count_failed_push(participant&, const participant_list&) noexcept {}
  static constexpr void leave(participant&) noexcept {}
};

}  // namespace handoff::support
