// The kinds of wait: for each a coroutine that waits so, and one that ends the wait. What holds for all of
// them is tested with each. (More of queues is in lifetime_test.cpp.)
#pragma once

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "queues/async/barrier.hpp"
#include "queues/async/condition.hpp"
#include "queues/async/gather.hpp"
#include "queues/async/lock.hpp"
#include "queues/async/semaphore.hpp"
#include "queues/async/shield.hpp"
#include "queues/async/task_group.hpp"
#include "queues/async/timeout.hpp"
#include "queues/async/wait.hpp"
#include "tests/async/tools.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {

using async::event;

/// What tasks wait in. It may go before the loop or after it: they do not touch it when their waits are over.
struct place {
  explicit place(event_loop& loop)
      : mutex(loop), changed(loop), flag(loop), units(loop, 0), three(loop, 3), items(loop, 2) {}
  async::lock mutex;
  async::condition changed;
  event flag;
  async::semaphore units;
  async::barrier three;
  queue<int> items;
  std::vector<std::vector<task_handle<int>>> older;  // tasks that were there before those that wait for them
};

/// One kind of wait: a coroutine that waits so, one that ends the waits, and what comes before.
struct kind {
  const char* name;
  task<> (*wait)(place& at, int& alive);
  task<> (*wake)(place& at);
  void (*prepare)(place& at, event_loop& loop, int& alive);
};

inline void prepare_nothing(place&, event_loop&, int&) {}

inline task<> set_flag(place& at) {
  at.flag.set();
  co_return;
}

inline task<int> child(event& flag, int& alive) {
  const counted local(alive);
  co_await flag.wait();
  co_return 1;
}

/// Tasks that nothing but the answer refers to.
inline std::vector<task_handle<int>> children(event_loop& loop, event& flag, int& alive) {
  std::vector<task_handle<int>> both;
  both.push_back(create_task(loop, child(flag, alive)));
  both.push_back(create_task(loop, child(flag, alive)));
  return both;
}
inline std::vector<task_handle<int>> children(event& flag, int& alive) {
  return children(async::running_loop(), flag, alive);
}

inline void make_older_tasks(place& at, event_loop& loop, int& alive) {
  for (int i = 0; i != 3; ++i) at.older.push_back(children(loop, at.flag, alive));
}

inline std::vector<task_handle<int>> take_older_tasks(place& at) {
  std::vector<task_handle<int>> both = std::move(at.older.back());
  at.older.pop_back();
  return both;
}

inline task<> in_sleep(place&, int& alive) {
  const counted local(alive);
  co_await async::sleep(1h);
}

inline task<> in_sleep_of_zero(place&, int& alive) {
  const counted local(alive);
  for (int i = 0; i != 30; ++i) co_await async::sleep(0ms);
}

inline task<> in_event(place& at, int& alive) {
  const counted local(alive);
  co_await at.flag.wait();
}

inline void hold_lock(place& at, event_loop&, int&) { EXPECT_TRUE(at.mutex.try_acquire()); }

inline task<> in_lock(place& at, int& alive) {
  const counted local(alive);
  co_await at.mutex.acquire();
}

inline task<> release_lock(place& at) {
  at.mutex.release();
  co_return;
}

inline task<> in_condition(place& at, int& alive) {
  const counted local(alive);
  co_await at.changed.acquire();
  co_await at.changed.wait();
}

inline task<> notify(place& at) {
  co_await at.changed.acquire();
  at.changed.notify_all();
  at.changed.release();
}

/// Whoever is notified then waits for the lock.
inline task<> notify_and_keep_the_lock(place& at) {
  co_await at.changed.acquire();
  at.changed.notify_all();
}

inline task<> in_semaphore(place& at, int& alive) {
  const counted local(alive);
  co_await at.units.acquire();
}

inline task<> release_units(place& at) {
  at.units.release();
  at.units.release();
  co_return;
}

inline task<> in_barrier(place& at, int& alive) {
  const counted local(alive);
  co_await at.three.wait();
}

inline task<> complete_barrier(place& at) { co_await at.three.wait(); }

inline task<> in_get(place& at, int& alive) {
  const counted local(alive);
  co_await at.items.get();
}

inline task<> put_two(place& at) {
  at.items.put_nowait(1);
  at.items.put_nowait(2);
  co_return;
}

inline void fill_queue(place& at, event_loop&, int&) {
  at.items.put_nowait(1);
  at.items.put_nowait(2);
}

inline task<> in_put(place& at, int& alive) {
  const counted local(alive);
  co_await at.items.put(3);
}

inline task<> get_two(place& at) {
  at.items.get_nowait();
  at.items.get_nowait();
  co_return;
}

inline task<> in_queue_join(place& at, int& alive) {
  const counted local(alive);
  co_await at.items.join();
}

inline task<> mark_two_as_done(place& at) {
  at.items.task_done();
  at.items.task_done();
  co_return;
}

inline task<> in_join(place& at, int& alive) {
  const counted local(alive);
  const task_handle<int> other = create_task(child(at.flag, alive));
  co_await other;
}

inline task<> in_gather(place& at, int& alive) {
  const counted local(alive);
  co_await async::gather(children(at.flag, alive));
}

inline task<> in_gather_of_all(place& at, int& alive) {
  const counted local(alive);
  co_await async::gather(children(at.flag, alive), async::return_exceptions);
}

inline task<> in_shield(place& at, int& alive) {
  const counted local(alive);
  co_await async::shield(create_task(child(at.flag, alive)));
}

inline task<> in_wait(place& at, int& alive) {
  const counted local(alive);
  co_await async::wait(children(at.flag, alive));
}

inline task<> in_wait_with_a_limit(place& at, int& alive) {
  const counted local(alive);
  co_await async::wait(children(at.flag, alive), async::until::first_completed, 1h);
}

inline task<> in_wait_for(place& at, int& alive) {
  const counted local(alive);
  task<int> limited = async::wait_for(child(at.flag, alive), 1h);
  co_await std::move(limited);
}

inline task<> in_join_of_an_older_task(place& at, int& alive) {
  const counted local(alive);
  const task_handle<int> other = take_older_tasks(at)[0];
  co_await other;
}

inline task<> in_gather_of_older_tasks(place& at, int& alive) {
  const counted local(alive);
  co_await async::gather(take_older_tasks(at));
}

inline task<> in_gather_of_all_older_tasks(place& at, int& alive) {
  const counted local(alive);
  co_await async::gather(take_older_tasks(at), async::return_exceptions);
}

inline task<> in_shield_of_an_older_task(place& at, int& alive) {
  const counted local(alive);
  co_await async::shield(take_older_tasks(at)[0]);
}

inline task<> in_wait_for_older_tasks(place& at, int& alive) {
  const counted local(alive);
  co_await async::wait(take_older_tasks(at), async::until::first_completed, 1h);
}

inline task<> in_wait_for_an_older_task(place& at, int& alive) {
  const counted local(alive);
  task<int> limited = async::wait_for(take_older_tasks(at)[0], 1h);
  co_await std::move(limited);
}

inline task<> in_timeout_of_an_awaiter(place& at, int& alive) {
  const counted local(alive);
  co_await async::timeout(1h, at.flag.wait());
}

inline task<> in_timeout_of_a_coroutine(place& at, int& alive) {
  const counted local(alive);
  task<int> limited = async::timeout(1h, child(at.flag, alive));
  co_await std::move(limited);
}

inline task<> in_timeout_scope(place& at, int& alive) {
  const counted local(alive);
  async::timeout_scope outer(2h);
  async::timeout_scope inner(1h);
  co_await at.flag.wait();
}

inline task<> in_timeout_of_zero(place& at, int& alive) {
  const counted local(alive);
  co_await async::timeout(0ms, at.flag.wait());
}

inline task<> in_task_group(place& at, int& alive) {
  const counted local(alive);
  auto body = [&at, &alive](async::task_group& group) -> task<> {
    const counted inside(alive);
    group.create_task(child(at.flag, alive));
    group.create_task(child(at.flag, alive));
    co_await at.flag.wait();
  };
  task<> group = async::run_group(body);
  co_await std::move(group);
}

inline task<> in_task_group_after_its_body(place& at, int& alive) {
  const counted local(alive);
  auto body = [&at, &alive](async::task_group& group) -> task<> {
    group.create_task(child(at.flag, alive));
    group.create_task(child(at.flag, alive));
    co_return;
  };
  task<> group = async::run_group(body);
  co_await std::move(group);
}

inline constexpr kind kinds[] = {
    {"sleep", in_sleep, set_flag, prepare_nothing},
    {"sleep_of_zero", in_sleep_of_zero, set_flag, prepare_nothing},
    {"event", in_event, set_flag, prepare_nothing},
    {"lock", in_lock, release_lock, hold_lock},
    {"condition", in_condition, notify, prepare_nothing},
    {"condition_that_takes_the_lock_back", in_condition, notify_and_keep_the_lock, prepare_nothing},
    {"semaphore", in_semaphore, release_units, prepare_nothing},
    {"barrier", in_barrier, complete_barrier, prepare_nothing},
    {"get", in_get, put_two, prepare_nothing},
    {"put", in_put, get_two, fill_queue},
    {"queue_join", in_queue_join, mark_two_as_done, fill_queue},
    {"join", in_join, set_flag, prepare_nothing},
    {"gather", in_gather, set_flag, prepare_nothing},
    {"gather_with_return_exceptions", in_gather_of_all, set_flag, prepare_nothing},
    {"shield", in_shield, set_flag, prepare_nothing},
    {"wait", in_wait, set_flag, prepare_nothing},
    {"wait_with_a_limit", in_wait_with_a_limit, set_flag, prepare_nothing},
    {"wait_for", in_wait_for, set_flag, prepare_nothing},
    {"join_of_an_older_task", in_join_of_an_older_task, set_flag, make_older_tasks},
    {"gather_of_older_tasks", in_gather_of_older_tasks, set_flag, make_older_tasks},
    {"gather_with_return_exceptions_of_older_tasks", in_gather_of_all_older_tasks, set_flag,
     make_older_tasks},
    {"shield_of_an_older_task", in_shield_of_an_older_task, set_flag, make_older_tasks},
    {"wait_for_older_tasks", in_wait_for_older_tasks, set_flag, make_older_tasks},
    {"wait_for_an_older_task", in_wait_for_an_older_task, set_flag, make_older_tasks},
    {"timeout_of_an_awaiter", in_timeout_of_an_awaiter, set_flag, prepare_nothing},
    {"timeout_of_a_coroutine", in_timeout_of_a_coroutine, set_flag, prepare_nothing},
    {"timeout_scope", in_timeout_scope, set_flag, prepare_nothing},
    {"timeout_of_zero", in_timeout_of_zero, set_flag, prepare_nothing},
    {"task_group", in_task_group, set_flag, prepare_nothing},
    {"task_group_after_its_body", in_task_group_after_its_body, set_flag, prepare_nothing},
};

}  // namespace handoff::async_tests
