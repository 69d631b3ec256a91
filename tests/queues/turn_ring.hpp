// A ring whose places are used in turn, as in most rings of many producers and consumers: while the pop of
// one stands still, `full` is answered although a later place is free.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <utility>

#include "queues/contract/concepts.hpp"
#include "tests/queues/plain_ring.hpp"

namespace handoff::queue_tests {

template <class T>
class turn_ring {
 public:
  using value_type = T;
  static constexpr backend_traits traits = [] {
    backend_traits same = plain_ring<T>::traits;
    same.name = "turn_ring";
    return same;
  }();

  /// What the calling thread does when its pop has claimed an item and not freed the place; null: nothing.
  inline static thread_local std::function<void()> before_the_place_is_free;

  explicit turn_ring(std::size_t capacity) : capacity_(capacity) {}
  turn_ring& producer() { return *this; }
  turn_ring& consumer() { return *this; }

  op_status try_push(T&& item) {
    const std::lock_guard lock(mutex_);
    if (items_.size() == capacity_) return op_status::full;
    if (tail_ >= capacity_ && under_way_.contains(tail_ - capacity_)) return op_status::full;
    items_.push_back(std::move(item));
    ++tail_;
    return op_status::success;
  }
  op_status try_pop(T& item) {
    std::unique_lock lock(mutex_);
    if (items_.empty()) return op_status::empty;
    const std::size_t position = tail_ - items_.size();
    item = std::move(items_.front());
    items_.pop_front();
    if (!before_the_place_is_free) return op_status::success;
    under_way_.insert(position);
    lock.unlock();
    before_the_place_is_free();
    lock.lock();
    under_way_.erase(position);
    return op_status::success;
  }
  std::size_t capacity() const { return capacity_; }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::deque<T> items_;
  std::size_t tail_ = 0;             // the position of the next push
  std::set<std::size_t> under_way_;  // positions whose pop has not ended
};

static_assert(try_queue<turn_ring<int>> && knows_capacity<turn_ring<int>> && knows_size<turn_ring<int>>);

}  // namespace handoff::queue_tests
