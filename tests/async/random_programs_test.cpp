// Random programs of producers, consumers, joiners and a canceller: whatever is cancelled when, nothing is
// lost, doubled or leaked, and nobody waits who could go on.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/async/tools.hpp"
#include "tests/support/sanitizers.hpp"
#include "tests/support/seed.hpp"

namespace handoff::async_tests {
namespace {

using testing_support::random_source;

using item = std::unique_ptr<int>;  // lost or doubled, it is a leak or a double free as well

struct books {
  int next = 0;  // the name of the item that is produced next
  std::vector<int> accepted;
  std::vector<int> received;
  int joined = 0;
};

task<> produce(queue<item>& q, random_source random, books& b) {
  for (int left = 1 + static_cast<int>(random.below(8)); left != 0; --left) {
    const int name = b.next++;
    auto made = std::make_unique<int>(name);
    switch (random.below(4)) {
      case 0: {
        const op_status status = q.put_nowait_status(std::move(made));
        if (status == op_status::success) b.accepted.push_back(name);
        EXPECT_EQ(made == nullptr, status == op_status::success);
        break;
      }
      case 1: {
        const op_status status = co_await q.put_status(std::move(made));
        if (status == op_status::success) b.accepted.push_back(name);
        EXPECT_EQ(made == nullptr, status == op_status::success);
        break;
      }
      default: {
        std::exception_ptr failure;
        try {
          co_await q.put(std::move(made));
          b.accepted.push_back(name);
        } catch (...) {
          failure = std::current_exception();
        }
        EXPECT_EQ(made == nullptr, failure == nullptr);
        if (failure != nullptr) std::rethrow_exception(failure);
      }
    }
    if (random.below(3) == 0) co_await async::yield();
  }
}

task<> consume(queue<item>& q, random_source random, books& b) {
  for (int left = 1 + static_cast<int>(random.below(8)); left != 0; --left) {
    item got;
    if (random.below(3) == 0) {
      const op_status status = co_await q.get_status(got);
      if (status == op_status::closed) co_return;
    } else {
      got = co_await q.get();
    }
    if (got != nullptr) {
      b.received.push_back(*got);
      if (random.below(4) == 0) co_await async::yield();
      q.task_done();
    }
  }
}

task<> join_once(queue<item>& q, books& b) {
  co_await q.join();
  ++b.joined;
}

task<> cancel_some(std::vector<task_handle<>>& victims, random_source random, queue<item>& q, bool closes) {
  for (int left = 6; left != 0; --left) {
    for (std::uint64_t skip = random.below(3); skip != 0; --skip) co_await async::yield();
    victims[random.below(victims.size())].cancel();
  }
  if (closes) q.shutdown();
}

/// Joiners, consumers and producers.
std::vector<task_handle<>> workers(event_loop& loop, queue<item>& q, random_source& random, books& b) {
  std::vector<task_handle<>> tasks;
  for (std::uint64_t i = 0, count = 3 + random.below(8); i != count; ++i) {
    const random_source own = random.fork(i);
    switch (random.below(5)) {
      case 0: tasks.push_back(create_task(loop, join_once(q, b))); break;
      case 1:
      case 2: tasks.push_back(create_task(loop, consume(q, own, b))); break;
      default: tasks.push_back(create_task(loop, produce(q, own, b)));
    }
  }
  return tasks;
}

void expect_that_nobody_waits_who_could_go_on(const queue<item>& q) {
  const bool getters_wait = q.waiting_getters() != 0;
  const bool putters_wait = q.waiting_putters() != 0;
  EXPECT_FALSE(getters_wait && !q.empty()) << "an item is inside, and a getter sleeps";
  EXPECT_FALSE(putters_wait && !q.full()) << "there is room, and a putter sleeps";
  EXPECT_FALSE(q.is_shut_down() && (getters_wait || putters_wait))
      << "the queue is shut down, and somebody sleeps";
}

/// One program. If it `stops_early`, everything is destroyed in the middle of it.
void run_program(random_source random, bool stops_early) {
  books b;
  std::optional<event_loop> loop(std::in_place);
  auto q = std::make_unique<queue<item>>(*loop, static_cast<std::ptrdiff_t>(random.below(4)));
  std::vector<task_handle<>> tasks = workers(*loop, *q, random, b);
  const bool closes = random.below(2) == 0;
  tasks.push_back(create_task(*loop, cancel_some(tasks, random.fork(99), *q, closes)));
  if (stops_early) {
    for (std::uint64_t pass = random.below(12); pass != 0; --pass) loop->run_pass();
    if (random.below(2) == 0) q.reset();  // else it outlives the loop
    loop.reset();
    for (const auto& task : tasks) EXPECT_TRUE(task.done());
    return;
  }
  settle(*loop);
  expect_that_nobody_waits_who_could_go_on(*q);
  // A cancelled task may go on (its next operation waits again), but not forever.
  for (int round = 0; round != 20; ++round) {
    while (!q->empty()) {
      b.received.push_back(*q->get_nowait());
      settle(*loop);
    }
    for (const auto& task : tasks) task.cancel();
    settle(*loop);
  }
  EXPECT_EQ(loop->pending_tasks(), 0U);
  EXPECT_TRUE(q->empty());
  EXPECT_EQ(b.received, b.accepted);
}

TEST(RandomPrograms, lose_double_and_leak_nothing_whatever_is_cancelled_when) {
  const std::uint64_t seed = testing_support::test_seed();
  SCOPED_TRACE("HANDOFF_TEST_SEED=" + std::to_string(seed));
  const random_source random(seed);
  for (std::uint64_t round = 0; round != testing_support::scaled(20'000); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    run_program(random.fork(round), false);
    if (HasFailure()) return;
  }
}

TEST(RandomPrograms, may_be_destroyed_at_any_moment) {
  const std::uint64_t seed = testing_support::test_seed();
  SCOPED_TRACE("HANDOFF_TEST_SEED=" + std::to_string(seed));
  const random_source random(seed);
  for (std::uint64_t round = 0; round != testing_support::scaled(20'000); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    run_program(random.fork(round), true);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace handoff::async_tests
