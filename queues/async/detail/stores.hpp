// The stores of `lifo_queue` and `priority_queue`, and that of `queue` for items that may throw while they
// move; for the others it is ring.hpp. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "queues/async/detail/ring.hpp"
#include "queues/async/detail/spare_memory.hpp"

namespace handoff::async {

/// An item in a standard container: one of bool is an object like any other.
template <class T>
struct slot {
  template <class U>
  slot(std::in_place_t, U&& what) noexcept(std::is_nothrow_constructible_v<T, U&&>)
      : item(std::forward<U>(what)) {}
  T item;
};

/// Shared by the stores on standard containers: how they grow, give memory back, and count.
template <class T>
class counted_store {
  static constexpr bool moves_items = std::is_nothrow_move_constructible_v<T>;

 public:
  std::size_t size() const noexcept { return items_.size(); }
  /// How many items were ever pushed.
  std::size_t pushed() const noexcept { return pushed_; }
  bool empty() const noexcept { return items_.empty(); }

  /// Whether there is an item, for a task that takes one: gives memory back, which costs nothing until it
  /// is time.
  bool has_some() noexcept {
    if constexpr (moves_items)
      return std::to_address(items_.end()) > low_ || look();
    else
      return !items_.empty();
  }

  /// In the order in which they lie in memory.
  const T& operator[](std::size_t index) const noexcept { return items_[index].item; }

  /// Whether `grow` must come before the next `push`.
  bool needs_growth() const noexcept {
    if constexpr (moves_items)
      return items_.size() == items_.capacity();
    else
      return false;
  }
  void grow() {
    if constexpr (moves_items) {
      items_.reserve(items_.capacity() * 2);
      set_low();
    }
  }

 protected:
  counted_store(std::size_t slots, std::size_t bound)
      : least_slots_(std::max<std::size_t>(slots, 1)), bound_(bound) {
    if constexpr (moves_items) {
      items_.reserve(least_slots_);
      set_low();
    }
  }
  ~counted_store() = default;

  template <class U>
  void append(U&& item) {
    items_.emplace_back(std::in_place, std::forward<U>(item));
    ++pushed_;
  }

  /// After an item was taken. A deque frees unused blocks by itself, but not its index.
  void gone() noexcept {
    if constexpr (!moves_items) {
      if (!items_.empty() || pushed_ - pushed_when_new_ <= most_in_an_old_index) return;
      try {
        decltype(items_)().swap(items_);
      } catch (const std::bad_alloc&) {
      }
      pushed_when_new_ = pushed_;
    }
  }

  std::conditional_t<moves_items, std::vector<slot<T>>, std::deque<slot<T>>> items_;

 private:
  static constexpr std::size_t most_in_an_old_index = 4096;

  /// Shrinks as often as need be.
  [[gnu::noinline]] bool look() noexcept {
    while (items_.size() < least_items(items_.capacity(), least_slots_, bound_) &&
           shrink_to_quarter(items_)) {
    }
    set_low();
    return !items_.empty();
  }

  void set_low() noexcept { low_ = items_.data() + least_items(items_.capacity(), least_slots_, bound_); }

  std::size_t least_slots_;
  std::size_t bound_;
  const slot<T>* low_ = nullptr;  // of an array: a task that takes an item below checks whether it can shrink
  std::size_t pushed_ = 0;
  std::size_t pushed_when_new_ = 0;  // when a deque began with a small index
};

/// The oldest item first, for items that may throw while they move: once inside they do not move.
template <class T>
class segments : public counted_store<T> {
 public:
  segments(std::size_t slots, std::size_t bound) : counted_store<T>(slots, bound) {}

  T& front() noexcept { return this->items_.front().item; }
  void pop() noexcept {
    this->items_.pop_front();
    this->gone();
  }
  /// When the item's constructor throws, or there is no memory, nothing has changed.
  template <class U>
  void push(U&& item) {
    this->append(std::forward<U>(item));
  }
};

template <class T>
using fifo = std::conditional_t<std::is_nothrow_move_constructible_v<T>, ring<T>, segments<T>>;

/// The newest item first.
template <class T>
class stack : public counted_store<T> {
 public:
  stack(std::size_t slots, std::size_t bound) : counted_store<T>(slots, bound) {}

  T& front() noexcept { return this->items_.back().item; }
  void pop() noexcept {
    this->items_.pop_back();
    this->gone();
  }
  template <class U>
  void push(U&& item) noexcept(
      std::is_nothrow_move_constructible_v<T>&& std::is_nothrow_constructible_v<T, U&&>) {
    this->append(std::forward<U>(item));
  }
};

/// The least item first: a binary heap with the steps of CPython's heapq, so that equal items come out in the
/// same, unstable order. `Less` must not throw.
template <class T, class Less = std::less<T>>
class heap : public counted_store<T> {
  static_assert(
      std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
      "a throwing move of an item, whenever another one comes or goes, would leave a hole in the heap");

 public:
  heap(std::size_t slots, std::size_t bound) : counted_store<T>(slots, bound) {}

  T& front() noexcept { return at(0); }

  void pop() noexcept {
    T last = std::move(at(this->size() - 1));
    this->items_.pop_back();
    if (this->empty()) return;
    std::size_t hole = 0;  // it goes down to a leaf, always to the lesser child …
    const std::size_t end = this->size();
    for (std::size_t child = 1; child < end; child = 2 * hole + 1) {
      if (child + 1 < end && !less_(at(child), at(child + 1))) ++child;
      at(hole) = std::move(at(child));
      hole = child;
    }
    rise(hole, std::move(last));  // … and the item that fills it comes up again
  }

  template <class U>
  void push(U&& item) noexcept(std::is_nothrow_constructible_v<T, U&&>) {
    this->append(std::forward<U>(item));
    T risen = std::move(at(this->size() - 1));
    rise(this->size() - 1, std::move(risen));
  }

 private:
  T& at(std::size_t index) noexcept { return this->items_[index].item; }

  void rise(std::size_t place, T&& item) noexcept {
    while (place > 0) {
      const std::size_t parent = (place - 1) / 2;
      if (!less_(item, at(parent))) break;
      at(place) = std::move(at(parent));
      place = parent;
    }
    at(place) = std::move(item);
  }

  [[no_unique_address]] Less less_;
};

}  // namespace handoff::async
