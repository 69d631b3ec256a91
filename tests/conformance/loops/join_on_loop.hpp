// join() of backends that run on a loop: for a queue that is `async_joinable`.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>

#include "tests/conformance/loops/loop_case.hpp"
#include "tests/conformance/loops/loop_programs.hpp"
#include "tests/conformance/subject.hpp"

namespace handoff::conformance {

template <template <class> class Backend>
struct join_loop_cases {
  using Q = Backend<testing_support::tracked_item>;
  using programs = loop_programs<Q>;
  using R = typename Q::runtime_type;
  using answer = typename programs::answer;

  static void join_of_a_queue_without_work_returns_and_again(std::uint64_t) {
    R runtime;
    Q queue(runtime, 2);
    std::array<answer, 2> joined;
    for (answer& a : joined) runtime.spawn(programs::join(queue, a));
    runtime.run();
    for (const answer& a : joined) EXPECT_TRUE(a.came);
  }

  static void join_waits_until_the_last_item_is_done(std::uint64_t) {
    R runtime;
    Q queue(runtime, 4);
    auto&& consumer = queue.consumer();
    for (item_key k = 0; k < 3; ++k) EXPECT_EQ(programs::try_push(queue, k), op_status::success);
    std::array<answer, 2> joined;
    for (answer& a : joined) runtime.spawn(programs::join(queue, a));
    runtime.spawn(programs::direct(runtime, [&](int step) {
      EXPECT_FALSE(joined[0].came || joined[1].came) << "join() returned early";
      testing_support::tracked_item item;
      if (step % 2 == 0) {
        EXPECT_EQ(consumer.try_pop(item), op_status::success);
      }
      if (step % 2 == 1) consumer.task_done();
      return step < 5;
    }));
    runtime.run();
    for (const answer& a : joined) EXPECT_TRUE(a.came);
    EXPECT_THROW(consumer.task_done(), std::logic_error);
  }

  static void one_task_done_too_many_throws(std::uint64_t) {
    R runtime;
    Q queue(runtime, 4);
    auto&& consumer = queue.consumer();
    auto&& other = queue.consumer();
    EXPECT_THROW(consumer.task_done(), std::logic_error) << "nothing was ever popped";
    EXPECT_EQ(programs::try_push(queue, 1), op_status::success);
    EXPECT_THROW(consumer.task_done(), std::logic_error) << "pushed and not popped";
    testing_support::tracked_item item;
    EXPECT_EQ(consumer.try_pop(item), op_status::success);
    EXPECT_THROW(other.task_done(), std::logic_error) << "popped by another handle";
    consumer.task_done();
    EXPECT_THROW(consumer.task_done(), std::logic_error) << "done already";
    answer joined;
    runtime.spawn(programs::join(queue, joined));
    runtime.run();
    EXPECT_TRUE(joined.came);
  }

  static void what_a_handle_left_undone_a_later_one_may_mark(std::uint64_t) {
    R runtime;
    Q queue(runtime, 4);
    EXPECT_EQ(programs::try_push(queue, 1), op_status::success);
    EXPECT_EQ(programs::try_pop(queue), op_status::success);  // by a handle that is gone at once
    answer joined;
    runtime.spawn(programs::join(queue, joined));
    runtime.spawn(programs::direct(runtime, [&](int) {
      EXPECT_FALSE(joined.came) << "join() returned early";
      auto&& later = queue.consumer();
      EXPECT_NO_THROW(later.task_done());
      return false;
    }));
    runtime.run();
    EXPECT_TRUE(joined.came);
  }

#define HANDOFF_LOOP_CASE(name) \
  loop_case { #name, name }
  static std::span<const loop_case> all() {
    static constexpr loop_case cases[] = {
        HANDOFF_LOOP_CASE(join_of_a_queue_without_work_returns_and_again),
        HANDOFF_LOOP_CASE(join_waits_until_the_last_item_is_done),
        HANDOFF_LOOP_CASE(one_task_done_too_many_throws),
        HANDOFF_LOOP_CASE(what_a_handle_left_undone_a_later_one_may_mark),
    };
    return cases;
  }
#undef HANDOFF_LOOP_CASE
};

}  // namespace handoff::conformance
