// Loops, tasks and queues that go in any order, with tasks waiting. AddressSanitizer and LeakSanitizer see
// what these tests themselves cannot.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "queues/async/calls.hpp"
#include "queues/async/remote.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {
namespace {

task<> hold_and_get(queue<int>& q, int& alive) {
  const counted local(alive);
  co_await q.get();
}

task<> hold_and_put(queue<int>& q, int& alive) {
  const counted local(alive);
  co_await q.put(1);
}

task<> hold_and_join(queue<int>& q, int& alive) {
  const counted local(alive);
  co_await q.join();
}

TEST(Lifetime, a_loop_destroys_tasks_that_never_began_wait_are_woken_or_are_cancelled) {
  int alive = 0;
  {
    event_loop loop;
    queue<int> q(loop, 1);
    create_task(loop, hold_and_get(q, alive));  // will be woken
    const auto cancelled = create_task(loop, hold_and_get(q, alive));
    create_task(loop, hold_and_get(q, alive));  // waits
    settle(loop);
    EXPECT_EQ(alive, 3);
    q.put_nowait(1);
    cancelled.cancel();
    create_task(loop, hold_and_put(q, alive));  // never begins
  }
  EXPECT_EQ(alive, 0);
}

TEST(Lifetime, a_loop_destroys_the_frames_of_a_task_once_each) {
  int alive = 0;
  {
    event_loop loop;
    queue<int> never(loop);
    create_task(loop, [](queue<int>& from, int& count) -> task<> {
      const counted local(count);
      co_await hold_and_get(from, count);
    }(never, alive));
    settle(loop);
    EXPECT_EQ(alive, 2);
  }
  EXPECT_EQ(alive, 0);
}

TEST(Lifetime, a_handle_outlives_its_loop_and_says_that_the_task_ended) {
  task_handle<int> handle;
  {
    event_loop loop;
    queue<int> q(loop);
    handle = create_task(loop, get_one(q));
    settle(loop);
  }
  EXPECT_TRUE(handle.done());
  EXPECT_FALSE(handle.cancelled());
  EXPECT_FALSE(handle.cancel());
  EXPECT_THROW(handle.result(), std::logic_error);
}

TEST(Lifetime, a_queue_may_go_before_the_tasks_that_wait_in_it) {
  int alive = 0;
  event_loop loop;
  auto q = std::make_unique<queue<int>>(loop, 1);
  q->put_nowait(1);
  const auto putter = create_task(loop, hold_and_put(*q, alive));
  const auto joiner = create_task(loop, hold_and_join(*q, alive));
  settle(loop);
  q.reset();
  settle(loop);
  EXPECT_FALSE(putter.done());
  EXPECT_EQ(alive, 2);
  putter.cancel();
  settle(loop);
  EXPECT_TRUE(putter.cancelled());
  EXPECT_FALSE(joiner.done());
  EXPECT_EQ(alive, 1);
}

TEST(Lifetime, a_queue_may_go_between_waking_a_task_and_the_turn_of_the_task) {
  int alive = 0;
  event_loop loop;
  auto q = std::make_unique<queue<int>>(loop);
  const auto woken = create_task(loop, hold_and_get(*q, alive));
  const auto woken_and_cancelled = create_task(loop, hold_and_get(*q, alive));
  const auto waiting_and_cancelled = create_task(loop, hold_and_get(*q, alive));
  settle(loop);
  q->put_nowait(1);
  q->put_nowait(2);
  woken_and_cancelled.cancel();
  waiting_and_cancelled.cancel();
  q.reset();
  settle(loop);
  EXPECT_FALSE(woken.done());
  EXPECT_TRUE(woken_and_cancelled.cancelled());
  EXPECT_TRUE(waiting_and_cancelled.cancelled());
  woken.cancel();
  settle(loop);
  EXPECT_TRUE(woken.cancelled());
  EXPECT_EQ(alive, 0);
}

TEST(Lifetime, a_loop_may_go_before_its_queues) {
  int alive = 0;
  auto loop = std::make_unique<event_loop>();
  queue<int> q(*loop, 1);
  q.put_nowait(1);
  create_task(*loop, hold_and_put(q, alive));
  create_task(*loop, hold_and_put(q, alive));
  settle(*loop);
  q.get_nowait();
  loop.reset();
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(q.waiting_putters(), 0U);
  q.put_nowait(2);
  EXPECT_EQ(q.get_nowait(), 2);
  q.shutdown(true);
}

TEST(Lifetime, a_queue_that_lives_in_a_task_goes_with_it_while_others_wait_in_it) {
  int alive = 0;
  {
    event_loop loop;
    create_task(loop, [](event_loop& own, int& count) -> task<> {
      queue<int> local(own, 1);
      create_task(own, hold_and_get(local, count));
      create_task(own, hold_and_get(local, count));
      co_await async::yield();
      co_await async::yield();
      local.put_nowait(1);
    }(loop, alive));
    settle(loop);
    EXPECT_EQ(alive, 2);
    EXPECT_EQ(loop.pending_tasks(), 2U);
  }
  EXPECT_EQ(alive, 0);
}

TEST(Lifetime, what_frames_do_while_the_loop_destroys_them_disturbs_nobody) {
  int alive = 0;
  struct meddler {
    event_loop& loop;
    queue<int>& q;
    task_handle<>& other;
    int& alive;
    ~meddler() {
      q.put_nowait(1);  // would wake the others
      other.cancel();
      create_task(loop, hold_and_get(q, alive));
    }
  };
  auto loop = std::make_unique<event_loop>();
  queue<int> q(*loop);
  task_handle<> other;
  create_task(*loop, [](event_loop& own, queue<int>& from, task_handle<>& peer, int& count) -> task<> {
    const meddler last_act{own, from, peer, count};
    co_await from.get();
  }(*loop, q, other, alive));
  other = create_task(*loop, hold_and_get(q, alive));
  settle(*loop);
  EXPECT_EQ(alive, 1);
  loop.reset();
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(q.qsize(), 1U);
}

TEST(Lifetime, arguments_and_locals_of_an_ended_task_go_although_a_handle_stays) {
  int alive = 0;
  event_loop loop;
  const auto handle = create_task(loop, [](counted) -> task<int> { co_return 1; }(counted(alive)));
  EXPECT_EQ(alive, 1);
  settle(loop);
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(handle.result(), 1);
}

TEST(Lifetime, a_task_that_is_never_awaited_lets_its_arguments_go) {
  int alive = 0;
  {
    const auto unused = [](counted) -> task<> { co_return; }(counted(alive));
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

TEST(Lifetime, a_queue_destroys_the_items_that_are_left) {
  event_loop loop;
  auto shared = std::make_shared<int>(1);
  {
    queue<std::shared_ptr<int>> q(loop);
    for (int i = 0; i != 40; ++i) q.put_nowait(shared);
    for (int i = 0; i != 20; ++i) q.get_nowait();
    EXPECT_EQ(shared.use_count(), 21);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

/// Runs `act` when it goes.
class last_words {
 public:
  explicit last_words(std::function<void()> act)
      : act_(std::make_shared<std::function<void()>>(std::move(act))) {}
  last_words(const last_words&) = default;
  last_words& operator=(const last_words&) = delete;
  ~last_words() {
    if (act_.use_count() == 1) (*act_)();
  }

 private:
  std::shared_ptr<std::function<void()>> act_;
};

TEST(Lifetime, what_functions_schedule_when_the_loop_drops_them_goes_with_it) {
  int alive = 0;
  auto loop = std::make_unique<event_loop>(async::loop_clock::virtual_time);
  queue<int> q(*loop);
  const auto schedule = [&alive, &q, &going = *loop] {
    create_task(going, hold_and_get(q, alive));
    async::call_soon(going, [held = counted(alive)] {});
    async::call_later(going, std::chrono::hours(1), [held = counted(alive)] {});
  };
  async::call_soon(*loop, [words = last_words(schedule)] {});
  async::call_later(*loop, std::chrono::hours(1), [words = last_words(schedule)] {});
  loop.reset();
  EXPECT_EQ(alive, 0);
}

TEST(Lifetime, a_call_that_never_ran_may_use_a_remote_while_it_goes) {
  auto loop = std::make_unique<event_loop>();
  bool taken = true;
  {
    const async::remote far = async::remote_of(*loop);
    far.call_soon([words = last_words([far, &taken] { taken = far.call_soon([] {}); })] {});
  }
  loop.reset();
  EXPECT_FALSE(taken);
}

}  // namespace
}  // namespace handoff::async_tests
