// asio::experimental::channel at its best: tasks on one thread, on Asio's own loop. Items, bound and
// waiters are the channel's; ready tasks wait in an io_context.
//
// When to use   in a program that runs on Asio already, if `asio_channel`, which is Asio as its users write
//               it, costs too much
// When not      many waiting tasks are cancelled one by one (each cancellation walks past all waiters);
//               join is needed
// Ordering      FIFO
// Progress      single-threaded; everything belongs to the thread that runs the loop
// Memory        a std::deque of items; an operation that waits allocates, from what Asio recycles
// close, join   after close, pushes answer closed, pops drain and then answer closed, and all waiters wake;
//               no join: Asio does not count the items that are done
// Reference     Kohlhoff, Asio (1.22 and newer), experimental::channel
//
// What makes it fast: it tries first, while an asynchronous operation always goes through the loop; its
// tasks are coroutines of their own, because asio::awaitable needs one frame per operation; and its
// executor is the io_context's own, not any_io_executor. M items/s (1P 1C, 8 bytes, Asio 1.22, on the
// machine on which this was written):
//
//   capacity  1  1024
//             5     5   asio_channel
//            27   102   this
//            56   105   this, in a program with ASIO_DISABLE_THREADS: its work counts are not atomic
//
// ASIO_DISABLE_THREADS must be defined for a whole program, never by a header or for a part of a program:
// two parts that disagree about it are undefined behaviour, and `asio_channel` is measured in the same
// program.
//
// A cancelled task: the operation in which it waits (or its next one that waits) answers cancelled, once.
#pragma once

#include <asio/cancellation_signal.hpp>
#include <asio/error_code.hpp>
#include <asio/io_context.hpp>

#include <coroutine>
#include <cstddef>
#include <utility>

#include "queues/asio/channel_core.hpp"
#include "queues/asio/task_runtime.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/contract/status.hpp"
#include "queues/contract/traits.hpp"

namespace handoff {

template <class T>
class asio_channel_tuned : public support::asio_channel_core<T, asio::io_context::executor_type> {
  using core = support::asio_channel_core<T, asio::io_context::executor_type>;

 public:
  using runtime_type = support::asio_task_runtime;

  static constexpr backend_traits traits = core::traits_of(
      "asio_channel_tuned", "asio::experimental::channel at its best: try first, await without a frame");

  class push_awaiter;
  class pop_awaiter;

  /// Throws as the contract says of capacities.
  asio_channel_tuned(runtime_type& runtime, std::size_t capacity)
      : core(runtime.context().get_executor(), traits.name, capacity) {}

  asio_channel_tuned& producer() noexcept { return *this; }
  asio_channel_tuned& consumer() noexcept { return *this; }

  /// Awaitable: success, closed or cancelled. `item` must live until the `co_await` is over.
  push_awaiter async_push(T&& item) noexcept { return push_awaiter(*this, item); }
  pop_awaiter async_pop(T& out) noexcept { return pop_awaiter(*this, out); }

 private:
  using typename core::payload;

  class awaiter;
};

/// An operation of a task: its answer, and how it waits.
template <class T>
class asio_channel_tuned<T>::awaiter {
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

  explicit awaiter(asio_channel_tuned& queue) noexcept : queue_(queue) {}
  ~awaiter() = default;

  /// Whether the task must wait; else it was cancelled before.
  bool begin(std::coroutine_handle<support::asio_task_runtime::promise> frame) noexcept {
    frame_ = frame;
    cancels_ = &frame.promise().cancels();
    return !answers_cancelled();
  }

  void end(const asio::error_code& error) {
    cancels_->signal.slot().clear();
    status_ = op_status::success;
    if (error) {
      if (queue_.is_closed())
        status_ = op_status::closed;
      else
        answers_cancelled();
    }
    frame_.resume();
  }

  asio_channel_tuned& queue_;
  op_status status_;

 private:
  bool answers_cancelled() noexcept {
    if (!cancels_->requested) return false;
    cancels_->requested = false;
    status_ = op_status::cancelled;
    return true;
  }

  // Written if the operation waits.
  std::coroutine_handle<> frame_;
  support::asio_task_runtime::cancellation* cancels_;
};

template <class T>
class [[nodiscard]] asio_channel_tuned<T>::pop_awaiter final : public asio_channel_tuned<T>::awaiter {
 public:
  pop_awaiter(asio_channel_tuned& queue, T& out) noexcept : awaiter(queue), out_(out) {}

  bool await_ready() {
    this->status_ = this->queue_.try_pop(out_);
    return this->status_ != op_status::empty;
  }
  bool await_suspend(std::coroutine_handle<support::asio_task_runtime::promise> frame) {
    if (!this->begin(frame)) return false;
    this->queue_.channel().async_receive(handler{this});
    return true;
  }

 private:
  friend asio_channel_tuned;
  using base = awaiter;
  using handler = typename base::template handler<pop_awaiter>;
  friend handler;

  void end(const asio::error_code& error, payload&& item) {
    if (!error) out_ = core::item_of(item);
    base::end(error);
  }

  T& out_;
};

template <class T>
class [[nodiscard]] asio_channel_tuned<T>::push_awaiter final : public asio_channel_tuned<T>::awaiter {
 public:
  push_awaiter(asio_channel_tuned& queue, T& item) noexcept : awaiter(queue), push_(item) {}

  bool await_ready() {
    this->status_ = this->queue_.try_push(std::move(push_.item()));
    return this->status_ != op_status::full;
  }
  bool await_suspend(std::coroutine_handle<support::asio_task_runtime::promise> frame) {
    if (!this->begin(frame)) return false;
    this->queue_.channel().async_send(this->queue_.no_error(), push_.packed(), handler{this});
    return true;
  }

 private:
  using base = awaiter;
  using handler = typename base::template handler<push_awaiter>;
  friend handler;

  support::asio_push<T> push_;
};

static_assert(async_queue<asio_channel_tuned<int>>);
static_assert(try_queue<asio_channel_tuned<int>>);
static_assert(closable<asio_channel_tuned<int>>);
static_assert(!counts_done<asio_channel_tuned<int>>);
static_assert(knows_capacity<asio_channel_tuned<int>>);

}  // namespace handoff
