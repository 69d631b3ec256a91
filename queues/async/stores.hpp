// The stores of `lifo_queue` and `priority_queue`; that of `queue` is ring.hpp. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

namespace handoff::async {

/// What both stores are: an array that grows.
template <class T>
class array_store {
 public:
  std::size_t size() const noexcept { return items_.size(); }
  /// How many items were ever pushed.
  std::size_t pushed() const noexcept { return pushed_; }
  bool empty() const noexcept { return items_.empty(); }

  /// In the order in which they lie in memory.
  const T& operator[](std::size_t index) const noexcept { return items_[index]; }

  /// Whether `grow` must come before the next `push`.
  bool needs_growth() const noexcept { return items_.size() == items_.capacity(); }
  void grow() { items_.reserve(items_.capacity() * 2); }

 protected:
  explicit array_store(std::size_t slots) { items_.reserve(std::max<std::size_t>(slots, 1)); }
  ~array_store() = default;

  template <class U>
  void append(U&& item) {
    items_.emplace_back(std::forward<U>(item));
    ++pushed_;
  }

  std::vector<T> items_;

 private:
  std::size_t pushed_ = 0;
};

/// The newest item first.
template <class T>
class stack : public array_store<T> {
 public:
  explicit stack(std::size_t slots) : array_store<T>(slots) {}

  T& front() noexcept { return this->items_.back(); }
  void pop() noexcept { this->items_.pop_back(); }
  template <class U>
  void push(U&& item) {
    this->append(std::forward<U>(item));
  }
};

/// The least item first: a binary heap with the steps of CPython's heapq, so that equal items come out in the
/// same, unstable order. `Less` must not throw.
template <class T, class Less = std::less<T>>
class heap : public array_store<T> {
  static_assert(
      std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
      "a throwing move of an item, whenever another one comes or goes, would leave a hole in the heap");

 public:
  explicit heap(std::size_t slots) : array_store<T>(slots) {}

  T& front() noexcept { return this->items_.front(); }

  void pop() noexcept {
    T last = std::move(this->items_.back());
    this->items_.pop_back();
    if (this->items_.empty()) return;
    std::size_t at = 0;  // the hole goes down to a leaf, always to the lesser child …
    const std::size_t end = this->items_.size();
    for (std::size_t child = 1; child < end; child = 2 * at + 1) {
      if (child + 1 < end && !less_(this->items_[child], this->items_[child + 1])) ++child;
      this->items_[at] = std::move(this->items_[child]);
      at = child;
    }
    rise(at, std::move(last));  // … and the item that fills it comes up again
  }

  template <class U>
  void push(U&& item) {
    this->append(std::forward<U>(item));
    T risen = std::move(this->items_.back());
    rise(this->items_.size() - 1, std::move(risen));
  }

 private:
  void rise(std::size_t at, T&& item) noexcept {
    while (at > 0) {
      const std::size_t parent = (at - 1) / 2;
      if (!less_(item, this->items_[parent])) break;
      this->items_[at] = std::move(this->items_[parent]);
      at = parent;
    }
    this->items_[at] = std::move(item);
  }

  [[no_unique_address]] Less less_;
};

}  // namespace handoff::async
