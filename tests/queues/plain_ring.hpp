// The simplest try-queue that can be layered: a deque behind a mutex.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

#include "queues/contract/concepts.hpp"

namespace handoff::queue_tests {

template <class T>
class plain_ring {
 public:
  using value_type = T;
  static constexpr backend_traits traits{
      .name = "plain_ring",
      .summary = "a deque behind a mutex",
      .reference = "none",
      .on_throwing_move = throwing_move::strong,
      .waits = layered_waits,
  };

  explicit plain_ring(std::size_t capacity) : capacity_(capacity) {}
  plain_ring& producer() { return *this; }
  plain_ring& consumer() { return *this; }

  op_status try_push(T&& item) {
    const std::lock_guard lock(mutex_);
    if (items_.size() == capacity_) return op_status::full;
    items_.push_back(std::move(item));
    return op_status::success;
  }
  op_status try_pop(T& item) {
    const std::lock_guard lock(mutex_);
    if (items_.empty()) return op_status::empty;
    item = std::move(items_.front());
    items_.pop_front();
    return op_status::success;
  }
  std::size_t capacity() const { return capacity_; }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::deque<T> items_;
};

static_assert(try_queue<plain_ring<int>> && knows_capacity<plain_ring<int>>);

}  // namespace handoff::queue_tests
