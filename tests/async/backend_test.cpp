// The backend `coroutine` in the words of the contract.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "queues/coroutine.hpp"

namespace handoff::async_tests {
namespace {

using async::runtime;
using backend = coroutine<int>;
using work = runtime::task;

work pop_once(backend& q, std::optional<op_status>& status, int& item) {
  auto&& consumer = q.consumer();
  status = co_await consumer.async_pop(item);
}

work push_once(backend& q, std::optional<op_status>& status, int& item) {
  auto&& producer = q.producer();
  status = co_await producer.async_push(std::move(item));
}

/// Runs until nothing is ready, and does not mind tasks that wait.
void run_ready(runtime& r) {
  try {
    r.run();
  } catch (const async::deadlock_error&) {
  }
}

/// Pushes the items that are `me` modulo `stride`.
work push_200(backend& to, int me, int stride) {
  auto&& producer = to.producer();
  for (int i = 0; i != 200; ++i) {
    const op_status status = co_await producer.async_push(i * stride + me);
    EXPECT_EQ(status, op_status::success);
  }
}

/// `newest`: per producer, the number of the last item that came from it.
work pop_200(backend& from, std::vector<int>& newest, int stride, int& count) {
  auto consumer = from.consumer();
  for (int i = 0; i != 200; ++i) {
    int item = 0;
    const op_status status = co_await consumer.async_pop(item);
    EXPECT_EQ(status, op_status::success);
    int& previous = newest[static_cast<std::size_t>(item % stride)];
    EXPECT_EQ(item / stride, previous + 1);
    previous = item / stride;
    consumer.task_done();
    ++count;
  }
}

TEST(Backend, every_accepted_item_arrives_in_order_with_any_shape_and_capacity) {
  for (const std::size_t capacity : {1U, 2U, 3U, 64U}) {
    for (const int pairs : {1, 2, 5}) {
      runtime r;
      backend q(r, capacity);
      std::vector<int> last(static_cast<std::size_t>(pairs), -1);
      int received = 0;
      for (int p = 0; p != pairs; ++p) {
        r.spawn(push_200(q, p, pairs));
        r.spawn(pop_200(q, last, pairs, received));
      }
      bool joined = false;
      r.spawn([](backend& all, bool& flag) -> work {
        co_await async::yield();
        co_await all.async_join();
        flag = true;
      }(q, joined));
      r.run();
      EXPECT_EQ(received, 200 * pairs);
      EXPECT_TRUE(joined);
    }
  }
}

TEST(Backend, holds_exactly_its_capacity) {
  runtime r;
  backend q(r, 3);
  EXPECT_EQ(q.capacity(), 3U);
  for (int i = 0; i != 3; ++i) EXPECT_EQ(q.producer().try_push(int(i)), op_status::success);
  EXPECT_EQ(q.producer().try_push(3), op_status::full);
  EXPECT_EQ(q.size(), 3U);
  auto consumer = q.consumer();
  int item = 0;
  for (int i = 0; i != 3; ++i) {
    EXPECT_EQ(consumer.try_pop(item), op_status::success);
    EXPECT_EQ(item, i);
  }
  EXPECT_EQ(consumer.try_pop(item), op_status::empty);
  EXPECT_THROW(backend(r, 0), std::invalid_argument);
}

TEST(Backend, close_wakes_a_blocked_pop_which_answers_closed) {
  runtime r;
  backend q(r, 1);
  std::optional<op_status> status;
  int item = 0;
  r.spawn(pop_once(q, status, item));
  run_ready(r);
  EXPECT_FALSE(status.has_value());
  q.close();
  EXPECT_TRUE(q.is_closed());
  r.run();
  EXPECT_EQ(status, op_status::closed);
}

TEST(Backend, pop_after_close_drains_then_answers_closed) {
  runtime r;
  backend q(r, 2);
  auto consumer = q.consumer();
  EXPECT_EQ(q.producer().try_push(1), op_status::success);
  q.close();
  EXPECT_EQ(q.producer().try_push(2), op_status::closed);
  int item = 0;
  EXPECT_EQ(consumer.try_pop(item), op_status::success);
  EXPECT_EQ(item, 1);
  EXPECT_EQ(consumer.try_pop(item), op_status::closed);
  std::optional<op_status> status;
  r.spawn(pop_once(q, status, item));
  r.run();
  EXPECT_EQ(status, op_status::closed);
}

TEST(Backend, close_wakes_a_blocked_push_which_answers_closed_and_leaves_its_argument) {
  runtime r;
  coroutine<std::unique_ptr<int>> q(r, 1);
  EXPECT_EQ(q.producer().try_push(std::make_unique<int>(1)), op_status::success);
  auto item = std::make_unique<int>(2);
  std::optional<op_status> status;
  r.spawn([](auto& to, auto& answer, auto& what) -> work {
    answer = co_await to.producer().async_push(std::move(what));
  }(q, status, item));
  run_ready(r);
  q.close();
  r.run();
  EXPECT_EQ(status, op_status::closed);
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(*item, 2);
}

TEST(Backend, a_cancelled_pop_answers_cancelled_and_nothing_is_thrown) {
  runtime r;
  backend q(r, 1);
  std::optional<op_status> status;
  int item = 0;
  const auto handle = r.spawn(pop_once(q, status, item));
  run_ready(r);
  r.cancel(handle);
  r.run();
  EXPECT_EQ(status, op_status::cancelled);
  EXPECT_FALSE(handle.cancelled()) << "the task was told, and ended by itself";
}

TEST(Backend, a_cancelled_push_answers_cancelled_and_the_item_stays_with_the_caller) {
  runtime r;
  backend q(r, 1);
  EXPECT_EQ(q.producer().try_push(1), op_status::success);
  std::optional<op_status> status;
  int item = 2;
  const auto handle = r.spawn(push_once(q, status, item));
  run_ready(r);
  r.cancel(handle);
  r.run();
  EXPECT_EQ(status, op_status::cancelled);
  EXPECT_EQ(q.size(), 1U);
}

TEST(Backend, a_cancellation_is_answered_once) {
  runtime r;
  backend q(r, 1);
  std::vector<op_status> statuses;
  const auto handle = r.spawn([](backend& from, std::vector<op_status>& answers) -> work {
    auto consumer = from.consumer();
    for (int i = 0; i != 2; ++i) {
      int item = 0;
      const op_status status = co_await consumer.async_pop(item);
      answers.push_back(status);
    }
  }(q, statuses));
  run_ready(r);
  r.cancel(handle);
  run_ready(r);
  EXPECT_EQ(statuses, std::vector{op_status::cancelled});
  EXPECT_EQ(q.producer().try_push(1), op_status::success);
  r.run();
  EXPECT_EQ(statuses, (std::vector{op_status::cancelled, op_status::success}));
}

TEST(Backend, a_pop_that_need_not_wait_does_not_look_at_a_cancellation) {
  runtime r;
  backend q(r, 1);
  EXPECT_EQ(q.producer().try_push(5), op_status::success);
  std::vector<op_status> statuses;
  runtime::handle handle;
  handle = r.spawn(
      [](runtime& own, const runtime::handle& self, backend& from, std::vector<op_status>& answers) -> work {
        own.cancel(self);
        auto consumer = from.consumer();
        for (int i = 0; i != 2; ++i) {
          int item = 0;
          const op_status status = co_await consumer.async_pop(item);
          answers.push_back(status);
        }
      }(r, handle, q, statuses));
  r.run();
  EXPECT_EQ(statuses, (std::vector{op_status::success, op_status::cancelled}));
}

TEST(Backend, a_blocked_consumer_that_is_cancelled_loses_no_item) {
  runtime r;
  backend q(r, 4);
  std::optional<op_status> first;
  std::optional<op_status> second;
  int item_of_first = 0;
  int item_of_second = 0;
  const auto victim = r.spawn(pop_once(q, first, item_of_first));
  r.spawn(pop_once(q, second, item_of_second));
  run_ready(r);
  EXPECT_EQ(q.producer().try_push(7), op_status::success);
  r.cancel(victim);
  r.run();
  EXPECT_EQ(first, op_status::cancelled);
  EXPECT_EQ(second, op_status::success);
  EXPECT_EQ(item_of_second, 7);
}

TEST(Backend, join_then_cancel_ends_every_consumer) {
  runtime r;
  backend q(r, 2);
  int done = 0;
  std::vector<runtime::handle> consumers;
  for (int i = 0; i != 3; ++i) {
    consumers.push_back(r.spawn([](backend& from, int& count) -> work {
      auto consumer = from.consumer();
      int item = 0;
      for (;;) {
        const op_status status = co_await consumer.async_pop(item);
        if (status != op_status::success) co_return;
        co_await async::yield();
        ++count;
        consumer.task_done();
      }
    }(q, done)));
  }
  r.spawn([](runtime& own, backend& to, std::vector<runtime::handle>& targets, const int& count) -> work {
    auto&& producer = to.producer();
    for (int i = 0; i != 50; ++i) co_await producer.async_push(int(i));
    const op_status joined = co_await to.async_join();
    EXPECT_EQ(joined, op_status::success);
    EXPECT_EQ(count, 50);
    for (const auto& target : targets) own.cancel(target);
  }(r, q, consumers, done));
  r.run();
  for (const auto& consumer : consumers) EXPECT_TRUE(consumer.done());
}

TEST(Backend, a_cancelled_join_answers_cancelled) {
  runtime r;
  backend q(r, 1);
  EXPECT_EQ(q.producer().try_push(1), op_status::success);
  std::optional<op_status> status;
  const auto handle = r.spawn([](backend& all, std::optional<op_status>& answer) -> work {
    answer = co_await all.async_join();
  }(q, status));
  run_ready(r);
  r.cancel(handle);
  r.run();
  EXPECT_EQ(status, op_status::cancelled);
}

TEST(Backend, one_task_done_more_than_the_handle_popped_throws) {
  runtime r;
  backend q(r, 2);
  auto first = q.consumer();
  auto second = q.consumer();
  EXPECT_EQ(q.producer().try_push(1), op_status::success);
  EXPECT_THROW(first.task_done(), std::logic_error) << "the item has not been popped";
  int item = 0;
  EXPECT_EQ(first.try_pop(item), op_status::success);
  EXPECT_THROW(second.task_done(), std::logic_error) << "another handle popped it";
  EXPECT_EQ(q.producer().try_push(2), op_status::success);
  EXPECT_EQ(second.try_pop(item), op_status::success);
  first.task_done();
  EXPECT_THROW(first.task_done(), std::logic_error) << "what is left unfinished, another handle popped";
  second.task_done();
}

TEST(Backend, what_a_handle_counted_survives_it) {
  runtime r;
  backend q(r, 2);
  EXPECT_EQ(q.producer().try_push(1), op_status::success);
  EXPECT_EQ(q.producer().try_push(2), op_status::success);
  bool joined = false;
  r.spawn([](backend& all, bool& flag) -> work {
    co_await all.async_join();
    flag = true;
  }(q, joined));
  {
    auto consumer = q.consumer();
    int item = 0;
    EXPECT_EQ(consumer.try_pop(item), op_status::success);
    consumer.task_done();
  }
  run_ready(r);
  EXPECT_FALSE(joined);
  auto consumer = q.consumer();
  int item = 0;
  EXPECT_EQ(consumer.try_pop(item), op_status::success);
  consumer.task_done();
  r.run();
  EXPECT_TRUE(joined);
}

TEST(Runtime, run_throws_what_a_task_let_out_once_all_have_ended) {
  runtime r;
  bool other_ended = false;
  r.spawn([]() -> work {
    throw std::runtime_error("first");
    co_return;
  }());
  r.spawn([](bool& flag) -> work {
    co_await async::yield();
    flag = true;
    throw std::runtime_error("second");
  }(other_ended));
  try {
    r.run();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "first");
  }
  EXPECT_TRUE(other_ended);
  r.run();
}

TEST(Runtime, run_does_not_report_a_cancellation) {
  runtime r;
  const auto handle = r.spawn([]() -> work {
    for (;;) co_await async::yield();
  }());
  r.spawn([](runtime& own, const runtime::handle& target) -> work {
    co_await own.yield();
    own.cancel(target);
  }(r, handle));
  r.run();
  EXPECT_TRUE(handle.cancelled());
}

TEST(Runtime, run_says_when_tasks_wait_for_ever_and_goes_on_when_they_are_helped) {
  runtime r;
  backend q(r, 1);
  std::optional<op_status> status;
  int item = 0;
  r.spawn(pop_once(q, status, item));
  EXPECT_THROW(r.run(), async::deadlock_error);
  EXPECT_EQ(q.producer().try_push(3), op_status::success);
  r.run();
  EXPECT_EQ(status, op_status::success);
  EXPECT_EQ(item, 3);
}

}  // namespace
}  // namespace handoff::async_tests
