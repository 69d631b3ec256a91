// asio::experimental::channel: tasks on one thread, on Asio's own loop.
//
// What it is: a peer to compare coroutine queues with. Items, bound and waiters are the channel's; what is
// ready waits in an io_context. Reference: Kohlhoff, Asio (1.22 and newer), experimental::channel.
// When to use: in a program that runs on Asio already. When not: where handing over an item is what costs;
// where many waiting tasks are cancelled one by one (each cancellation walks past all who wait); where join
// is wanted.
//
// Chosen so that Asio is measured at its best. M items/s at capacity 1 and at 1024 (1P 1C, 8 bytes, Asio
// 1.22, on the machine where this was written):
//
//    6    6   `co_await async_send(…)` in an asio::awaitable; as_tuple, so that nothing is thrown
//    7    7   … with io_context::executor_type for any_io_executor, and without locks
//   11   11   … and ASIO_DISABLE_THREADS: the counts of outstanding work are no atomics
//   30  104   … and `try_send` first, for an asynchronous operation always goes through the loop
//   16   34   the same as an operation that is itself awaited: asio::awaitable wants a frame for it
//   56  105   this: a coroutine type that awaits without a frame, resumed by a completion handler
//   27  102   this, without ASIO_DISABLE_THREADS
//
// ASIO_DISABLE_THREADS is for a whole program to say, never for a header; this project's build says it for
// the cells and the tests of this backend.
//
// Ordering: FIFO. Progress: single-threaded; everything belongs to the thread that runs the loop.
// Memory: a std::deque of items; an operation that waits allocates, from what Asio recycles.
//
// close(): pushes answer closed, pops drain and then answer closed, whoever waits is woken. Not by Asio's
// close, which forgets the items inside (asio issue 1236) and leaves those who wait to push (1318), but by
// its cancel. join: none, Asio does not count what is done.
// A cancelled task: the operation in which it waits (or its next one that waits) answers cancelled, once.
#pragma once

#include <asio/cancellation_signal.hpp>
#include <asio/error_code.hpp>
#include <asio/experimental/channel.hpp>
#include <asio/io_context.hpp>

#include <algorithm>
#include <coroutine>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "queues/contract/concepts.hpp"
#include "queues/contract/status.hpp"
#include "queues/contract/traits.hpp"
#include "queues/support/asio_runtime.hpp"

namespace handoff {

/// Keeps nothing per handle. May go before its runtime, with tasks that wait in it, where these will not be
/// run or cancelled any more.
template <class T>
class asio_channel {
 public:
  using value_type = T;
  using runtime_type = support::asio_runtime;

  static constexpr backend_traits traits{
      .name = "asio_channel",
      .summary = "asio::experimental::channel on an io_context of one thread; try first, then await",
      .reference = "Kohlhoff, Asio, experimental::channel",
      .producers = cardinality::many,
      .consumers = cardinality::many,
      .bounded = true,
      .order = ordering::fifo,
      .exact_empty = true,
      .guarantee = progress::single_threaded,
      .on_throwing_move = throwing_move::forbidden,
      .waits = {wait_kind::loop},
      .runs_on = execution::coroutines,
  };
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
                "the channel moves an item from place to place: a throwing move would lose it");

  class push_awaiter;
  class pop_awaiter;

  /// A capacity of 0 means 1.
  asio_channel(runtime_type& runtime, std::size_t capacity)
      : capacity_(std::max<std::size_t>(capacity, 1)),
        channel_(runtime.context().get_executor(), capacity_) {}
  asio_channel(const asio_channel&) = delete;
  asio_channel& operator=(const asio_channel&) = delete;

  asio_channel& producer() noexcept { return *this; }
  asio_channel& consumer() noexcept { return *this; }

  /// success, full or closed.
  op_status try_push(T&& item) {
    if (closed_) [[unlikely]]
      return op_status::closed;
    if (channel_.try_send(no_error_, std::move(item))) return op_status::success;
    return channel_.ready() ? op_status::full : push_after_repair(std::move(item));
  }

  /// success, empty or closed.
  op_status try_pop(T& out) {
    if (channel_.try_receive([&out](const asio::error_code&, payload&& item) { out = item_of(item); }))
      return op_status::success;
    return closed_ ? op_status::closed : op_status::empty;
  }

  /// Awaitable: success, closed or cancelled. `item` must live until the `co_await` is over.
  push_awaiter async_push(T&& item) noexcept { return push_awaiter(*this, item); }
  pop_awaiter async_pop(T& out) noexcept { return pop_awaiter(*this, out); }

  void close() {
    closed_ = true;
    channel_.cancel();
  }
  bool is_closed() const noexcept { return closed_; }
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  class parcel;
  class awaiter;

  // A copy leaves the argument of a push as it was.
  using payload = std::conditional_t<std::is_trivially_copyable_v<T>, T, parcel>;
  using channel_type =
      asio::experimental::channel<asio::io_context::executor_type, void(asio::error_code, payload)>;

  static T&& item_of(payload& from) noexcept {
    if constexpr (std::is_same_v<payload, T>)
      return std::move(from);
    else
      return std::move(from.item_);
  }

  /// Full, with nothing inside and nobody waiting: Asio 1.22 forgets that it has a buffer when the last one
  /// that waits to receive is cancelled (asio issue 1241). There is nothing inside that reset() could lose.
  [[gnu::noinline]] op_status push_after_repair(T&& item) {
    channel_.close();
    channel_.reset();
    return channel_.try_send(no_error_, std::move(item)) ? op_status::success : op_status::full;
  }

  const asio::error_code no_error_;  // a fresh one asks for the category, every time
  std::size_t capacity_;
  bool closed_ = false;
  channel_type channel_;
};

/// An operation of a task: what it answers, and how it waits.
template <class T>
class asio_channel<T>::awaiter {
 public:
  awaiter(const awaiter&) = delete;
  awaiter& operator=(const awaiter&) = delete;

  op_status await_resume() const noexcept { return status_; }

 protected:
  /// Ends a wait. `Awaiter` is the derived class.
  template <class Awaiter>
  struct handler {
    using cancellation_slot_type = asio::cancellation_slot;

    Awaiter* self;

    cancellation_slot_type get_cancellation_slot() const noexcept { return self->cancels_->signal.slot(); }
    void operator()(const asio::error_code& error) const { self->end(error); }
    void operator()(const asio::error_code& error, payload&& item) const {
      self->end(error, std::move(item));
    }
  };

  explicit awaiter(asio_channel& queue) noexcept : queue_(queue) {}
  ~awaiter() = default;

  /// Whether the task must wait; else it was cancelled before.
  bool begin(std::coroutine_handle<support::asio_runtime::promise> frame) noexcept {
    frame_ = frame;
    cancels_ = &frame.promise().cancels();
    return !answers_cancelled();
  }

  void end(const asio::error_code& error) {
    cancels_->signal.slot().clear();
    status_ = op_status::success;
    if (error) {
      if (queue_.closed_)
        status_ = op_status::closed;
      else
        answers_cancelled();
    }
    frame_.resume();
  }

  asio_channel& queue_;
  op_status status_;

 private:
  bool answers_cancelled() noexcept {
    if (!cancels_->requested) return false;
    cancels_->requested = false;
    status_ = op_status::cancelled;
    return true;
  }

  // Written where the operation waits.
  std::coroutine_handle<> frame_;
  support::asio_runtime::cancellation* cancels_;
};

template <class T>
class [[nodiscard]] asio_channel<T>::pop_awaiter final : public asio_channel<T>::awaiter {
 public:
  pop_awaiter(asio_channel& queue, T& out) noexcept : awaiter(queue), out_(out) {}

  bool await_ready() {
    this->status_ = this->queue_.try_pop(out_);
    return this->status_ != op_status::empty;
  }
  bool await_suspend(std::coroutine_handle<support::asio_runtime::promise> frame) {
    if (!this->begin(frame)) return false;
    this->queue_.channel_.async_receive(handler{this});
    return true;
  }

 private:
  friend asio_channel;
  using base = awaiter;
  using handler = typename base::template handler<pop_awaiter>;
  friend handler;

  void end(const asio::error_code& error, payload&& item) {
    if (!error) out_ = item_of(item);
    base::end(error);
  }

  T& out_;
};

/// An item inside the channel that is not copied freely. While its push waits it knows the awaiter, to which
/// it gives the item back when the wait ends without success: a failed push leaves its argument as it was.
template <class T>
class asio_channel<T>::parcel {
 public:
  parcel() = default;
  parcel(T&& item) noexcept : item_(std::move(item)) {}
  parcel(T&& item, push_awaiter& sender) noexcept : item_(std::move(item)), sender_(&sender) {
    sender.parcel_ = this;
  }
  parcel(parcel&& other) noexcept
      : item_(std::move(other.item_)), sender_(std::exchange(other.sender_, nullptr)) {
    if (sender_ != nullptr) sender_ = sender_->moved(*this);
  }
  parcel& operator=(parcel&&) = delete;
  ~parcel() {
    if (sender_ != nullptr) sender_->take_back(std::move(item_));
  }

 private:
  friend asio_channel;
  friend push_awaiter;

  T item_{};
  push_awaiter* sender_ = nullptr;
};

template <class T>
class [[nodiscard]] asio_channel<T>::push_awaiter final : public asio_channel<T>::awaiter {
 public:
  push_awaiter(asio_channel& queue, T& item) noexcept : awaiter(queue), item_(item) {}
  ~push_awaiter() {
    if (parcel_ != nullptr) parcel_->sender_ = nullptr;
  }

  bool await_ready() {
    this->status_ = this->queue_.try_push(std::move(item_));
    return this->status_ != op_status::full;
  }
  bool await_suspend(std::coroutine_handle<support::asio_runtime::promise> frame) {
    if (!this->begin(frame)) return false;
    if constexpr (std::is_same_v<payload, T>)
      this->queue_.channel_.async_send(this->queue_.no_error_, item_, handler{this});
    else
      this->queue_.channel_.async_send(this->queue_.no_error_, parcel(std::move(item_), *this),
                                       handler{this});
    waits_ = true;
    return true;
  }

 private:
  friend parcel;
  using base = awaiter;
  using handler = typename base::template handler<push_awaiter>;
  friend handler;

  // For the parcel. One that moves while its push waits was accepted: it answers to nobody any more.
  push_awaiter* moved(parcel& to) noexcept {
    parcel_ = waits_ ? nullptr : &to;
    return waits_ ? nullptr : this;
  }
  void take_back(T&& item) noexcept {
    item_ = std::move(item);
    parcel_ = nullptr;
  }

  T& item_;
  parcel* parcel_ = nullptr;
  bool waits_ = false;
};

static_assert(async_queue<asio_channel<int>>);
static_assert(try_queue<asio_channel<int>>);
static_assert(closable<asio_channel<int>>);
static_assert(!counts_done<asio_channel<int>>);
static_assert(knows_capacity<asio_channel<int>>);

}  // namespace handoff
