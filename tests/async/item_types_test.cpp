// Items and results of types that are an exception to something.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <vector>

#include "queues/async/gather.hpp"
#include "queues/coroutine.hpp"
#include "queues/coroutine_lifo.hpp"
#include "queues/coroutine_priority.hpp"
#include "tests/async/tools.hpp"

namespace handoff::async_tests {

namespace {

/// Puts true, false, true; answers what comes out.
template <class Queue>
std::vector<bool> through(Queue& q) {
  for (const bool item : {true, false, true}) q.put_nowait(item);
  std::vector<bool> out;
  while (!q.empty()) out.push_back(q.get_nowait());
  return out;
}

TEST(ItemTypes, bool_goes_through_every_queue) {
  event_loop loop;
  queue<bool> fifo(loop);
  async::lifo_queue<bool> lifo(loop);
  async::priority_queue<bool> priority(loop);
  EXPECT_EQ(through(fifo), (std::vector<bool>{true, false, true}));
  EXPECT_EQ(through(lifo), (std::vector<bool>{true, false, true}));
  EXPECT_EQ(through(priority), (std::vector<bool>{false, true, true}));
}

template <template <class> class Backend>
std::vector<bool> through_backend() {
  async::runtime runtime;
  Backend<bool> q(runtime, 4);
  auto consumer = q.consumer();
  for (const bool item : {true, false, false}) EXPECT_EQ(q.try_push(bool{item}), op_status::success);
  std::vector<bool> out;
  for (bool item = false; consumer.try_pop(item) == op_status::success;) out.push_back(item);
  return out;
}

TEST(ItemTypes, bool_goes_through_every_backend) {
  EXPECT_EQ(through_backend<coroutine>(), (std::vector<bool>{true, false, false}));
  EXPECT_EQ(through_backend<coroutine_lifo>(), (std::vector<bool>{false, false, true}));
  EXPECT_EQ(through_backend<coroutine_priority>(), (std::vector<bool>{false, false, true}));
}

task<std::unique_ptr<int>> made(int value) {
  co_await async::yield();
  co_return std::make_unique<int>(value);
}

task<int> sum_of_two() {
  std::vector<task_handle<std::unique_ptr<int>>> both{create_task(made(2)), create_task(made(3))};
  const std::vector<std::unique_ptr<int>> results = co_await async::gather(std::move(both));
  co_return *results.at(0) + *results.at(1);
}

TEST(ItemTypes, gather_moves_results_that_cannot_be_copied) {
  event_loop loop;
  EXPECT_EQ(async::run(loop, sum_of_two()), 5);
}

task<> gather_twice() {
  const auto one = create_task(made(2));
  std::vector<task_handle<std::unique_ptr<int>>> twice{one, one};
  const std::vector<std::unique_ptr<int>> results = co_await async::gather(std::move(twice));
}

TEST(ItemTypes, gather_refuses_a_task_twice_whose_result_cannot_be_copied) {
  event_loop loop;
  EXPECT_THROW(async::run(loop, gather_twice()), std::logic_error);
}

/// Its `&` is no address.
struct hidden {
  int value = 0;
  void operator&() const = delete;
};

task<int> one_through(queue<hidden>& q) {
  hidden in{7};
  hidden out;
  co_await q.put_status(std::move(in));
  co_await q.get_status(out);
  co_return out.value;
}

TEST(ItemTypes, an_item_may_have_an_address_operator_of_its_own) {
  event_loop loop;
  queue<hidden> q(loop);
  EXPECT_EQ(async::run(loop, one_through(q)), 7);
}

}  // namespace

}  // namespace handoff::async_tests
