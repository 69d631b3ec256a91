// Orderings that are too weak by one step. A processor that orders stores by itself forgives that, and so
// does every case that only counts: only ThreadSanitizer can tell, if two threads meet with nothing but the
// queue between them.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "queues/support/layered.hpp"
#include "tests/conformance/broken/broken_queue.hpp"

namespace handoff::conformance::broken {

/// Dmitry Vyukov's bounded queue of many producers and consumers: each slot says whose turn it is.
template <class T, std::memory_order Publish, std::memory_order Free>
class relaxed_ring {
 public:
  using value_type = T;
  static constexpr backend_traits traits = [] {
    backend_traits t = broken_queue<T>::traits;
    t.guarantee = progress::lock_free;
    t.on_throwing_move = throwing_move::forbidden;
    t.waits = layered_waits;
    return t;
  }();

  explicit relaxed_ring(std::size_t capacity)
      : mask_(std::bit_ceil(std::max<std::size_t>(capacity, 2)) - 1), slots_(new slot[mask_ + 1]) {
    for (std::size_t i = 0; i <= mask_; ++i)
      slots_[i].turn.store(i, std::memory_order_relaxed);  // nobody else yet
  }
  relaxed_ring& producer() noexcept { return *this; }
  relaxed_ring& consumer() noexcept { return *this; }
  std::size_t capacity() const noexcept { return mask_ + 1; }

  op_status try_push(T&& item) {
    std::size_t at = tail_.load(std::memory_order_relaxed);  // a ticket: the slot orders what it stands for
    for (;;) {
      slot& s = slots_[at & mask_];
      const std::size_t turn = s.turn.load(std::memory_order_acquire);  // (1) partner: (4)
      if (turn == at && tail_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {  // as above
        s.item.emplace(std::move(item));
        s.turn.store(at + 1, Publish);  // (2) partner: (3)
        return op_status::success;
      }
      if (turn < at) return op_status::full;
      if (turn > at) at = tail_.load(std::memory_order_relaxed);  // as above
    }
  }

  op_status try_pop(T& item) {
    std::size_t at = head_.load(std::memory_order_relaxed);  // as above
    for (;;) {
      slot& s = slots_[at & mask_];
      const std::size_t turn = s.turn.load(std::memory_order_acquire);  // (3) partner: (2)
      if (turn == at + 1 && head_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {  // as above
        item = std::move(*s.item);
        s.item.reset();
        s.turn.store(at + mask_ + 1, Free);  // (4) partner: (1)
        return op_status::success;
      }
      if (turn < at + 1) return op_status::empty;
      if (turn > at + 1) at = head_.load(std::memory_order_relaxed);  // as above
    }
  }

 protected:
  /// At least the number of items whose push has ended and that no pop has claimed: the head is read first.
  /// If it equals the capacity, the places that were free then have been claimed since.
  std::size_t claimed() const noexcept {
    const std::size_t head = head_.load(std::memory_order_acquire);  // (5) acquire: the tail is read after it
    return tail_.load(std::memory_order_relaxed) - head;             // a number: nothing is read through it
  }

 private:
  struct slot {
    std::atomic<std::size_t> turn{0};
    std::optional<T> item;
  };
  const std::size_t mask_;
  std::unique_ptr<slot[]> slots_;
  std::atomic<std::size_t> head_{0};
  std::atomic<std::size_t> tail_{0};
};

/// The ring, with what it must declare and know for threads to sleep on it: `empty` and `full` are returned
/// while the operation on the next place stands still.
template <class T>
class frank_ring : public relaxed_ring<T, std::memory_order_release, std::memory_order_release> {
  using ring = relaxed_ring<T, std::memory_order_release, std::memory_order_release>;

 public:
  static constexpr backend_traits traits = [] {
    backend_traits t = ring::traits;
    t.exact_empty = false;
    return t;
  }();
  using ring::ring;
  std::size_t size() const noexcept { return ring::claimed(); }
};

/// A close whose verdict waits until every push is over.
class patient_close : public support::announced_close {
 public:
  static bool settled(const support::participant_list& everybody) {
    while (!everybody.nobody_pushes()) std::this_thread::yield();
    return true;
  }
};

/// A close whose verdict does not check whether a push is under way.
class hasty_close : public support::announced_close {
 public:
  static bool settled(const support::participant_list&) { return true; }
};

/// A close that is seen without what was written before it.
class relaxed_close {
 public:
  static constexpr bool closes = true;
  bool enter(support::participant&) const noexcept { return !is_closed(); }
  static void leave(support::participant&) noexcept {}
  void close() noexcept { closed_.store(true, std::memory_order_relaxed); }  // the fault
  bool is_closed() const noexcept { return closed_.load(std::memory_order_relaxed); }
  static bool settled(const support::participant_list&) noexcept { return true; }

 private:
  std::atomic<bool> closed_{false};
};

/// A join that sees that an item is done, but not what was done.
class relaxed_completion {
 public:
  static constexpr bool counts = true;
  template <class... Unused>
  static void task_done(support::participant& self, std::uint64_t& unfinished, Unused&...) {
    if (unfinished-- == 0) throw std::logic_error("task_done() without an item");
    self.done.store(self.done.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);  // the fault
  }
  template <class... Unused>
  static void look_for_joiners(Unused&...) noexcept {}
  static void leave(std::uint64_t) noexcept {}
  static void join(const support::participant_list& everybody) {
    while (!everybody.all_done()) std::this_thread::yield();
  }
};

template <class T>
using sound_ring = relaxed_ring<T, std::memory_order_release, std::memory_order_release>;
template <class T>
using parking_beside_ring = support::layered<sound_ring<T>, support::basic_park<0>>;
template <class T>
using parking_beside_frank_ring = support::layered<frank_ring<T>, support::basic_park<0>>;
template <class T>
using with_patient_close = support::layered<frank_ring<T>, support::yield, patient_close>;
template <class T>
using with_hasty_close = support::layered<sound_ring<T>, support::yield, hasty_close>;
template <class T>
using without_release_on_push =
    support::layered<relaxed_ring<T, std::memory_order_relaxed, std::memory_order_release>, support::yield>;
template <class T>
using without_release_on_pop =
    support::layered<relaxed_ring<T, std::memory_order_release, std::memory_order_relaxed>, support::yield>;
template <class T>
using with_all_releases = support::layered<sound_ring<T>, support::yield>;
template <class T>
using with_relaxed_close = support::layered<sound_ring<T>, support::yield, relaxed_close>;
template <class T>
using with_relaxed_completion =
    support::layered<sound_ring<T>, support::yield, support::announced_close, relaxed_completion>;

}  // namespace handoff::conformance::broken
