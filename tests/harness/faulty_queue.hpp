// A plain queue for threads, one lock around a deque, which can do everything in the contract and does one
// thing wrong.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <iterator>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>

#include "harness/clock.hpp"
#include "queues/contract/concepts.hpp"
#include "tests/harness/tampering.hpp"

namespace handoff::harness_tests {

/// Where a hanging thread spends its time.
[[noreturn]] inline void hang() {
  for (;;) ::pause();
}

/// A thread that is not idle, and gets no further.
inline void dawdle() {
  const std::int64_t until_ns = harness::now_ns() + fault_plan::dawdle_ns;
  while (harness::now_ns() < until_ns) continue;
}

/// `Order` is what the queue promises; the plan says what it does.
template <class T, ordering Order>
class faulty_queue {
 public:
  using value_type = T;
  using lock_type = std::unique_lock<std::mutex>;

  static constexpr backend_traits traits{
      .name = "faulty",
      .summary = "does one thing wrong",
      .reference = "none",
      .order = Order,
      .waits = {wait_kind::native},
  };

  explicit faulty_queue(std::size_t capacity)
      : capacity_(capacity), tamper_(fault_plan::spared(capacity)), pops_(fault_plan::spared(capacity)) {
    fault_plan::queue_made();
  }
  faulty_queue(const faulty_queue&) = delete;
  faulty_queue& operator=(const faulty_queue&) = delete;
  ~faulty_queue() {
    if (fault_plan::is(fault::hangs_in_destructor)) hang();
    if (fault_plan::is(fault::crashes_in_destructor)) std::abort();
  }

  faulty_queue& producer() noexcept { return *this; }
  faulty_queue& consumer() noexcept { return *this; }

  op_status try_push(T&& item) {
    lock_type lock(mutex_);
    if (inside_.size() >= capacity_) return op_status::full;
    const occurrence turn = tamper_.before_push(item);
    return insert(std::move(item), turn);
  }
  op_status push(T&& item) { return push(std::move(item), std::stop_token{}); }
  op_status push(T&& item, const std::stop_token& token) {
    lock_type lock(mutex_);
    const occurrence turn = tamper_.before_push(item);
    if (turn.strikes(fault::throws_in_push)) throw std::runtime_error("this push was told to throw");
    if (turn.strikes(fault::crashes_in_push)) std::abort();
    if (turn.strikes(fault::hangs_in_push)) hang_without(lock);
    if (turn.strikes(fault::closed_to_push)) return op_status::closed;
    if (turn.strikes(fault::full_to_push)) return op_status::full;
    if (codec::key(item) == harness::marker_key) marker_comes();
    if (fault_plan::is(fault::overtaken) && turn.counted()) {
      if (holds_back(item)) return op_status::success;
      // Producer 1 pushes nothing before producer 0 has returned from the push of the item that is held back.
      if (harness::producer_of(codec::key(item)) == 1) changed_.wait(lock, [this] { return came_back_; });
    }
    if (!changed_.wait(lock, token, [this] { return closed_ || inside_.size() < capacity_; }))
      return op_status::cancelled;
    return insert(std::move(item), turn);
  }

  op_status try_pop(T& item) {
    lock_type lock(mutex_);
    return inside_.empty() ? op_status::empty : take(item);
  }
  op_status pop(T& item) { return pop(item, std::stop_token{}); }
  op_status pop(T& item, const std::stop_token& token) {
    lock_type lock(mutex_);
    const occurrence turn = pops_.count();
    if (turn.strikes(fault::throws_in_pop)) throw std::runtime_error("this pop was told to throw");
    if (turn.strikes(fault::throws_no_exception_class)) throw 42;  // NOLINT: the fault
    if (turn.strikes(fault::crashes_in_pop)) std::abort();
    if (turn.strikes(fault::hangs_in_pop)) hang_without(lock);
    if (turn.strikes(fault::dawdles_in_pop)) {
      lock.unlock();
      dawdle();
      lock.lock();
    }
    if (turn.strikes(fault::closed_to_pop)) return op_status::closed;
    const bool ready = changed_.wait(lock, fault_plan::is(fault::ignores_stop) ? std::stop_token{} : token,
                                     [this] { return close_is_seen_ || (visible_ > 0 && !is_anothers()); });
    if (!ready)
      return fault_plan::is(fault::closed_when_cancelled) ? op_status::closed : op_status::cancelled;
    if (visible_ > 0) return take(item);
    return fault_plan::is(fault::empty_after_close) ? op_status::empty : op_status::closed;
  }

  void close() {
    lock_type lock(mutex_);
    if (fault_plan::is(fault::hangs_in_close)) hang_without(lock);
    closed_ = true;
    close_is_seen_ = !fault_plan::is(fault::forgets_wake_up_at_close);
    changed_.notify_all();
  }
  [[nodiscard]] bool is_closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

  void task_done() {
    lock_type lock(mutex_);
    ++done_;
    if (done_ > capacity_) {
      if (fault_plan::is(fault::throws_in_task_done))
        throw std::runtime_error("this task_done was told to throw");
      if (fault_plan::is(fault::hangs_in_task_done)) hang_without(lock);
    }
    --unfinished_;
    changed_.notify_all();
    // The first consumer to count continues when the joiner has long been gone: the end markers, which the
    // thread that made the queue pushes, come after it. They may find the queue full, and room is made here.
    if (fault_plan::is(fault::joins_after_one) && joiner_waits_ && std::this_thread::get_id() != maker_)
      changed_.wait(lock, [this] { return marker_comes_; });
  }

  void join() {
    lock_type lock(mutex_);
    if (fault_plan::is(fault::joins_at_once)) return;
    if (fault_plan::is(fault::never_joins)) hang_without(lock);
    joiner_waits_ = true;
    const std::uint64_t before = done_;
    changed_.wait(lock, [&] {
      return unfinished_ == 0 || (fault_plan::is(fault::joins_after_one) && done_ != before);
    });
  }

 private:
  using codec = harness::item_codec<T>;
  using item_key_type = harness::item_key;

  /// Takes producer 0's items aside until sixteen of producer 1's are inside; its second push shows that it
  /// has returned from the first.
  bool holds_back(T& item) {
    const item_key_type key = codec::key(item);
    if (harness::producer_of(key) != 0 || passed_) return false;
    came_back_ = came_back_ || key == harness::make_key(0, 1);
    aside_.push_back(std::move(item));
    ++unfinished_;
    changed_.notify_all();
    return true;
  }

  void let_pass() {
    passed_ = true;
    visible_ += aside_.size();
    std::ranges::move(aside_, std::back_inserter(inside_));
  }

  /// Trades the last two items inside, if they are of two producers.
  void trade() {
    if (inside_.size() < 2) return;
    T& last = inside_.back();
    T& before = inside_[inside_.size() - 2];
    if (codec::key(last) != harness::marker_key && codec::key(before) != harness::marker_key &&
        harness::producer_of(codec::key(last)) != harness::producer_of(codec::key(before)))
      std::swap(last, before);
  }

  /// Takes aside the item of producer 0 that is to trade places with the next.
  bool detains(T& item) {
    if (!fault_plan::is(fault::exchanges) && !fault_plan::is(fault::splits)) return false;
    if (codec::key(item) != harness::make_key(0, fault_plan::nth)) return false;
    detained_.emplace(std::move(item));
    return true;
  }

  /// If `last` has gone inside and is one to trade places with, the detained item goes behind it, otherwise
  /// before it. An odd-numbered item of another producer is one of which a long run has no note.
  void release(item_key_type last) {
    if (!detained_) return;
    inside_.push_back(std::move(*detained_));
    detained_.reset();
    ++visible_;
    traded_ = fault_plan::is(fault::splits) ||
              (harness::producer_of(last) == 1 && harness::sequence_of(last) % 2 == 1);
    if (!traded_) std::swap(inside_.back(), inside_[inside_.size() - 2]);
  }

  /// Whether this consumer is not the one that got the first of two items that were split.
  [[nodiscard]] bool is_anothers() const {
    return fault_plan::is(fault::splits) && traded_ && first_taken_by_ == std::this_thread::get_id() &&
           codec::key(inside_.front()) == harness::make_key(0, fault_plan::nth);
  }

  /// The consumer that continues after a join goes on, whether or not there is room for the marker.
  void marker_comes() {
    marker_comes_ = true;
    changed_.notify_all();
  }

  [[noreturn]] static void hang_without(lock_type& lock) {
    lock.unlock();
    hang();
  }

  op_status insert(T&& item, occurrence turn) {
    if (closed_) return fault_plan::is(fault::accepts_after_close) ? op_status::success : op_status::closed;
    ++unfinished_;
    if (turn.strikes(fault::loses)) return op_status::success;
    if (turn.counted() && detains(item)) return op_status::success;
    auto companion = tampering<T>::companion(turn, item);
    const item_key_type key = codec::key(item);
    inside_.push_back(std::move(item));
    if (fault_plan::is(fault::trades)) trade();
    if (fault_plan::is(fault::overtaken) && key == harness::make_key(1, 16) && turn.counted()) let_pass();
    if (!turn.strikes(fault::forgets_wake_up)) ++visible_;
    release(key);
    if (companion) {
      inside_.push_back(std::move(*companion));
      ++visible_;
      ++unfinished_;
    }
    changed_.notify_all();
    return op_status::success;
  }

  op_status take(T& item) {
    item = std::move(inside_.front());
    inside_.pop_front();
    if (traded_ && codec::key(item) == harness::make_key(0, fault_plan::nth + 1))
      first_taken_by_ = std::this_thread::get_id();
    if (visible_ > 0) --visible_;
    changed_.notify_all();
    return op_status::success;
  }

  const std::size_t capacity_;
  const std::thread::id maker_ = std::this_thread::get_id();
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  std::deque<T> inside_;
  std::size_t visible_ = 0;  // items that blocked consumers know of
  std::uint64_t unfinished_ = 0;
  std::uint64_t done_ = 0;
  bool closed_ = false;
  bool close_is_seen_ = false;
  bool joiner_waits_ = false;
  bool marker_comes_ = false;
  std::deque<T> aside_;
  bool came_back_ = false;
  bool passed_ = false;  // the items that were aside are inside
  std::optional<T> detained_;
  bool traded_ = false;
  std::thread::id first_taken_by_;  // of the two that traded places
  tampering<T> tamper_;
  occurrences pops_;
};

template <class T>
using faulty_fifo = faulty_queue<T, ordering::fifo>;
template <class T>
using faulty_lifo = faulty_queue<T, ordering::lifo>;
template <class T>
using faulty_priority = faulty_queue<T, ordering::priority>;
template <class T>
using faulty_per_producer = faulty_queue<T, ordering::per_producer_fifo>;
template <class T>
using faulty_unordered = faulty_queue<T, ordering::unordered>;

static_assert(try_queue<faulty_fifo<harness::item_8>> && cancellable_queue<faulty_fifo<harness::item_8>>);
static_assert(closable<faulty_fifo<harness::item_8>> && joinable<faulty_fifo<harness::item_8>>);

}  // namespace handoff::harness_tests
