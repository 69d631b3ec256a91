// A FIFO of items in one power-of-two array, which grows and shrinks: the store of `async::queue` for items
// that do not throw while they move. Not thread-safe.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "queues/async/detail/spare_memory.hpp"

namespace handoff::async {

template <class T>
class ring {
  static_assert(std::is_nothrow_move_constructible_v<T>, "items move when the array grows or shrinks");

 public:
  /// Room for `slots` items is made at once, and kept. There will never be more than `bound`.
  ring(std::size_t slots, std::size_t bound)
      : items_(allocate(std::bit_ceil(std::max<std::size_t>(slots, 1)))),
        mask_(std::bit_ceil(std::max<std::size_t>(slots, 1)) - 1),
        least_slots_(mask_ + 1),
        bound_(bound) {}
  ring(const ring&) = delete;
  ring& operator=(const ring&) = delete;
  ~ring() {
    for (; !empty(); ++head_) std::destroy_at(std::addressof(front()));
    std::allocator<T>{}.deallocate(items_, mask_ + 1);
  }

  std::size_t size() const noexcept { return tail_ - head_; }
  /// How many items were ever pushed.
  std::size_t pushed() const noexcept { return tail_; }
  bool empty() const noexcept { return tail_ == head_; }

  /// The oldest item; there must be one.
  T& front() noexcept { return items_[head_ & mask_]; }

  /// The item `index` places behind the oldest.
  const T& operator[](std::size_t index) const noexcept { return items_[(head_ + index) & mask_]; }

  void pop() noexcept {
    std::destroy_at(std::addressof(front()));
    ++head_;
  }

  /// Whether there is an item, for a task that takes one: gives memory back, which costs nothing until
  /// `stop_` is met.
  bool has_some() noexcept {
    if (head_ < stop_) [[likely]]
      return true;
    if (empty()) return false;
    if (least_items_ != 0) [[unlikely]]
      look();
    else
      stop_ = tail_;
    return true;
  }

  /// Whether `grow` must come before the next `push`.
  bool needs_growth() const noexcept { return size() > mask_; }

  /// Appends. When the item's constructor throws, nothing has changed.
  template <class U>
  [[gnu::always_inline]] void push(U&& item) noexcept(std::is_nothrow_constructible_v<T, U&&>) {
    std::construct_at(items_ + (tail_ & mask_), std::forward<U>(item));
    ++tail_;
  }

  /// Doubles the array.
  void grow() {
    const std::size_t slots = 2 * (mask_ + 1);
    move_to(allocate(slots), slots);
  }

 private:
  static T* allocate(std::size_t slots) { return std::allocator<T>{}.allocate(slots); }

  /// Shrinks as often as need be, and says when to look again.
  [[gnu::noinline, gnu::cold]] void look() noexcept {
    try {
      while (size() < least_items_) {
        const std::size_t slots = (mask_ + 1) / 4;
        move_to(allocate(slots), slots);
      }
    } catch (const std::bad_alloc&) {  // it stays as it is
    }
    stop_ = head_ + std::max<std::size_t>(size() - std::min(size(), least_items_), 1);
  }

  void move_to(T* items, std::size_t slots) noexcept {
    const std::size_t mask = slots - 1;
    for (std::size_t at = head_; at != tail_; ++at) {
      T& from = items_[at & mask_];
      std::construct_at(items + (at & mask), std::move(from));
      std::destroy_at(std::addressof(from));
    }
    std::allocator<T>{}.deallocate(std::exchange(items_, items), mask_ + 1);
    mask_ = mask;
    least_items_ = least_items(slots, least_slots_, bound_);
  }

  T* items_;
  std::size_t mask_;             // slots - 1
  std::size_t head_ = 0;         // counts every item taken; its place is head_ & mask_
  std::size_t tail_ = 0;         // counts every item put
  std::size_t stop_ = 0;         // the task that takes this item first looks whether the array can shrink
  std::size_t least_items_ = 0;  // with fewer it does
  std::size_t least_slots_;
  std::size_t bound_;
};

}  // namespace handoff::async
