// Where items wait that no deque holds: those that come from outside, and those for which a deque had no
// room.
//
// A list behind a lock. It is used rarely, since workers look into it only when they have nothing of their
// own, and then they look at a counter first.
//
// Ordering       FIFO
// Progress       blocking, by a lock that is held for one step; `looks_empty` wait-free
// Memory         grows and shrinks with what is inside
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

#include "queues/support/hardware.hpp"
#include "queues/support/patient_lock.hpp"

namespace handoff::stealing {

template <std::movable T>
class injector {
 public:
  injector() = default;
  injector(const injector&) = delete;
  injector& operator=(const injector&) = delete;

  /// Any thread. Throws std::bad_alloc or what T's move throws, without effect on what is inside.
  void push(T item) {
    const auto lock = support::lock_patiently(mutex_);
    items_.push_back(std::move(item));
    size_.store(items_.size(), std::memory_order_relaxed);  // a hint, for looks_empty
  }

  /// Any thread. The oldest item; false if there is none. If T's assignment throws, the item stays.
  bool pop(T& item) {
    if (looks_empty()) return false;
    const auto lock = support::lock_patiently(mutex_);
    if (items_.empty()) return false;
    item = std::move(items_.front());
    items_.pop_front();
    size_.store(items_.size(), std::memory_order_relaxed);  // as above
    return true;
  }

  /// Any thread. Exact for what happened before the call; says nothing about pushes under way.
  [[nodiscard]] bool looks_empty() const noexcept {
    return size_.load(std::memory_order_relaxed) == 0;  // who must see a push is ordered with it elsewhere
  }

 private:
  alignas(support::separation) std::atomic<std::size_t> size_{0};  // of items_
  std::mutex mutex_;
  std::deque<T> items_;  // guarded by the mutex
};

}  // namespace handoff::stealing
