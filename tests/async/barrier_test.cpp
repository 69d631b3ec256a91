// asyncio's Barrier.
#include <gtest/gtest.h>

#include <cstddef>
#include <stdexcept>
#include <string>

#include "queues/async/barrier.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::barrier;

task<> meet(barrier& place, std::string name, events& log) {
  try {
    const std::size_t index = co_await place.wait();
    log.push_back(name + " is " + std::to_string(index));
  } catch (const async::broken_barrier&) {
    log.push_back(name + " broken");
  } catch (const cancelled_error&) {
    log.push_back(name + " cancelled");
    throw;
  }
}

task<> reset(barrier& place) { co_await place.reset(); }
task<> abort(barrier& place) { co_await place.abort(); }

struct Barrier : testing::Test {
  virtual_loop loop;
  barrier three{loop, 3};
  events log;

  task_handle<> party(const std::string& name) { return create_task(loop, meet(three, name, log)); }
};

TEST_F(Barrier, without_a_party_is_an_error) { EXPECT_THROW(barrier(loop, 0), std::invalid_argument); }

TEST_F(Barrier, of_one_party_does_not_wait) {
  barrier one(loop, 1);
  const auto a = create_task(loop, meet(one, "a", log));
  const auto b = create_task(loop, meet(one, "b", log));
  loop.run_pass();
  EXPECT_EQ(log, (events{"a is 0", "b is 0"}));
}

TEST_F(Barrier, answers_indices_in_the_order_of_arrival) {
  EXPECT_EQ(three.parties(), 3U);
  party("a");
  party("b");
  settle(loop);
  EXPECT_EQ(three.waiting(), 2U);
  EXPECT_TRUE(log.empty());
  party("c");
  run_all(loop);
  EXPECT_EQ(log, (events{"c is 2", "a is 0", "b is 1"})) << "the last one does not wait at all";
  EXPECT_EQ(three.waiting(), 0U);
  EXPECT_FALSE(three.broken());
}

TEST_F(Barrier, can_be_used_again_and_again) {
  int rounds = 0;
  for (int i = 0; i != 3; ++i) {
    create_task(loop, [](barrier& place, int& count) -> task<> {
      for (int round = 0; round != 10; ++round) {
        const std::size_t index = co_await place.wait();
        if (index == 0) ++count;
      }
    }(three, rounds));
  }
  run_all(loop);
  EXPECT_EQ(loop.pending_tasks(), 0U);
  EXPECT_EQ(rounds, 10);
}

TEST_F(Barrier, who_comes_while_it_drains_waits_for_the_next_round) {
  party("a");
  party("b");
  settle(loop);
  party("c");
  party("d");
  run_all(loop);
  EXPECT_EQ(log.size(), 3U);
  EXPECT_EQ(three.waiting(), 1U);
  party("e");
  party("f");
  run_all(loop);
  EXPECT_EQ(log, (events{"c is 2", "a is 0", "b is 1", "f is 2", "d is 0", "e is 1"}));
}

TEST_F(Barrier, a_cancelled_waiter_lowers_the_count) {
  party("a");
  const auto b = party("b");
  settle(loop);
  b.cancel();
  run_all(loop);
  EXPECT_EQ(three.waiting(), 1U);
  EXPECT_FALSE(three.broken());
  party("c");
  run_all(loop);
  EXPECT_EQ(log, events{"b cancelled"});
  party("d");
  run_all(loop);
  EXPECT_EQ(log, (events{"b cancelled", "d is 2", "a is 0", "c is 1"}));
}

TEST_F(Barrier, numbers_those_who_pass_from_0_on_whoever_was_cancelled_before) {
  const auto a = party("a");
  party("b");
  settle(loop);
  a.cancel();
  run_all(loop);
  party("c");
  party("d");
  run_all(loop);
  EXPECT_EQ(log, (events{"a cancelled", "d is 2", "b is 0", "c is 1"}));
}

TEST_F(Barrier, numbers_those_who_pass_from_0_on_after_many_cancellations) {
  for (int round = 0; round != 3; ++round) {
    log.clear();
    for (const char* name : {"w", "x"}) {
      const auto first = party(name);
      const auto second = party("y");
      settle(loop);
      first.cancel();
      run_all(loop);
      second.cancel();
      run_all(loop);
    }
    log.clear();
    const auto gone = party("gone");
    party("a");
    settle(loop);
    gone.cancel();
    party("b");
    party("c");
    run_all(loop);
    EXPECT_EQ(log, (events{"gone cancelled", "c is 2", "a is 0", "b is 1"}));
  }
}

TEST_F(Barrier, numbers_those_who_waited_for_the_last_round_to_drain_after_a_cancellation) {
  party("a");
  party("b");
  settle(loop);
  party("c");
  const auto d = party("d");  // come while it drains
  party("e");
  run_all(loop);
  log.clear();
  d.cancel();
  party("f");
  party("g");
  run_all(loop);
  EXPECT_EQ(log, (events{"d cancelled", "g is 2", "e is 0", "f is 1"}));
}

TEST_F(Barrier, a_waiter_that_is_cancelled_after_all_have_come_does_not_hold_the_others) {
  const auto a = party("a");
  party("b");
  settle(loop);
  party("c");
  loop.run_pass();
  a.cancel();
  run_all(loop);
  EXPECT_EQ(log, (events{"c is 2", "a cancelled", "b is 1"}));
  EXPECT_EQ(three.waiting(), 0U);
  for (const char* name : {"d", "e", "f"}) party(name);
  run_all(loop);
  EXPECT_EQ(log.size(), 6U) << "the next round is a full one";
}

TEST_F(Barrier, abort_breaks_it_for_who_waits_and_for_who_comes) {
  party("a");
  party("b");
  settle(loop);
  create_task(loop, abort(three));
  run_all(loop);
  EXPECT_TRUE(three.broken());
  EXPECT_EQ(log, (events{"a broken", "b broken"}));
  party("c");
  run_all(loop);
  EXPECT_EQ(log.back(), "c broken");
  EXPECT_EQ(three.waiting(), 0U);
}

TEST_F(Barrier, reset_mends_an_aborted_one) {
  create_task(loop, abort(three));
  run_all(loop);
  create_task(loop, reset(three));
  run_all(loop);
  EXPECT_FALSE(three.broken());
  for (const char* name : {"a", "b", "c"}) party(name);
  run_all(loop);
  EXPECT_EQ(log, (events{"c is 2", "a is 0", "b is 1"}));
}

TEST_F(Barrier, reset_reports_a_broken_barrier_to_who_waits_and_begins_anew) {
  party("a");
  party("b");
  settle(loop);
  create_task(loop, reset(three));
  run_all(loop);
  EXPECT_EQ(log, (events{"a broken", "b broken"}));
  EXPECT_FALSE(three.broken());
  EXPECT_EQ(three.waiting(), 0U);
  log.clear();
  for (const char* name : {"c", "d", "e"}) party(name);
  run_all(loop);
  EXPECT_EQ(log, (events{"e is 2", "c is 0", "d is 1"}));
}

TEST_F(Barrier, who_comes_while_it_is_reset_waits_for_the_next_round) {
  party("a");
  settle(loop);
  create_task(loop, reset(three));
  party("late");
  run_all(loop);
  EXPECT_EQ(log, events{"a broken"});
  EXPECT_EQ(three.waiting(), 1U);
}

TEST_F(Barrier, reset_of_one_where_nobody_waits_changes_nothing) {
  create_task(loop, reset(three));
  run_all(loop);
  for (const char* name : {"a", "b", "c"}) party(name);
  run_all(loop);
  EXPECT_EQ(log, (events{"c is 2", "a is 0", "b is 1"}));
}

}  // namespace
}  // namespace handoff::async_tests
