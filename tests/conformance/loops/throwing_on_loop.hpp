// Items whose move throws, on a loop: for backends that declare `throwing_move::strong`.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>

#include "tests/conformance/loops/loop_case.hpp"
#include "tests/conformance/loops/loop_programs.hpp"

namespace handoff::conformance {

template <template <class> class Backend>
struct throwing_loop_cases {
  using item = testing_support::throwing_item;
  using Q = Backend<item>;
  using programs = loop_programs<Q>;
  using R = typename Q::runtime_type;
  using answer = typename programs::answer;

  // Two wait, and there is something for one of them: the first to run throws, so the other gets it.

  static void a_pop_that_throws_passes_its_wake_up_on(std::uint64_t) {
    R runtime;
    Q queue(runtime, 4);
    std::array<answer, 2> popped;
    unsigned thrown = 0;
    for (auto& a : popped) runtime.spawn(programs::pop_or_throw(queue, a, thrown));
    runtime.spawn(programs::direct(runtime, [&](int step) {
      if (step == 0) {
        EXPECT_EQ(programs::try_push(queue, 7), op_status::success);
        item::throw_after(0);
      }
      return step < 1;
    }));
    runtime.run();
    item::throw_never();
    EXPECT_EQ(thrown, 1U);
    EXPECT_NE(popped[0].came, popped[1].came);
    EXPECT_EQ(popped[popped[0].came ? 0 : 1].key, 7U);
  }

  static void a_push_that_throws_passes_its_wake_up_on(std::uint64_t) {
    R runtime;
    Q queue(runtime, 2);
    const std::size_t bound = programs::fill(queue);
    std::array<answer, 2> pushed;
    unsigned thrown = 0;
    for (auto& a : pushed) runtime.spawn(programs::push_or_throw(queue, 100, a, thrown));
    runtime.spawn(programs::direct(runtime, [&](int step) {
      if (step == 0) {
        EXPECT_EQ(programs::try_pop(queue), op_status::success);
        item::throw_after(0);
      }
      return step < 1;
    }));
    runtime.run();
    item::throw_never();
    EXPECT_EQ(thrown, 1U);
    EXPECT_NE(pushed[0].came, pushed[1].came);
    EXPECT_EQ(programs::drain(queue).size(), bound);
  }

  /// Whether it waited or not: its item is inside as before, unfinished, and not its handle's to mark.
  static void a_pop_that_throws_finishes_no_item(std::uint64_t) {
    for (const bool waits : {true, false}) {
      R runtime;
      Q queue(runtime, 4);
      auto&& consumer = queue.consumer();
      answer joined;
      unsigned thrown = 0;
      const auto push = [&] { EXPECT_EQ(programs::try_push(queue, 7), op_status::success); };
      if (waits) runtime.spawn(pop_and_throw(queue, thrown));
      if (!waits) push();
      runtime.spawn(programs::direct(runtime, [&](int step) {
        item it;
        if (step == 0 && waits) push();
        if (step == 0) {
          item::throw_after(0);
          if (!waits) runtime.spawn(pop_and_throw(queue, thrown));
        }
        if (step == 1) {
          EXPECT_EQ(thrown, 1U);
          runtime.spawn(programs::join(queue, joined));
        }
        if (step == 2 || step == 3) {
          EXPECT_FALSE(joined.came) << "join() returned early";
        }
        if (step == 2) {
          EXPECT_EQ(consumer.try_pop(it), op_status::success);
        }
        if (step == 3) consumer.task_done();
        return step < 3;
      }));
      runtime.run();
      item::throw_never();
      EXPECT_TRUE(joined.came);
    }
  }

  static typename programs::task pop_and_throw(Q& queue, unsigned& thrown) {
    auto&& consumer = queue.consumer();
    item it;
    try {
      co_await consumer.async_pop(it);
    } catch (const testing_support::move_failed&) {
      ++thrown;
    }
    EXPECT_THROW(consumer.task_done(), std::logic_error) << "its pop threw";
  }

  /// For a queue that is `async_joinable`.
  static std::span<const loop_case> joining() {
    static constexpr loop_case cases[] = {
        {"a_pop_that_throws_finishes_no_item", a_pop_that_throws_finishes_no_item},
    };
    return cases;
  }

  static std::span<const loop_case> all() {
    static constexpr loop_case cases[] = {
        {"a_pop_that_throws_passes_its_wake_up_on", a_pop_that_throws_passes_its_wake_up_on},
        {"a_push_that_throws_passes_its_wake_up_on", a_push_that_throws_passes_its_wake_up_on},
    };
    return cases;
  }
};

}  // namespace handoff::conformance
