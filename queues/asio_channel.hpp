// asio::experimental::channel as its users write it: tasks are asio::awaitable coroutines, on one thread.
// It has its default executor and is awaited with use_awaitable, and as_tuple so that no status is an
// exception.
//
// When to use   in a program that runs on Asio already
// When not      handing over an item must be cheap (an operation always goes through the loop, even if it
//               need not wait); many waiting tasks are cancelled one by one (each cancellation walks past
//               all waiters); join is needed
// Ordering      FIFO
// Progress      single-threaded; everything belongs to the thread that runs the loop
// Memory        a std::deque of items; an operation allocates its frames, from what Asio recycles
// close, join   after close, pushes answer closed, pops drain and then answer closed, and all waiters wake;
//               no join: Asio does not count the items that are done
// Reference     Kohlhoff, Asio (1.22 and newer), experimental::channel
//
// `asio_channel_tuned` shows how much of its cost comes from how it is used. The statuses of the contract
// cost one coroutine around each of Asio's: 0 to 15 % of the 3 to 6 M items/s, compared with the same
// without them.
//
// A cancelled task: the operation in which it waits (or its next one that waits) answers cancelled, once.
// After the first cancellation, operations on the loop try before they wait: that is how a cancellation is
// found that came while its task did not wait, and how Asio's forgotten buffer (asio/channel_core.hpp) is
// mended.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/cancellation_state.hpp>
#include <asio/cancellation_type.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <cstddef>
#include <tuple>
#include <utility>

#include "queues/asio/awaitable_runtime.hpp"
#include "queues/asio/channel_core.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/contract/status.hpp"
#include "queues/contract/traits.hpp"

namespace handoff {

template <class T>
class asio_channel : public support::asio_channel_core<T, asio::any_io_executor> {
  using core = support::asio_channel_core<T, asio::any_io_executor>;

 public:
  using runtime_type = support::asio_awaitable_runtime;

  static constexpr backend_traits traits = core::traits_of(
      "asio_channel", "asio::experimental::channel as its users write it, in asio::awaitable");

  /// Throws as the contract says of capacities.
  asio_channel(runtime_type& runtime, std::size_t capacity)
      : core(runtime.context().get_executor(), traits.name, capacity), runtime_(runtime) {}

  asio_channel& producer() noexcept { return *this; }
  asio_channel& consumer() noexcept { return *this; }

  /// Awaitable: success, closed or cancelled. `item` must live until the `co_await` is over.
  asio::awaitable<op_status> async_push(T&& item) {
    if (this->is_closed()) co_return op_status::closed;
    if (runtime_.has_cancelled()) {
      const op_status at_once = this->try_push(std::move(item));
      if (at_once != op_status::full) co_return at_once;
      const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return co_await failure();
    }
    support::asio_push<T> push(item);
    const auto [error] = co_await this->channel().async_send(this->no_error(), push.packed(), answered);
    if (error) co_return co_await failure();
    co_return op_status::success;
  }

  asio::awaitable<op_status> async_pop(T& out) {
    if (this->is_closed()) co_return this->try_pop(out);
    if (runtime_.has_cancelled()) {
      const op_status at_once = this->try_pop(out);
      if (at_once != op_status::empty) co_return at_once;
      const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return co_await failure();
    }
    auto [error, item] = co_await this->channel().async_receive(answered);
    if (error) co_return co_await failure();
    out = core::item_of(item);
    co_return op_status::success;
  }

 private:
  static constexpr auto answered = asio::experimental::as_tuple(asio::use_awaitable);

  /// Why an operation ends without success: the queue was closed, or the task cancelled. The call delivers
  /// the cancellation.
  asio::awaitable<op_status> failure() {
    if (this->is_closed()) co_return op_status::closed;
    co_await asio::this_coro::reset_cancellation_state();
    co_return op_status::cancelled;
  }

  runtime_type& runtime_;
};

static_assert(async_queue<asio_channel<int>>);
static_assert(try_queue<asio_channel<int>>);
static_assert(closable<asio_channel<int>>);
static_assert(!counts_done<asio_channel<int>>);
static_assert(knows_capacity<asio_channel<int>>);

}  // namespace handoff
