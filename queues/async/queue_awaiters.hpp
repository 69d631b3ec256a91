// What `co_await` does with a put, a get or a join of an `async::queue`: look, wait in the queue's list, and
// in the awaiter's turn look again.
//
// Part of queues/async/queue.hpp: include that.
#pragma once

#include <concepts>
#include <coroutine>

#include "queues/async/errors.hpp"
#include "queues/async/queue.hpp"
#include "queues/async/waiter.hpp"
#include "queues/contract/status.hpp"

namespace handoff::async {

/// What the forms of `put` and `get` share: how a failure is reported.
template <class T, class Store>
class queue<T, Store>::item_waiter : public waiter {
 protected:
  explicit item_waiter(queue& queue) noexcept : waiter(&queue) {}
  ~item_waiter() = default;

  queue& place() const noexcept { return static_cast<queue&>(*this->owner); }

  op_status failure() const noexcept { return this->cancelled() ? op_status::cancelled : op_status::closed; }

  [[noreturn]] void throw_failure() const {
    if (this->cancelled()) throw cancelled_error{};
    throw queue_shut_down();
  }
};

/// What the forms of `put` share: waiting for room.
template <class T, class Store>
class queue<T, Store>::put_waiter : public item_waiter {
 public:
  bool await_ready() noexcept { return settled(); }

  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
    this->run = &run_put;
    this->suspend(frame, this->place().putters_);
  }

 protected:
  explicit put_waiter(queue& queue) noexcept : item_waiter(queue) {}
  ~put_waiter() = default;

  /// The look: whether the wait is over, and how.
  bool settled() noexcept {
    if (this->place().has_room()) [[likely]]
      return true;
    if (!this->place().shut_down_) return false;
    this->end_as(waiter::outcome::closed);
    return true;
  }

  static void run_put(ready_node& node) {
    auto& self = static_cast<put_waiter&>(node);
    queue& q = self.place();
    if (self.must_cancel()) [[unlikely]] {
      const bool was_woken = self.deliver_cancel();
      if (was_woken && q.has_room()) q.wake_one(q.putters_);
    } else if (!self.settled()) [[unlikely]] {
      q.putters_.push_back(self);
      return;
    }
    self.resume();
  }
};

template <class T, class Store>
template <class Item>
class [[nodiscard]] queue<T, Store>::put_awaiter final : public put_waiter {
 public:
  put_awaiter(queue& queue, Item item) noexcept : put_waiter(queue), item_(static_cast<Item>(item)) {}

  void await_resume() {
    if (this->ended_as() != waiter::outcome::proceed) [[unlikely]]
      this->throw_failure();
    this->place().append(static_cast<Item>(item_));
  }

 private:
  Item item_;
};

template <class T, class Store>
template <class Item>
class [[nodiscard]] queue<T, Store>::put_status_awaiter final : public put_waiter {
 public:
  put_status_awaiter(queue& queue, Item item) noexcept : put_waiter(queue), item_(static_cast<Item>(item)) {}

  op_status await_resume() {
    if (this->ended_as() != waiter::outcome::proceed) [[unlikely]]
      return this->failure();
    this->place().append(static_cast<Item>(item_));
    return op_status::success;
  }

 private:
  Item item_;
};

/// What the forms of `get` share: waiting for an item.
template <class T, class Store>
class queue<T, Store>::get_waiter : public item_waiter {
 public:
  bool await_ready() noexcept { return settled(); }

  template <std::derived_from<promise_base> Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
    this->run = &run_get;
    this->suspend(frame, this->place().getters_);
  }

 protected:
  explicit get_waiter(queue& queue) noexcept : item_waiter(queue) {}
  ~get_waiter() = default;

  /// The look: whether the wait is over, and how.
  bool settled() noexcept {
    if (!this->place().empty()) [[likely]]
      return true;
    if (!this->place().shut_down_) return false;
    this->end_as(waiter::outcome::closed);
    return true;
  }

  static void run_get(ready_node& node) {
    auto& self = static_cast<get_waiter&>(node);
    queue& q = self.place();
    if (self.must_cancel()) [[unlikely]] {
      const bool was_woken = self.deliver_cancel();
      if (was_woken && !q.empty()) q.wake_one(q.getters_);
    } else if (!self.settled()) [[unlikely]] {
      q.getters_.push_back(self);
      return;
    }
    self.resume();
  }
};

template <class T, class Store>
class [[nodiscard]] queue<T, Store>::get_awaiter final : public get_waiter {
 public:
  explicit get_awaiter(queue& queue) noexcept : get_waiter(queue) {}

  T await_resume() {
    if (this->ended_as() != waiter::outcome::proceed) [[unlikely]]
      this->throw_failure();
    return this->place().take();
  }
};

template <class T, class Store>
class [[nodiscard]] queue<T, Store>::get_status_awaiter : public get_waiter {
 public:
  get_status_awaiter(queue& queue, T& out) noexcept : get_waiter(queue), out_(out) {}

  op_status await_resume() {
    if (this->ended_as() != waiter::outcome::proceed) [[unlikely]]
      return this->failure();
    this->place().take_into(out_);
    return op_status::success;
  }

 private:
  T& out_;
};

/// What the forms of `join` share: waiting until nothing is unfinished, without a second look.
template <class T, class Store>
class queue<T, Store>::join_waiter : public waiter {
 public:
  bool await_ready() const noexcept { return queue_.unfinished_ == 0; }

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
