// Loops, tasks and what the tasks wait in go in any order, at any moment, from every kind of wait. (More of
// queues is in lifetime_test.cpp.) AddressSanitizer and LeakSanitizer see what these tests themselves cannot.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "queues/async/condition.hpp"
#include "queues/async/lock.hpp"
#include "tests/async/kinds_of_wait.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::any_task;

/// Two tasks that wait.
struct program {
  explicit program(const kind& what) : tested(what) {
    tested.prepare(*where, *loop, alive);
    for (int i = 0; i != 2; ++i) tasks.emplace_back(create_task(*loop, tested.wait(*where, alive)));
  }

  void pass(int times) {
    for (; times != 0; --times) loop->run_pass();
  }
  void wake() { create_task(*loop, tested.wake(*where)); }
  void cancel() {
    for (const any_task& one : tasks) one.cancel();
  }

  const kind& tested;
  int alive = 0;
  std::unique_ptr<virtual_loop> loop = std::make_unique<virtual_loop>();
  std::unique_ptr<place> where = std::make_unique<place>(*loop);
  std::vector<any_task> tasks;
};

constexpr int enough = 8;  // passes, until all wait

class WaitLifetime : public testing::TestWithParam<kind> {
 protected:
  /// Calls `end(program)` for programs of all histories: some passes, perhaps a wake-up, some passes, perhaps
  /// a cancellation, some passes. If what is waited in is to go first, every coroutine `has_begun`: its
  /// first step would look for it.
  template <class End>
  void for_each_history(bool has_begun, End end) {
    for (const int before : {0, 1, 2, enough}) {
      for (const int between : {-1, 0, 1, 2, 3, 4, 5}) {
        if (has_begun && (before != enough || between == 0)) continue;
        for (const int after : {-1, 0, 1, 2, 3}) {
          SCOPED_TRACE(testing::Message() << before << " passes; " << between << " after the wake-up; "
                                          << after << " after the cancellation");
          program one(GetParam());
          one.pass(before);
          if (between >= 0) {
            one.wake();
            one.pass(between);
          }
          if (after >= 0) {
            one.cancel();
            one.pass(after);
          }
          end(one);
          EXPECT_EQ(one.alive, 0);
        }
      }
    }
  }
};

TEST_P(WaitLifetime, the_loop_goes_first_and_the_handles_say_that_the_tasks_ended) {
  for_each_history(false, [](program& one) {
    one.loop.reset();
    EXPECT_EQ(one.alive, 0);
    for (const any_task& task : one.tasks) {
      EXPECT_TRUE(task.done());
      EXPECT_FALSE(task.cancel());
      EXPECT_FALSE(task.name().empty());
    }
    one.where.reset();
  });
}

TEST_P(WaitLifetime, the_loop_goes_first_where_nobody_has_kept_a_handle) {
  for_each_history(false, [](program& one) {
    one.tasks.clear();
    one.loop.reset();
  });
}

TEST_P(WaitLifetime, what_is_waited_in_goes_first_and_then_the_loop) {
  for_each_history(true, [](program& one) {
    one.where.reset();
    one.loop.reset();
  });
}

TEST_P(WaitLifetime, what_is_waited_in_goes_first_and_then_the_loop_where_nobody_has_kept_a_handle) {
  for_each_history(true, [](program& one) {
    one.tasks.clear();
    one.where.reset();
    one.pass(enough);
    one.loop.reset();
  });
}

TEST_P(WaitLifetime, tasks_can_be_cancelled_when_what_they_wait_in_has_gone) {
  for_each_history(true, [](program& one) {
    one.where.reset();
    one.pass(enough);
    const std::vector<any_task> all = async::all_tasks(*one.loop);
    for (const any_task& task : all) task.cancel();
    run_all(*one.loop);
    EXPECT_EQ(one.loop->pending_tasks(), 0U);
    for (const any_task& task : all) EXPECT_TRUE(task.cancelled());
  });
}

/// Waits, and goes on when it has been cancelled: there, or if the wait had its answer all the same, at
/// the next wait.
task<> survive(const kind& tested, place& at, int& alive, events& log) {
  try {
    task<> work = tested.wait(at, alive);
    co_await std::move(work);
    log.push_back("woken");
  } catch (const cancelled_error&) {
    log.push_back("cancelled");
  } catch (const async::timeout_error&) {
    log.push_back("timed out");
  }
  try {
    co_await async::sleep(0ms);
  } catch (const cancelled_error&) {
    log.push_back("cancelled");
  }
  co_await async::sleep(1ms);
  log.push_back("went on");
}

TEST_P(WaitLifetime, a_cancellation_is_delivered_once_whenever_it_comes) {
  for (int between = -1; between != 6; ++between) {
    SCOPED_TRACE(between);
    program one(GetParam());
    events log;
    const auto survivor = create_task(*one.loop, survive(one.tested, *one.where, one.alive, log));
    one.pass(enough);
    if (between >= 0) {
      one.wake();
      one.pass(between);
    }
    if (log.empty() && survivor.cancel()) {
      run_all(*one.loop);
      if (survivor.done()) {
        EXPECT_EQ(std::count(log.begin(), log.end(), "cancelled"), 1);
        EXPECT_EQ(log.back(), "went on");
        EXPECT_FALSE(survivor.cancelled());
      }
    }
    one.loop.reset();
  }
}

/// Waits in the body of `depth` nested groups, each with a timeout inside; says where it comes out cancelled.
task<> wait_deep_inside(const kind& tested, place& at, int& alive, int depth, events& log) {
  if (depth == 0) {
    task<> work = tested.wait(at, alive);
    co_await std::move(work);
    co_return;
  }
  try {
    task<> whole = async::run_group([&](async::task_group&) -> task<> {
      task<> limited = async::timeout(2h, wait_deep_inside(tested, at, alive, depth - 1, log));
      co_await std::move(limited);
    });
    co_await std::move(whole);
  } catch (const cancelled_error&) {
    log.push_back("cancelled");
    throw;
  }
}

TEST_P(WaitLifetime, a_cancellation_comes_out_of_three_groups_and_timeouts_whenever_it_comes) {
  for (int between = -1; between != 6; ++between) {
    SCOPED_TRACE(between);
    program one(GetParam());
    events log;
    const auto victim = create_task(*one.loop, [](program& own, events& told) -> task<> {
      task<> deep = wait_deep_inside(own.tested, *own.where, own.alive, 3, told);
      co_await std::move(deep);
      co_await async::sleep(1h);
    }(one, log));
    one.pass(enough);
    if (between >= 0) {
      one.wake();
      one.pass(between);
    }
    const nanoseconds before = one.loop->time();
    if (victim.cancel()) {
      while (!victim.done() && one.loop->run_once()) {
      }
      if (victim.done()) {
        EXPECT_TRUE(victim.cancelled());
        EXPECT_TRUE(log.empty() || log.size() == 3) << log.size();
        EXPECT_EQ(one.loop->time(), before) << "it slept";
      }
    }
    one.loop.reset();
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, WaitLifetime, testing::ValuesIn(kinds),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(ConditionLifetime, a_condition_may_go_while_its_waiters_wait_for_a_lock_that_stays) {
  virtual_loop loop;
  async::lock mutex(loop);
  auto changed = std::make_unique<async::condition>(loop, mutex);
  const auto waiting = create_task(loop, [](async::condition& what) -> task<> {
    co_await what.acquire();
    co_await what.wait();
  }(*changed));
  settle(loop);
  ASSERT_TRUE(mutex.try_acquire());
  changed->notify();
  settle(loop);
  changed.reset();
  mutex.release();
  settle(loop);
  waiting.cancel();
  settle(loop);
  EXPECT_TRUE(waiting.done());
}

}  // namespace
}  // namespace handoff::async_tests
