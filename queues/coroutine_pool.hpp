// Tasks on several threads: producers and consumers are coroutines on the threads of a stealing_executor, and
// hand items over through a bounded channel.
//
// When to use   a hundred producers and consumers, or ten thousand, on a few threads
// When not      one thread is enough for all of them: `coroutine` needs no lock; a producer and a consumer on
//               two threads: mutex_condvar, moodycamel
// Ordering      FIFO; who waits is woken in the order of coming, as in queues/channel/channel.hpp
// Progress      blocking: a short lock per operation. A task that has to wait is suspended, and its thread
//               runs another one, or sleeps
// Memory        `capacity` items, allocated once; a waiter lives in its coroutine's frame
// close, join   after close, pushes answer closed, pops drain and then answer closed, and all waiters wake. A
//               join waits until every accepted item is done: one wait, no second look
// Reference     the channel: Hoare's bounded buffer (1974) and Go's channels; the threads: Acar, Charguéraud
//               and Rainey, Scheduling parallel programs by work stealing with private deques (2013)
//
// A cancelled task: the operation in which it waits (or its next one that waits) answers cancelled, once. An
// operation that need not wait does not look.
//
// A consumer handle counts the items that it popped and that are not done; those left when it is destroyed
// may be marked by any other handle.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "queues/channel/channel.hpp"
#include "queues/contract/capacity.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/contract/status.hpp"
#include "queues/contract/traits.hpp"
#include "queues/stealing/coroutine_runtime.hpp"
#include "queues/stealing/detail/apart.hpp"
#include "queues/support/intrusive_list.hpp"

namespace handoff {

/// Any thread, but for what is awaited: from a task of a stealing::coroutine_runtime.
template <class T>
class coroutine_pool {
 public:
  using value_type = item_type<T>;
  using runtime_type = stealing::coroutine_runtime;

  class consumer_handle;

  static constexpr backend_traits traits{
      .name = "coroutine_pool",
      .summary = "bounded channel between coroutines on the threads of a work-stealing executor",
      .reference = "Hoare's bounded buffer; Acar, Charguéraud and Rainey 2013",
      .order = ordering::fifo,
      .guarantee = progress::blocking,
      .on_throwing_move = throwing_move::forbidden,
      .waits = {wait_kind::loop},
      .runs_on = execution::coroutines,
  };

  /// Throws as the contract says of capacities.
  coroutine_pool(runtime_type&, std::size_t capacity)
      : channel_(checked_capacity(traits.name, capacity, most_items(sizeof(T)))) {}
  coroutine_pool(const coroutine_pool&) = delete;
  coroutine_pool& operator=(const coroutine_pool&) = delete;
  ~coroutine_pool() {
    while (consumer_handle* const handle = handles_.pop_front()) handle->owner_ = nullptr;
  }

  /// A producer keeps nothing: its handle is the queue.
  coroutine_pool& producer() noexcept { return *this; }
  consumer_handle consumer() { return consumer_handle(*this); }

  /// success, full or closed.
  op_status try_push(T&& item) { return channel_.try_push(std::move(item)); }

  /// Awaitable: success, closed or cancelled. `item` must live until the `co_await` is over.
  auto async_push(T&& item) noexcept { return awaiter(channel_.async_push(std::move(item))); }

  /// Awaitable: success, or cancelled.
  auto async_join() noexcept { return awaiter(channel_.async_join()); }

  void close() { channel_.close(); }
  bool is_closed() const { return channel_.is_closed(); }
  std::size_t capacity() const noexcept { return channel_.capacity(); }
  std::size_t size() const { return channel_.size(); }

 private:
  template <class Operation>
  class awaiter;
  template <class Request>
  awaiter(Request) -> awaiter<decltype(std::declval<Request>().begin())>;

  channel<T> channel_;
  std::mutex mutex_;  // of what follows
  support::intrusive_list<consumer_handle> handles_;
  std::uint64_t orphans_ = 0;  // popped and not done by handles that are gone
};

/// An operation of the channel, for a task of the runtime.
template <class T>
template <class Operation>
class [[nodiscard]] coroutine_pool<T>::awaiter {
 public:
  template <class Request>
  explicit awaiter(Request request) noexcept : operation_(std::move(request).begin()) {}

  bool await_ready() { return operation_.await_ready(); }
  HANDOFF_APART_IN_CLANG bool await_suspend(std::coroutine_handle<runtime_type::promise> waiting) {
    return operation_.await_suspend(waiting, waiting.promise().cancels());
  }
  op_status await_resume() { return operation_.await_resume(); }

 private:
  Operation operation_;
};

/// Of one task at a time. Cannot be moved. The queue may be destroyed first, with tasks that hold handles
/// suspended in it.
template <class T>
class coroutine_pool<T>::consumer_handle : private support::list_link {
  using operation = decltype(std::declval<channel<T>&>().async_pop(std::declval<T&>()).begin());

 public:
  class pop_awaiter;

  explicit consumer_handle(coroutine_pool& owner) : support::list_link{nullptr, nullptr}, owner_(&owner) {
    const std::lock_guard lock(owner.mutex_);
    owner.handles_.push_back(*this);
  }
  consumer_handle(const consumer_handle&) = delete;
  consumer_handle& operator=(const consumer_handle&) = delete;
  ~consumer_handle() {
    if (owner_ == nullptr) return;
    const std::lock_guard lock(owner_->mutex_);
    owner_->orphans_ += popped_ - done_;
    this->unlink();
  }

  /// success, empty or closed.
  op_status try_pop(T& out) {
    const op_status status = owner_->channel_.try_pop(out);
    if (status == op_status::success) ++popped_;
    return status;
  }

  /// Awaitable: success, closed or cancelled.
  pop_awaiter async_pop(T& out) noexcept { return {*this, out}; }

  /// One item that this handle, or one that is gone, popped is processed. Throws std::logic_error when there
  /// is none.
  void task_done() {
    if (done_ == popped_) [[unlikely]]
      take_orphan();
    ++done_;
    owner_->channel_.task_done();
  }

 private:
  friend class coroutine_pool;
  friend class support::intrusive_list<consumer_handle>;

  /// Takes over an item that a destroyed handle did not mark.
  [[gnu::noinline, gnu::cold]] void take_orphan() {
    const std::lock_guard lock(owner_->mutex_);
    if (owner_->orphans_ == 0)
      throw std::logic_error("task_done() called more often than this handle popped");
    --owner_->orphans_;
    ++popped_;
  }

  coroutine_pool* owner_;     // null if the queue was destroyed
  std::uint64_t popped_ = 0;  // here, and what was taken over
  std::uint64_t done_ = 0;
};

template <class T>
class [[nodiscard]] coroutine_pool<T>::consumer_handle::pop_awaiter final
    : public coroutine_pool<T>::template awaiter<operation> {
 public:
  pop_awaiter(consumer_handle& handle, T& out) noexcept
      : awaiter<operation>(handle.owner_->channel_.async_pop(out)), handle_(handle) {}

  op_status await_resume() {
    const op_status status = awaiter<operation>::await_resume();
    if (status == op_status::success) ++handle_.popped_;
    return status;
  }

 private:
  consumer_handle& handle_;
};

static_assert(async_queue<coroutine_pool<int>> && async_joinable<coroutine_pool<int>>);
static_assert(try_queue<coroutine_pool<int>>);
static_assert(closable<coroutine_pool<int>>);
static_assert(knows_capacity<coroutine_pool<int>>);
static_assert(knows_size<coroutine_pool<int>>);

}  // namespace handoff
