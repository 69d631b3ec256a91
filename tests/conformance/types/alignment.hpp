// Items of every alignment that a backend takes, through its queue: each must lie where its type says, in the
// queue's memory and wherever a wait keeps it. Beside the suite, as every alignment is a type.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "queues/support/contender.hpp"
#include "tests/conformance/loops/loop_case.hpp"

namespace handoff::conformance {

/// Counts the places that it must not have. By one thread.
template <std::size_t Alignment>
class alignas(Alignment) aligned_item {
 public:
  aligned_item() noexcept : aligned_item(0) {}
  explicit aligned_item(std::uint64_t k) noexcept : key(k) { check(); }
  aligned_item(aligned_item&& other) noexcept : key(other.key) { check(); }
  aligned_item& operator=(aligned_item&& other) noexcept {
    key = other.key;
    check();
    other.check();
    return *this;
  }
  ~aligned_item() { check(); }
  friend bool operator<(const aligned_item& a, const aligned_item& b) noexcept { return a.key < b.key; }

  static inline std::uint64_t misplaced = 0;
  std::uint64_t key;

 private:
  void check() const noexcept {
    // The compiler takes what alignas says for granted: the address comes from where it cannot look.
    auto place = reinterpret_cast<std::uintptr_t>(this);
    asm("" : "+r"(place));
    if (place % Alignment != 0) ++misplaced;
  }
};

template <template <class> class Backend>
struct alignment_cases {
  static constexpr backend_traits traits = Backend<int>::traits;
  static constexpr std::uint64_t items = 70;  // more than two blocks or pages of any library

  /// An item may be anywhere in the order that the backend has; each comes once.
  static constexpr std::uint64_t sum = items * (items - 1) / 2;

  template <std::size_t Alignment, wait_kind Wait>
  static void threaded() {
    using item = aligned_item<Alignment>;
    using Q = support::contender<Backend, item, Wait>;
    item::misplaced = 0;
    for (const std::size_t capacity : {std::size_t{3}, std::size_t{items}}) {
      const auto queue = std::make_unique<Q>(capacity);
      auto&& producer = queue->producer();
      auto&& consumer = queue->consumer();
      std::uint64_t seen = 0;
      item out;
      for (std::uint64_t pushed = 0, popped = 0; popped < items; ++popped) {
        for (; pushed < items && pushed - popped < capacity; ++pushed) {
          const op_status status = producer.push(item(pushed));
          ASSERT_EQ(status, op_status::success);
        }
        const op_status status = consumer.pop(out);
        ASSERT_EQ(status, op_status::success);
        seen += out.key;
      }
      EXPECT_EQ(seen, sum);
      for (std::uint64_t i = 0; i < capacity; ++i)  // what the queue destroys
        ASSERT_EQ(producer.push(item(i)), op_status::success);
    }
    EXPECT_EQ(item::misplaced, 0U) << "times an item of alignment " << Alignment << " lay where it must not";
  }

  template <class Q>
  using task_of = typename Q::runtime_type::task;

  template <class Q>
  static task_of<Q> push_all(Q& queue, op_status& ended) {
    auto&& producer = queue.producer();
    const auto in = std::make_unique<typename Q::value_type>();
    for (std::uint64_t i = 0; i < items; ++i) {
      in->key = i;
      ended = co_await producer.async_push(std::move(*in));
    }
  }
  template <class Q>
  static task_of<Q> pop_all(Q& queue, std::uint64_t& seen) {
    auto&& consumer = queue.consumer();
    const auto out = std::make_unique<typename Q::value_type>();
    for (std::uint64_t i = 0; i < items; ++i) {
      const op_status status = co_await consumer.async_pop(*out);
      if (status == op_status::success) seen += out->key;
    }
  }

  /// Whoever begins must wait: for an item, and for a place.
  template <std::size_t Alignment>
  static void on_a_loop() {
    using item = aligned_item<Alignment>;
    using Q = Backend<item>;
    item::misplaced = 0;
    for (const bool producer_first : {true, false}) {
      typename Q::runtime_type runtime;
      Q queue(runtime, 3);
      std::uint64_t seen = 0;
      op_status ended = op_status::full;
      if (producer_first) runtime.spawn(push_all(queue, ended));
      runtime.spawn(pop_all(queue, seen));
      if (!producer_first) runtime.spawn(push_all(queue, ended));
      runtime.run();
      EXPECT_EQ(seen, sum);
      EXPECT_EQ(ended, op_status::success);
      EXPECT_EQ(queue.try_push(item(1)), op_status::success);  // what the queue destroys
    }
    EXPECT_EQ(item::misplaced, 0U) << "times an item of alignment " << Alignment << " lay where it must not";
  }

  template <std::size_t Alignment, wait_kind Wait>
  static void hold() {
    if constexpr (Alignment <= traits.max_alignment && traits.waits.contains(Wait)) {
      if constexpr (Wait == wait_kind::loop)
        on_a_loop<Alignment>();
      else
        threaded<Alignment, Wait>();
    }
  }

  /// Layered waits share all that holds an item: one of them stands for the others.
  template <std::size_t... Alignments>
  static void each(std::index_sequence<Alignments...>) {
    (hold<Alignments, wait_kind::native>(), ...);
    (hold<Alignments, wait_kind::park>(), ...);
    (hold<Alignments, wait_kind::loop>(), ...);
  }

  static void items_of_any_alignment_lie_where_they_may(std::uint64_t) {
    each(std::index_sequence<8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096>());
  }

  static std::span<const loop_case> all() {
    static constexpr loop_case cases[] = {
        {"items_of_any_alignment_lie_where_they_may", items_of_any_alignment_lie_where_they_may}};
    return cases;
  }
};

}  // namespace handoff::conformance
