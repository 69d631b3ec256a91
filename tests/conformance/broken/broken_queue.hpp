// A queue with the whole contract, simple enough to be right at a glance: one mutex, one condition, everybody
// is woken by everything. With `active` set it has that fault; with none it must pass the suite.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>

#include "queues/contract/concepts.hpp"
#include "tests/conformance/broken/fault.hpp"
#include "tests/support/sanitizers.hpp"

namespace handoff::conformance::broken {

struct limits {
  const std::stop_token* token = nullptr;
  const deadline_t* deadline = nullptr;

  [[nodiscard]] bool stopped() const noexcept { return token != nullptr && token->stop_requested(); }
  [[nodiscard]] bool late() const noexcept {
    if (deadline == nullptr) return false;
    const auto now = std::chrono::steady_clock::now();
    if (is(fault::times_out_early)) return now + std::chrono::microseconds{500} >= *deadline;
    if (is(fault::overflows_a_deadline)) return doubled(*deadline) <= doubled(now);
    return now >= *deadline;
  }

 private:
  /// What an unwary computation makes of the end of time: a moment before the beginning.
  static std::int64_t doubled(deadline_t moment) noexcept {
    return static_cast<std::int64_t>(2 * static_cast<std::uint64_t>(moment.time_since_epoch().count()));
  }
};

template <class T>
class broken_queue {
 public:
  using value_type = T;
  class producer_type;
  class consumer_type;

  static constexpr backend_traits traits{
      .name = "broken_queue",
      .summary = "the queue that the battery breaks",
      .reference = "none",
      .on_throwing_move = throwing_move::strong,
      .waits = {wait_kind::native},
  };

  explicit broken_queue(std::size_t capacity)
      : capacity_(capacity), slots_(capacity + spare), ring_(std::allocator<T>().allocate(slots_)) {}
  broken_queue(const broken_queue&) = delete;
  broken_queue& operator=(const broken_queue&) = delete;
  ~broken_queue() {
    if (is(fault::destroys_twice) && popped_ > 0) std::destroy_at(ring_ + wrapped(head_ + slots_ - 1));
    for (; size_ > 0 && !is(fault::leaks_what_is_left); --size_, ++head_)
      std::destroy_at(ring_ + wrapped(head_));
    std::allocator<T>().deallocate(ring_, slots_);
  }

  producer_type producer() { return producer_type(*this); }
  consumer_type consumer() { return consumer_type(*this); }

  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    if (is(fault::forgets_its_items_at_close)) forgotten_ = true;
    if (is(fault::close_forgets_producers)) return not_empty_.notify_all();
    not_full_.notify_all();
    if (is(fault::close_wakes_one_consumer)) return not_empty_.notify_one();
    not_empty_.notify_all();
  }
  bool is_closed() const {
    const std::lock_guard lock(mutex_);
    return closed_ && !is(fault::closes_without_saying_so);
  }

  void join() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return is(fault::joins_when_empty) ? size_ == 0 : unfinished_ == 0; });
  }

  std::size_t capacity() const { return capacity_; }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return is(fault::miscounts_its_size) && size_ > 2 ? size_ - 1 : size_;
  }

 private:
  static constexpr std::size_t spare = 16;  // what a broken bound may overrun without overrunning memory

  std::size_t wrapped(std::size_t index) const {
    if (!is(fault::wraps_with_a_mask)) return index % slots_;
    std::size_t mask = 1;
    while (mask < capacity_) mask *= 2;
    return capacity_ == mask ? index % slots_ : index % (mask / 2);  // right for powers of two only
  }

  std::size_t bound() const {
    if (is(fault::holds_one_too_many)) return capacity_ + 1;
    if (is(fault::answers_full_one_too_early) && capacity_ > 1) return capacity_ - 1;
    return capacity_;
  }

  void insert(T&& item) {
    T* const place = ring_ + wrapped(head_ + size_);
    if (is(fault::push_is_not_strong)) {
      std::construct_at(place);
      ++size_;
      *place = std::move(item);  // where this throws, an empty item is left inside
    } else {
      std::construct_at(place, std::move(item));
      ++size_;
    }
    ++unfinished_;
    ++pushed_;
    if (is(fault::notifies_only_the_first_item)) {
      if (size_ == 1) not_empty_.notify_one();
    } else if (is(fault::wake_up_ends_with_a_pop_that_threw)) {
      not_empty_.notify_one();
    } else {
      not_empty_.notify_all();
    }
  }

  /// Faults that concern the order, just before the oldest item is taken.
  void disturb() {
    T* const oldest = ring_ + wrapped(head_);
    T* const next = ring_ + wrapped(head_ + 1);
    ++popped_;
    if (size_ > 1 && is(fault::swaps_two_in_fifty) && popped_ % 50 == 0) std::swap(*oldest, *next);
    if (size_ > 1 && is(fault::keeps_order_per_producer_only) && popped_ % 2 == 0 &&
        far_apart(*oldest, *next))
      std::swap(*oldest, *next);
    if (size_ > 1 && is(fault::tears_an_item) && popped_ % 50 == 0) tear(*oldest, *next);
  }

  /// Of different producers: keys of one producer lie close together in all cases.
  static bool far_apart(const T& a, const T& b) {
    const auto distance = a.key > b.key ? a.key - b.key : b.key - a.key;
    return distance > 100;
  }

  static void tear(T& item, const T& other) {
    if constexpr (std::is_trivially_copyable_v<T> && sizeof(T) == 64)
      std::memcpy(reinterpret_cast<char*>(&item) + 32, reinterpret_cast<const char*>(&other) + 32, 32);
  }

  void take(T& item) {
    disturb();
    T* const oldest = ring_ + wrapped(head_);
    if (is(fault::pop_is_not_strong)) {
      T out = std::move(*oldest);
      remove(oldest);
      item = std::move(out);
      return;
    }
    item = std::move(*oldest);
    if (is(fault::duplicates_one_in_fifty) && popped_ % 50 == 0) {
      std::destroy_at(oldest);
      std::construct_at(oldest, item.key);
      ++unfinished_;
      return;
    }
    remove(oldest);
    if (is(fault::loses_one_in_a_million) && size_ > 0 && pushed_ >= testing_support::scaled(1'000'000) &&
        !lost_) {
      lost_ = true;
      remove(ring_ + wrapped(head_));
      --unfinished_;
    }
  }

  void remove(T* oldest) {
    std::destroy_at(oldest);
    ++head_;
    --size_;
    if (is(fault::notifies_only_the_first_place)) {
      if (size_ + 1 == capacity_) not_full_.notify_one();
    } else if (is(fault::wake_up_ends_with_a_push_that_threw)) {
      not_full_.notify_one();
    } else {
      not_full_.notify_all();
    }
  }

  /// Waits while `busy()`; the reason to give up, or success.
  template <class Busy>
  op_status wait(std::unique_lock<std::mutex>& lock, std::condition_variable& c, Busy busy, const limits& l,
                 bool deaf) {
    while (busy()) {
      if (closed_ && !is(fault::cancelled_before_closed)) return op_status::closed;
      if (l.stopped() && !deaf) return op_status::cancelled;
      if (l.late()) return op_status::timed_out;
      if (closed_) return op_status::closed;
      std::stop_callback on_stop(l.token != nullptr ? *l.token : std::stop_token{}, waker{&c});
      if (l.deadline != nullptr)
        c.wait_until(lock,
                     std::min(*l.deadline - std::chrono::microseconds{is(fault::times_out_early) ? 500 : 0},
                              std::chrono::steady_clock::now() + std::chrono::hours{1}));
      else if (l.token != nullptr)
        c.wait_for(lock, std::chrono::milliseconds{1});  // a stop between the look and the sleep
      else
        c.wait(lock);
      if (is(fault::takes_a_wake_up_for_an_item) && &c == &not_empty_) return op_status::success;
    }
    return op_status::success;
  }

  struct waker {
    std::condition_variable* c;
    void operator()() const noexcept { c->notify_all(); }
  };

  const std::size_t capacity_;
  const std::size_t slots_;
  T* ring_;
  mutable std::mutex mutex_;
  std::condition_variable not_full_;
  std::condition_variable not_empty_;
  std::condition_variable done_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
  std::size_t unfinished_ = 0;
  std::size_t left_undone_ = 0;  // by handles that are gone
  std::uint64_t pushed_ = 0;
  std::uint64_t popped_ = 0;
  bool lost_ = false;
  bool closed_ = false;
  bool forgotten_ = false;
};

}  // namespace handoff::conformance::broken

#include "tests/conformance/broken/broken_handles.hpp"
