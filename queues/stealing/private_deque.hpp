// A deque of the owner's own, who gives its oldest item away when a thief asks.
//
// When to use    for the smallest items: push and pop are plain loads and stores, and a look at a flag
// When not       if an owner may work for long without a push or a pop: nothing can be stolen meanwhile
// Ordering       the owner's end is LIFO, the thieves' end FIFO
// Progress       push and pop wait-free, but for the allocation when the array grows; steal wait-free: it is
//                lost if another thread got the item, or if the owner has been asked and has not answered yet
// Memory         as many slots as were ever needed at once, times two or less
// Reference      Acar, Charguéraud and Rainey, Scheduling parallel programs by work stealing with private
//                deques (2013), receiver-initiated. There a thief waits for an answer; here the item lies
//                in a box, where any thief may find it, and the owner, too, once it has nothing else
//
// The box has a number, odd while an item is inside. Thieves, and the owner who takes the item back, count it
// up by compare-and-swap, after they have read the item; the owner counts it up when it has put one in. In 64
// bits it never comes back, so a thief that stands still in between fails.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/stealing/deque.hpp"
#include "queues/stealing/steps.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::stealing {

template <stealable T, class Steps = no_steps>
class private_deque {
 public:
  using value_type = T;
  static constexpr bool newest_first = true;
  static constexpr bool growable = true;
  static constexpr bool asks_owner = true;

  /// `reserve`: how many items it holds before it grows, at least; rounded up to a power of two. `first`:
  /// where its positions begin, for tests of their overflow. Throws std::bad_alloc, or std::length_error if
  /// no array can hold as many.
  explicit private_deque(std::size_t reserve = 256, first_position first = {})
      : box_(first.value & ~std::uint64_t{1}),
        oldest_(first.value),
        ring_(std::bit_ceil(std::max<std::size_t>(
            checked_reserve("private_deque", reserve, most_items(2 * sizeof(T))), 2))) {}
  private_deque(const private_deque&) = delete;
  private_deque& operator=(const private_deque&) = delete;

  /// Owner. Always true; throws std::bad_alloc, without effect, if the deque must grow and cannot.
  bool push(T item) {
    const std::uint64_t size = size_.load(std::memory_order_relaxed);  // its only writer
    if (size == ring_.size()) [[unlikely]]
      grow();
    at(oldest_ + size) = item;
    size_.store(size + 1, std::memory_order_relaxed);         // for thieves a hint that there is something
    if (asked_.load(std::memory_order_relaxed)) [[unlikely]]  // a request: nothing is read through it
      answer();
    return true;
  }

  /// Owner. The newest item; false if there is none.
  bool pop(T& item) noexcept {
    const std::uint64_t size = size_.load(std::memory_order_relaxed);  // its only writer
    if (size == 0) return take_back(item);
    item = at(oldest_ + size - 1);
    // (4) release: partner (5): a thief that sees nothing here sees what was put into the box before
    size_.store(size - 1, std::memory_order_release);
    if (asked_.load(std::memory_order_relaxed)) [[unlikely]]  // as in push
      answer();
    return true;
  }

  /// Any thread. The oldest item, if it is in the box; asks the owner for it otherwise.
  steal_status steal(T& item) noexcept {
    const std::uint64_t box = box_.load(std::memory_order_acquire);  // (2) partner: (1)
    if (box % 2 != 0) return take_box(box, item);
    Steps::pass();
    if (size_.load(std::memory_order_acquire) == 0 &&  // (5) partner: (4)
        box_.load(std::memory_order_relaxed) == box)   // ordered by (5): the last item is not in the box now
      return steal_status::empty;
    Steps::pass();
    if (!asked_.load(std::memory_order_relaxed)) asked_.store(true, std::memory_order_relaxed);  // a request
    return steal_status::lost;
  }

  /// Any thread.
  [[nodiscard]] bool looks_empty() const noexcept {
    // relaxed: hints, both, which a steal verifies
    return box_.load(std::memory_order_relaxed) % 2 == 0 && size_.load(std::memory_order_relaxed) == 0;
  }

  /// Owner. Whether thieves have found something to take since the last call.
  [[nodiscard]] bool handed_out() noexcept {
    const bool did = handed_out_;
    handed_out_ = false;
    return did;
  }

 private:
  [[nodiscard]] T& at(std::uint64_t position) noexcept { return ring_[position & (ring_.size() - 1)]; }

  /// Owner: twice as many slots.
  [[gnu::noinline]] void grow() {
    std::vector<T> grown(2 * ring_.size());
    for (std::uint64_t i = 0; i != ring_.size(); ++i)
      grown[(oldest_ + i) & (grown.size() - 1)] = at(oldest_ + i);
    ring_.swap(grown);
  }

  /// Owner: a thief has found nothing. Puts the oldest item into the box, unless there is one.
  [[gnu::noinline]] void answer() noexcept {
    const std::uint64_t box = box_.load(std::memory_order_acquire);    // (6) partner: (3)
    const std::uint64_t size = size_.load(std::memory_order_relaxed);  // its only writer
    if (box % 2 == 0 && size == 0) return;                             // it asks for what is pushed next
    asked_.store(false, std::memory_order_relaxed);                    // as in push
    if (box % 2 != 0) return;
    boxed_.store(at(oldest_), std::memory_order_relaxed);  // ordered by the number, (1) and (2)
    Steps::pass();
    box_.store(box + 1, std::memory_order_release);  // (1) partner: (2): the item and what it points to
    Steps::pass();
    ++oldest_;
    size_.store(size - 1, std::memory_order_release);  // (4) partner: (5)
    handed_out_ = true;
  }

  /// Owner: its array is empty; is anything left in the box?
  [[gnu::noinline]] bool take_back(T& item) noexcept {
    const std::uint64_t box = box_.load(std::memory_order_relaxed);  // what it put in itself
    return box % 2 != 0 && take_box(box, item) == steal_status::item;
  }

  /// Any thread: what is in the box, if its number is still `box`.
  steal_status take_box(std::uint64_t box, T& item) noexcept {
    Steps::pass();
    const T found = boxed_.load(std::memory_order_relaxed);  // ordered by (2)
    Steps::pass();
    // (3) release: partner (6), after which the owner fills the box again; relaxed on failure: what was read
    // is dropped
    if (!box_.compare_exchange_strong(box, box + 1, std::memory_order_release, std::memory_order_relaxed))
      return steal_status::lost;
    item = found;
    return steal_status::item;
  }

  // Written by thieves, and by the owner when it answers.
  alignas(support::separation) std::atomic<bool> asked_{false};
  std::atomic<std::uint64_t> box_;  // its number, odd: an item is inside
  std::atomic<T> boxed_{};
  // Written by the owner; read by thieves that find the box empty.
  alignas(support::separation) std::atomic<std::uint64_t> size_{0};  // without what is in the box
  // The owner's alone.
  std::uint64_t oldest_;  // a position, which is a slot modulo the size of the ring
  std::vector<T> ring_;
  bool handed_out_ = false;
};

static_assert(handing_out<private_deque<void*>>);

}  // namespace handoff::stealing
