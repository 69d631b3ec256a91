// asio::experimental::channel as its users write it: tasks are asio::awaitable coroutines, on one thread.
//
// What it is: a peer to compare coroutine queues with: the channel with its default executor, awaited with
// use_awaitable, and as_tuple so that no status is an exception. Reference: Kohlhoff, Asio (1.22 and newer),
// experimental::channel. How much of its cost is its users' habits, `asio_channel_tuned` shows.
// When to use: in a program that runs on Asio already. When not: where handing over an item is what costs:
// an operation always goes through the loop, with room and with items too; where many waiting tasks are
// cancelled one by one (each cancellation walks past all who wait); where join is wanted.
//
// The statuses of the contract cost a coroutine around each of Asio's: 0 to 15 % of the 3 to 6 M items/s,
// against the same without them.
//
// Ordering: FIFO. Progress: single-threaded; everything belongs to the thread that runs the loop.
// Memory: a std::deque of items; an operation allocates its frames, from what Asio recycles.
//
// close(): pushes answer closed, pops drain and then answer closed, whoever waits is woken. join: none, Asio
// does not count what is done. A cancelled task: the operation in which it waits (or its next one that waits)
// answers cancelled, once. From the first cancellation on, operations on the loop try before they wait: that
// is where a cancellation that came while its task did not wait is looked for, and where Asio's forgotten
// buffer (asio_channel_core.hpp) is mended.
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

  /// Why an operation ends without success: the queue was closed, or the task cancelled. That is hereby
  /// delivered.
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
