// The suite for backends that run on a loop, as programs of coroutines: waiting, closing, cancelling.
// (What needs no waiting is held against them by the cases of one thread; joining is in join_on_loop.hpp.)
//
// Awaiting is written on a line of its own, with its result named: g++ 12 miscompiles a temporary awaiter
// inside a condition, and GoogleTest's macros are conditions.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "tests/conformance/loops/loop_case.hpp"
#include "tests/conformance/loops/loop_programs.hpp"
#include "tests/conformance/subject.hpp"
#include "tests/support/sanitizers.hpp"
#include "tests/support/seed.hpp"

namespace handoff::conformance {

template <template <class> class Backend>
struct loop_cases {
  using Q = Backend<testing_support::tracked_item>;
  using programs = loop_programs<Q>;
  using R = typename Q::runtime_type;
  using task = typename R::task;
  using answer = typename programs::answer;

  static void a_push_waits_for_a_place(std::uint64_t) {
    R runtime;
    Q queue(runtime, 2);
    const std::size_t bound = programs::fill(queue);
    answer pushed;
    runtime.spawn(programs::push_one(queue, 100, pushed));
    runtime.spawn(programs::direct(runtime, [&](int step) {
      if (step == 0) {
        EXPECT_FALSE(pushed.came) << "there was no place";
        EXPECT_EQ(programs::try_pop(queue), op_status::success);
      }
      return step < 1;
    }));
    runtime.run();
    EXPECT_EQ(pushed.status, op_status::success);
    EXPECT_EQ(programs::drain(queue).size(), bound);
  }

  static void a_pop_waits_for_an_item(std::uint64_t) {
    R runtime;
    Q queue(runtime, 2);
    answer popped;
    runtime.spawn(programs::pop_one(queue, popped));
    runtime.spawn(programs::direct(runtime, [&](int step) {
      if (step == 0) {
        EXPECT_FALSE(popped.came) << "there was no item";
        EXPECT_EQ(programs::try_push(queue, 7), op_status::success);
      }
      return step < 1;
    }));
    runtime.run();
    EXPECT_EQ(popped.status, op_status::success);
    EXPECT_EQ(popped.key, 7U);
  }

  static void every_item_arrives_exactly_once_in_order(std::uint64_t) {
    for (const std::size_t capacity : {1U, 2U, 7U, 64U}) {
      for (const unsigned side : {1U, 3U}) {
        R runtime;
        Q queue(runtime, capacity);
        typename programs::traffic seen{.producers = side};
        for (unsigned p = 0; p < side; ++p) runtime.spawn(programs::push_many(queue, p, 500, seen));
        for (unsigned c = 0; c < side; ++c) runtime.spawn(programs::pop_until_closed(queue, seen));
        runtime.run();
        EXPECT_EQ(seen.popped.size(), 500U * side);
        EXPECT_EQ(seen.popped_again, 0U);
        if constexpr (Q::traits.order == ordering::fifo || Q::traits.order == ordering::per_producer_fifo) {
          EXPECT_EQ(seen.out_of_order, 0U);
        }
      }
    }
  }

  static void close_wakes_everyone_who_waits_in_pop(std::uint64_t) {
    R runtime;
    Q queue(runtime, 2);
    std::array<answer, 4> popped;
    for (answer& a : popped) runtime.spawn(programs::pop_one(queue, a));
    runtime.spawn(programs::direct(runtime, [&](int) {
      queue.close();
      return false;
    }));
    runtime.run();
    for (const answer& a : popped) EXPECT_EQ(a.status, op_status::closed);
  }

  static void close_wakes_everyone_who_waits_in_push(std::uint64_t) {
    R runtime;
    Q queue(runtime, 2);
    const std::size_t bound = programs::fill(queue);
    std::array<answer, 4> pushed;
    for (answer& a : pushed) runtime.spawn(programs::push_one(queue, 100, a));
    runtime.spawn(programs::direct(runtime, [&](int) {
      queue.close();
      return false;
    }));
    runtime.run();
    for (const answer& a : pushed) EXPECT_EQ(a.status, op_status::closed);
    EXPECT_EQ(programs::drain(queue).size(), bound) << "what was inside before, and nothing else";
  }

  static void push_and_pop_after_close(std::uint64_t) {
    R runtime;
    Q queue(runtime, 4);
    EXPECT_EQ(programs::try_push(queue, 1), op_status::success);
    queue.close();
    queue.close();
    std::array<answer, 2> popped;
    answer pushed;
    runtime.spawn(programs::push_one(queue, 2, pushed));
    for (answer& a : popped) runtime.spawn(programs::pop_one(queue, a));
    runtime.run();
    EXPECT_EQ(pushed.status, op_status::closed);
    EXPECT_EQ(popped[0].status, op_status::success);
    EXPECT_EQ(popped[1].status, op_status::closed);
  }

  static void only_the_cancelled_pop_leaves(std::uint64_t) {
    R runtime;
    Q queue(runtime, 4);
    std::array<answer, 3> popped;
    std::vector<typename R::handle> handles;
    for (answer& a : popped) handles.push_back(runtime.spawn(programs::pop_one(queue, a)));
    runtime.spawn(programs::direct(runtime, [&](int step) {
      if (step == 0) runtime.cancel(handles[1]);
      if (step == 1) {
        EXPECT_EQ(popped[1].status, op_status::cancelled);
        EXPECT_FALSE(popped[0].came || popped[2].came);
        for (item_key k = 1; k < 3; ++k) EXPECT_EQ(programs::try_push(queue, k), op_status::success);
      }
      return step < 1;
    }));
    runtime.run();
    EXPECT_EQ(popped[0].status, op_status::success);
    EXPECT_EQ(popped[2].status, op_status::success);
  }

  static void only_the_cancelled_push_leaves(std::uint64_t) {
    R runtime;
    Q queue(runtime, 1);
    const std::size_t bound = programs::fill(queue);
    std::array<answer, 3> pushed;
    std::vector<typename R::handle> handles;
    for (answer& a : pushed) handles.push_back(runtime.spawn(programs::push_one(queue, 100, a)));
    runtime.spawn(programs::direct(runtime, [&](int step) {
      if (step == 0) runtime.cancel(handles[1]);
      if (step == 1) {
        EXPECT_EQ(pushed[1].status, op_status::cancelled);
      }
      if (step == 1 || step == 2) {
        EXPECT_EQ(programs::try_pop(queue), op_status::success);
      }
      return step < 2;
    }));
    runtime.run();
    EXPECT_EQ(pushed[0].status, op_status::success);
    EXPECT_EQ(pushed[2].status, op_status::success);
    EXPECT_EQ(programs::drain(queue).size(), bound);
  }

  static void a_cancelled_pop_leaves_the_bound_as_it_was(std::uint64_t) {
    R runtime;
    Q queue(runtime, 3);
    const std::size_t bound = queue.capacity();
    answer popped;
    auto waiting = runtime.spawn(programs::pop_one(queue, popped));
    runtime.spawn(programs::direct(runtime, [&](int step) {
      if (step == 0) runtime.cancel(waiting);
      if (step == 1) {
        EXPECT_EQ(popped.status, op_status::cancelled);
        EXPECT_EQ(programs::fill(queue), bound);
      }
      return step < 1;
    }));
    runtime.run();
    EXPECT_EQ(programs::drain(queue).size(), bound);
  }

  static void after_a_cancelled_pop_pushes_that_could_wait_find_room(std::uint64_t) {
    R runtime;
    Q queue(runtime, 3);
    const std::size_t bound = queue.capacity();
    answer popped;
    std::deque<answer> pushed;
    auto waiting = runtime.spawn(programs::pop_one(queue, popped));
    runtime.spawn(programs::direct(runtime, [&](int step) {
      if (step == 0) {
        runtime.cancel(waiting);
        for (std::size_t i = 0; i < bound; ++i)
          runtime.spawn(programs::push_one(queue, i, pushed.emplace_back()));
      }
      return step < 1;
    }));
    runtime.run();
    EXPECT_EQ(popped.status, op_status::cancelled);
    for (const answer& a : pushed) EXPECT_EQ(a.status, op_status::success);
    EXPECT_EQ(programs::drain(queue).size(), bound);
  }

  /// It never begins, or its first wait is cancelled.
  static void a_task_cancelled_before_its_first_step_throws_nothing(std::uint64_t) {
    R runtime;
    Q queue(runtime, 3);
    answer popped;
    auto early = runtime.spawn(programs::pop_one(queue, popped));
    runtime.cancel(early);
    EXPECT_NO_THROW(runtime.run());
    if (popped.came) {
      EXPECT_EQ(popped.status, op_status::cancelled);
    }
    EXPECT_EQ(programs::fill(queue), queue.capacity());
  }

  /// Cancels the first of two tasks as what both wait for arrives, in either order: it goes to the other
  /// task, or it was taken, and then another one follows.
  template <class Provide>
  static void cancel_the_first(R& runtime, typename R::handle& first, const std::array<answer, 2>& answers,
                               bool provide_first, Provide provide) {
    runtime.spawn(programs::direct(runtime, [&, provide_first, provide](int step) {
      const auto come = [&] { EXPECT_EQ(provide(), op_status::success); };
      if (step == 0) {
        if (provide_first) come();
        runtime.cancel(first);
        if (!provide_first) come();
      } else if (answers[0].status == op_status::success) {
        come();
      }
      return step < 1;
    }));
    runtime.run();
    EXPECT_TRUE(answers[0].status == op_status::cancelled || answers[0].status == op_status::success);
    EXPECT_EQ(answers[1].status, op_status::success);
  }

  static void a_cancelled_pop_passes_its_wake_up_on(std::uint64_t) {
    for (const bool item_first : {true, false}) {
      R runtime;
      Q queue(runtime, 4);
      std::array<answer, 2> popped;
      auto first = runtime.spawn(programs::pop_one(queue, popped[0]));
      runtime.spawn(programs::pop_one(queue, popped[1]));
      cancel_the_first(runtime, first, popped, item_first, [&] { return programs::try_push(queue, 1); });
    }
  }

  static void a_cancelled_push_passes_its_wake_up_on(std::uint64_t) {
    for (const bool place_first : {true, false}) {
      R runtime;
      Q queue(runtime, 2);
      const std::size_t bound = programs::fill(queue);
      std::array<answer, 2> pushed;
      auto first = runtime.spawn(programs::push_one(queue, 100, pushed[0]));
      runtime.spawn(programs::push_one(queue, 101, pushed[1]));
      cancel_the_first(runtime, first, pushed, place_first, [&] { return programs::try_pop(queue); });
      EXPECT_EQ(programs::drain(queue).size(), bound);
    }
  }

  static void tasks_that_wait_for_ever_are_reported_and_go_with_their_loop(std::uint64_t) {
    R runtime;
    Q full(runtime, 1);
    Q empty(runtime, 1);
    programs::fill(full);
    std::array<answer, 3> answers;
    runtime.spawn(programs::push_one(full, 100, answers[0]));
    runtime.spawn(programs::push_one(full, 101, answers[1]));
    runtime.spawn(programs::pop_one(empty, answers[2]));
    EXPECT_THROW(runtime.run(), std::exception);
    for (const answer& a : answers) EXPECT_FALSE(a.came);
  }

  /// Any mixture of tasks, cancellations and a close at any moment: what was accepted was popped or is
  /// inside.
  static void random_programs_lose_nothing(std::uint64_t seed) {
    const testing_support::random_source all(seed);
    for (std::uint64_t round = 0; round < testing_support::scaled(2'000); ++round) {
      auto random = all.fork(round);
      R runtime;
      Q queue(runtime, 1 + random.below(4));
      typename programs::ledger book;
      std::vector<typename R::handle> handles;
      for (std::uint64_t i = 1 + random.below(4); i > 0; --i)
        handles.push_back(runtime.spawn(programs::push_some(runtime, queue, book, random.fork(i))));
      for (std::uint64_t i = 1 + random.below(4); i > 0; --i)
        handles.push_back(runtime.spawn(programs::pop_some(runtime, queue, book, random.fork(100 + i))));
      const int closing = static_cast<int>(random.below(30));
      runtime.spawn(programs::direct(runtime, [&](int step) {
        if (random.below(4) == 0) runtime.cancel(handles[random.below(handles.size())]);
        if (step == closing) queue.close();
        return step < closing;
      }));
      runtime.run();
      std::size_t size = 0;
      if constexpr (knows_size<Q>) size = queue.size();
      const auto left = programs::drain(queue);
      if constexpr (knows_size<Q>) {
        ASSERT_EQ(size, left.size()) << "size() at rest, in round " << round;
      }
      for (const item_key key : left) book.take(key);
      ASSERT_TRUE(book.balanced()) << "in round " << round;
    }
  }

#define HANDOFF_LOOP_CASE(name) \
  loop_case { #name, name }
  static std::span<const loop_case> all() {
    static constexpr loop_case cases[] = {
        HANDOFF_LOOP_CASE(a_push_waits_for_a_place),
        HANDOFF_LOOP_CASE(a_pop_waits_for_an_item),
        HANDOFF_LOOP_CASE(every_item_arrives_exactly_once_in_order),
        HANDOFF_LOOP_CASE(close_wakes_everyone_who_waits_in_pop),
        HANDOFF_LOOP_CASE(close_wakes_everyone_who_waits_in_push),
        HANDOFF_LOOP_CASE(push_and_pop_after_close),
        HANDOFF_LOOP_CASE(only_the_cancelled_pop_leaves),
        HANDOFF_LOOP_CASE(only_the_cancelled_push_leaves),
        HANDOFF_LOOP_CASE(a_cancelled_pop_leaves_the_bound_as_it_was),
        HANDOFF_LOOP_CASE(after_a_cancelled_pop_pushes_that_could_wait_find_room),
        HANDOFF_LOOP_CASE(a_task_cancelled_before_its_first_step_throws_nothing),
        HANDOFF_LOOP_CASE(a_cancelled_pop_passes_its_wake_up_on),
        HANDOFF_LOOP_CASE(a_cancelled_push_passes_its_wake_up_on),
        HANDOFF_LOOP_CASE(tasks_that_wait_for_ever_are_reported_and_go_with_their_loop),
        HANDOFF_LOOP_CASE(random_programs_lose_nothing),
    };
    return cases;
  }
#undef HANDOFF_LOOP_CASE
};

}  // namespace handoff::conformance
