// asyncio's wait_for.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "queues/async/calls.hpp"
#include "queues/async/timeout.hpp"
#include "queues/async/wait.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::event;
using async::wait_for;

task<> wait_for_and_tell(event_loop& loop, task_handle<int> other, nanoseconds limit, events& log) {
  const int value = co_await wait_for(std::move(other), limit);
  log.push_back(at(loop, "got " + std::to_string(value)));
}

struct WaitFor : testing::Test {
  virtual_loop loop;
  event never{loop};
  events log;

  task_handle<> begin(const task_handle<int>& other, nanoseconds limit) {
    return create_task(loop, tell(loop, "outer", wait_for_and_tell(loop, other, limit, log), log));
  }
};

TEST_F(WaitFor, answers_the_result_and_leaves_no_timer) {
  begin(create_task(loop, answer_after(10ms, 5)), 1h);
  run_all(loop);
  EXPECT_EQ(log, (events{"got 5 at 10", "outer ended at 10"}));
  EXPECT_EQ(loop.time(), 10ms);
}

TEST_F(WaitFor, throws_what_the_task_threw) {
  begin(create_task(loop, fail_after(10ms, "inner")), 1h);
  run_all(loop);
  EXPECT_EQ(log, events{"outer failed: inner at 10"});
}

TEST_F(WaitFor, cancels_the_task_when_the_time_is_over_and_waits_for_its_cancellation) {
  const auto inner = create_task(loop, obey_slowly(never, 30ms));
  begin(inner, 20ms);
  run_all(loop);
  EXPECT_EQ(log, events{"outer timed out at 50"});
  EXPECT_TRUE(inner.cancelled());
}

TEST_F(WaitFor, answers_the_result_of_a_task_that_survives_its_cancellation) {
  begin(create_task(loop, answer_when_cancelled(never, 6)), 20ms);
  run_all(loop);
  EXPECT_EQ(log, (events{"got 6 at 20", "outer ended at 20"}));
}

TEST_F(WaitFor, throws_the_error_of_a_task_that_fails_while_it_is_cancelled) {
  begin(create_task(loop,
                    [](event& flag) -> task<int> {
                      bool cancelled = false;
                      try {
                        co_await flag.wait();
                      } catch (const cancelled_error&) {
                        cancelled = true;
                      }
                      if (cancelled) throw std::runtime_error("cleanup");
                      co_return 0;
                    }(never)),
        20ms);
  run_all(loop);
  EXPECT_EQ(log, events{"outer failed: cleanup at 20"});
}

TEST_F(WaitFor, a_task_that_is_cancelled_by_somebody_else_is_no_timeout) {
  const auto inner = create_task(loop, answer_after(1h, 1));
  begin(inner, 2h);
  async::call_later(loop, 10ms, [&] { inner.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, events{"outer cancelled at 10"});
}

TEST_F(WaitFor, cancelling_it_cancels_the_task_and_waits_for_that) {
  const auto inner = create_task(loop, obey_slowly(never, 30ms));
  const auto outer = begin(inner, 1h);
  async::call_later(loop, 10ms, [&] { outer.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, events{"outer cancelled at 40"});
  EXPECT_TRUE(inner.cancelled());
  EXPECT_EQ(loop.time(), 40ms);
}

TEST_F(WaitFor, loses_no_result_that_arrived_before_its_cancellation_was_delivered) {
  const auto inner = create_task(loop, answer_when_cancelled(never, 8));
  const auto outer = begin(inner, 1h);
  settle(loop);
  never.set();
  loop.run_pass();
  ASSERT_TRUE(inner.done());
  EXPECT_TRUE(outer.cancel());
  run_all(loop);
  EXPECT_EQ(log, (events{"got 8 at 0", "outer ended at 0"}));
}

/// Neither the result nor the request is lost.
TEST_F(WaitFor, that_answers_a_result_although_it_was_cancelled_is_cancelled_at_its_callers_next_wait) {
  const auto inner = create_task(loop, answer_when_cancelled(never, 8));
  const auto outer =
      create_task(loop, tell(
                            loop, "outer",
                            [](event_loop& own, task_handle<int> other, events& told) -> task<> {
                              task<> answered = wait_for_and_tell(own, std::move(other), 1h, told);
                              co_await std::move(answered);
                              co_await async::sleep(1h);
                            }(loop, inner, log),
                            log));
  settle(loop);
  never.set();
  loop.run_pass();
  ASSERT_TRUE(inner.done());
  EXPECT_TRUE(outer.cancel());
  run_all(loop);
  EXPECT_EQ(log, (events{"got 8 at 0", "outer cancelled at 0"}));
}

TEST_F(WaitFor, of_a_task_that_survives_the_request_is_cancelled_at_its_callers_next_wait) {
  const auto inner = create_task(loop, answer_when_cancelled(never, 8));
  const auto outer =
      create_task(loop, tell(
                            loop, "outer",
                            [](event_loop& own, task_handle<int> other, events& told) -> task<> {
                              task<> answered = wait_for_and_tell(own, std::move(other), 1h, told);
                              co_await std::move(answered);
                              co_await async::sleep(1h);
                            }(loop, inner, log),
                            log));
  async::call_later(loop, 10ms, [&] { outer.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, (events{"got 8 at 10", "outer cancelled at 10"}));
}

TEST_F(WaitFor, of_a_task_that_ended_long_ago_keeps_the_request_for_the_next_wait) {
  const auto inner = create_task(loop, answer_after(0ms, 3));
  run_all(loop);
  const auto outer =
      create_task(loop, tell(
                            loop, "outer",
                            [](event_loop& own, task_handle<int> other, events& told) -> task<> {
                              async::current_task().cancel();
                              task<> answered = wait_for_and_tell(own, std::move(other), 1h, told);
                              co_await std::move(answered);
                              co_await async::sleep(1h);
                            }(loop, inner, log),
                            log));
  run_all(loop);
  EXPECT_EQ(log, (events{"got 3 at 0", "outer cancelled at 0"}));
  EXPECT_TRUE(outer.cancelled());
}

/// However the put, the end of the get and the shutdown fall together: the item is with the worker or in the
/// queue, and the worker ends.
TEST_F(WaitFor, a_worker_loop_of_it_ends_when_it_is_cancelled) {
  for (int passes = 0; passes != 5; ++passes) {
    queue<int> q(loop);
    events got;
    const auto worker = create_task(loop, [](queue<int>& from, events& told) -> task<> {
      for (;;) {
        task<int> next = wait_for(get_one(from), 1h);
        const int item = co_await std::move(next);
        told.push_back("got " + std::to_string(item));
      }
    }(q, got));
    settle(loop);
    q.put_nowait(1);
    for (int pass = 0; pass != passes; ++pass) loop.run_pass();
    EXPECT_TRUE(worker.cancel());
    const auto before = loop.time();
    run_all(loop);
    EXPECT_TRUE(worker.cancelled()) << passes << " passes after the put";
    EXPECT_EQ(loop.time(), before);
    EXPECT_EQ(got.size() + q.qsize(), 1U) << passes << " passes after the put";
  }
}

TEST_F(WaitFor, that_is_cancelled_again_waits_for_its_task_all_the_same) {
  const auto inner = create_task(loop, [](event& flag) -> task<> {
    task<int> first = answer_when_cancelled(flag, 1);
    co_await std::move(first);
    task<int> second = obey_slowly(flag, 30ms);
    co_await std::move(second);
  }(never));
  const auto outer = create_task(loop, tell(
                                           loop, "outer",
                                           [](task_handle<> other) -> task<> {
                                             task<> limited = wait_for(std::move(other), 1h);
                                             co_await std::move(limited);
                                           }(inner),
                                           log));
  async::call_later(loop, 10ms, [&] { outer.cancel(); });
  async::call_later(loop, 20ms, [&] { outer.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, events{"outer cancelled at 50"});
  EXPECT_TRUE(inner.cancelled());
}

TEST_F(WaitFor, within_a_timeout_that_its_task_survives_leaves_no_request_behind) {
  create_task(loop, tell(
                        loop, "outer",
                        [](event& flag) -> task<> {
                          {
                            async::timeout_scope limit(10ms);
                            task<int> work = wait_for(answer_when_cancelled(flag, 5), 1h);
                            const int value = co_await std::move(work);
                            EXPECT_EQ(value, 5);
                            limit.leave();
                          }
                          co_await async::sleep(10ms);
                        }(never),
                        log));
  run_all(loop);
  EXPECT_EQ(log, events{"outer ended at 20"});
}

/// An earlier request, which the cleanup is about, is delivered no second time.
TEST_F(WaitFor, within_a_timeout_of_a_cleanup_that_its_task_survives_leaves_no_request_behind) {
  const auto outer = create_task(loop, tell(
                                           loop, "outer",
                                           [](event& flag) -> task<> {
                                             task<int> cancelled = answer_when_cancelled(flag, 1);
                                             co_await std::move(cancelled);
                                             {
                                               async::timeout_scope limit(10ms);
                                               task<int> work = wait_for(answer_when_cancelled(flag, 5), 1h);
                                               co_await std::move(work);
                                               limit.leave();
                                             }
                                             co_await async::sleep(10ms);
                                           }(never),
                                           log));
  async::call_later(loop, 10ms, [&] { outer.cancel(); });
  run_all(loop);
  EXPECT_EQ(log, events{"outer ended at 30"});
  EXPECT_EQ(outer.cancelling(), 1U);
}

TEST_F(WaitFor, loses_no_result_that_arrives_at_the_moment_when_the_time_is_over) {
  const auto inner = create_task(loop, answer_after(20ms, 9));  // its timer was armed first
  begin(inner, 20ms);
  run_all(loop);
  EXPECT_EQ(log, (events{"got 9 at 20", "outer ended at 20"}));
}

TEST_F(WaitFor, with_no_time_a_task_that_has_ended_still_answers) {
  const auto inner = create_task(loop, answer_after(0ms, 3));
  run_all(loop);
  begin(inner, 0ms);
  begin(inner, -5ms);
  loop.run_pass();
  EXPECT_EQ(log, (events{"got 3 at 0", "outer ended at 0", "got 3 at 0", "outer ended at 0"}));
}

TEST_F(WaitFor, with_no_time_a_task_that_has_not_ended_is_cancelled_and_waited_for) {
  const auto inner = create_task(loop, obey_slowly(never, 10ms));
  settle(loop);
  begin(inner, 0ms);
  run_all(loop);
  EXPECT_EQ(log, events{"outer timed out at 10"});
  EXPECT_TRUE(inner.cancelled());
}

TEST_F(WaitFor, with_no_time_a_task_that_has_not_begun_never_begins) {
  bool began = false;
  create_task(loop, tell(
                        loop, "outer",
                        [](bool& flag) -> task<> {
                          task<> limited = wait_for(
                              [](bool& ran) -> task<> {
                                ran = true;
                                co_return;
                              }(flag),
                              0ms);
                          co_await std::move(limited);
                        }(began),
                        log));
  run_all(loop);
  EXPECT_EQ(log, events{"outer timed out at 0"});
  EXPECT_FALSE(began);
}

TEST_F(WaitFor, runs_a_coroutine_as_a_task_of_its_own) {
  create_task(loop, tell(
                        loop, "outer",
                        [](event_loop& own, events& told) -> task<> {
                          task<int> limited = wait_for(answer_after(10ms, 4), 20ms);
                          const int value = co_await std::move(limited);
                          told.push_back(at(own, "got " + std::to_string(value)));
                          task<> late = wait_for(sleep_for(1h), 20ms);
                          co_await std::move(late);
                        }(loop, log),
                        log));
  run_all(loop);
  EXPECT_EQ(log, (events{"got 4 at 10", "outer timed out at 30"}));
}

TEST_F(WaitFor, leaves_the_task_its_result) {
  const auto text =
      create_task(loop, []() -> task<std::string> { co_return "a long enough result to be moved"; }());
  std::string first;
  create_task(loop, [](task_handle<std::string> other, std::string& answer) -> task<> {
    answer = co_await wait_for(std::move(other), 1h);
  }(text, first));
  run_all(loop);
  EXPECT_EQ(first, "a long enough result to be moved");
  EXPECT_EQ(text.result(), first);
}

TEST_F(WaitFor, moves_a_result_that_cannot_be_copied) {
  const auto made =
      create_task(loop, []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); }());
  int seen = 0;
  create_task(loop, [](task_handle<std::unique_ptr<int>> other, int& answer) -> task<> {
    const std::unique_ptr<int> own = co_await wait_for(std::move(other), 1h);
    answer = *own;
  }(made, seen));
  run_all(loop);
  EXPECT_EQ(seen, 7);
}

}  // namespace
}  // namespace handoff::async_tests
