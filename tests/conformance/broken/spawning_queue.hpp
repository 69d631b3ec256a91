// A queue whose consumers spawn, simple enough to be right at a glance: one mutex, one condition, a list
// without a bound. If `active` is set it has that fault; with none it must pass the suite.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"
#include "tests/conformance/broken/fault.hpp"

namespace handoff::conformance::broken {

template <class T>
class spawning_queue {
 public:
  using value_type = T;
  class producer_type;
  class consumer_type;

  static constexpr backend_traits traits{
      .name = "spawning_queue",
      .summary = "the queue whose consumers spawn, and that the battery breaks",
      .reference = "none",
      .bounded = false,
      .on_throwing_move = throwing_move::forbidden,
      .waits = {wait_kind::native},
  };
  static_assert(std::is_nothrow_move_assignable_v<T>, "a throwing move would lose the item");

  explicit spawning_queue(std::size_t reserve) {
    checked_reserve(traits.name, reserve, most_items(2 * sizeof(T)));
  }

  producer_type producer() { return producer_type(*this); }
  consumer_type consumer() { return consumer_type(*this); }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  bool is_closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  void join() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return unfinished_ == 0; });
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  /// Called with the lock held.
  void insert(T&& item) {
    items_.push_back(std::move(item));
    ++unfinished_;
    changed_.notify_all();
  }

  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  std::deque<T> items_;
  std::size_t unfinished_ = 0;
  std::size_t orphans_ = 0;  // popped and not done, by handles that no longer exist
  std::size_t spawned_in_all_ = 0;
  bool closed_ = false;
};

template <class T>
class spawning_queue<T>::producer_type {
 public:
  op_status push(T&& item) {
    const std::lock_guard lock(queue_->mutex_);
    if (queue_->closed_) return op_status::closed;
    queue_->insert(std::move(item));
    return op_status::success;
  }
  op_status try_push(T&& item) { return push(std::move(item)); }

 private:
  friend class spawning_queue;
  explicit producer_type(spawning_queue& queue) : queue_(&queue) {}
  spawning_queue* queue_;
};

template <class T>
class spawning_queue<T>::consumer_type {
 public:
  consumer_type(consumer_type&& other) noexcept
      : queue_(other.queue_),
        unmarked_(std::exchange(other.unmarked_, 0)),
        spawned_(std::exchange(other.spawned_, 0)) {}
  consumer_type& operator=(consumer_type&&) = delete;
  ~consumer_type() {
    const std::lock_guard lock(queue_->mutex_);
    queue_->orphans_ += unmarked_;
    if (!is(fault::forgets_what_a_handle_spawned)) return;
    for (; spawned_ > 0 && !queue_->items_.empty(); --spawned_) queue_->items_.pop_back();
  }

  op_status try_pop(T& item) {
    const std::lock_guard lock(queue_->mutex_);
    return take(item);
  }
  op_status pop(T& item) {
    std::unique_lock lock(queue_->mutex_);
    queue_->changed_.wait(lock, [this] { return !queue_->items_.empty() || queue_->closed_; });
    return take(item);
  }

  op_status spawn(T&& item) {
    const std::lock_guard lock(queue_->mutex_);
    if (queue_->closed_ && !is(fault::accepts_what_is_spawned_after_close)) {
      if (is(fault::joins_refused_spawns)) ++queue_->unfinished_;
      if (is(fault::moves_what_is_spawned_when_closed)) [[maybe_unused]]
        const T gone = std::move(item);
      return op_status::closed;
    }
    ++spawned_;
    if (is(fault::wakes_nobody_for_what_is_spawned)) {
      queue_->items_.push_back(std::move(item));
      ++queue_->unfinished_;
      return op_status::success;
    }
    queue_->insert(std::move(item));
    if (is(fault::joins_without_what_was_spawned)) --queue_->unfinished_;
    if (is(fault::loses_one_spawned_in_fifty) && ++queue_->spawned_in_all_ % 50 == 0)
      queue_->items_.pop_back();
    return op_status::success;
  }

  void task_done() {
    const std::lock_guard lock(queue_->mutex_);
    std::size_t& credit = unmarked_ > 0 ? unmarked_ : queue_->orphans_;
    if (credit == 0) throw std::logic_error("task_done() without an item");
    --credit;
    if (queue_->unfinished_ > 0) --queue_->unfinished_;  // 0 only if a fault did not count
    queue_->changed_.notify_all();
  }

 private:
  friend class spawning_queue;
  explicit consumer_type(spawning_queue& queue) : queue_(&queue) {}

  /// Called with the lock held.
  op_status take(T& item) {
    if (queue_->items_.empty()) return queue_->closed_ ? op_status::closed : op_status::empty;
    item = std::move(queue_->items_.front());
    queue_->items_.pop_front();
    ++unmarked_;
    return op_status::success;
  }

  spawning_queue* queue_;
  std::size_t unmarked_ = 0;  // popped here and not yet done
  std::size_t spawned_ = 0;
};

static_assert(self_feeding<spawning_queue<int>> && joinable<spawning_queue<int>>);

}  // namespace handoff::conformance::broken
