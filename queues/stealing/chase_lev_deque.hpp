// The growable deque of Chase and Lev: an array of which the owner uses one end and thieves the other.
//
// When to use    by default: work that its owner should take newest first, of whatever amount
// When not       if thieves should take many items at once (`bounded_deque`), or if the fence in each pop is
//                too much for the work in an item (`block_deque`, `private_deque`)
// Ordering       the owner's end is LIFO, the thieves' end FIFO
// Progress       push and pop wait-free, but for the allocation when the array grows; steal lock-free: it is
//                lost only if another thread got the item
// Memory         as many slots as were ever needed at once, times two or less; outgrown arrays, which thieves
//                may still be reading, are kept until the deque is destroyed: all together no more than the
//                present one
// Reference      Chase and Lev, Dynamic circular work-stealing deque (2005); the memory orders are those of
//                Lê, Pop, Cohen and Zappa Nardelli, Correct and efficient work-stealing for weak memory
//                models (2013), but for two: the array is published with release, and bottom is always
//                stored with release, where they have a fence
//
// Positions count up without end, in 64 bits; a slot is a position modulo the array's size. Items are at
// top … bottom - 1. Thieves and an owner that wants the last item move `top`, by compare-and-swap; it never
// decreases, so a thief that succeeds knows that what it read before belonged to the position. Below the last
// item the owner only moves `bottom`. That both would take the same item is ruled out by the fences (1) and
// (2): the owner lowers bottom, fence, reads top; a thief reads top, fence, reads bottom. One of them sees
// the other's step.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/stealing/deque.hpp"
#include "queues/stealing/steps.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::stealing {

template <stealable T, class Steps = no_steps>
class chase_lev_deque {
 public:
  using value_type = T;
  static constexpr bool newest_first = true;
  static constexpr bool growable = true;
  static constexpr bool asks_owner = false;

  /// `reserve`: how many items it holds before it grows, at least; rounded up to a power of two. `first`:
  /// where its positions begin, for tests of their overflow. Throws std::bad_alloc,
  /// or std::length_error if no array can hold as many.
  explicit chase_lev_deque(std::size_t reserve = 256, first_position first = {})
      : top_(first.value), bottom_(first.value), top_seen_(first.value) {
    arrays_.push_back(std::make_unique<array>(std::bit_ceil(
        std::max<std::size_t>(checked_reserve("chase_lev_deque", reserve, most_items(2 * sizeof(T))), 2))));
    array_.store(arrays_.back().get(), std::memory_order_relaxed);  // nobody else yet
  }
  chase_lev_deque(const chase_lev_deque&) = delete;
  chase_lev_deque& operator=(const chase_lev_deque&) = delete;

  /// Owner. Always true; throws std::bad_alloc, without effect, if the deque must grow and cannot.
  bool push(T item) {
    const std::uint64_t bottom = bottom_.load(std::memory_order_relaxed);  // its only writer
    array* slots = array_.load(std::memory_order_relaxed);                 // its only writer
    if (bottom - top_seen_ >= slots->size()) [[unlikely]]
      slots = make_room(slots, bottom);
    slots->put(bottom, item);
    Steps::pass();
    bottom_.store(bottom + 1, std::memory_order_release);  // (4) partner: (5): the item and what it points to
    return true;
  }

  /// Owner. The newest item; false if there is none, or if thieves took the last one meanwhile.
  bool pop(T& item) noexcept {
    const std::uint64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;  // its only writer
    // (4) release, although it publishes nothing new: a thief that reads this value must see older items
    bottom_.store(bottom, std::memory_order_release);
    std::atomic_thread_fence(std::memory_order_seq_cst);  // (1) partner: (2)
    Steps::pass();
    std::uint64_t top = top_.load(std::memory_order_relaxed);  // ordered by (1); its value alone matters
    const std::int64_t left = distance(top, bottom);
    if (left > 0) {
      item = get(bottom);
      return true;
    }
    bool won = false;
    if (left == 0) {
      const T last = get(bottom);
      Steps::pass();
      // (3) seq_cst: partner (3), of the thieves, who want it too; relaxed on failure: nothing is read
      won = top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed);
      if (won) item = last;
    }
    Steps::pass();
    bottom_.store(bottom + 1, std::memory_order_release);  // (4) as above
    return won;
  }

  /// Any thread. The oldest item.
  steal_status steal(T& item) noexcept {
    std::uint64_t top = top_.load(std::memory_order_acquire);  // (6) partner: (3): not older than its array
    Steps::pass();
    std::atomic_thread_fence(std::memory_order_seq_cst);                   // (2) partner: (1)
    const std::uint64_t bottom = bottom_.load(std::memory_order_acquire);  // (5) partner: (4)
    if (distance(top, bottom) <= 0) return steal_status::empty;
    Steps::pass();
    const array* slots = array_.load(std::memory_order_acquire);  // (8) partner: (7)
    Steps::pass();
    const T found = slots->get(top);
    Steps::pass();
    // (3) seq_cst: partner (3), of the owner and of other thieves, and (9), which lets the owner reuse the
    // slot only after this thread has read it; relaxed on failure: what was read is dropped
    if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed))
      return steal_status::lost;
    item = found;
    return steal_status::item;
  }

  /// Any thread.
  [[nodiscard]] bool looks_empty() const noexcept {
    const std::uint64_t top = top_.load(std::memory_order_relaxed);  // hints, both: a steal verifies them
    return distance(top, bottom_.load(std::memory_order_relaxed)) <= 0;
  }

 private:
  /// A power of two of slots. Slots are read while they may be overwritten: the reader then fails at (3).
  class array {
   public:
    explicit array(std::size_t size) : mask_(size - 1), slots_(std::make_unique<std::atomic<T>[]>(size)) {}

    [[nodiscard]] std::size_t size() const noexcept { return mask_ + 1; }
    [[nodiscard]] T get(std::uint64_t position) const noexcept {
      return slots_[position & mask_].load(std::memory_order_relaxed);  // ordered by bottom, (4) and (5)
    }
    void put(std::uint64_t position, T item) noexcept {
      slots_[position & mask_].store(item, std::memory_order_relaxed);  // ordered by bottom, (4) and (5)
    }

   private:
    const std::size_t mask_;
    const std::unique_ptr<std::atomic<T>[]> slots_;
  };

  /// Positions overflow like any unsigned number, so only their distance can be compared.
  static std::int64_t distance(std::uint64_t from, std::uint64_t to) noexcept {
    return static_cast<std::int64_t>(to - from);
  }

  [[nodiscard]] T get(std::uint64_t position) const noexcept {     // owner
    return array_.load(std::memory_order_relaxed)->get(position);  // its only writer
  }

  /// Owner: the array to push to. Looks at `top` only here, so that thieves and owner share no line
  /// otherwise.
  [[gnu::noinline]] array* make_room(array* slots, std::uint64_t bottom) {
    top_seen_ = top_.load(std::memory_order_acquire);  // (9) partner: (3): thieves have read what they took
    if (bottom - top_seen_ < slots->size()) return slots;
    arrays_.push_back(std::make_unique<array>(2 * slots->size()));
    array* const grown = arrays_.back().get();
    for (std::uint64_t at = top_seen_; at != bottom; ++at) grown->put(at, slots->get(at));
    Steps::pass();
    array_.store(grown, std::memory_order_release);  // (7) partner: (8): the array and what was copied
    Steps::pass();
    return grown;
  }

  // Written by thieves, and by the owner for the last item.
  alignas(support::separation) std::atomic<std::uint64_t> top_;
  // Written by the owner; read by thieves.
  alignas(support::separation) std::atomic<std::uint64_t> bottom_;
  std::atomic<array*> array_{nullptr};
  // The owner's alone.
  std::uint64_t top_seen_;  // top is here or further
  std::vector<std::unique_ptr<array>> arrays_;
};

static_assert(work_stealing_deque<chase_lev_deque<void*>>);

}  // namespace handoff::stealing
