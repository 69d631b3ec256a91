// Runs: from outside, several at once, inside each other, on executors that sleep, and cancelled ones.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

#include "queues/stealing/executor.hpp"
#include "tests/fork_join/awaiting.hpp"
#include "tests/support/crew.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/rounds.hpp"

namespace handoff::fork_join_tests {
namespace {

using stealing::join;
using testing_support::crew;
using testing_support::rounds;

class Executor : public testing_support::guarded {};

std::int64_t fib(std::int64_t n) {
  if (n < 2) return n;
  const auto [x, y] = join([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
  return x + y;
}

/// Forks without end: only an exception ends it.
void fork_forever() {
  for (;;) join([] {}, [] {});
}

TEST_F(Executor, no_thread_at_all_is_refused) { EXPECT_THROW(stealing_executor{0}, std::invalid_argument); }

TEST_F(Executor, an_executor_that_never_runs_anything_ends) {
  for (const unsigned threads : {1U, 2U, 16U}) EXPECT_EQ(stealing_executor(threads).threads(), threads);
}

TEST_F(Executor, a_run_returns_what_its_function_returns_or_throws) {
  stealing_executor executor(2);
  EXPECT_EQ(executor.run([] { return 7; }), 7);
  EXPECT_THROW(executor.run([] { throw std::logic_error("thrown"); }), std::logic_error);
}

TEST_F(Executor, several_callers_at_once_get_their_own_results) {
  stealing_executor executor(3);
  crew callers(4);
  for (rounds round(400); round.next();) {
    callers.run([&](unsigned caller) {
      callers.line_up();
      const std::int64_t n = 8 + caller;
      EXPECT_EQ(executor.run([n] { return fib(n); }), fib(n));
    });
  }
}

TEST_F(Executor, seeded_trees_on_more_workers_than_cores_count_their_leaves) {
  auto source = random();
  for (rounds round(200); round.next();) {
    stealing_executor executor(1 + static_cast<unsigned>(source.below(8)));
    for (int run = 0; run < 20; ++run) {
      const auto n = static_cast<std::int64_t>(source.below(16));
      ASSERT_EQ(executor.run([n] { return fib(n); }), fib(n));
    }
  }
}

TEST_F(Executor, runs_inside_runs_of_the_same_and_of_another_executor_end) {
  stealing_executor one(2);
  stealing_executor other(2);
  const auto nested = [&] {
    return one.run([&] { return other.run([&] { return one.run([] { return fib(12); }); }); });
  };
  EXPECT_EQ(nested(), 144);
  EXPECT_EQ(one.run([&] {
    const auto [x, y] = join(nested, nested);
    return x + y;
  }),
            288);
}

TEST_F(Executor, a_run_inside_a_run_gives_the_branches_of_the_outer_away) {
  stealing_executor executor(2);
  await_idle(executor, 1);
  std::atomic<bool> busy{false};
  std::atomic<bool> released{false};
  std::atomic<bool> begun{false};
  const auto inner = [&] {
    released = true;
    await_idle(executor, 1);
    join([&] { await(begun); }, [] {});
  };
  executor.run([&] {
    join(
        [&] {
          await(busy);  // the other thread asks no more
          join([&] { executor.run(inner); }, [&] { begun = true; });
        },
        [&] {
          busy = true;
          await(released);
        });
  });
  EXPECT_TRUE(begun);
}

TEST_F(Executor, a_thread_that_takes_no_part_in_a_run_has_none) {
  stealing_executor executor(2);
  std::int64_t result = 0;
  executor.run([&] { std::thread([&] { result = fib(10); }).join(); });
  EXPECT_EQ(result, 55);
}

class Cancellation : public testing_support::guarded {};

TEST_F(Cancellation, a_run_that_is_cancelled_before_it_begins_ends_at_its_first_fork) {
  stealing_executor executor(2);
  await_idle(executor, 1);
  std::stop_source stop;
  stop.request_stop();
  std::atomic<bool> begun{false};
  const auto call = [&] { join([&] { begun = true; }, [&] { begun = true; }); };
  EXPECT_THROW(executor.run(call, stop.get_token()), stealing::cancelled);
  EXPECT_FALSE(begun);
  EXPECT_EQ(executor.given_away(), 0U);
  EXPECT_EQ(executor.run([] { return fib(10); }), 55) << "the next run is not cancelled";
}

TEST_F(Cancellation, a_run_that_is_over_before_it_looks_returns_its_result) {
  stealing_executor executor(2);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(executor.run([] { return 3; }, stop.get_token()), 3);
}

TEST_F(Cancellation, a_stop_reaches_a_run_that_forks_without_end) {
  for (const unsigned threads : {1U, 2U, 4U}) {
    stealing_executor executor(threads);
    std::stop_source stop;
    std::thread stopper([&] { stop.request_stop(); });
    EXPECT_THROW(executor.run(fork_forever, stop.get_token()), stealing::cancelled);
    stopper.join();
  }
}

TEST_F(Cancellation, a_stop_reaches_a_stolen_branch) {
  stealing_executor executor(2);
  await_idle(executor, 1);
  std::stop_source stop;
  std::atomic<bool> begun{false};
  const auto call = [&] {
    join(
        [&] {
          await(begun);
          stop.request_stop();
        },
        [&] {
          begun = true;
          fork_forever();
        });
  };
  EXPECT_THROW(executor.run(call, stop.get_token()), stealing::cancelled);
}

TEST_F(Cancellation, a_stop_of_one_run_leaves_another_one_alone) {
  stealing_executor executor(2);
  std::stop_source stop;
  std::atomic<bool> over{false};
  std::thread other([&] {
    EXPECT_THROW(executor.run(fork_forever, stop.get_token()), stealing::cancelled);
    over = true;
  });
  EXPECT_NO_THROW(executor.run([&] {
    stop.request_stop();
    while (!over) join([] {}, [] {});
  }));
  other.join();
}

TEST_F(Cancellation, a_stop_of_an_inner_run_leaves_the_outer_one_alone) {
  stealing_executor executor(1);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(executor.run([&] {
    EXPECT_THROW(executor.run(fork_forever, stop.get_token()), stealing::cancelled);
    return fib(10);
  }),
            55);
}

TEST_F(Cancellation, a_stop_of_the_outer_run_stops_the_inner_one) {
  stealing_executor executor(1);
  std::stop_source stop;
  const auto call = [&] {
    stop.request_stop();
    executor.run(fork_forever);
  };
  EXPECT_THROW(executor.run(call, stop.get_token()), stealing::cancelled);
}

TEST_F(Cancellation, a_stop_that_comes_with_the_end_of_a_run_is_not_left_behind) {
  stealing_executor executor(2);
  crew threads(2);
  for (rounds round(2'000); round.next();) {
    std::stop_source stop;
    threads.run([&](unsigned index) {
      threads.line_up();
      if (index == 0) {
        stop.request_stop();
        return;
      }
      try {
        executor.run([] { return fib(5); }, stop.get_token());
      } catch (const stealing::cancelled&) {  // either end is right
      }
    });
    ASSERT_EQ(executor.run([] { return fib(5); }), 5);
  }
}

}  // namespace
}  // namespace handoff::fork_join_tests
