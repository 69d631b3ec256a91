// `co_await` of a put, a get or a join of an `async::queue`: look, wait in the queue's list, and in the
// awaiter's turn look again.
//
// Part of queues/async/queue.hpp: include that.
#pragma once

#include <concepts>
#include <coroutine>
#include <memory>
#include <utility>

#include "queues/async/detail/waiter.hpp"
#include "queues/async/errors.hpp"
#include "queues/async/queue.hpp"
#include "queues/contract/status.hpp"

namespace handoff::async {

/// One side of the queue, for its operations: when one can proceed, and where it waits until then.
template <class T, class Store>
struct queue<T, Store>::putting {
  static bool possible(const queue& queue) noexcept { return queue.has_room(); }
  static support::intrusive_list<waiter>& line(queue& queue) noexcept { return queue.putters_; }
};

template <class T, class Store>
struct queue<T, Store>::getting {
  static bool possible(const queue& queue) noexcept { return !queue.empty(); }
  static support::intrusive_list<waiter>& line(queue& queue) noexcept { return queue.getters_; }
};

/// Shared by the forms of `put` and `get`: the looks, the wait, and how a failure is reported.
template <class T, class Store>
template <class Side>
class queue<T, Store>::item_waiter : public waiter {
 public:
  bool await_ready() noexcept {
    this->end_unsuspended(waiter::outcome::proceed);
    return Side::possible(place()) || ends_as_closed();
  }

  template <std::derived_from<promise_base> Promise>
  [[gnu::always_inline]] void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
    this->run = &take_turn;
    this->suspend(frame, Side::line(place()));
  }

 protected:
  item_waiter() noexcept : waiter(waiter::not_set{}) {}
  explicit item_waiter(queue& queue) noexcept : item_waiter() { this->owner = &queue; }
  ~item_waiter() = default;

  queue& place() const noexcept { return static_cast<queue&>(*this->owner); }

  /// If the operation is not possible: whether it never will be.
  bool ends_as_closed() noexcept {
    if (!place().shut_down_) return false;
    this->end_as(waiter::outcome::closed);
    return true;
  }

  op_status failure() const noexcept { return this->cancelled() ? op_status::cancelled : op_status::closed; }

  [[noreturn]] void throw_failure() const {
    if (this->cancelled()) throw cancelled_error{};
    throw queue_shut_down();
  }

 private:
  static void take_turn(ready_node& node) {
    auto& self = static_cast<item_waiter&>(node);
    queue& q = self.place();
    if (self.must_cancel()) [[unlikely]] {
      const bool was_woken = self.deliver_cancel();
      if (was_woken && Side::possible(q)) q.wake_one(Side::line(q));
    } else if (!Side::possible(q) && !self.ends_as_closed()) [[unlikely]] {
      Side::line(q).push_back(self);
      return;
    }
    self.resume();
  }
};

template <class T, class Store>
template <class Item>
class [[nodiscard]] queue<T, Store>::put_awaiter final : public item_waiter<putting> {
 public:
  put_awaiter(queue& queue, Item item) noexcept
      : item_waiter<putting>(queue), item_(static_cast<Item>(item)) {}

  void await_resume() {
    if (this->ended_as() != waiter::outcome::proceed) [[unlikely]]
      this->throw_failure();
    this->place().append(static_cast<Item>(item_));
  }

 private:
  Item item_;
};

template <class T, class Store>
class [[nodiscard]] queue<T, Store>::get_awaiter final : public item_waiter<getting> {
 public:
  explicit get_awaiter(queue& queue) noexcept : item_waiter<getting>(queue) {}

  bool await_ready() noexcept {
    this->end_unsuspended(waiter::outcome::proceed);
    return this->place().items_.has_some() || this->ends_as_closed();
  }

  T await_resume() {
    if (this->ended_as() != waiter::outcome::proceed) [[unlikely]]
      this->throw_failure();
    return this->place().take();
  }
};

// The status forms take their first look where they are called: what is possible at once is over before it is
// awaited, and leaves nothing in the coroutine's frame but that it is done.

template <class T, class Store>
class [[nodiscard]] queue<T, Store>::put_status_awaiter final : public item_waiter<putting> {
 public:
  put_status_awaiter(queue& queue, T& item) {
    if (queue.has_room()) [[likely]] {
      queue.append(std::move(item));
      this->end_unsuspended(waiter::outcome::done);
    } else {
      this->owner = &queue;
      this->end_unsuspended(waiter::outcome::proceed);
      item_ = std::addressof(item);
    }
  }

  bool await_ready() noexcept {
    return this->ended_as() == waiter::outcome::done || item_waiter<putting>::await_ready();
  }

  op_status await_resume() {
    if (this->ended_as() == waiter::outcome::proceed)
      this->place().append_after_wait(std::move(*item_));
    else if (this->ended_as() != waiter::outcome::done) [[unlikely]]
      return this->failure();
    return op_status::success;
  }

 private:
  T* item_;
};

template <class T, class Store>
class [[nodiscard]] queue<T, Store>::get_status_awaiter : public item_waiter<getting> {
 public:
  get_status_awaiter(queue& queue, T& out) {
    if (queue.items_.has_some()) [[likely]] {
      queue.take_into(out);
      this->end_unsuspended(waiter::outcome::done);
    } else {
      this->owner = &queue;
      this->end_unsuspended(waiter::outcome::proceed);
      out_ = std::addressof(out);
    }
  }

  bool await_ready() noexcept {
    return this->ended_as() == waiter::outcome::done || item_waiter<getting>::await_ready();
  }

  op_status await_resume() {
    if (this->ended_as() == waiter::outcome::proceed)
      this->place().take_into(*out_);
    else if (this->ended_as() != waiter::outcome::done) [[unlikely]]
      return this->failure();
    return op_status::success;
  }

 private:
  T* out_;
};

/// Shared by the forms of `join`: waiting until nothing is unfinished, without a second look.
template <class T, class Store>
class queue<T, Store>::join_waiter : public waiter {
 public:
  bool await_ready() const noexcept { return queue_.unfinished_tasks() == 0; }

  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
    this->run = &waiter::run_once;
    this->suspend(frame, queue_.joiners_);
  }

 protected:
  explicit join_waiter(queue& queue) noexcept : queue_(queue) {}
  ~join_waiter() = default;

 private:
  queue& queue_;
};

template <class T, class Store>
class [[nodiscard]] queue<T, Store>::join_awaiter final : public join_waiter {
 public:
  explicit join_awaiter(queue& queue) noexcept : join_waiter(queue) {}

  void await_resume() const { this->throw_if_cancelled(); }
};

template <class T, class Store>
class [[nodiscard]] queue<T, Store>::join_status_awaiter final : public join_waiter {
 public:
  explicit join_status_awaiter(queue& queue) noexcept : join_waiter(queue) {}

  op_status await_resume() const noexcept {
    return this->cancelled() ? op_status::cancelled : op_status::success;
  }
};

}  // namespace handoff::async
