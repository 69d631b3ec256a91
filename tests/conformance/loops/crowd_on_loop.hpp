// The subjects of several thread cases, on a loop: many waiters, thieves, contents, sums.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>

#include "tests/conformance/loops/loop_case.hpp"
#include "tests/conformance/loops/loop_programs.hpp"
#include "tests/support/census.hpp"

namespace handoff::conformance {

template <template <class> class Backend>
struct crowd_loop_cases {
  using item = testing_support::tracked_item;
  using census = testing_support::census;
  using Q = Backend<item>;
  using programs = loop_programs<Q>;
  using R = typename Q::runtime_type;
  using answer = typename programs::answer;

  static constexpr std::size_t crowd = 300;  // more than a byte can count

  static void however_many_wait_in_pop_every_item_wakes_one(std::uint64_t) {
    R runtime;
    Q queue(runtime, crowd);
    std::deque<answer> popped(crowd);
    for (answer& a : popped) runtime.spawn(programs::pop_one(queue, a));
    runtime.spawn(programs::direct(runtime, [&](int) {
      for (std::size_t i = 0; i < crowd; ++i) EXPECT_EQ(programs::try_push(queue, i), op_status::success);
      return false;
    }));
    runtime.run();
    for (const answer& a : popped) EXPECT_EQ(a.status, op_status::success);
    if constexpr (knows_size<Q>) {
      EXPECT_EQ(queue.size(), 0U) << "at rest";
    }
  }

  static void however_many_wait_in_push_every_place_wakes_one(std::uint64_t) {
    R runtime;
    Q queue(runtime, 2);
    const std::size_t bound = programs::fill(queue);
    std::deque<answer> pushed(crowd);
    for (answer& a : pushed) runtime.spawn(programs::push_one(queue, 100, a));
    std::deque<answer> popped(crowd);
    runtime.spawn(programs::direct(runtime, [&](int) {
      for (answer& a : popped) runtime.spawn(programs::pop_one(queue, a));
      return false;
    }));
    runtime.run();
    for (const answer& a : pushed) EXPECT_EQ(a.status, op_status::success);
    for (const answer& a : popped) EXPECT_EQ(a.status, op_status::success);
    if constexpr (knows_size<Q>) {
      EXPECT_EQ(queue.size(), bound) << "at rest";
    }
    EXPECT_EQ(programs::drain(queue).size(), bound);
  }

  /// Its item is taken by another task before it runs (unless the queue hands items over).
  static void a_pop_that_was_robbed_can_be_cancelled(std::uint64_t) {
    R runtime;
    Q queue(runtime, 2);
    answer popped;
    auto waiting = runtime.spawn(programs::pop_one(queue, popped));
    runtime.spawn(programs::direct(runtime, [&](int step) {
      if (step == 0) {
        EXPECT_EQ(programs::try_push(queue, 1), op_status::success);
        programs::try_pop(queue);
      }
      if (step == 1) runtime.cancel(waiting);
      return step < 1;
    }));
    runtime.run();
    EXPECT_TRUE(popped.status == op_status::cancelled || popped.status == op_status::success);
  }

  static void a_push_that_was_robbed_can_be_cancelled(std::uint64_t) {
    R runtime;
    Q queue(runtime, 1);
    programs::fill(queue);
    answer pushed;
    auto waiting = runtime.spawn(programs::push_one(queue, 100, pushed));
    runtime.spawn(programs::direct(runtime, [&](int step) {
      if (step == 0) {
        EXPECT_EQ(programs::try_pop(queue), op_status::success);
        programs::try_push(queue, 2);
      }
      if (step == 1) runtime.cancel(waiting);
      return step < 1;
    }));
    runtime.run();
    EXPECT_TRUE(pushed.status == op_status::cancelled || pushed.status == op_status::success);
  }

  /// Items that pass through waiting pushes and waiting pops, in both orders of arrival.
  static void nothing_of_an_awaited_item_stays_in_the_queue(std::uint64_t) {
    for (const bool pops_first : {true, false}) {
      R runtime;
      Q queue(runtime, 2);
      const auto objects = census::alive.load();
      std::array<answer, 6> popped;
      std::array<answer, 6> pushed;
      const auto pop = [&] {
        for (answer& a : popped) runtime.spawn(programs::pop_one(queue, a));
      };
      if (pops_first) pop();
      for (std::size_t i = 0; i < pushed.size(); ++i) runtime.spawn(programs::push_one(queue, i, pushed[i]));
      if (!pops_first) pop();
      runtime.run();
      for (const answer& a : popped) EXPECT_EQ(a.status, op_status::success);
      EXPECT_EQ(census::alive.load(), objects)
          << "objects alive in the emptied queue: destroy an item when it is "
          << "popped (a new queue had " << objects << ")";
      EXPECT_EQ(census::filled.load(), 0) << "items that hold something, in the emptied queue";
    }
  }

#define HANDOFF_LOOP_CASE(name) \
  loop_case { #name, name }
  static std::span<const loop_case> all() {
    static constexpr loop_case cases[] = {
        HANDOFF_LOOP_CASE(however_many_wait_in_pop_every_item_wakes_one),
        HANDOFF_LOOP_CASE(however_many_wait_in_push_every_place_wakes_one),
        HANDOFF_LOOP_CASE(a_pop_that_was_robbed_can_be_cancelled),
        HANDOFF_LOOP_CASE(a_push_that_was_robbed_can_be_cancelled),
        HANDOFF_LOOP_CASE(nothing_of_an_awaited_item_stays_in_the_queue),
    };
    return cases;
  }
#undef HANDOFF_LOOP_CASE
};

}  // namespace handoff::conformance
