// A bounded ring behind one mutex and two condition variables: the queue that everyone writes first,
// written well.
//
// When to use   as the reference; every operation of the contract is needed, items are expensive to move or
//               throw when moved, and a few million items per second are enough
// When not      hot paths between many cores: every operation takes the same lock
// Ordering      FIFO
// Progress      blocking
// Memory        capacity items, allocated once
// close, join   close refuses pushes, drains and wakes all waiters; join is a third condition variable,
//               signalled when the last accepted item is done
// Reference     Hoare's bounded buffer (CACM 17(10), 1974) with Mesa semantics
//
// A notification goes out after the lock is released, only if a thread waits, and only if no wake-up of
// that kind is already under way (a woken waiter that has not run yet counts as one): a thread that takes
// its turn and leaves work behind passes the wake-up on. Without the last rule most notifications wake
// threads that find nothing. With it, a notification that the C library loses would keep back all that
// follow, so the condition variables are our own (support/condition.hpp). push and pop spin for the lock at
// first (support/patient_lock.hpp), which makes a stream through a queue of 1024 about twice as fast.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <utility>

#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/support/condition.hpp"
#include "queues/support/patient_lock.hpp"
#include "queues/support/wait_limits.hpp"

namespace handoff {

/// Every operation may be called from any thread and blocks for the lock; the `try_` forms wait for nothing
/// else.
template <class T>
class mutex_condvar {
 public:
  using value_type = item_type<T>;
  class consumer_type;

  static constexpr backend_traits traits{
      .name = "mutex_condvar",
      .summary = "bounded ring, one mutex, two condition variables",
      .reference = "Hoare's bounded buffer (CACM 17(10), 1974) with Mesa semantics",
      .bounded = true,
      .order = ordering::fifo,
      .exact_empty = true,
      .guarantee = progress::blocking,
      .on_throwing_move = throwing_move::strong,
      .waits = {wait_kind::native},
  };

  /// Throws as the contract says of capacities.
  explicit mutex_condvar(std::size_t capacity)
      : capacity_(checked_capacity(traits.name, capacity, most_items(sizeof(T)))),
        ring_(std::allocator<T>().allocate(capacity)) {}
  mutex_condvar(const mutex_condvar&) = delete;
  mutex_condvar& operator=(const mutex_condvar&) = delete;
  ~mutex_condvar() {
    for (; size_ > 0; --size_, head_ = after(head_)) std::destroy_at(ring_ + head_);
    std::allocator<T>().deallocate(ring_, capacity_);
  }

  mutex_condvar& producer() noexcept { return *this; }
  consumer_type consumer() { return consumer_type(*this); }

  op_status try_push(T&& item) {
    std::unique_lock lock(mutex_);
    return has_room() ? insert(std::move(item), lock) : op_status::full;
  }
  op_status push(T&& item) { return push_within(std::move(item), {}); }
  op_status push(T&& item, const std::stop_token& token) {
    return push_within(std::move(item), {.token = &token});
  }
  op_status push_until(T&& item, deadline_t deadline) {
    return push_within(std::move(item), {.deadline = &deadline});
  }

  /// Any number of times.
  void close() {
    bool producers_wait = false;
    bool consumers_wait = false;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      producers_wait = not_full_.cv.announce();
      consumers_wait = not_empty_.cv.announce();
    }
    if (producers_wait) not_full_.cv.wake_all();
    if (consumers_wait) not_empty_.cv.wake_all();
  }

  [[nodiscard]] bool is_closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

  /// Returns when every accepted item is done; immediately if nothing is unfinished.
  void join() {
    std::unique_lock lock(mutex_);
    while (unfinished_ != 0) all_done_.wait(lock, nullptr);
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return size_;
  }

 private:
  /// One condition and its waiters; guarded by the mutex.
  struct condition {
    support::condition cv;
    std::size_t under_way = 0;  // wake-ups decided that have not arrived; above 0 only while someone waits

    /// Decides on a wake-up. The caller issues `cv.wake_one()` once it has unlocked.
    [[nodiscard]] bool claim() noexcept {
      if (under_way != 0 || !cv.announce()) return false;
      ++under_way;
      return true;
    }

    /// Woken, or timed out, or for no reason: the caller looks again, so a wake-up that arrives is always
    /// used.
    void wait(std::unique_lock<std::mutex>& lock, const deadline_t* deadline) {
      cv.wait(lock, deadline);
      if (under_way > 0) --under_way;
    }
  };

  // Call these with the lock held.
  [[nodiscard]] bool has_room() const noexcept { return closed_ || size_ < capacity_; }
  [[nodiscard]] bool has_news() const noexcept { return closed_ || size_ > 0; }
  [[nodiscard]] std::size_t after(std::size_t index) const noexcept {
    return index + 1 == capacity_ ? 0 : index + 1;
  }

  /// With `has_room()` and the lock, which it releases. An item whose move throws is not inserted.
  op_status insert(T&& item, std::unique_lock<std::mutex>& lock) {
    if (closed_) return op_status::closed;
    const end_of_turn wake_up_others{*this, lock};
    std::construct_at(ring_ + tail_, std::move(item));
    tail_ = after(tail_);
    ++size_;
    ++unfinished_;
    return op_status::success;
  }

  /// With `has_news()` and the lock, which it releases. An item whose move throws stays inside.
  op_status take(T& item, std::unique_lock<std::mutex>& lock) {
    if (size_ == 0) return op_status::closed;
    const end_of_turn wake_up_others{*this, lock};
    item = std::move(ring_[head_]);
    std::destroy_at(ring_ + head_);
    head_ = after(head_);
    --size_;
    return op_status::success;
  }

  /// However a turn ends: one that a throwing move ends may have been begun by a wake-up, which is passed on.
  struct end_of_turn {
    mutex_condvar& queue;
    std::unique_lock<std::mutex>& lock;
    ~end_of_turn() { queue.release_and_notify(lock); }
  };

  /// Wakes one consumer if there is an item for it, and one producer if there is room for it: also on behalf
  /// of a wake-up that was left out because another was under way.
  void release_and_notify(std::unique_lock<std::mutex>& lock) {
    const bool wake_consumer = size_ > 0 && not_empty_.claim();
    const bool wake_producer = size_ < capacity_ && not_full_.claim();
    lock.unlock();
    if (wake_consumer) not_empty_.cv.wake_one();
    if (wake_producer) not_full_.cv.wake_one();
  }

  op_status push_within(T&& item, const support::wait_limits& limits) {
    return when(
        not_full_, [this] { return has_room(); },
        [&](std::unique_lock<std::mutex>& lock) { return insert(std::move(item), lock); }, limits);
  }

  op_status pop_within(T& item, const support::wait_limits& limits) {
    return when(
        not_empty_, [this] { return has_news(); },
        [&](std::unique_lock<std::mutex>& lock) { return take(item, lock); }, limits);
  }

  /// Runs `act` under the lock as soon as `ready()`; else says which limit ended the wait.
  template <class Ready, class Act>
  op_status when(condition& c, Ready ready, Act act, const support::wait_limits& limits) {
    std::unique_lock lock = support::lock_patiently(mutex_);
    if (ready()) return act(lock);
    if (limits.token == nullptr || !limits.token->stop_possible())
      return wait_then(c, ready, act, limits, lock);
    // The callback takes the lock, and may run inside its own constructor; its destructor waits for it to
    // end. So it lives between the locks.
    lock.unlock();
    const std::stop_callback wake_up(*limits.token, [&] {
      bool anyone_waits = false;
      {
        const std::lock_guard between_look_and_sleep(mutex_);
        anyone_waits = c.cv.announce();
      }
      if (anyone_waits) c.cv.wake_all();
    });
    std::unique_lock again(mutex_);
    return wait_then(c, ready, act, limits, again);
  }

  template <class Ready, class Act>
  static op_status wait_then(condition& c, Ready ready, Act act, const support::wait_limits& limits,
                             std::unique_lock<std::mutex>& lock) {
    while (!ready()) {
      if (const auto over = limits.reached()) return *over;
      c.wait(lock, limits.deadline);
    }
    return act(lock);
  }

  const std::size_t capacity_;
  T* ring_;
  mutable std::mutex mutex_;  // guards everything below
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
  std::size_t size_ = 0;
  std::size_t unfinished_ = 0;  // accepted, not done
  std::size_t unclaimed_ = 0;   // popped and not done by handles that are gone
  bool closed_ = false;
  condition not_empty_;
  condition not_full_;
  support::condition all_done_;
};

/// One thread at a time. Counts the items that it popped and has not marked as done; those left when it is
/// destroyed, any later handle may mark.
template <class T>
class mutex_condvar<T>::consumer_type {
 public:
  consumer_type(consumer_type&& other) noexcept
      : queue_(other.queue_), unfinished_(std::exchange(other.unfinished_, 0)) {}
  consumer_type& operator=(consumer_type&&) = delete;
  ~consumer_type() {
    if (unfinished_ == 0) return;
    const std::lock_guard lock(queue_.mutex_);
    queue_.unclaimed_ += unfinished_;
  }

  op_status try_pop(T& item) {
    std::unique_lock lock(queue_.mutex_);
    return counted(queue_.has_news() ? queue_.take(item, lock) : op_status::empty);
  }
  op_status pop(T& item) { return counted(queue_.pop_within(item, {})); }
  op_status pop(T& item, const std::stop_token& token) {
    return counted(queue_.pop_within(item, {.token = &token}));
  }
  op_status pop_until(T& item, deadline_t deadline) {
    return counted(queue_.pop_within(item, {.deadline = &deadline}));
  }

  /// Throws std::logic_error when nothing that was popped here is unfinished.
  void task_done() {
    bool joiners_wait = false;
    {
      const std::lock_guard lock(queue_.mutex_);
      std::size_t& credit = unfinished_ > 0 ? unfinished_ : queue_.unclaimed_;
      if (credit == 0)
        throw std::logic_error("task_done() called more often than this handle popped an item");
      --credit;
      joiners_wait = --queue_.unfinished_ == 0 && queue_.all_done_.announce();
    }
    if (joiners_wait) queue_.all_done_.wake_all();
  }

 private:
  friend class mutex_condvar;
  explicit consumer_type(mutex_condvar& queue) noexcept : queue_(queue) {}

  op_status counted(op_status status) noexcept {
    if (status == op_status::success) ++unfinished_;
    return status;
  }

  mutex_condvar& queue_;
  std::size_t unfinished_ = 0;
};

static_assert(try_queue<mutex_condvar<int>> && blocking_queue<mutex_condvar<int>>);
static_assert(timed_queue<mutex_condvar<int>> && cancellable_queue<mutex_condvar<int>>);
static_assert(closable<mutex_condvar<int>> && joinable<mutex_condvar<int>>);
static_assert(knows_capacity<mutex_condvar<int>> && knows_size<mutex_condvar<int>>);

}  // namespace handoff
