// asyncio's Event.
#include <gtest/gtest.h>

#include <string>

#include "queues/async/calls.hpp"
#include "queues/async/event.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::event;

// What a task that waits for an event takes beside its frame's own fields: micro/async/waiting_task holds the
// whole to 256 bytes.
static_assert(sizeof(event::wait_awaiter) == 5 * sizeof(void*));
static_assert(sizeof(async::task_block<void>) == 16 * sizeof(void*));

struct Event : testing::Test {
  virtual_loop loop;
  event flag{loop};
  events log;

  task_handle<> waiter(const std::string& name) {
    return create_task(loop, tell(loop, name, wait_on(flag), log));
  }
};

TEST_F(Event, begins_unset_and_toggles) {
  EXPECT_FALSE(flag.is_set());
  flag.set();
  EXPECT_TRUE(flag.is_set());
  flag.clear();
  EXPECT_FALSE(flag.is_set());
}

TEST_F(Event, wait_for_a_set_event_does_not_let_others_run) {
  flag.set();
  const auto done = waiter("a");
  loop.run_pass();
  EXPECT_TRUE(done.done());
}

TEST_F(Event, wait_for_an_unset_event_waits_until_it_is_set) {
  const auto a = waiter("a");
  async::call_later(loop, 30ms, [this] { flag.set(); });
  run_all(loop);
  EXPECT_EQ(log, events{"a ended at 30"});
  EXPECT_TRUE(a.done());
}

TEST_F(Event, set_wakes_everyone_in_the_order_of_their_waits) {
  for (const char* name : {"a", "b", "c"}) waiter(name);
  settle(loop);
  flag.set();
  EXPECT_TRUE(log.empty()) << "their turns come in the next pass";
  loop.run_pass();
  EXPECT_EQ(log, (events{"a ended at 0", "b ended at 0", "c ended at 0"}));
}

TEST_F(Event, set_and_clear_at_once_still_wakes_who_waits) {
  for (const char* name : {"a", "b"}) waiter(name);
  settle(loop);
  flag.set();
  flag.clear();
  const auto late = waiter("late");
  run_all(loop);
  EXPECT_EQ(log, (events{"a ended at 0", "b ended at 0"}));
  EXPECT_FALSE(late.done());
}

TEST_F(Event, set_of_a_set_event_changes_nothing) {
  flag.set();
  flag.set();
  flag.clear();
  const auto a = waiter("a");
  run_all(loop);
  EXPECT_FALSE(a.done());
}

TEST_F(Event, a_cancelled_waiter_reports_it_and_the_others_are_woken) {
  waiter("a");
  const auto b = waiter("b");
  waiter("c");
  settle(loop);
  b.cancel();
  flag.set();
  run_all(loop);
  EXPECT_EQ(log, (events{"b cancelled at 0", "a ended at 0", "c ended at 0"}));
  EXPECT_TRUE(b.cancelled());
}

TEST_F(Event, a_waiter_that_is_cancelled_after_it_was_woken_reports_cancellation) {
  const auto a = waiter("a");
  settle(loop);
  flag.set();
  a.cancel();
  run_all(loop);
  EXPECT_EQ(log, events{"a cancelled at 0"});
}

TEST_F(Event, a_waiter_may_set_the_event_for_those_behind_it) {
  create_task(loop, [](event& both, events& told) -> task<> {
    co_await both.wait();
    both.clear();
    told.push_back("first");
    co_await both.wait();
    told.push_back("again");
  }(flag, log));
  settle(loop);
  flag.set();
  settle(loop);
  EXPECT_EQ(log, events{"first"});
  flag.set();
  settle(loop);
  EXPECT_EQ(log, (events{"first", "again"}));
}

}  // namespace
}  // namespace handoff::async_tests
