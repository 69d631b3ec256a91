// A FIFO of items in one power-of-two array, which can grow: the store of `async::queue`.
// Not thread-safe.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <memory>
#include <utility>

namespace handoff::async {

template <class T>
class ring {
 public:
  /// Room for `slots` items is made at once.
  explicit ring(std::size_t slots) : mask_(std::bit_ceil(std::max<std::size_t>(slots, 1)) - 1) {
    items_ = std::allocator<T>{}.allocate(mask_ + 1);
  }
  ring(const ring&) = delete;
  ring& operator=(const ring&) = delete;
  ~ring() {
    while (!empty()) pop();
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
    std::destroy_at(&front());
    ++head_;
  }

  /// Whether `grow` must come before the next `push`.
  bool needs_growth() const noexcept { return size() > mask_; }

  /// Appends. When the item's constructor throws, nothing has changed.
  template <class U>
  [[gnu::always_inline]] void push(U&& item) {
    std::construct_at(items_ + (tail_ & mask_), std::forward<U>(item));
    ++tail_;
  }

  /// Doubles the array. Items that could throw while they move are copied where they can be; then nothing has
  /// changed when one throws.
  void grow() {
    ring larger(mask_ * 2 + 2);
    larger.head_ = larger.tail_ = head_;
    for (std::size_t at = head_; at != tail_; ++at) {
      larger.push(std::move_if_noexcept(items_[at & mask_]));
    }
    std::swap(items_, larger.items_);
    std::swap(mask_, larger.mask_);
    std::swap(head_, larger.head_);
    std::swap(tail_, larger.tail_);
  }

 private:
  T* items_;
  std::size_t mask_;      // slots - 1
  std::size_t head_ = 0;  // counts every item taken; its place is head_ & mask_
  std::size_t tail_ = 0;  // counts every item put
};

}  // namespace handoff::async
