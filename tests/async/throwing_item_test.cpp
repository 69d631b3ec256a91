// An item whose move throws: the operation has had no effect, and no wake-up is lost with it.
#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>
#include <vector>

#include "queues/coroutine.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {
namespace {

struct move_failed : std::runtime_error {
  move_failed() : std::runtime_error("move") {}
};

/// Throws while it is moved, when it is told to; both sides stay as they were then.
class touchy {
 public:
  explicit touchy(int v = 0) : value(v) {}
  touchy(touchy&& other) noexcept(false) : value(other.value) { other.hand_over(); }
  touchy& operator=(touchy&& other) noexcept(false) {
    other.hand_over(&value);
    return *this;
  }
  int value;
  inline static int failures_left = 0;
  inline static int calls_until_failure = 0;  // 0: never

 private:
  void hand_over(int* to = nullptr) {
    if (calls_until_failure > 0 && --calls_until_failure == 0) throw move_failed();
    if (failures_left > 0) {
      --failures_left;
      throw move_failed();
    }
    if (to != nullptr) *to = value;
    value = -1;
  }
};

task<> get_touchy(queue<touchy>& q, std::vector<int>& got) {
  const touchy item = co_await q.get();
  got.push_back(item.value);
}

task<> put_touchy(queue<touchy>& q, int value) { co_await q.put(touchy(value)); }

TEST(ThrowingItem, a_failed_put_nowait_leaves_the_queue_and_the_argument_as_they_were) {
  event_loop loop;
  queue<touchy> q(loop, 2);
  touchy item(4);
  touchy::failures_left = 1;
  EXPECT_THROW(q.put_nowait(std::move(item)), move_failed);
  EXPECT_EQ(item.value, 4);
  EXPECT_EQ(q.qsize(), 0U);
  EXPECT_EQ(q.unfinished_tasks(), 0U);
  q.put_nowait(std::move(item));
  EXPECT_EQ(q.get_nowait().value, 4);
}

TEST(ThrowingItem, a_failed_get_nowait_leaves_the_item_at_the_front) {
  event_loop loop;
  queue<touchy> q(loop, 2);
  q.put_nowait(touchy(1));
  q.put_nowait(touchy(2));
  touchy::failures_left = 1;
  EXPECT_THROW(q.get_nowait(), move_failed);
  touchy out(0);
  touchy::failures_left = 1;
  EXPECT_THROW(q.get_nowait_status(out), move_failed);
  EXPECT_EQ(out.value, 0);
  EXPECT_EQ(q.qsize(), 2U);
  EXPECT_EQ(q.get_nowait().value, 1);
  EXPECT_EQ(q.get_nowait().value, 2);
}

TEST(ThrowingItem, a_failed_growth_loses_nothing) {
  event_loop loop;
  queue<touchy> q(loop);
  for (int i = 0; i != 16; ++i) q.put_nowait(touchy(i));
  touchy item(16);
  touchy::failures_left = 1;
  EXPECT_THROW(q.put_nowait(std::move(item)), move_failed);
  EXPECT_EQ(item.value, 16);
  q.put_nowait(std::move(item));
  for (int i = 0; i != 17; ++i) ASSERT_EQ(q.get_nowait().value, i);
}

TEST(ThrowingItem, a_large_bounded_queue_never_moves_items_to_grow) {
  event_loop loop;
  queue<touchy> q(loop, 10'000);
  for (int i = 0; i != 4'096; ++i) q.put_nowait(touchy(i));
  touchy item(4'096);
  touchy::calls_until_failure = 2;  // growing would have moved one item by then
  q.put_nowait(std::move(item));
  touchy::calls_until_failure = 0;
  for (int i = 0; i != 4'097; ++i) ASSERT_EQ(q.get_nowait().value, i);
}

TEST(ThrowingItem, the_wake_up_of_a_getter_that_fails_goes_to_the_next_one) {
  event_loop loop;
  queue<touchy> q(loop);
  std::vector<int> got;
  const auto first = create_task(loop, get_touchy(q, got));
  const auto second = create_task(loop, get_touchy(q, got));
  settle(loop);
  q.put_nowait(touchy(5));
  touchy::failures_left = 1;
  settle(loop);
  EXPECT_THROW(first.result(), move_failed);
  EXPECT_TRUE(second.done());
  EXPECT_EQ(got, std::vector<int>{5});
}

TEST(ThrowingItem, the_wake_up_of_a_putter_that_fails_goes_to_the_next_one) {
  event_loop loop;
  queue<touchy> q(loop, 1);
  q.put_nowait(touchy(0));
  const auto first = create_task(loop, put_touchy(q, 1));
  const auto second = create_task(loop, put_touchy(q, 2));
  settle(loop);
  EXPECT_EQ(q.get_nowait().value, 0);
  touchy::failures_left = 1;
  settle(loop);
  EXPECT_THROW(first.result(), move_failed);
  EXPECT_TRUE(second.done());
  EXPECT_EQ(q.get_nowait().value, 2);
}

TEST(ThrowingItem, a_handle_does_not_count_an_item_that_it_failed_to_pop) {
  async::runtime runtime;
  coroutine<touchy> q(runtime, 2);
  auto consumer = q.consumer();
  EXPECT_EQ(q.try_push(touchy(1)), op_status::success);
  touchy out;
  touchy::failures_left = 1;
  EXPECT_THROW(consumer.try_pop(out), move_failed);
  EXPECT_THROW(consumer.task_done(), std::logic_error);
  EXPECT_EQ(consumer.try_pop(out), op_status::success);
  consumer.task_done();
}

}  // namespace
}  // namespace handoff::async_tests
