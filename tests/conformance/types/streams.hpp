// Items of a user's own type through a queue: some are always inside, the side that begins must wait, and
// some are left to be destroyed with the queue.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "queues/support/with_wait.hpp"

namespace handoff::conformance {

/// `Kind` describes a type of item: `item`, `make(number)`, and `value_of(item)`, whose sum over the items 0
/// … n - 1 is `sum(n)`.
template <template <class> class Backend, class Kind>
struct streams {
  using item = typename Kind::item;
  static constexpr std::uint64_t items = 70;  // more than two blocks or pages of any library

  /// An item may be anywhere in the backend's order; each comes once.
  template <wait_kind Wait>
  static void threaded() {
    using Q = support::with_wait<Backend, item, Wait>;
    for (const std::size_t capacity : {std::size_t{3}, std::size_t{items}}) {
      const auto queue = std::make_unique<Q>(capacity);
      auto&& producer = queue->producer();
      auto&& consumer = queue->consumer();
      std::uint64_t seen = 0;
      item out = Kind::make(items);
      for (std::uint64_t pushed = 0, popped = 0; popped < items; ++popped) {
        for (; pushed < items && pushed - popped < capacity; ++pushed) {
          const op_status status = producer.push(Kind::make(pushed));
          ASSERT_EQ(status, op_status::success);
        }
        const op_status status = consumer.pop(out);
        ASSERT_EQ(status, op_status::success);
        seen += Kind::value_of(out);
      }
      EXPECT_EQ(seen, Kind::sum(items));
      for (std::uint64_t i = 0; i < capacity; ++i)  // the queue destroys these
        ASSERT_EQ(producer.push(Kind::make(i)), op_status::success);
    }
  }

  template <class Q>
  using task_of = typename Q::runtime_type::task;

  template <class Q>
  static task_of<Q> push_all(Q& queue, op_status& ended) {
    auto&& producer = queue.producer();
    const auto in = std::make_unique<item>(Kind::make(0));
    for (std::uint64_t i = 0; i < items; ++i) {
      *in = Kind::make(i);
      ended = co_await producer.async_push(std::move(*in));
    }
  }
  template <class Q>
  static task_of<Q> pop_all(Q& queue, std::uint64_t& seen) {
    auto&& consumer = queue.consumer();
    const auto out = std::make_unique<item>(Kind::make(items));
    for (std::uint64_t i = 0; i < items; ++i) {
      const op_status status = co_await consumer.async_pop(*out);
      if (status == op_status::success) seen += Kind::value_of(*out);
    }
  }

  /// The side that begins must wait: for an item, and for a place.
  static void on_a_loop() {
    using Q = Backend<item>;
    for (const bool producer_first : {true, false}) {
      typename Q::runtime_type runtime;
      Q queue(runtime, 3);
      std::uint64_t seen = 0;
      op_status ended = op_status::full;
      if (producer_first) runtime.spawn(push_all(queue, ended));
      runtime.spawn(pop_all(queue, seen));
      if (!producer_first) runtime.spawn(push_all(queue, ended));
      runtime.run();
      EXPECT_EQ(seen, Kind::sum(items));
      EXPECT_EQ(ended, op_status::success);
      EXPECT_EQ(queue.try_push(Kind::make(1)), op_status::success);  // the queue destroys these
    }
  }

  template <wait_kind Wait>
  static void by() {
    if constexpr (!Backend<int>::traits.waits.contains(Wait))
      return;
    else if constexpr (Wait == wait_kind::loop)
      on_a_loop();
    else
      threaded<Wait>();
  }

  /// Layered waits share everything that holds an item, so one of them stands for the others.
  static void by_each_wait() {
    by<wait_kind::native>();
    by<wait_kind::park>();
    by<wait_kind::loop>();
  }
};

}  // namespace handoff::conformance
