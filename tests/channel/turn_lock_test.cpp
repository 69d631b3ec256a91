// The lock of a channel, and copies of it with a planted fault each.
#include "queues/channel/detail/turn_lock.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/support/guarded.hpp"
#include "tests/support/planted.hpp"
#include "tests/support/presence.hpp"
#include "tests/support/sanitizers.hpp"

namespace handoff::channel_tests {
namespace {

using channels::basic_turn_lock;
using channels::turn_lock;
using channels::turn_lock_steps;
using testing_support::presence;
using testing_support::watch;

class TurnLock : public testing_support::guarded {};

TEST_F(TurnLock, keeps_threads_apart_also_when_they_sleep_for_it) {
  turn_lock lock;
  std::uint64_t count = 0;
  const std::uint64_t each = testing_support::scaled(50'000);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (std::uint64_t turn = 0; turn < each; ++turn) {
        const std::lock_guard mine(lock);
        ++count;
        if (turn % 1024 == 0) std::this_thread::yield();  // keeps it for long
      }
    });
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(count, 8 * each);
}

TEST_F(TurnLock, try_lock_does_not_wait) {
  turn_lock lock;
  EXPECT_TRUE(lock.try_lock());
  EXPECT_FALSE(lock.try_lock());
  lock.unlock();
  EXPECT_TRUE(lock.try_lock());
  lock.unlock();
}

TEST_F(TurnLock, a_release_wakes_all_who_sleep) {
  turn_lock lock;
  presence first, second;
  lock.lock();
  const auto sleeper = [&](presence& self) {
    self.announce();
    const std::lock_guard mine(lock);
  };
  std::thread one(sleeper, std::ref(first)), other(sleeper, std::ref(second));
  first.wait_until_blocked(INT64_MAX);
  second.wait_until_blocked(INT64_MAX);
  lock.unlock();
  one.join();
  other.join();
}

template <class Steps>
void a_release_wakes_one_who_sleeps() {
  basic_turn_lock<Steps> lock;
  std::atomic<bool> over{false};
  presence sleeper;
  lock.lock();
  std::thread one([&] {
    sleeper.announce();
    lock.lock();
    lock.unlock();
    over = true;
  });
  sleeper.wait_until_blocked(INT64_MAX);
  lock.unlock();
  watch(over, sleeper, "a sleeper was missed");
  one.join();
}

/// A sleeper that has announced itself, and waits for what the test does meanwhile.
inline std::atomic<bool> announced{false}, meanwhile{false};

template <class Base>
struct stops_before_sleep : Base {
  static void fence_before_sleep() noexcept {
    Base::fence_before_sleep();
    if (announced.exchange(true)) return;
    while (!meanwhile) std::this_thread::yield();
  }
};

/// The lock is released when a thread has announced its sleep, and does not sleep yet; perhaps it is taken
/// again, and released once the thread sleeps.
template <class Steps, bool taken_again>
void a_release_just_before_a_sleep_is_not_missed() {
  announced = meanwhile = false;
  basic_turn_lock<stops_before_sleep<Steps>> lock;
  std::atomic<bool> over{false};
  presence sleeper;
  lock.lock();
  std::thread one([&] {
    sleeper.announce();
    lock.lock();
    lock.unlock();
    over = true;
  });
  while (!announced) std::this_thread::yield();
  lock.unlock();
  if (taken_again) lock.lock();
  meanwhile = true;
  if (taken_again) {
    sleeper.wait_until_blocked(INT64_MAX);
    lock.unlock();
  }
  watch(over, sleeper, "a release was missed");
  one.join();
}

struct wakes_nobody : turn_lock_steps {
  static bool wakes(bool) noexcept { return false; }
};
struct does_not_look_again : turn_lock_steps {
  static bool looks_again() noexcept { return false; }
};
struct does_not_count : turn_lock_steps {
  static std::uint32_t woken_again(std::uint32_t times) noexcept { return times; }
};

TEST_F(TurnLock, schedules_end_well_with_the_shipped_steps) {
  for (int i = 0; i < 20; ++i) {
    a_release_wakes_one_who_sleeps<turn_lock_steps>();
    a_release_just_before_a_sleep_is_not_missed<turn_lock_steps, false>();
    a_release_just_before_a_sleep_is_not_missed<turn_lock_steps, true>();
  }
}

class TurnLockMutants : public testing_support::planted {};

TEST_F(TurnLockMutants, one_that_wakes_nobody_is_found) {
  EXPECT_FOUND(&a_release_wakes_one_who_sleeps<wakes_nobody>, "was missed");
}
TEST_F(TurnLockMutants, one_that_does_not_look_again_is_found) {
  EXPECT_FOUND((&a_release_just_before_a_sleep_is_not_missed<does_not_look_again, false>), "was missed");
}
TEST_F(TurnLockMutants, one_that_does_not_count_is_found) {
  EXPECT_FOUND((&a_release_just_before_a_sleep_is_not_missed<does_not_count, true>), "was missed");
}

}  // namespace
}  // namespace handoff::channel_tests
