// Turns a queue into an `any_queue`. The only part of the suite that is compiled for every contender and
// item.
#pragma once

#include <cstdlib>
#include <utility>

#include "tests/conformance/subject.hpp"
#include "tests/support/census.hpp"

namespace handoff::conformance {

/// A case called an operation that its contender lacks: the suite itself is wrong.
[[noreturn]] void missing_operation(const char* operation);

/// Looks at the argument again if the push failed, by a status or by an exception. (After an exception from
/// a move, an item may be lost unless the backend declares otherwise.)
template <class Q, class Push>
op_status checked_push(item_key key, Push push) {
  using item = typename Q::value_type;
  item it(key);
  struct look_again {
    const item& it;
    item_key key;
    bool may_be_gone = Q::traits.on_throwing_move != throwing_move::strong;
    ~look_again() {
      if (!may_be_gone && (it.key != key || !it.whole()))
        testing_support::census::note(testing_support::census::argument_touched);
    }
  } look{it, key};
  const op_status status = push(std::move(it));
  look.may_be_gone = status == op_status::success;
  return status;
}

template <class Q>
class producer_adapter final : public any_producer {
  using item = typename Q::value_type;

 public:
  explicit producer_adapter(Q& queue) : handle_(queue.producer()) {}

  op_status try_push(item_key key) override {
    if constexpr (try_queue<Q>)
      return checked_push<Q>(key, [this](item&& it) { return handle_.try_push(std::move(it)); });
    else
      missing_operation("try_push");
  }
  op_status push(item_key key) override {
    if constexpr (blocking_queue<Q>)
      return checked_push<Q>(key, [this](item&& it) { return handle_.push(std::move(it)); });
    else
      missing_operation("push");
  }
  op_status push(item_key key, [[maybe_unused]] const std::stop_token& token) override {
    if constexpr (cancellable_queue<Q>)
      return checked_push<Q>(key, [&](item&& it) { return handle_.push(std::move(it), token); });
    else
      missing_operation("push with a token");
  }
  op_status push_until(item_key key, [[maybe_unused]] deadline_t deadline) override {
    if constexpr (timed_queue<Q>)
      return checked_push<Q>(key, [&](item&& it) { return handle_.push_until(std::move(it), deadline); });
    else
      missing_operation("push_until");
  }
  std::uint64_t failed_attempts() const override {
    if constexpr (counts_failures<std::remove_reference_t<producer_handle<Q>>>)
      return handle_.failed_attempts();
    else
      missing_operation("failed_attempts");
  }

 private:
  producer_handle<Q> handle_;
};

template <class Q>
class consumer_adapter final : public any_consumer {
  using item = typename Q::value_type;

 public:
  explicit consumer_adapter(Q& queue) : handle_(queue.consumer()) {}

  op_status try_pop(item_key& key) override {
    if constexpr (try_queue<Q>)
      return checked(key, [this](item& it) { return handle_.try_pop(it); });
    else
      missing_operation("try_pop");
  }
  op_status pop(item_key& key) override {
    if constexpr (blocking_queue<Q>)
      return checked(key, [this](item& it) { return handle_.pop(it); });
    else
      missing_operation("pop");
  }
  op_status pop(item_key& key, [[maybe_unused]] const std::stop_token& token) override {
    if constexpr (cancellable_queue<Q>)
      return checked(key, [&](item& it) { return handle_.pop(it, token); });
    else
      missing_operation("pop with a token");
  }
  op_status pop_until(item_key& key, [[maybe_unused]] deadline_t deadline) override {
    if constexpr (timed_queue<Q>)
      return checked(key, [&](item& it) { return handle_.pop_until(it, deadline); });
    else
      missing_operation("pop_until");
  }
  op_status spawn([[maybe_unused]] item_key key) override {
    if constexpr (self_feeding<Q>)
      return checked_push<Q>(key, [this](item&& it) { return handle_.spawn(std::move(it)); });
    else
      missing_operation("spawn");
  }
  void task_done() override {
    if constexpr (counts_done<Q>)
      handle_.task_done();
    else
      missing_operation("task_done");
  }
  std::uint64_t failed_attempts() const override {
    if constexpr (counts_failures<std::remove_reference_t<consumer_handle<Q>>>)
      return handle_.failed_attempts();
    else
      missing_operation("failed_attempts");
  }

 private:
  /// Pops into an item that already holds something: the queue must not keep that.
  template <class Pop>
  static op_status checked(item_key& key, Pop pop) {
    item it(held_before);
    const op_status status = pop(it);
    if (status != op_status::success) return status;
    if (!it.whole()) testing_support::census::note(testing_support::census::torn);
    key = it.key;
    return status;
  }

  static constexpr item_key held_before = 0xfeedU << 16U;
  consumer_handle<Q> handle_;
};

/// Holds a queue, with its loop if it needs one.
template <class Q>
struct home {
  home(std::size_t capacity, first_position) : queue(capacity) {}
  Q queue;
};
template <starts_anywhere Q>
struct home<Q> {
  home(std::size_t capacity, first_position first) : queue(capacity, first) {}
  Q queue;
};
template <async_queue Q>
struct home<Q> {
  home(std::size_t capacity, first_position) : queue(runtime, capacity) {}
  typename Q::runtime_type runtime;
  Q queue;
};

template <class Q>
class queue_adapter final : public any_queue {
 public:
  queue_adapter(std::size_t capacity, first_position first) : home_(capacity, first), queue_(home_.queue) {}

  static std::unique_ptr<any_queue> make(std::size_t capacity, first_position first) {
    return std::make_unique<queue_adapter>(capacity, first);
  }

  std::unique_ptr<any_producer> producer() override { return std::make_unique<producer_adapter<Q>>(queue_); }
  std::unique_ptr<any_consumer> consumer() override { return std::make_unique<consumer_adapter<Q>>(queue_); }
  void close() override {
    if constexpr (closable<Q>)
      queue_.close();
    else
      missing_operation("close");
  }
  bool is_closed() const override {
    if constexpr (closable<Q>)
      return queue_.is_closed();
    else
      missing_operation("is_closed");
  }
  void join() override {
    if constexpr (joinable<Q>)
      queue_.join();
    else
      missing_operation("join");
  }
  std::size_t capacity() const override {
    if constexpr (knows_capacity<Q>)
      return queue_.capacity();
    else
      missing_operation("capacity");
  }
  std::size_t size() const override {
    if constexpr (knows_size<Q>)
      return queue_.size();
    else
      missing_operation("size");
  }

 private:
  home<Q> home_;
  Q& queue_;
};

}  // namespace handoff::conformance
