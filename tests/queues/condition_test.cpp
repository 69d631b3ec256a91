// The condition variable of mutex_condvar: a wake-up is never slept through.
#include "queues/support/condition.hpp"

#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

#include "tests/queues/system_calls.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/presence.hpp"

namespace handoff::queue_tests {
namespace {

using support::condition;
using testing_support::presence;

class Condition : public testing_support::guarded {
 protected:
  std::mutex mutex_;
  condition condition_;
};

TEST_F(Condition, nobody_is_woken_where_nobody_waits) {
  const std::lock_guard lock(mutex_);
  EXPECT_FALSE(condition_.announce());
}

/// The waiter has released the lock, and loses its core before it is asleep.
TEST_F(Condition, a_wake_up_between_the_look_and_the_sleep_is_not_slept_through) {
  bool met = false;
  on_system_call = [&](long number, const long*) {
    if (number == SYS_futex && !met) {
      met = true;
      {
        const std::lock_guard lock(mutex_);
        EXPECT_TRUE(condition_.announce());
      }
      condition_.wake_one();
    }
    return std::optional<int>();
  };
  std::unique_lock lock(mutex_);
  condition_.wait(lock, nullptr);
  on_system_call = nullptr;
  EXPECT_TRUE(met);
  EXPECT_TRUE(lock.owns_lock());
}

TEST_F(Condition, a_wait_ends_at_its_deadline_and_is_then_no_longer_counted) {
  const deadline_t soon = std::chrono::steady_clock::now() + std::chrono::milliseconds{2};
  std::unique_lock lock(mutex_);
  while (std::chrono::steady_clock::now() < soon) condition_.wait(lock, &soon);
  EXPECT_FALSE(condition_.announce());
}

TEST_F(Condition, sleepers_are_woken_one_by_one_or_all_at_once) {
  for (const bool at_once : {false, true}) {
    bool news = false;
    presence where[2];
    std::thread sleepers[2];
    for (int i = 0; i < 2; ++i) {
      sleepers[i] = std::thread([&, i] {
        std::unique_lock lock(mutex_);
        where[i].announce();
        while (!news) condition_.wait(lock, nullptr);
      });
      where[i].wait_until_blocked();
    }
    {
      const std::lock_guard lock(mutex_);
      news = true;
      EXPECT_TRUE(condition_.announce());
    }
    if (at_once) {
      condition_.wake_all();
    } else {
      condition_.wake_one();
      condition_.wake_one();
    }
    for (std::thread& sleeper : sleepers) sleeper.join();
  }
}

}  // namespace
}  // namespace handoff::queue_tests
