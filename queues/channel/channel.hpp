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
// Ordering      FIFO; those who wait are woken in the order of their coming, and one that finds that others
//               were quicker, at most once, keeps its place
// Progress      blocking: a short lock per operation. An operation that has to wait suspends its coroutine,
//               and the thread runs another one, or sleeps.
// Memory        capacity items, allocated at once; who waits does so in its own frame
// close, join   close refuses pushes, lets consumers drain what was accepted, and wakes everybody who waits;
//               a join waits until every accepted item is done
// Reference     Hoare's bounded buffer (1974). That an item is given to a consumer that waits, and that of a
//               producer let in, is as in Go's channels; that only one is at a time is not
//               (detail/buffer.hpp)
#pragma once

#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "queues/channel/detail/buffer.hpp"
#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/stealing/detail/apart.hpp"
#include "queues/stealing/detail/cancel_slot.hpp"
#include "queues/stealing/detail/cancellable.hpp"
#include "queues/stealing/detail/hub_steps.hpp"

namespace handoff {

/// Every operation may be called from any thread; those that are awaited, from a stealing::task. A stop of
/// the run does not end a wait: give the operation the token, too. If all coroutines of a run wait, the run
/// waits for an operation of another thread. No coroutine may wait, and no operation be under way, when the
/// channel is destroyed. `Steps` is
/// for tests; use `channel`.
template <class T, class Steps>
class basic_channel {
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
                "a throwing move would lose an item between two coroutines");
  using buffer = channels::buffer<T, Steps>;
  using turn = typename buffer::turn;
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
      : buffer_(checked_capacity("channel", capacity, most_items(sizeof(T)))) {}

  /// Success, full or closed; an item that is not accepted is unmoved. Never waits.
  op_status try_push(T&& item) {
    const turn mine(buffer_);
    return buffer_.insert(item, mine);
  }
  /// Success, empty, or closed once all that was accepted is out. Never waits.
  op_status try_pop(T& item) {
    const turn mine(buffer_);
    return buffer_.take(item, mine);
  }

  /// `co_await` answers success or closed; with a token, cancelled if that is stopped while it would wait.
  /// The item, which must live until then, is unmoved unless it was accepted.
  [[nodiscard]] request<push_operation> async_push(T&& item, std::stop_token stop = {}) noexcept {
    return {{}, buffer_, std::addressof(item), std::move(stop)};
  }
  /// The same, of an item that comes out.
  [[nodiscard]] request<pop_operation> async_pop(T& item, std::stop_token stop = {}) noexcept {
    return {{}, buffer_, std::addressof(item), std::move(stop)};
  }
  /// `co_await` answers success once every accepted item is done, or cancelled.
  [[nodiscard]] request<join_operation> async_join(std::stop_token stop = {}) noexcept {
    return {{}, buffer_, nullptr, std::move(stop)};
  }

  /// An item that came out has been processed. Throws std::logic_error if none is unfinished.
  void task_done() {
    const turn mine(buffer_);
    buffer_.finish_one(mine);
  }

  /// Any number of times.
  void close() {
    const turn mine(buffer_);
    buffer_.close(mine);
  }

  [[nodiscard]] bool is_closed() const { return buffer_.is_closed(turn(buffer_)); }
  [[nodiscard]] std::size_t capacity() const noexcept { return buffer_.capacity(); }
  [[nodiscard]] std::size_t size() const { return buffer_.size(turn(buffer_)); }

 private:
  mutable buffer buffer_;
};

template <class T>
using channel = basic_channel<T, stealing::detail::steps>;

/// What an operation was called with.
template <class T, class Steps>
template <class Operation>
struct basic_channel<T, Steps>::request : stealing::detail::waits_outside {
  buffer& of;
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
  operation(buffer& of, T* item, std::stop_token stop) noexcept
      : cancellable{&operation::cancel}, of_(of), waiter_(of, item, Operation::run), stop_(std::move(stop)) {}
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
    me().enlist(mine);
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

  buffer& of_;
  typename buffer::waiter waiter_;

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
    me().enlist(mine);
    return true;
  }

  struct stopper {
    operation& stopped;
    void operator()() noexcept { static_cast<void>(stopped.stop_waiting()); }
  };

  /// Whether it waited: it does not any more.
  bool stop_waiting() noexcept {
    const turn mine(of_);
    return of_.stop(waiter_, mine);
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
  static constexpr auto run = &buffer::run_producer;
  bool attempt(const turn& mine) noexcept {
    return this->ended(this->of_.insert(*this->waiter_.item, mine), op_status::full);
  }
  void enlist(const turn& mine) noexcept { this->of_.enlist_producer(this->waiter_, mine); }
};

template <class T, class Steps>
class basic_channel<T, Steps>::pop_operation final : public operation<pop_operation> {
 public:
  using operation<pop_operation>::operation;
  static constexpr auto run = &buffer::run_consumer;
  bool attempt(const turn& mine) noexcept {
    return this->ended(this->of_.take(*this->waiter_.item, mine), op_status::empty);
  }
  void enlist(const turn& mine) noexcept { this->of_.enlist_consumer(this->waiter_, mine); }
};

template <class T, class Steps>
class basic_channel<T, Steps>::join_operation final : public operation<join_operation> {
 public:
  using operation<join_operation>::operation;
  static constexpr auto run = &buffer::run_joiner;
  bool attempt(const turn& mine) noexcept {
    return this->of_.unfinished(mine) == 0;  // and the status is success from the start
  }
  void enlist(const turn& mine) noexcept { this->of_.enlist_joiner(this->waiter_, mine); }
};

}  // namespace handoff
