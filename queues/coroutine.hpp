// The backend `coroutine`: tasks on one thread, on the asyncio-shaped runtime of queues/async.
//
// What it is: `async::queue` (asyncio.Queue in C++20 coroutines) in the words of the contract. Reference:
// CPython's asyncio.Queue, and the WG21 paper P0260 for the names.
// When to use: producers and consumers that mostly wait, or that share data without locks: a switch of tasks
// costs nanoseconds, a blocked task a few hundred bytes. When not: work that should use more than one core.
//
// Ordering: FIFO. Progress: single-threaded; everything belongs to the runtime's thread.
// Memory: one ring of items, made at once up to 4096 slots; beyond that a push that finds them taken doubles
// them, until the capacity is reached (items whose move can throw have all their slots at once). A waiter
// lives in its coroutine's frame: nothing else allocates.
//
// close(): `shutdown()`. Pushes answer closed, pops drain and then answer closed, whoever waits is woken.
// async_join(): waits until every accepted item is done; one wait, no second look: an item that is accepted
// after the last task_done does not hold a joiner that was waiting before.
// A cancelled task: the operation in which it waits (or its next one that waits) answers cancelled, once; no
// exception is thrown for it. An operation that need not wait does not look.
//
// A consumer handle counts the items that it popped and that are not done; what is left of that when it goes,
// any other handle may mark.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "queues/async/intrusive_list.hpp"
#include "queues/async/queue.hpp"
#include "queues/async/runtime.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/contract/status.hpp"
#include "queues/contract/traits.hpp"

namespace handoff {

template <class T>
class coroutine {
 public:
  using value_type = T;
  using runtime_type = async::runtime;

  static constexpr backend_traits traits{
      .name = "coroutine",
      .summary = "asyncio.Queue in C++20 coroutines on one thread; awaits instead of blocking",
      .reference = "CPython's asyncio.Queue",
      .producers = cardinality::many,
      .consumers = cardinality::many,
      .bounded = true,
      .order = ordering::fifo,
      .exact_empty = true,
      .guarantee = progress::single_threaded,
      .on_throwing_move = throwing_move::strong,
      .waits = {wait_kind::loop},
      .runs_on = execution::coroutines,
  };

  class consumer_handle;

  /// A capacity of 0 means 1.
  coroutine(runtime_type& runtime, std::size_t capacity)
      : queue_(runtime.loop(), static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(
                                   capacity, 1, std::numeric_limits<std::ptrdiff_t>::max()))) {}
  coroutine(const coroutine&) = delete;
  coroutine& operator=(const coroutine&) = delete;
  ~coroutine() {
    while (consumer_handle* const handle = handles_.pop_front()) handle->owner_ = nullptr;
  }

  /// A producer keeps nothing: its handle is the queue.
  coroutine& producer() noexcept { return *this; }
  consumer_handle consumer() noexcept { return consumer_handle(*this); }

  /// success, full or closed.
  op_status try_push(T&& item) { return queue_.put_nowait_status(std::move(item)); }

  /// Awaitable: success, closed or cancelled. `item` must live until the `co_await` is over.
  auto async_push(T&& item) noexcept { return queue_.put_status(std::move(item)); }

  /// Awaitable: success, or cancelled.
  auto async_join() noexcept { return queue_.join_status(); }

  void close() { queue_.shutdown(); }
  bool is_closed() const noexcept { return queue_.is_shut_down(); }
  std::size_t capacity() const noexcept { return static_cast<std::size_t>(queue_.maxsize()); }
  std::size_t size() const noexcept { return queue_.qsize(); }

 private:
  async::queue<T> queue_;
  async::intrusive_list<consumer_handle> handles_;
  std::uint64_t orphans_ = 0;  // popped and not done by handles that are gone
};

/// Stays where it was made. The queue may go first, with tasks that hold handles suspended on the loop.
template <class T>
class coroutine<T>::consumer_handle : private async::list_link {
 public:
  class pop_awaiter;

  explicit consumer_handle(coroutine& owner) noexcept
      : async::list_link{nullptr, nullptr}, queue_(&owner.queue_), owner_(&owner) {
    owner.handles_.push_back(*this);
  }
  consumer_handle(const consumer_handle&) = delete;
  consumer_handle& operator=(const consumer_handle&) = delete;
  ~consumer_handle() {
    if (owner_ == nullptr) return;
    owner_->orphans_ += not_done_;
    this->unlink();
  }

  /// success, empty or closed.
  op_status try_pop(T& out) {
    const op_status status = queue_->get_nowait_status(out);
    if (status == op_status::success) ++not_done_;
    return status;
  }

  /// Awaitable: success, closed or cancelled.
  pop_awaiter async_pop(T& out) noexcept { return {*this, out}; }

  /// One item that this handle, or one that is gone, popped is processed. Throws std::logic_error when there
  /// is none.
  void task_done() {
    std::uint64_t& credit = not_done_ > 0 ? not_done_ : owner_->orphans_;
    if (credit == 0) throw std::logic_error("task_done() called more often than this handle popped");
    --credit;
    queue_->task_done();
  }

 private:
  friend class coroutine;
  friend class async::intrusive_list<consumer_handle>;

  async::queue<T>* queue_;
  coroutine* owner_;            // null when the queue is gone
  std::uint64_t not_done_ = 0;  // popped here, not reported as done
};

template <class T>
class [[nodiscard]] coroutine<T>::consumer_handle::pop_awaiter final
    : public async::queue<T>::get_status_awaiter {
 public:
  pop_awaiter(consumer_handle& handle, T& out) noexcept
      : async::queue<T>::get_status_awaiter(*handle.queue_, out), handle_(handle) {}

  op_status await_resume() {
    const op_status status = async::queue<T>::get_status_awaiter::await_resume();
    if (status == op_status::success) ++handle_.not_done_;
    return status;
  }

 private:
  consumer_handle& handle_;
};

static_assert(async_queue<coroutine<int>>);
static_assert(try_queue<coroutine<int>>);
static_assert(closable<coroutine<int>>);
static_assert(counts_done<coroutine<int>>);
static_assert(knows_capacity<coroutine<int>>);
static_assert(knows_size<coroutine<int>>);

}  // namespace handoff
