// How an item lies in a deque, whose slots are words that owner and thieves read at the same time: a small
// trivial item as itself, any other in a box of its own.
#pragma once

#include <atomic>
#include <memory>
#include <type_traits>
#include <utility>

namespace handoff::stealing {

/// Items that fit a lock-free atomic.
template <class T>
struct items_as_slots {
  using slot = T;
  static slot fill(T&& item) noexcept { return item; }
  static void empty_into(slot filled, T& item) noexcept { item = filled; }
  static void drop(slot) noexcept {}
};

/// One allocation per item. What is filled must be emptied or dropped, once. Any thread.
template <class T>
struct boxed_items {
  using slot = T*;
  /// Throws std::bad_alloc; the item is unmoved then.
  static slot fill(T&& item) { return new T(std::move(item)); }
  static void empty_into(slot filled, T& item) noexcept {
    item = std::move(*filled);
    delete filled;
  }
  static void drop(slot filled) noexcept { delete filled; }
};

template <class T>
constexpr bool fits_a_slot() {
  if constexpr (std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T> &&
                sizeof(T) <= sizeof(void*) && (sizeof(T) & (sizeof(T) - 1)) == 0)
    return std::atomic<T>::is_always_lock_free;
  else
    return false;
}

template <class T>
using slots_for = std::conditional_t<fits_a_slot<T>(), items_as_slots<T>, boxed_items<T>>;

}  // namespace handoff::stealing
