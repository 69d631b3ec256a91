// A bounded channel between coroutines on the threads of a stealing_executor: any number of producers and
// consumers, hundreds or ten thousands, on a few threads.
//
//   handoff::channel<int> numbers(64);
//   handoff::stealing::task<> produce() {
//     for (int i = 0; i < 1000; ++i) co_await numbers.async_push(std::move(i));
//   }
//   handoff::stealing::task<> consume() {
//     int number;
//     while (co_await numbers.async_pop(number) == handoff::op_status::success) numbers.task_done();
//   }
//
// When to use   many coroutines that hand items over and wait for each other
// When not      one thread for all of them (`coroutine` needs no lock); a thread per producer and consumer
//               (mutex_condvar, stealing_pool)
// Ordering      FIFO; those who wait are served in the order of their coming
// Progress      blocking: a short lock per operation. An operation that has to wait suspends its coroutine,
//               and the thread runs another one, or sleeps.
// Memory        capacity items, allocated at once; who waits does so in its own frame
// close, join   close refuses pushes, lets consumers drain what was accepted, and wakes everybody who waits;
//               a join waits until every accepted item is done
// Reference     Hoare's bounded buffer (1974); a producer that finds a consumer waiting gives it the item at
//               once, and a consumer that makes room lets the first waiting producer's item in, as in Go's
//               channels
#pragma once

#include <coroutine>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/stealing/detail/apart.hpp"
#include "queues/stealing/detail/cancel_slot.hpp"
#include "queues/stealing/detail/cancellable.hpp"
#include "queues/stealing/detail/hub_steps.hpp"
#include "queues/stealing/detail/suspension.hpp"
#include "queues/support/intrusive_list.hpp"
#include "queues/support/patient_lock.hpp"

namespace handoff {

/// Every operation may be called from any thread; those that are awaited, from a stealing::task. A stop of
/// the run does not end a wait: give the operation the token, too. If all coroutines of a run wait, the run
/// waits for an operation of another thread. No coroutine may wait when the channel is destroyed. `Steps` is
/// for tests; use `channel`.
template <class T, class Steps>
class basic_channel {
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
                "a throwing move would lose an item between two coroutines");
  struct waiter;
  class push_operation;
  class pop_operation;
  class join_operation;
  template <class Operation>
  class operation;
  template <class Operation>
  struct request;

 public:
  using value_type = item_type<T>;

  /// Throws as the contract says of capacities.
  explicit basic_channel(std::size_t capacity)
      : capacity_(checked_capacity("channel", capacity, most_items(sizeof(T)))),
        ring_(std::allocator<T>().allocate(capacity)) {}
  basic_channel(const basic_channel&) = delete;
  basic_channel& operator=(const basic_channel&) = delete;
  ~basic_channel() {
    for (; size_ > 0; --size_, head_ = after(head_)) std::destroy_at(ring_ + head_);
    std::allocator<T>().deallocate(ring_, capacity_);
  }

  /// Success, full or closed; an item that is not accepted is unmoved. Never waits.
  op_status try_push(T&& item) {
    const turn mine(*this);
    return insert(item, mine);
  }
  /// Success, empty, or closed once all that was accepted is out. Never waits.
  op_status try_pop(T& item) {
    const turn mine(*this);
    return take(item, mine);
  }

  /// `co_await` answers success or closed; with a token, cancelled if that is stopped while it would wait.
  /// The item, which must live until then, is unmoved unless it was accepted.
  [[nodiscard]] request<push_operation> async_push(T&& item, std::stop_token stop = {}) noexcept {
    return {{}, *this, std::addressof(item), std::move(stop)};
  }
  /// The same, of an item that comes out.
  [[nodiscard]] request<pop_operation> async_pop(T& item, std::stop_token stop = {}) noexcept {
    return {{}, *this, std::addressof(item), std::move(stop)};
  }
  /// `co_await` answers success once every accepted item is done, or cancelled.
  [[nodiscard]] request<join_operation> async_join(std::stop_token stop = {}) noexcept {
    return {{}, *this, nullptr, std::move(stop)};
  }

  /// An item that came out has been processed. Throws std::logic_error if none is unfinished.
  void task_done() {
    const turn mine(*this);
    if (unfinished_ == size_) throw std::logic_error("task_done() called more often than an item came out");
    if (--unfinished_ == 0) mine.wake_all(joiners_, op_status::success);
  }

  /// Any number of times.
  void close() {
    const turn mine(*this);
    closed_ = true;
    mine.wake_all(producers_, op_status::closed);
    mine.wake_all(consumers_, op_status::closed);
  }

  [[nodiscard]] bool is_closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return size_;
  }

 private:
  using waiters = support::intrusive_list<waiter>;

  /// An operation that waits, or would.
  struct waiter : stealing::detail::suspension<Steps> {
    T* item = nullptr;  // null: of a join
    op_status status = op_status::success;
    bool waits = false;    // in one of the channel's lists
    bool stopped = false;  // before it waited
  };

  /// The lock, and whom to wake once it is released.
  class turn {
   public:
    explicit turn(basic_channel& of) : lock_(support::lock_patiently(of.mutex_)) {}
    /// While it has nobody to wake.
    turn(turn&& other) noexcept : lock_(std::move(other.lock_)) {}
    turn& operator=(turn&&) = delete;
    ~turn() {
      if (!lock_.owns_lock()) return;
      lock_.unlock();
      while (waiter* const one = woken_.pop_front()) Steps::wake_waiter(*one);
    }
    void wake(waiter& one, op_status status) const noexcept {
      one.status = status;
      one.waits = false;
      woken_.push_back(one);
    }
    void wake_all(waiters& all, op_status status) const noexcept {
      while (waiter* const one = all.pop_front()) wake(*one, status);
    }

   private:
    mutable waiters woken_;
    std::unique_lock<std::mutex> lock_;
  };

  [[nodiscard]] std::size_t after(std::size_t index) const noexcept {
    return index + 1 == capacity_ ? 0 : index + 1;
  }

  op_status insert(T& item, const turn& mine) noexcept {
    if (closed_) return op_status::closed;
    if (waiter* const consumer = consumers_.pop_front()) {  // so nothing is inside
      *consumer->item = std::move(item);
      mine.wake(*consumer, op_status::success);
    } else if (size_ < capacity_) {
      append(item);
    } else {
      return op_status::full;
    }
    ++unfinished_;
    return op_status::success;
  }

  op_status take(T& item, const turn& mine) noexcept {
    if (size_ == 0) return closed_ ? op_status::closed : op_status::empty;
    item = std::move(ring_[head_]);
    std::destroy_at(ring_ + head_);
    head_ = after(head_);
    --size_;
    if (waiter* const producer = producers_.pop_front()) {
      append(*producer->item);
      ++unfinished_;
      mine.wake(*producer, op_status::success);
    }
    return op_status::success;
  }

  void append(T& item) noexcept {
    std::construct_at(ring_ + tail_, std::move(item));
    tail_ = after(tail_);
    ++size_;
  }

  const std::size_t capacity_;
  T* ring_;
  mutable std::mutex mutex_;  // guards everything below
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
  std::size_t size_ = 0;
  std::size_t unfinished_ = 0;  // accepted, not done
  bool closed_ = false;
  waiters producers_;  // only while it is full
  waiters consumers_;  // only while it is empty
  waiters joiners_;
};

template <class T>
using channel = basic_channel<T, stealing::detail::steps>;

/// What an operation was called with.
template <class T, class Steps>
template <class Operation>
struct basic_channel<T, Steps>::request : stealing::detail::waits_outside {
  basic_channel& of;
  T* item;
  std::stop_token stop;

  Operation begin() && noexcept { return {of, item, std::move(stop)}; }
};

/// An operation tries, and if it must wait, enlists under the same lock. From then on, whoever takes its
/// waiter out of the list decides how it ends, and wakes it.
template <class T, class Steps>
template <class Operation>
class [[nodiscard]] basic_channel<T, Steps>::operation : private stealing::detail::cancellable {
 public:
  operation(basic_channel& of, T* item, std::stop_token stop) noexcept
      : cancellable{&operation::cancel}, of_(of), stop_(std::move(stop)) {
    waiter_.item = item;
  }
  operation(const operation&) = delete;
  operation& operator=(const operation&) = delete;

  bool await_ready() {
    mine_.emplace(of_);
    if (!me().attempt(*mine_)) return false;
    mine_.reset();
    return true;
  }

  /// The same, of a coroutine that is cancelled through `slot`, not through a token.
  bool await_suspend(std::coroutine_handle<> coroutine, stealing::detail::cancel_slot& slot) {
    slot_ = &slot;
    return await_suspend(coroutine);
  }

  /// Does not touch the operation once it is in a list: it may be over by then.
  HANDOFF_APART_IN_CLANG bool await_suspend(std::coroutine_handle<> coroutine) {
    waiter_.prepare(coroutine);
    if (stop_.stop_possible()) return suspend_unless_stopped();
    const turn mine(std::move(*mine_));  // not in the frame, and ends last
    if (slot_ != nullptr && !slot_->begin(*this)) {
      slot_ = nullptr;
      waiter_.status = op_status::cancelled;
      return false;
    }
    enlist();
    return true;
  }

  op_status await_resume() {
    on_stop_.reset();  // waits for a stop that is under way
    if (slot_ != nullptr) slot_->end(*this);
    return waiter_.status;
  }

 protected:
  ~operation() = default;

  /// Keeps how the attempt ended; whether it did.
  bool ended(op_status status, op_status otherwise) noexcept {
    waiter_.status = status;
    return status != otherwise;
  }

  basic_channel& of_;
  waiter waiter_;

 private:
  /// A stop takes the lock, perhaps while its callback is constructed: so that happens between two locks.
  HANDOFF_APART_IN_CLANG bool suspend_unless_stopped() {
    mine_.reset();
    on_stop_.emplace(stop_, stopper{*this});
    const turn mine(of_);
    if (me().attempt(mine)) return false;
    if (waiter_.stopped) {
      waiter_.status = op_status::cancelled;
      return false;
    }
    enlist();
    return true;
  }

  void enlist() noexcept {
    waiter_.waits = true;
    me().list().push_back(waiter_);
  }

  struct stopper {
    operation& stopped;
    void operator()() noexcept { static_cast<void>(stopped.stop_waiting()); }
  };

  /// Whether it waited: it does not any more.
  bool stop_waiting() noexcept {
    const turn mine(of_);
    waiter_.stopped = true;
    if (!waiter_.waits) return false;  // not yet, or not any more
    waiter_.unlink();
    mine.wake(waiter_, op_status::cancelled);
    return true;
  }

  static bool cancel(stealing::detail::cancellable& one) noexcept {
    return static_cast<operation&>(one).stop_waiting();
  }

  Operation& me() noexcept { return static_cast<Operation&>(*this); }

  std::stop_token stop_;
  stealing::detail::cancel_slot* slot_ = nullptr;
  std::optional<turn> mine_;  // from an attempt that failed until the waiter is in its list
  std::optional<std::stop_callback<stopper>> on_stop_;
};

template <class T, class Steps>
class basic_channel<T, Steps>::push_operation final : public operation<push_operation> {
 public:
  using operation<push_operation>::operation;
  bool attempt(const turn& mine) noexcept {
    return this->ended(this->of_.insert(*this->waiter_.item, mine), op_status::full);
  }
  waiters& list() noexcept { return this->of_.producers_; }
};

template <class T, class Steps>
class basic_channel<T, Steps>::pop_operation final : public operation<pop_operation> {
 public:
  using operation<pop_operation>::operation;
  bool attempt(const turn& mine) noexcept {
    return this->ended(this->of_.take(*this->waiter_.item, mine), op_status::empty);
  }
  waiters& list() noexcept { return this->of_.consumers_; }
};

template <class T, class Steps>
class basic_channel<T, Steps>::join_operation final : public operation<join_operation> {
 public:
  using operation<join_operation>::operation;
  bool attempt(const turn&) noexcept {
    return this->of_.unfinished_ == 0;  // and the status is success from the start
  }
  waiters& list() noexcept { return this->of_.joiners_; }
};

}  // namespace handoff
