// Persistent workers, the barrier at which they start, and the kernel's view of them.
#include "harness/threads/team.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <latch>
#include <mutex>
#include <semaphore>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "harness/threads/blocked.hpp"
#include "harness/threads/start_barrier.hpp"
#include "harness/threads/thread_state.hpp"
#include "tests/harness/child.hpp"
#include "tests/support/watchdog.hpp"

namespace handoff::harness_tests {

namespace {

using harness::pinning;
using harness::placement;
using harness::team;

const placement nowhere(pinning::none);

/// No seed: nothing here is random.
class team_of_workers : public testing::Test {
  testing_support::watchdog hung_{"team_test", 0};
};

/// Restores the stack size that the process gives its threads.
class stack_size {
 public:
  explicit stack_size(std::size_t bytes) {
    pthread_getattr_default_np(&before_);
    pthread_attr_t wanted = before_;
    pthread_attr_setstacksize(&wanted, bytes);
    pthread_setattr_default_np(&wanted);
  }
  ~stack_size() { pthread_setattr_default_np(&before_); }
  stack_size(const stack_size&) = delete;
  stack_size& operator=(const stack_size&) = delete;

 private:
  pthread_attr_t before_;
};

TEST_F(team_of_workers, that_cannot_be_started_says_so) {
  const stack_size too_much(std::size_t{1} << 46);
  try {
    const team workers(2, nowhere);
    FAIL() << "two stacks of 64 TiB";
  } catch (const std::runtime_error& refused) {
    EXPECT_STREQ(refused.what(), "cannot start worker 1 of 2: Resource temporarily unavailable");
  }
}

TEST_F(team_of_workers, does_a_job_once_on_each) {
  for (unsigned workers = 1; workers <= 5; ++workers) {
    team t(workers, nowhere);
    EXPECT_EQ(t.size(), workers);
    std::vector<int> calls(workers, 0);
    const std::function<void(unsigned)> job = [&](unsigned worker) { ++calls[worker]; };
    for (int round = 1; round <= 100; ++round) {
      t.start(job);
      t.wait();
      ASSERT_EQ(calls, std::vector<int>(workers, round));
    }
  }
}

TEST_F(team_of_workers, runs_them_all_at_once) {
  team t(4, nowhere);
  std::latch everybody(4);  // opens only when all four are inside
  const std::function<void(unsigned)> job = [&](unsigned) { everybody.arrive_and_wait(); };
  t.start(job);
  t.wait();
}

TEST_F(team_of_workers, keeps_its_threads_from_job_to_job) {
  team t(3, nowhere);
  for (int round = 0; round < 20; ++round) {
    std::vector<pid_t> ids(3);
    const std::function<void(unsigned)> job = [&](unsigned worker) {
      ids[worker] = harness::current_thread_id();
    };
    t.start(job);
    t.wait();
    for (unsigned worker = 0; worker < 3; ++worker) ASSERT_EQ(ids[worker], t.thread_id(worker));
    ASSERT_EQ(std::set<pid_t>(ids.begin(), ids.end()).size(), 3u);
  }
}

TEST_F(team_of_workers, lets_its_coordinator_work_meanwhile) {
  team t(2, nowhere);
  std::binary_semaphore from_worker{0}, from_coordinator{0};
  const std::function<void(unsigned)> job = [&](unsigned worker) {
    if (worker != 0) return;
    from_worker.release();
    from_coordinator.acquire();
  };
  t.start(job);
  from_worker.acquire();
  from_coordinator.release();
  t.wait();
}

TEST_F(team_of_workers, ends_without_ever_having_had_a_job) { team t(3, nowhere); }

TEST(team_with_an_exception, gives_the_cell_up) {
  const ending e = run_in_child([](const reporter&) {
    team t(2, nowhere);
    const std::function<void(unsigned)> job = [](unsigned worker) {
      if (worker == 1) throw std::runtime_error("this job was told to throw");
    };
    t.start(job);
    t.wait();
  });
  EXPECT_EQ(e.status(), "corrupt") << e;
  EXPECT_NE(e.detail().find("this job was told to throw"), std::string::npos) << e;
  EXPECT_EQ(e.exit_status, 1);
}

TEST_F(team_of_workers, meets_at_the_barrier_before_anybody_goes_on) {
  constexpr unsigned parties = 6;  // more than cores
  team t(parties, nowhere);
  for (int round = 0; round < 200; ++round) {
    harness::start_barrier barrier(parties);
    std::atomic<unsigned> before{0};
    std::atomic<unsigned> early{0};
    const std::function<void(unsigned)> job = [&](unsigned) {
      before.fetch_add(1, std::memory_order_relaxed);  // the barrier orders it
      barrier.arrive_and_wait();
      if (before.load(std::memory_order_relaxed) != parties) early.fetch_add(1, std::memory_order_relaxed);
    };
    t.start(job);
    t.wait();
    ASSERT_EQ(early.load(), 0u);
  }
}

/// A thread that waits, in the given way, until it is told to end.
template <class Wait, class Wake>
void expect_asleep(Wait wait, Wake wake) {
  std::atomic<pid_t> id{0};
  std::thread sleeper([&] {
    id.store(harness::current_thread_id(), std::memory_order_relaxed);  // nothing is read through it
    wait();
  });
  while (id.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
  while (harness::thread_state(id) != 'S') std::this_thread::yield();  // the watchdog's, if it never sleeps
  harness::await_blocked({id}, wait_kind::native);
  EXPECT_EQ(harness::thread_state(id), 'S');
  wake();
  sleeper.join();
  // It is joined when its last instruction is behind it, and leaves the kernel's list a little later.
  while (harness::thread_state(id)) std::this_thread::yield();  // the watchdog's, if it never leaves
}

class thread_state_of : public testing::Test {
  testing_support::watchdog hung_{"thread_state", 0};
};

TEST_F(thread_state_of, a_thread_that_has_ended_has_none_while_the_kernel_still_lists_it) {
  EXPECT_EQ(harness::state_in("7 (a) b) S 1 7"), 'S');
  EXPECT_EQ(harness::state_in("7 (a) X 1 7"), std::nullopt);
  EXPECT_EQ(harness::state_in("7 (a) Z 1 7"), std::nullopt);
  EXPECT_EQ(harness::state_in(""), std::nullopt);
}

TEST_F(thread_state_of, a_waiter_on_a_futex_is_s) {
  std::atomic<int> word{0};
  expect_asleep([&] { word.wait(0); },
                [&] {
                  word = 1;
                  word.notify_one();
                });
}

TEST_F(thread_state_of, a_waiter_on_a_condition_variable_is_s) {
  std::mutex mutex;
  std::condition_variable changed;
  bool over = false;
  expect_asleep(
      [&] {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return over; });
      },
      [&] {
        {
          const std::lock_guard lock(mutex);
          over = true;
        }
        changed.notify_one();
      });
}

TEST_F(thread_state_of, the_caller_is_r) {
  EXPECT_EQ(harness::thread_state(harness::current_thread_id()), 'R');
}

TEST_F(thread_state_of, a_thread_that_there_is_not_is_unknown) {
  EXPECT_EQ(harness::thread_state(-1), std::nullopt);
  EXPECT_EQ(harness::thread_state(1 << 30), std::nullopt);
}

/// await_blocked does not wait without end for a native wait that spins forever.
TEST_F(thread_state_of, a_spinner_does_not_hold_await_blocked) {
  std::atomic<pid_t> id{0};
  std::atomic<bool> over{false};
  std::thread spinner([&] {
    id.store(harness::current_thread_id(), std::memory_order_relaxed);
    while (!over.load(std::memory_order_relaxed)) {
    }
  });
  while (id.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
  harness::await_blocked({id}, wait_kind::native);
  harness::await_blocked({id}, wait_kind::spin);
  over = true;
  spinner.join();
}

}  // namespace

}  // namespace handoff::harness_tests
