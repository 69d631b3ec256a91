// Parking: threads sleep until another thread signals that it is worth looking again.
//
// The idea is Dmitry Vyukov's eventcount: a waiter registers, looks once more, and only then sleeps; a
// notifier pays one fence and one load if no thread sleeps. Here every waiter is a node on an intrusive
// list and sleeps on a word of its own, so that a notifier *claims* one sleeper: a second notifier does not
// wake the same one again.
//
// A wait ends by one step on that word, by whichever thread: a notifier (notified), a stop (stopped), or
// the waiter itself (left: at its deadline, or because it need not wait any more). Before that step a claim
// may come, after it none can. So a waiter that settles its wait first and looks afterwards knows whether a
// wake-up was meant for that look; one that looks first and leaves afterwards could swallow a wake-up for
// news that it has not seen.
//
// No missed wake-up: the waiter registers, (3) fence, looks; the notifier publishes, (1) fence, loads the
// number of waiters. One of the two sees the other.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "queues/support/futex.hpp"
#include "queues/support/hardware.hpp"
#include "queues/support/intrusive_list.hpp"

namespace handoff::support {

class alignas(separation) eventcount {
 public:
  /// One sleeping thread, on its own stack. Must have left (`leave`) before it is destroyed.
  class waiter : private list_link {  // the link belongs to the eventcount's lock
   public:
    waiter() noexcept : list_link{nullptr, nullptr} {}
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;

    /// Ends this waiter's sleep without claiming it as a notification. Any thread, while the waiter lives.
    void stop() noexcept {
      if (settle(stopped)) futex_wake_all(&state_);
    }

   private:
    friend class eventcount;
    friend class intrusive_list<waiter>;
    static constexpr std::uint32_t waiting = 0;   // registered; a notification may claim it
    static constexpr std::uint32_t notified = 1;  // claimed by a notification
    static constexpr std::uint32_t stopped = 2;   // ended by stop()
    static constexpr std::uint32_t left = 3;      // ended by the waiter itself

    /// The one step that ends the wait. False if it was made before.
    bool settle(std::uint32_t end) noexcept {
      std::uint32_t expected = waiting;
      // (4) release: what a notifier has published, or a stopper done, is visible to the waiter, which reads
      // the word with (5), or finds it settled by acquire on failure: partner (4)
      return state_.compare_exchange_strong(expected, end, std::memory_order_release,
                                            std::memory_order_acquire);
    }

    std::atomic<std::uint32_t> state_{waiting};
  };

  /// Registers. From here on a notification may claim `w`: look once more, then `sleep` or `leave`.
  void enlist(waiter& w) {
    w.state_.store(waiter::waiting, std::memory_order_relaxed);  // ordered by the lock
    {
      const std::lock_guard lock(mutex_);
      waiters_.push_back(w);
      count(+1);
    }
    std::atomic_thread_fence(std::memory_order_seq_cst);  // (3) partner: (1)
  }

  /// Sleeps until claimed, stopped, or `*deadline` has passed (null: without end). The wait is settled then:
  /// look, and `leave`.
  void sleep(waiter& w, const deadline_t* deadline) noexcept {
    // (5) acquire: synchronises with (4)
    while (w.state_.load(std::memory_order_acquire) == waiter::waiting)
      if (!futex_wait(w.state_, waiter::waiting, deadline)) w.settle(waiter::left);
  }

  /// Settles the wait if nothing has yet, and unregisters. True if a notification had claimed `w`: a caller
  /// that does not use it owes a `notify_one`.
  [[nodiscard]] bool leave(waiter& w) {
    w.settle(waiter::left);
    const std::lock_guard lock(mutex_);
    if (w.linked()) {
      w.unlink();
      count(-1);
    }
    return w.state_.load(std::memory_order_relaxed) == waiter::notified;  // settled: ordered by (4)
  }

  /// Claims and wakes the waiter that has waited longest. One fence and one load if no thread waits.
  void notify_one() {
    std::atomic_thread_fence(std::memory_order_seq_cst);              // (1) partner: (3)
    if (length_.load(std::memory_order_relaxed) != 0) wake_oldest();  // ordered by (1)
  }

  /// The same if `wanted()`, which is asked after the fence, and only if a thread waits.
  template <class Wanted>
  void notify_one_if(Wanted wanted) {
    std::atomic_thread_fence(std::memory_order_seq_cst);                          // (1) partner: (3)
    if (length_.load(std::memory_order_relaxed) != 0 && wanted()) wake_oldest();  // ordered by (1)
  }

  /// Claims and wakes all registered waiters. As many steps as there are: a thread that is woken and comes
  /// back in the meantime delays none.
  void notify_all() {
    std::atomic_thread_fence(std::memory_order_seq_cst);           // (1) partner: (3)
    std::uint32_t left = length_.load(std::memory_order_relaxed);  // ordered by (1)
    for (; left != 0; --left) wake_oldest();
  }

  /// Whether any waiter is registered; for a caller that has fenced already.
  [[nodiscard]] bool has_waiters() const noexcept {
    return length_.load(std::memory_order_relaxed) != 0;  // ordered by the caller's fence, as by (1)
  }

 private:
  /// Apart, so that a notification for nobody stays small.
  [[gnu::noinline]] void wake_oldest() {
    const std::atomic<std::uint32_t>* word = nullptr;
    {
      const std::lock_guard lock(mutex_);
      while (word == nullptr) {
        waiter* const oldest = waiters_.pop_front();
        if (oldest == nullptr) break;
        count(-1);
        // A waiter whose wait is over already keeps its end, and the next one is claimed instead.
        if (oldest->settle(waiter::notified)) word = &oldest->state_;
      }
    }
    if (word != nullptr) futex_wake_all(word);  // outside the lock; the waiter may no longer exist
  }

  void count(int change) noexcept {
    // relaxed: written under the lock; a notifier outside of it is ordered by the fences (1) and (3)
    const std::uint32_t before = length_.load(std::memory_order_relaxed);
    length_.store(before + static_cast<std::uint32_t>(change), std::memory_order_relaxed);
  }

  std::atomic<std::uint32_t> length_{0};  // of the list
  std::mutex mutex_;
  intrusive_list<waiter> waiters_;  // oldest first; guarded by the mutex
};

}  // namespace handoff::support
