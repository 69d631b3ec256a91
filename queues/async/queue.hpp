// asyncio's Queue on one thread: `async::queue<T>`.
//
// A FIFO of items between the tasks of one event loop, in the words and with the exact behaviour of
// CPython's asyncio.Queue (3.13, `shutdown` included). `put` and `get` are plain awaitables, not
// coroutines: with room, or with an item, they neither suspend nor allocate. When to use: stages of one
// thread's work that wait for each other. When not: between threads.
//
// Waking up: a task that makes room or brings an item wakes the oldest waiter; nothing is handed over. The
// waiter's turn comes one pass of the loop later and it looks again; an operation that came in between may
// have taken the item or the slot (barging), and the waiter then queues again at the tail. The second look
// is done by the awaiter in its turn, without resuming the coroutine. A waiter that is cancelled after it
// was woken passes the wake-up on.
//
// Ordering: FIFO. Progress: single-threaded; every member belongs to the loop's thread. Memory: one ring of
// items, allocated at the start up to 4096 slots (16 if unbounded), doubled when full, and shrunk as it
// drains, unless it has grown to the bound; waiters live in their coroutines' frames, so that an operation
// allocates nothing but another ring. Items that may throw while they move lie in a deque, in which they do
// not: if one throws, the operation has no effect, and the wake-up is passed on.
//
// shutdown(): puts fail; gets drain the remaining items and then fail; every waiter wakes to find that out.
// join(): waits until every item that was put is reported by task_done(). One wait, no second look: a put
// right after the last task_done() does not hold it.
//
// Each operation has two forms. asyncio's words throw: `queue_shut_down`, and `cancelled_error` in a
// cancelled task. The `_status` forms answer closed and cancelled, and throw nothing of the queue's own;
// what they can do without waiting is done when the call returns, so await them in the same expression.
// Whether a cancelled task had its operation done is never in doubt: it had not.
#pragma once

#include <algorithm>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <functional>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "queues/async/detail/stores.hpp"
#include "queues/async/errors.hpp"
#include "queues/async/event_loop.hpp"
#include "queues/contract/status.hpp"
#include "queues/contract/traits.hpp"

namespace handoff::async {

template <class T, class Store = fifo<T>>
class queue : public wait_place {
  struct putting;
  struct getting;
  template <class Side>
  class item_waiter;
  class join_waiter;

 public:
  using value_type = item_type<T>;

  template <class Item>
  class put_awaiter;
  class put_status_awaiter;
  class get_awaiter;
  class get_status_awaiter;
  class join_awaiter;
  class join_status_awaiter;

  /// `maxsize` <= 0: unbounded.
  explicit queue(event_loop& loop, std::ptrdiff_t maxsize = 0)
      : wait_place(loop),
        room_(maxsize > 0 ? static_cast<std::size_t>(maxsize) : unbounded),
        maxsize_(maxsize),
        items_(first_slots(maxsize), room_) {}

  ~queue() {
    abandon(getters_);
    abandon(putters_);
    abandon(joiners_);
  }

  /// Waits while the queue is full. The argument must live until the `co_await` is over; it is moved from (or
  /// copied) only when the item goes in.
  put_awaiter<T&&> put(T&& item) noexcept { return {*this, std::move(item)}; }
  put_awaiter<const T&> put(const T& item) noexcept requires std::copy_constructible<T> {
    return {*this, item};
  }
  put_status_awaiter put_status(T&& item) { return {*this, item}; }

  /// Waits while the queue is empty; answers the oldest item.
  get_awaiter get() noexcept { return get_awaiter(*this); }
  /// The same, moved into `out`.
  get_status_awaiter get_status(T& out) { return {*this, out}; }

  /// Waits until nothing is unfinished; does not suspend when nothing is.
  join_awaiter join() noexcept { return join_awaiter(*this); }
  join_status_awaiter join_status() noexcept { return join_status_awaiter(*this); }

  /// Throws `queue_shut_down`, else `queue_full`.
  template <class Item>
    requires std::convertible_to<Item&&, T>
  void put_nowait(Item&& item) {
    if (!has_room()) {
      if (shut_down_) throw queue_shut_down();
      throw queue_full();
    }
    append(std::forward<Item>(item));
  }

  /// Throws `queue_shut_down` when shut down and drained, else `queue_empty`.
  T get_nowait() {
    if (items_.has_some()) return take();
    if (shut_down_) throw queue_shut_down();
    throw queue_empty();
  }

  /// success, closed or full; success, closed or empty.
  op_status put_nowait_status(T&& item) {
    if (!has_room()) return shut_down_ ? op_status::closed : op_status::full;
    append(std::move(item));
    return op_status::success;
  }
  op_status get_nowait_status(T& out) {
    if (!items_.has_some()) return shut_down_ ? op_status::closed : op_status::empty;
    take_into(out);
    return op_status::success;
  }

  /// Reports one item that was taken as processed. Throws std::logic_error when nothing is unfinished.
  void task_done() {
    if (unfinished_tasks() == 0) [[unlikely]]
      throw_nothing_unfinished();
    count_done();
  }

  /// `task_done` if something is known to be unfinished.
  void count_done() noexcept {
    ++done_;
    if (unfinished_tasks() == 0 && !joiners_.empty()) [[unlikely]]
      wake_all(joiners_);
  }

  /// Refuses puts from here on. `immediate`: drops the items inside, too; items that were taken still need
  /// their task_done().
  void shutdown(bool immediate = false) {
    shut_down_ = true;
    room_ = 0;
    if (immediate) {
      for (; items_.has_some(); items_.pop()) done_ += unfinished_tasks() > 0 ? 1 : 0;
      if (unfinished_tasks() == 0) wake_all(joiners_);
    }
    wake_all(getters_);
    wake_all(putters_);
  }

  bool is_shut_down() const noexcept { return shut_down_; }
  std::ptrdiff_t maxsize() const noexcept { return maxsize_; }
  std::size_t qsize() const noexcept { return items_.size(); }
  bool empty() const noexcept { return items_.empty(); }
  bool full() const noexcept { return maxsize_ > 0 && items_.size() >= static_cast<std::size_t>(maxsize_); }
  std::size_t unfinished_tasks() const noexcept { return items_.pushed() - done_; }

  // Shown by `describe`.
  const Store& items() const noexcept { return items_; }
  std::size_t waiting_getters() const noexcept { return getters_.size(); }
  std::size_t waiting_putters() const noexcept { return putters_.size(); }

 private:
  static constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();

  static std::size_t first_slots(std::ptrdiff_t maxsize) noexcept {
    return maxsize <= 0 ? 16 : std::min<std::size_t>(static_cast<std::size_t>(maxsize), 4096);
  }

  [[noreturn, gnu::noinline, gnu::cold]] static void throw_nothing_unfinished() {
    throw std::logic_error("task_done() called more often than items were put");
  }

  bool has_room() const noexcept { return items_.size() < room_; }

  // A waiter that was woken for an operation which then throws has used its wake-up up for nothing: the next
  // one is woken instead.
  template <class Item>
  [[gnu::always_inline]] void append(Item&& item) {
    if (items_.needs_growth()) [[unlikely]]
      grow();
    append_after_wait(std::forward<Item>(item));
  }

  /// The same for a put whose first look found no room: the queue was full once, and keeps its slots.
  template <class Item>
  [[gnu::always_inline]] void append_after_wait(Item&& item) {
    if constexpr (noexcept(items_.push(std::forward<Item>(item)))) {
      items_.push(std::forward<Item>(item));
    } else {
      try {
        items_.push(std::forward<Item>(item));
      } catch (...) {
        wake_one(putters_);
        throw;
      }
    }
    wake_one(getters_);
  }

  /// Apart, so that the way of an item that fits carries no handler.
  [[gnu::noinline]] void grow() {
    try {
      items_.grow();
    } catch (...) {
      wake_one(putters_);
      throw;
    }
  }

  [[gnu::always_inline]] T take() {
    if constexpr (std::is_nothrow_move_constructible_v<T>) {
      T item(std::move(items_.front()));
      drop_front();
      return item;
    } else {
      const drop_when_returned guard(*this);
      return T(std::move(items_.front()));
    }
  }

  [[gnu::always_inline]] void take_into(T& out) {
    try {
      out = std::move(items_.front());
    } catch (...) {
      wake_one(getters_);
      throw;
    }
    drop_front();
  }

  void drop_front() noexcept {
    items_.pop();
    wake_one(putters_);
  }

  /// Lets the item go once it has been moved into the caller's result, and not before.
  class drop_when_returned {
   public:
    explicit drop_when_returned(queue& queue) noexcept : queue_(queue) {}
    drop_when_returned(const drop_when_returned&) = delete;
    drop_when_returned& operator=(const drop_when_returned&) = delete;
    ~drop_when_returned() {
      if (std::uncaught_exceptions() == exceptions_) {
        queue_.drop_front();
      } else {
        queue_.wake_one(queue_.getters_);
      }
    }

   private:
    queue& queue_;
    int exceptions_ = std::uncaught_exceptions();
  };

  std::size_t room_;      // maxsize, or no bound; 0 once shut down
  std::size_t done_ = 0;  // items reported as done, or dropped by shutdown, of all that were put
  support::intrusive_list<waiter> getters_;
  support::intrusive_list<waiter> putters_;
  support::intrusive_list<waiter> joiners_;
  std::ptrdiff_t maxsize_;
  bool shut_down_ = false;
  Store items_;
};

/// The newest item first.
template <class T>
using lifo_queue = queue<T, stack<T>>;

/// The least item first; equal ones in CPython's order. An item must not throw when it moves.
template <class T, class Less = std::less<T>>
using priority_queue = queue<T, heap<T, Less>>;

}  // namespace handoff::async

#include "queues/async/detail/queue_awaiters.hpp"
