// task_done and join without a shared counter: each handle counts on its own line, and join adds up.
//
// A push is counted *before* its item is published; one that then fails is counted as withdrawn rather than
// taken back, so that every counter only grows. join waits until as many are done (or withdrawn) as were
// pushed: participant_list::all_done.
//
// A joiner that sleeps announces itself and issues the heavy fence before it adds up; a thread that counts
// a done issues the light one and looks for joiners. When there is one, two last threads can still miss
// each other's count unless a full fence lies between their count and their sums.
//
// The sums read a line of every handle, and a joiner may sleep as long as there is work. So a thread that
// knows of an unfinished item leaves them to whoever finishes that one. It must look for that item after its
// fence: then, if the item has been taken meanwhile and it does not see that, the fence of the thread that
// finishes it comes later, and that thread's sums hold this thread's count.
#pragma once

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "queues/support/asymmetric_fence.hpp"
#include "queues/support/counter.hpp"
#include "queues/support/eventcount.hpp"
#include "queues/support/participants.hpp"

namespace handoff::support {

/// The steps by which two threads that mark the last items see each other's count. Tests replace them.
struct completion_steps {
  static void count(counter& c) noexcept { support::count(c); }
  static void full_fence() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);  // (5) partner: itself, in the other last thread
  }
};

/// The completion policy of `layered`: `task_done()` and `join()` exist. `Wait` says how a joiner waits.
template <class Wait, class Steps = completion_steps>
class counted_completion {
 public:
  static constexpr bool counts = true;

  /// Of a caller that cannot tell whether another item is unfinished.
  struct knows_nothing {
    constexpr bool operator()() const noexcept { return false; }
  };

  /// Consumer. `unfinished`: items that its handle has popped and not marked. Throws std::logic_error when
  /// there are none, and none that a destroyed handle has left.
  /// `knows_more`: whether an item is unfinished, as far as the caller can tell; it is asked after a fence,
  /// if at all.
  template <class KnowsMore = knows_nothing>
  void task_done(participant& self, std::uint64_t& unfinished, const participant_list& everybody,
                 KnowsMore knows_more = {}) {
    if (unfinished > 0) [[likely]]
      --unfinished;
    else if (!claim_orphan())
      throw std::logic_error("task_done() called more often than this handle popped an item");
    Steps::count(self.done);  // before it asks: who finishes what is known adds this one up
    look_for_joiners(everybody, knows_more);
  }

  /// After counting the item that may have been the last one that a join waits for.
  template <class KnowsMore = knows_nothing>
  void look_for_joiners(const participant_list& everybody, KnowsMore knows_more = {}) {
    if constexpr (Wait::parks) {
      light_fence();  // (2) partner: (1)
      if (joiners_.has_waiters()) [[unlikely]] {
        Steps::full_fence();
        if (!knows_more() && settled(everybody)) joiners_.notify_all();
      }
    }
  }

  /// A handle is destroyed: items that it popped and did not mark may be marked by any other from now on.
  void leave(std::uint64_t unfinished) noexcept {
    // (3) release: partner (4). Behind the number lie the pops of these items, and with them their pushes:
    // a joiner must see each push that it sees done, although another handle has marked it.
    if (unfinished > 0) orphans_.fetch_add(unfinished, std::memory_order_release);
  }

  /// Returns when every accepted item is done: immediately if nothing is unfinished. Any thread.
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
    heavy_fence();  // (1) partner: (2): a count is in our sums, or its thread sees us
    if (!settled(everybody)) joiners_.sleep(self, nullptr);
    std::ignore = joiners_.leave(self);
  }

  static bool settled(const participant_list& everybody) noexcept { return everybody.all_done(); }

  bool claim_orphan() noexcept {
    std::uint64_t left = orphans_.load(std::memory_order_relaxed);  // a guess, which (4) verifies
    // (4) acquire: synchronises with (3) of every handle that has left something, as each change of the
    // number is a read-modify-write; relaxed on failure: another guess
    while (left > 0 && !orphans_.compare_exchange_weak(left, left - 1, std::memory_order_acquire,
                                                       std::memory_order_relaxed)) {
    }
    return left > 0;
  }

  eventcount joiners_;                     // used if Wait parks
  std::atomic<std::uint64_t> orphans_{0};  // popped and not done by handles that are gone
};

/// The completion policy without counting, to measure its cost.
class no_completion {
 public:
  static constexpr bool counts = false;
  static constexpr void look_for_joiners(const participant_list&) noexcept {}
  static constexpr void leave(std::uint64_t) noexcept {}
};

}  // namespace handoff::support
