// The queues of this runtime with the operations of the contract: shared by the backends coroutine,
// coroutine_lifo and coroutine_priority.
//
// close(): `shutdown()`. Pushes answer closed, pops drain and then answer closed, and all waiters wake.
// async_join(): waits until every accepted item is done; one wait, no second look: an item that is accepted
// after the last task_done does not hold a joiner that was waiting before. A cancelled task: the operation
// in which it waits (or its next one that waits) answers cancelled, once; no exception is thrown for it. An
// operation that need not wait does not look.
//
// A consumer handle counts the items that it popped and that are not done; those left when it is destroyed
// may be marked by any other handle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>

#include "queues/async/queue.hpp"
#include "queues/async/runtime.hpp"
#include "queues/contract/capacity.hpp"
#include "queues/contract/status.hpp"
#include "queues/support/intrusive_list.hpp"

namespace handoff::async {

/// `Queue`: async::queue, lifo_queue or priority_queue. The backends derive from it and add their traits.
template <class Queue>
class backend_of {
 public:
  using value_type = typename Queue::value_type;
  using runtime_type = async::runtime;

  class consumer_handle;

  /// Throws as the contract says of capacities, in the words of the backend called `name`.
  backend_of(runtime_type& runtime, std::string_view name, std::size_t capacity)
      : queue_(runtime.loop(), static_cast<std::ptrdiff_t>(checked_capacity(name, capacity, most_items(1)))) {
  }
  backend_of(const backend_of&) = delete;
  backend_of& operator=(const backend_of&) = delete;
  ~backend_of() {
    while (consumer_handle* const handle = handles_.pop_front()) handle->owner_ = nullptr;
  }

  /// A producer keeps nothing: its handle is the queue.
  backend_of& producer() noexcept { return *this; }
  consumer_handle consumer() noexcept { return consumer_handle(*this); }

  /// success, full or closed.
  op_status try_push(value_type&& item) { return queue_.put_nowait_status(std::move(item)); }

  /// Awaitable: success, closed or cancelled. `item` must live until the `co_await` is over.
  auto async_push(value_type&& item) { return queue_.put_status(std::move(item)); }

  /// Awaitable: success, or cancelled.
  auto async_join() noexcept { return queue_.join_status(); }

  void close() { queue_.shutdown(); }
  bool is_closed() const noexcept { return queue_.is_shut_down(); }
  std::size_t capacity() const noexcept { return static_cast<std::size_t>(queue_.maxsize()); }
  std::size_t size() const noexcept { return queue_.qsize(); }

 private:
  Queue queue_;
  support::intrusive_list<consumer_handle> handles_;
  std::uint64_t orphans_ = 0;  // popped and not done by handles that are gone
};

/// Cannot be moved. The queue may be destroyed first, with tasks that hold handles suspended on the loop.
template <class Queue>
class backend_of<Queue>::consumer_handle : private support::list_link {
 public:
  class pop_awaiter;

  explicit consumer_handle(backend_of& owner) noexcept
      : support::list_link{nullptr, nullptr}, queue_(&owner.queue_), owner_(&owner) {
    owner.handles_.push_back(*this);
  }
  consumer_handle(const consumer_handle&) = delete;
  consumer_handle& operator=(const consumer_handle&) = delete;
  ~consumer_handle() {
    if (owner_ == nullptr) return;
    owner_->orphans_ += popped_ - done_;
    this->unlink();
  }

  /// success, empty or closed.
  op_status try_pop(value_type& out) {
    const op_status status = queue_->get_nowait_status(out);
    if (status == op_status::success) ++popped_;
    return status;
  }

  /// Awaitable: success, closed or cancelled.
  pop_awaiter async_pop(value_type& out) { return {*this, out}; }

  /// One item that this handle, or one that is gone, popped is processed. Throws std::logic_error when there
  /// is none.
  void task_done() {
    if (done_ == popped_) [[unlikely]]
      take_orphan();
    ++done_;
    queue_->count_done();
  }

 private:
  friend class backend_of;
  friend class support::intrusive_list<consumer_handle>;

  /// Takes over the items that a destroyed handle did not mark.
  [[gnu::noinline, gnu::cold]] void take_orphan() {
    if (owner_->orphans_ == 0)
      throw std::logic_error("task_done() called more often than this handle popped");
    --owner_->orphans_;
    ++popped_;
  }

  Queue* queue_;
  backend_of* owner_;  // null if the queue was destroyed
  // Two counts, not their difference: a pop and a task_done do not wait for each other's store.
  std::uint64_t popped_ = 0;  // here, and what was taken over
  std::uint64_t done_ = 0;
};

template <class Queue>
class [[nodiscard]] backend_of<Queue>::consumer_handle::pop_awaiter final : public Queue::get_status_awaiter {
 public:
  pop_awaiter(consumer_handle& handle, value_type& out) : Queue::get_status_awaiter(*handle.queue_, out) {
    if (this->ended_as() == waiter::outcome::done)
      ++handle.popped_;
    else
      handle_ = &handle;
  }

  op_status await_resume() {
    const bool pops_now = this->ended_as() == waiter::outcome::proceed;
    const op_status status = Queue::get_status_awaiter::await_resume();
    if (pops_now) ++handle_->popped_;
    return status;
  }

 private:
  consumer_handle* handle_;
};

}  // namespace handoff::async
