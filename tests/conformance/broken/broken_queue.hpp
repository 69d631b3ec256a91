// A queue with the whole contract, simple enough to be right at a glance: one mutex, one condition, and
// everything wakes everybody. If `active` is set it has that fault; with none it must pass the suite.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"
#include "tests/conformance/broken/fault.hpp"
#include "tests/conformance/broken/limits.hpp"
#include "tests/conformance/broken/window.hpp"
#include "tests/support/sanitizers.hpp"

namespace handoff::conformance::broken {

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

  explicit broken_queue(std::size_t capacity, first_position first = {})
      : capacity_(checked_capacity(traits.name, capacity, most_items(2 * sizeof(T)))),
        slots_(capacity + (has_no_spare() ? 0 : spare)),
        block_(::operator new (slots_ * sizeof(T) + alignof(T), std::align_val_t{alignof(T)})),
        ring_(reinterpret_cast<T*>(static_cast<std::byte*>(block_) + displacement())),
        husks_(slots_),
        first_(first.value),
        head_(first.value) {}
  broken_queue(const broken_queue&) = delete;
  broken_queue& operator=(const broken_queue&) = delete;
  ~broken_queue() {
    if (is(fault::destroys_twice) && popped_ > 0) std::destroy_at(ring_ + wrapped(head_ + slots_ - 1));
    for (; size_ > 0 && !is(fault::leaks_what_is_left); --size_, ++head_)
      std::destroy_at(ring_ + wrapped(head_));
    for (std::size_t i = 0; i < slots_; ++i)
      if (husks_[i]) std::destroy_at(ring_ + i);
    ::operator delete (block_, std::align_val_t{alignof(T)});
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
    if (is(fault::shows_too_small_a_size_while_it_pops) || is(fault::counts_a_push_that_threw) ||
        is(fault::loses_counts_of_its_size_when_contended))
      return shown_.load();
    const std::lock_guard lock(mutex_);
    return is(fault::miscounts_its_size) && size_ > 2 ? size_ - 1 : size_;
  }

 private:
  static constexpr bool has_key = requires(const T& item) { item.key; };
  static constexpr std::size_t spare = 16;  // what a broken bound may overrun without overrunning memory
  /// Like an allocator that knows no alignment stricter than that of `new`.
  static std::size_t displacement() noexcept {
    return is(fault::misplaces_over_aligned_items) && alignof(T) > 16 ? 16 : 0;
  }
  static bool has_no_spare() noexcept {
    return is(fault::frees_the_place_before_the_move) || is(fault::keeps_positions_in_seventeen_bits) ||
           is(fault::keeps_positions_in_thirty_two_bits);
  }

  /// Where the item at that position lies. `first_` lies in the first slot, wherever positions begin.
  std::size_t wrapped(std::size_t index) const {
    if (is(fault::keeps_positions_in_seventeen_bits)) return index % (1U << 17U) % slots_;
    if (is(fault::keeps_positions_in_thirty_two_bits)) return static_cast<std::uint32_t>(index) % slots_;
    index -= first_;
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

  [[nodiscard]] bool is_full() const { return size_ >= bound(); }
  [[nodiscard]] bool is_empty() const {
    if (is(fault::counts_items_in_sixteen_bits)) return (size_ & 0xffffU) == 0;
    return size_ == 0;
  }

  /// Called with the lock held, like `take`; both may release it in between if that is the fault.
  void insert(T&& item, std::unique_lock<std::mutex>& lock) {
    T* const place = ring_ + wrapped(head_ + size_);
    if (!contended_) ++shown_;
    if (const auto slot = static_cast<std::size_t>(place - ring_); husks_[slot]) {
      std::destroy_at(place);
      husks_[slot] = false;
    }
    if (is(fault::publishes_before_the_move)) {
      ++size_;
      lock.unlock();
      std::construct_at(place, std::move(item));
      lock.lock();
    } else if (is(fault::copies_on_push)) {
      construct_copy(place, item);
      ++size_;
    } else if (is(fault::push_is_not_strong)) {
      std::construct_at(place);
      ++size_;
      *place = std::move(item);  // if this throws, an empty item is left inside
    } else {
      std::construct_at(place, std::move(item));
      ++size_;
    }
    ++unfinished_;
    ++pushed_;
    if (is(fault::looks_once_a_second)) return;
    if (is(fault::notifies_only_the_first_item)) {
      if (size_ == 1) not_empty_.notify_one();
    } else if (is(fault::wake_up_ends_with_a_pop_that_threw)) {
      not_empty_.notify_one();
    } else {
      not_empty_.notify_all();
    }
  }

  /// Faults that concern the order, applied just before the oldest item is taken.
  void disturb() {
    ++popped_;
    if constexpr (has_key) disturb_by_key();
  }
  void disturb_by_key() {
    T* const oldest = ring_ + wrapped(head_);
    T* const next = ring_ + wrapped(head_ + 1);
    if (size_ > 1 && is(fault::swaps_two_in_fifty) && popped_ % 50 == 0) std::swap(*oldest, *next);
    if (size_ > 1 && is(fault::keeps_order_per_producer_only) && popped_ % 2 == 0 &&
        far_apart(*oldest, *next))
      std::swap(*oldest, *next);
    if (size_ > 1 && is(fault::tears_an_item) && popped_ % 50 == 0) tear(*oldest, *next);
    if (is(fault::tears_one_in_100_000) && popped_ % 100'000 == 0) tear(*oldest, T(~oldest->key));
  }

  /// Whether the two come from different producers: keys of one producer lie close together in all cases.
  static bool far_apart(const T& a, const T& b) {
    const auto distance = a.key > b.key ? a.key - b.key : b.key - a.key;
    return distance > 100;
  }

  static void tear(T& item, const T& other) {
    if constexpr (std::is_trivially_copyable_v<T> && sizeof(T) == 64)
      std::memcpy(reinterpret_cast<char*>(&item) + 32, reinterpret_cast<const char*>(&other) + 32, 32);
  }

  static void construct_copy(T* place, T& item) {
    if constexpr (std::is_copy_constructible_v<T>)
      std::construct_at(place, std::as_const(item));
    else
      std::construct_at(place, std::move(item));
  }

  void take(T& item, std::unique_lock<std::mutex>& lock) {
    disturb();
    T* const oldest = ring_ + wrapped(head_);
    if (takes_otherwise(item, oldest, lock)) return;
    item = std::move(*oldest);
    if constexpr (has_key) {
      if (is(fault::duplicates_one_in_fifty) && popped_ % 50 == 0) {
        std::destroy_at(oldest);
        std::construct_at(oldest, item.key);
        ++unfinished_;
        return;
      }
    }
    if constexpr (std::is_same_v<T, bool>) item = item || is(fault::takes_every_bool_for_true);
    remove(oldest);
    if (is(fault::loses_one_in_a_million) && size_ > 0 && pushed_ >= testing_support::scaled(1'000'000) &&
        !lost_) {
      lost_ = true;
      remove(ring_ + wrapped(head_));
      --unfinished_;
    }
  }

  /// Whether a fault has it taken in another way than by a move and then a removal.
  bool takes_otherwise(T& item, T* oldest, std::unique_lock<std::mutex>& lock) {
    if (is(fault::frees_the_place_before_the_move)) {
      ++head_;
      --size_;
      not_full_.notify_all();
      lock.unlock();
      item = std::move(*oldest);
      std::destroy_at(oldest);
      lock.lock();
      return true;
    }
    if (is(fault::swaps_items_out)) {
      std::swap(item, *oldest);
    } else if (std::is_copy_assignable_v<T> && is(fault::copies_on_pop)) {
      copy_assign(item, *oldest);
    } else if (is(fault::shows_too_small_a_size_while_it_pops)) {
      shown_ -= 2;
      item = std::move(*oldest);
      shown_ += 2;
    } else if (is(fault::pop_is_not_strong)) {
      T out = std::move(*oldest);
      remove(oldest);
      item = std::move(out);
      return true;
    } else {
      return false;
    }
    remove(oldest);
    return true;
  }

  static void copy_assign(T& item, const T& other) {
    if constexpr (std::is_copy_assignable_v<T>) item = other;
  }

  void remove(T* oldest) {
    if (is(fault::keeps_popped_items_alive) || is(fault::swaps_items_out))
      husks_[static_cast<std::size_t>(oldest - ring_)] = true;
    else
      std::destroy_at(oldest);
    ++head_;
    --size_;
    if (!contended_) --shown_;
    if (is(fault::looks_once_a_second)) return;
    if (is(fault::notifies_only_the_first_place)) {
      if (size_ + 1 == capacity_) not_full_.notify_one();
    } else if (is(fault::wake_up_ends_with_a_push_that_threw)) {
      not_full_.notify_one();
    } else {
      not_full_.notify_all();
    }
  }

  /// Waits while `busy()`; returns the reason to give up, or success.
  template <class Busy>
  op_status wait(std::unique_lock<std::mutex>& lock, std::condition_variable& c, Busy busy, limits l,
                 bool deaf) {
    while (busy()) {
      if (closed_ && !is(fault::cancelled_before_closed)) return op_status::closed;
      if (l.stopped() && !deaf) return op_status::cancelled;
      if (l.late()) return op_status::timed_out;
      if (closed_) return op_status::closed;
      sleep(lock, c, l);
      if (is(fault::looks_at_the_token_when_woken) && l.stopped()) return op_status::cancelled;
      if (is(fault::takes_a_wake_up_for_an_item) && &c == &not_empty_) return op_status::success;
      if (is(fault::forgets_its_limits_once_woken) && busy() && !l.stopped() && !l.late()) l = {};
    }
    return op_status::success;
  }

  void sleep(std::unique_lock<std::mutex>& lock, std::condition_variable& c, const limits& l) {
    using namespace std::chrono_literals;
    ++asleep_;
    if (is(fault::holds_eight_sleepers) && asleep_ > 8) {
      forgotten_sleepers_.wait(lock);
    } else if (is(fault::looks_once_a_second)) {
      c.wait_for(lock, 1s);
    } else if (l.deadline != nullptr) {
      const auto late = is(fault::keeps_deadlines_a_second_late) ? 1s : 0s;
      c.wait_until(lock, std::min(*l.deadline, std::chrono::steady_clock::now() + 1h) + late);
    } else {
      c.wait(lock);
    }
    --asleep_;
  }

  /// Spans an operation that waits, while the lock is not held: a stop wakes everybody, and each looks again.
  class stop_wakes {
   public:
    stop_wakes(broken_queue& queue, const limits& l)
        : callback_(l.token != nullptr ? *l.token : std::stop_token{}, waker{&queue}) {}

   private:
    struct waker {
      broken_queue* queue;
      void operator()() const {
        { const std::lock_guard between_look_and_sleep(queue->mutex_); }
        if (is(fault::looks_once_a_second)) return;
        queue->not_full_.notify_all();
        queue->not_empty_.notify_all();
      }
    };
    std::stop_callback<waker> callback_;
  };

  /// What a try form does before it returns, if that is its fault.
  static void dawdle() {
    using namespace std::chrono_literals;
    if (is(fault::sleeps_in_a_try)) std::this_thread::sleep_for(2ms);
    if (!is(fault::spins_in_a_try)) return;
    for (const auto end = std::chrono::steady_clock::now() + 2ms; std::chrono::steady_clock::now() < end;) {
    }
  }

  /// The lock of a try form; notes whether another thread held it.
  std::unique_lock<std::mutex> lock_for_a_try() {
    if (!is(fault::loses_counts_of_its_size_when_contended)) return std::unique_lock(mutex_);
    std::unique_lock lock(mutex_, std::try_to_lock);
    const bool held = !lock.owns_lock();
    if (held) lock.lock();
    contended_ = held;
    return lock;
  }

  /// If the fault shows under contention, lets others run into the lock: on a single core too.
  static void hold_the_lock_a_while() {
    if (is(fault::answers_empty_when_contended) || is(fault::loses_counts_of_its_size_when_contended))
      std::this_thread::yield();
  }

  const std::size_t capacity_;
  const std::size_t slots_;
  void* const block_;
  T* const ring_;
  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable not_full_;
  std::condition_variable not_empty_;
  std::condition_variable done_;
  std::vector<bool> husks_;  // slots whose item has been popped and lives on
  const std::uint64_t first_;
  std::uint64_t head_;
  std::size_t size_ = 0;
  std::atomic<std::size_t> shown_{0};  // what size() returns if it takes no lock
  bool contended_ = false;             // whether the present holder of the lock waited for it
  std::size_t asleep_ = 0;
  std::condition_variable forgotten_sleepers_;
  std::size_t handles_ = 0;       // producers alive
  std::size_t handles_made_ = 0;  // ever
  std::size_t unfinished_ = 0;
  std::size_t left_undone_ = 0;  // by handles that no longer exist
  std::uint64_t pushed_ = 0;
  std::uint64_t popped_ = 0;
  bool lost_ = false;
  bool closed_ = false;
  window until_told_closed_;  // until a consumer has been told
  bool forgotten_ = false;
};

}  // namespace handoff::conformance::broken

#include "tests/conformance/broken/broken_handles.hpp"
