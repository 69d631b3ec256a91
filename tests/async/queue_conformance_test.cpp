// asyncio.Queue's own cases: those for which the three classes of queues are alike, those of the order in
// which each gives its items out, and those that need a clock. The others are in queue_test.cpp (basics, get)
// and queue_put_test.cpp. asyncio's case of a fractional maxsize (1.3 holds 2) does not apply: maxsize is an
// integer.
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "queues/async/describe.hpp"
#include "queues/async/queue.hpp"
#include "queues/async/timeout.hpp"
#include "tests/async/virtual_time.hpp"

namespace handoff::async_tests {
namespace {

using async::describe;
using async::lifo_queue;
using async::priority_queue;

TEST(QueueGet, a_getter_whose_time_is_over_is_no_longer_listed) {
  virtual_loop loop;
  queue<int> q(loop);
  events log;
  create_task(loop,
              tell(
                  loop, "getter",
                  [](queue<int>& from) -> task<> { co_await async::timeout(100ms, from.get()); }(q), log));
  settle(loop);
  EXPECT_EQ(q.waiting_getters(), 1U);
  run_all(loop);
  EXPECT_EQ(log, events{"getter timed out at 100"});
  EXPECT_EQ(q.waiting_getters(), 0U);
}

TEST(QueuePut, a_putter_whose_time_is_over_is_no_longer_listed) {
  virtual_loop loop;
  queue<int> q(loop, 1);
  q.put_nowait(1);
  events log;
  create_task(loop, tell(
                        loop, "putter",
                        [](queue<int>& to) -> task<> {
                          int item = 2;
                          co_await async::timeout(100ms, to.put(item));
                        }(q),
                        log));
  run_all(loop);
  EXPECT_EQ(log, events{"putter timed out at 100"});
  EXPECT_EQ(q.waiting_putters(), 0U);
  EXPECT_EQ(describe(q), "<queue maxsize=1 items=[1] tasks=1>");
}

TEST(LifoQueue, the_newest_item_comes_first) {
  event_loop loop;
  lifo_queue<int> q(loop);
  for (const int item : {1, 3, 2}) q.put_nowait(item);
  for (const int expected : {2, 3, 1}) EXPECT_EQ(q.get_nowait(), expected);
}

TEST(PriorityQueue, the_least_item_comes_first) {
  event_loop loop;
  priority_queue<int> q(loop);
  for (const int item : {1, 3, 2}) q.put_nowait(item);
  for (const int expected : {1, 2, 3}) EXPECT_EQ(q.get_nowait(), expected);
}

TEST(PriorityQueue, equal_keys_come_in_the_order_of_heapq) {
  using entry = std::pair<int, char>;
  struct by_key {
    bool operator()(const entry& a, const entry& b) const noexcept { return a.first < b.first; }
  };
  event_loop loop;
  priority_queue<entry, by_key> q(loop);
  for (char name = 'a'; name <= 'f'; ++name) q.put_nowait(entry(0, name));
  std::string order;
  while (!q.empty()) order += q.get_nowait().second;
  EXPECT_EQ(order, "acfebd");
}

/// Every consumer puts the DONE back for the next one: the last put leaves a DONE in the queue.
task<> relay_done(queue<int>& q, int& received) {
  for (;;) {
    const int item = co_await q.get();
    if (item < 0) {
      co_await q.put(item);
      q.task_done();
      co_return;
    }
    ++received;
    q.task_done();
  }
}

TEST(QueueJoin, a_done_signal_that_each_consumer_puts_back_stays_inside_and_unfinished) {
  virtual_loop loop;
  queue<int> q(loop, 2);
  int received = 0;
  std::vector<task_handle<>> consumers;
  for (int i = 0; i != 3; ++i) consumers.push_back(create_task(loop, relay_done(q, received)));
  create_task(loop, [](queue<int>& to) -> task<> {
    for (int i = 0; i != 7; ++i) co_await to.put(i);
    co_await to.put(-1);
  }(q));
  run_all(loop);
  for (const auto& consumer : consumers) EXPECT_TRUE(consumer.done());
  EXPECT_EQ(received, 7);
  EXPECT_EQ(describe(q), "<queue maxsize=2 items=[-1] tasks=1>");
}

template <class Queue>
class AnyQueueJoin : public testing::Test {
 protected:
  virtual_loop loop;
};
template <class Queue>
class AnyQueueShutdown : public testing::Test {
 protected:
  virtual_loop loop;
  events log;
};

struct queue_names {
  template <class Queue>
  static std::string GetName(int) {
    if (std::is_same_v<Queue, queue<int>>) return "queue";
    return std::is_same_v<Queue, lifo_queue<int>> ? "lifo_queue" : "priority_queue";
  }
};
using all_queues = testing::Types<queue<int>, lifo_queue<int>, priority_queue<int>>;
TYPED_TEST_SUITE(AnyQueueJoin, all_queues, queue_names);
TYPED_TEST_SUITE(AnyQueueShutdown, all_queues, queue_names);

template <class Queue>
task<> join(Queue& q) {
  co_await q.join();
}
template <class Queue>
task<> get(Queue& q) {
  co_await q.get();
}
template <class Queue>
task<> put(Queue& q, int item) {
  co_await q.put(item);
}

TYPED_TEST(AnyQueueJoin, one_task_done_too_many_is_an_error) {
  TypeParam q(this->loop);
  EXPECT_THROW(q.task_done(), std::logic_error);
  q.put_nowait(1);
  q.get_nowait();
  q.task_done();
  EXPECT_THROW(q.task_done(), std::logic_error);
}

TYPED_TEST(AnyQueueJoin, the_sum_of_a_hundred_items_is_right_when_join_returns) {
  TypeParam q(this->loop);
  int sum = 0;
  std::vector<task_handle<>> workers;
  for (const auto time : {10ms, 13ms}) {
    workers.push_back(create_task(this->loop, [](TypeParam& from, nanoseconds work, int& total) -> task<> {
      for (;;) {
        const int item = co_await from.get();
        co_await async::sleep(work);
        total += item;
        from.task_done();
      }
    }(q, time, sum)));
  }
  for (int i = 0; i != 100; ++i) q.put_nowait(i);
  std::optional<int> sum_at_join;
  create_task(this->loop, [](TypeParam& all, const int& total, std::optional<int>& seen) -> task<> {
    co_await all.join();
    seen = total;
  }(q, sum, sum_at_join));
  run_all(this->loop);
  EXPECT_EQ(sum_at_join, 4950);
  for (const auto& worker : workers) EXPECT_FALSE(worker.done());
}

TYPED_TEST(AnyQueueJoin, counts_over_a_growth_of_the_queue_what_was_put_and_done_before) {
  TypeParam q(this->loop);
  for (int i = 0; i != 11; ++i) {
    q.put_nowait(i);
    q.get_nowait();
    if (i < 7) q.task_done();
  }
  for (int i = 0; i != 1000; ++i) q.put_nowait(i);
  EXPECT_EQ(q.unfinished_tasks(), 1004U);
  for (int i = 0; i != 1004; ++i) q.task_done();
  EXPECT_EQ(q.unfinished_tasks(), 0U);
  EXPECT_THROW(q.task_done(), std::logic_error);
}

TYPED_TEST(AnyQueueJoin, join_of_an_empty_queue_returns_at_once_and_twice) {
  TypeParam q(this->loop);
  const auto joiner = create_task(this->loop, [](TypeParam& all) -> task<> {
    co_await all.join();
    co_await all.join();
  }(q));
  this->loop.run_pass();
  EXPECT_TRUE(joiner.done());
}

TYPED_TEST(AnyQueueJoin, text_form_shows_maxsize_and_unfinished_tasks) {
  TypeParam q(this->loop, 4);
  EXPECT_EQ(describe(q), "<queue maxsize=4>");
  q.put_nowait(1);
  EXPECT_EQ(describe(q), "<queue maxsize=4 items=[1] tasks=1>");
  q.get_nowait();
  EXPECT_EQ(describe(q), "<queue maxsize=4 tasks=1>");
}

TYPED_TEST(AnyQueueShutdown, text_form_says_shutdown) {
  TypeParam q(this->loop);
  EXPECT_EQ(describe(q), "<queue maxsize=0>");
  q.shutdown();
  EXPECT_EQ(describe(q), "<queue maxsize=0 shutdown>");
}

TYPED_TEST(AnyQueueShutdown, on_an_empty_queue_a_pending_get_fails_join_passes_and_all_operations_fail) {
  TypeParam q(this->loop);
  const std::string shut_down = async::queue_shut_down().what();
  create_task(this->loop, tell(this->loop, "pending get", get(q), this->log));
  settle(this->loop);
  q.shutdown();
  EXPECT_TRUE(q.is_shut_down());
  create_task(this->loop, tell(this->loop, "join", join(q), this->log));
  create_task(this->loop, tell(this->loop, "put", put(q, 1), this->log));
  create_task(this->loop, tell(this->loop, "get", get(q), this->log));
  run_all(this->loop);
  const std::string why = " failed: " + shut_down + " at 0";
  EXPECT_EQ(this->log, (events{"pending get" + why, "join ended at 0", "put" + why, "get" + why}));
  EXPECT_THROW(q.put_nowait(1), async::queue_shut_down);
  EXPECT_THROW(q.get_nowait(), async::queue_shut_down);
  EXPECT_EQ(q.qsize(), 0U);
}

TYPED_TEST(AnyQueueShutdown, on_a_full_queue_a_blocked_put_fails_and_join_waits_for_the_item_inside) {
  TypeParam q(this->loop, 1);
  q.put_nowait(1);
  create_task(this->loop, tell(this->loop, "put", put(q, 2), this->log));
  const auto joiner = create_task(this->loop, join(q));
  settle(this->loop);
  q.shutdown();
  EXPECT_EQ(q.qsize(), 1U);
  run_all(this->loop);
  EXPECT_EQ(this->log, events{std::string("put failed: ") + async::queue_shut_down().what() + " at 0"});
  EXPECT_FALSE(joiner.done());
  EXPECT_TRUE(q.full()) << "full() still compares the size with maxsize";
  const auto getter = create_task(this->loop, [](TypeParam& from) -> task<int> {
    const int item = co_await from.get();
    co_return item;
  }(q));
  run_all(this->loop);
  EXPECT_EQ(getter.result(), 1);
  EXPECT_THROW(q.get_nowait(), async::queue_shut_down);
  EXPECT_FALSE(joiner.done()) << "the item has been taken, and is not finished";
  q.task_done();
  run_all(this->loop);
  EXPECT_TRUE(joiner.done());
  EXPECT_THROW(q.task_done(), std::logic_error);
}

TYPED_TEST(AnyQueueShutdown, immediate_drops_the_items_and_releases_join) {
  TypeParam q(this->loop);
  q.put_nowait(1);
  q.put_nowait(2);
  const auto joiner = create_task(this->loop, join(q));
  settle(this->loop);
  q.shutdown(true);
  EXPECT_EQ(q.qsize(), 0U);
  EXPECT_EQ(q.unfinished_tasks(), 0U);
  run_all(this->loop);
  EXPECT_TRUE(joiner.done());
  EXPECT_THROW(q.get_nowait(), async::queue_shut_down);
  EXPECT_THROW(q.put_nowait(3), async::queue_shut_down);
}

TYPED_TEST(AnyQueueShutdown, immediate_leaves_an_item_that_was_taken_to_join) {
  TypeParam q(this->loop);
  q.put_nowait(1);
  q.put_nowait(2);
  q.get_nowait();
  const auto joiner = create_task(this->loop, join(q));
  settle(this->loop);
  EXPECT_EQ(q.unfinished_tasks(), 2U);
  q.shutdown(true);
  EXPECT_EQ(q.unfinished_tasks(), 1U);
  EXPECT_EQ(q.qsize(), 0U);
  run_all(this->loop);
  EXPECT_FALSE(joiner.done());
  q.task_done();
  run_all(this->loop);
  EXPECT_TRUE(joiner.done());
  EXPECT_THROW(q.task_done(), std::logic_error);
}

}  // namespace
}  // namespace handoff::async_tests
