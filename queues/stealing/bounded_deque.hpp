// A bounded ring from which a thief takes half with one step.
//
// When to use    if many small items are worth fetching together, and memory per worker must have a limit
// When not       for work that must be taken newest first: in a tree of tasks, oldest first means that whole
//                generations are waiting at once, and most of them outside of the ring
// Ordering       FIFO at both ends: the owner takes the oldest, too, because a thief that takes several items
//                at once cannot agree with an owner who takes from the other end without asking
// Progress       push wait-free; pop lock-free: it repeats only if a thief took an item; steal and steal_half
//                wait-free: lost only if another thread took an item
// Memory         a power of two of slots, from the start. Full is answered to the caller, who puts the item
//                elsewhere, such as into an `injector`
// Reference      the run queues of Go's scheduler (Vyukov, 2012) and of tokio (2019)
//
// Items are at head … tail - 1. Only the owner moves `tail`; whoever takes items moves `head` by
// compare-and-swap. Positions have 64 bits and never come back, so a thief that succeeds knows that nobody
// has taken, and so nobody has overwritten, what it read before: with 32 bits, a thief that stands still for
// 2^32 items would not know.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/stealing/deque.hpp"
#include "queues/stealing/steps.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::stealing {

template <stealable T, class Steps = no_steps>
class bounded_deque {
 public:
  using value_type = T;
  static constexpr bool newest_first = false;
  static constexpr bool growable = false;
  static constexpr bool asks_owner = false;

  /// `capacity` is rounded up to a power of two. `first`: where its positions begin, for tests of their
  /// overflow. Throws std::invalid_argument for 0, std::length_error for more than an array can hold,
  /// std::bad_alloc.
  explicit bounded_deque(std::size_t capacity = 256, first_position first = {})
      : mask_(std::bit_ceil(checked_capacity("bounded_deque", capacity, most_items(2 * sizeof(T)))) - 1),
        slots_(std::make_unique<std::atomic<T>[]>(mask_ + 1)),
        head_(first.value),
        tail_(first.value),
        head_seen_(first.value) {}
  bounded_deque(const bounded_deque&) = delete;
  bounded_deque& operator=(const bounded_deque&) = delete;

  [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }

  /// Owner. False if it is full.
  bool push(T item) noexcept {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);  // its only writer
    if (tail - head_seen_ > mask_ && room(tail) == 0) return false;
    put(tail, item);
    Steps::pass();
    tail_.store(tail + 1, std::memory_order_release);  // (1) partner: (2): the item and what it points to
    return true;
  }

  /// Owner. The oldest item; false if there is none.
  bool pop(T& item) noexcept {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);  // its only writer
    std::uint64_t head = head_.load(std::memory_order_relaxed);        // verified by (3)
    while (head != tail) {
      const T found = get(head);
      Steps::pass();
      if (take(head, 1)) {
        item = found;
        return true;
      }
      head = head_.load(std::memory_order_relaxed);  // verified by (3)
    }
    return false;
  }

  /// Any thread. The oldest item.
  steal_status steal(T& item) noexcept {
    const std::uint64_t head = head_.load(std::memory_order_acquire);  // (4) partner: (3): no older tail
    Steps::pass();
    const std::uint64_t tail = tail_.load(std::memory_order_acquire);  // (2) partner: (1)
    if (head == tail) return steal_status::empty;
    Steps::pass();
    const T found = get(head);
    Steps::pass();
    if (!take(head, 1)) return steal_status::lost;
    item = found;
    return steal_status::item;
  }

  /// Any thread that owns `own`, another deque. The oldest item, and into `own` as many of the next as make
  /// half of all, rounded up, or as have room.
  steal_status steal_half(bounded_deque& own, T& item) noexcept {
    const std::uint64_t to = own.tail_.load(std::memory_order_relaxed);  // its only writer
    const std::uint64_t room = own.room(to);
    const std::uint64_t head = head_.load(std::memory_order_acquire);  // (4) partner: (3): no older tail
    Steps::pass();
    const std::uint64_t tail = tail_.load(std::memory_order_acquire);  // (2) partner: (1)
    const std::uint64_t there = tail - head;
    if (there == 0) return steal_status::empty;
    if (there > mask_ + 1) return steal_status::lost;  // others have taken so much that it was pushed again
    const std::uint64_t more = std::min(there - there / 2 - 1, room);
    Steps::pass();
    const T found = get(head);
    for (std::uint64_t i = 0; i < more; ++i) own.put(to + i, get(head + 1 + i));
    Steps::pass();
    if (!take(head, 1 + more)) return steal_status::lost;
    item = found;
    Steps::pass();
    own.tail_.store(to + more, std::memory_order_release);  // (1) partner: (2), of those who rob this thief
    return steal_status::item;
  }

  /// Any thread.
  [[nodiscard]] bool looks_empty() const noexcept {
    // relaxed: hints, both, which a steal verifies
    return head_.load(std::memory_order_relaxed) == tail_.load(std::memory_order_relaxed);
  }

 private:
  [[nodiscard]] T get(std::uint64_t position) const noexcept {
    return slots_[position & mask_].load(std::memory_order_relaxed);  // ordered by the tail, (1) and (2)
  }
  void put(std::uint64_t position, T item) noexcept {
    slots_[position & mask_].store(item, std::memory_order_relaxed);  // ordered by the tail, (1) and (2)
  }

  /// Whether the items from `head` on are the caller's now.
  bool take(std::uint64_t head, std::uint64_t items) noexcept {
    // (3) release: partner (4): who sees this head sees a tail that is not before it; partner (5): what was
    // taken has been read; relaxed on failure: what was read is dropped
    return head_.compare_exchange_strong(head, head + items, std::memory_order_release,
                                         std::memory_order_relaxed);
  }

  /// Owner: how many slots before `tail` come round again are free.
  std::uint64_t room(std::uint64_t tail) noexcept {
    head_seen_ = head_.load(std::memory_order_acquire);  // (5) partner: (3)
    return mask_ + 1 - (tail - head_seen_);
  }

  const std::size_t mask_;
  const std::unique_ptr<std::atomic<T>[]> slots_;
  // Written by whoever takes items.
  alignas(support::separation) std::atomic<std::uint64_t> head_;
  // Written by the owner; read by thieves.
  alignas(support::separation) std::atomic<std::uint64_t> tail_;
  std::uint64_t head_seen_;  // the owner's alone: head is here or further
};

static_assert(halving_deque<bounded_deque<void*>>);

}  // namespace handoff::stealing
