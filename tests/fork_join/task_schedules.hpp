// Schedules of coroutines in which one step decides what happens next; see schedules.hpp.
#pragma once

#include <atomic>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

#include "queues/stealing/task.hpp"
#include "tests/fork_join/awaiting.hpp"
#include "tests/fork_join/schedules.hpp"
#include "tests/fork_join/task_tools.hpp"
#include "tests/support/presence.hpp"

namespace handoff::fork_join_tests {

using stealing::basic_task;
using stealing::fork;
using stealing::join;

/// A parent that is stolen while its child runs: the child is at `while_stolen` with the parent in its join.
template <class Steps>
struct stolen_parent : subject<Steps> {
  stolen_parent() : subject<Steps>(2) {}

  /// Returns once the parent waits in its join; `returned` is a finding.
  void await_join(const char* finding) {
    await(continued);
    while (this->executor.idle_threads() != 1)
      if (returned) report(finding);
  }

  std::atomic<bool> continued{false};
  std::atomic<bool> returned{false};
};

template <class Steps>
void a_join_continues_after_the_child_of_a_stolen_parent() {
  stolen_parent<Steps> s;
  const auto child = [&]() -> basic_task<void, Steps> {
    s.await_join("the join continued before its child was over");
    co_return;
  };
  const auto root = [&]() -> basic_task<void, Steps> {
    co_await fork(child());
    s.continued = true;
    co_await join();
    s.returned = true;
    await_idle(s.executor, 1);
  };
  s.executor.run(root());
}

template <class Steps>
void the_end_of_a_task_waits_for_a_child_that_it_did_not_join() {
  stolen_parent<Steps> s;
  const auto child = [&]() -> basic_task<void, Steps> {
    s.await_join("the task was over before its child");
    co_return;
  };
  const auto parent = [&]() -> basic_task<void, Steps> {
    co_await fork(child());
    s.continued = true;
  };
  const auto root = [&]() -> basic_task<void, Steps> {
    co_await parent();
    s.returned = true;
    await_idle(s.executor, 1);
  };
  s.executor.run(root());
}

template <class Steps>
void a_parent_is_continued_once() {
  stolen_parent<Steps> s;
  std::atomic<int> continued{0};
  const auto child = [&]() -> basic_task<void, Steps> {
    await(s.continued);
    co_return;
  };
  const auto root = [&]() -> basic_task<void, Steps> {
    co_await fork(child());
    if (++continued == 2) report("the parent was continued twice");
    s.continued = true;
    await_idle(s.executor, 1);  // the child is over, and its thread has nothing to do
    co_await join();
  };
  s.executor.run(root());
}

template <class Steps>
void a_parent_given_away_wakes_a_sleeper() {
  subject<Steps> s(2);
  while (!s.executor.has_sleeping_threads()) std::this_thread::yield();
  std::atomic<bool> looked{false};
  const auto child = [&]() -> basic_task<void, Steps> {
    if (s.executor.has_sleeping_threads()) report("the sleeper was missed");
    looked = true;
    co_return;
  };
  const auto root = [&]() -> basic_task<void, Steps> {
    co_await fork(child());
    await(looked);
    co_await join();
  };
  s.executor.run(root());
}

/// The run's thread sleeps when the parent, elsewhere, brings the run to its end.
template <class Steps>
void the_end_of_a_run_wakes_its_thread() {
  stolen_parent<Steps> s;
  testing_support::presence runner;
  std::atomic<bool> over{false};
  std::thread caller([&] {
    const auto child = [&]() -> basic_task<void, Steps> {
      await(s.continued);
      runner.announce();
      co_return;
    };
    const auto root = [&]() -> basic_task<void, Steps> {
      co_await fork(child());
      s.continued = true;
      runner.wait_until_blocked(INT64_MAX);
      co_await join();
    };
    s.executor.run(root());
    over = true;
  });
  await(s.continued);
  while (!over && s.executor.idle_threads() != 2) std::this_thread::yield();  // all is done
  watch(over, runner, "the thread of the run was not woken");
  caller.join();
}

/// Two children throw, the first one later, with the parent stolen.
template <class Steps>
void the_first_exception_in_the_order_of_the_forks_comes_out() {
  stolen_parent<Steps> s;
  const auto late = [&]() -> basic_task<void, Steps> {
    s.await_join("the join continued before its child was over");
    throw std::runtime_error("first");
    co_return;
  };
  const auto early = []() -> basic_task<void, Steps> {
    throw std::runtime_error("second");
    co_return;
  };
  const auto root = [&]() -> basic_task<void, Steps> {
    co_await fork(late());
    co_await fork(early());
    s.continued = true;
    co_await join();
  };
  try {
    s.executor.run(root());
    report("the exception was lost");
  } catch (const std::runtime_error& error) {
    if (error.what() != std::string("first")) report("a later exception came out");
  }
}

/// A child of a stolen parent leaves its result and its frame.
template <class Steps>
void the_child_of_a_stolen_parent_leaves_its_result_and_no_frame() {
  stolen_parent<Steps> s;
  std::atomic<int> alive{0};
  const auto child = [&](counted) -> basic_task<int, Steps> {
    s.await_join("the join continued before its child was over");
    co_return 7;
  };
  const auto root = [&]() -> basic_task<void, Steps> {
    int result = 0;
    co_await fork(result, child(counted(alive)));
    s.continued = true;
    co_await join();
    if (alive != 0) report("the frame was kept");
    if (result != 7) report("the result was lost");
  };
  s.executor.run(root());
}

/// A join does not wait for a child that has not begun because the run is cancelled.
template <class Steps>
void a_join_of_a_cancelled_run_ends() {
  basic_stealing_executor<Steps> executor(1);
  std::stop_source source;
  source.request_stop();
  testing_support::presence runner;
  std::atomic<bool> over{false};
  std::thread caller([&] {
    const auto child = []() -> basic_task<void, Steps> { co_return; };
    const auto root = [&]() -> basic_task<void, Steps> {
      co_await fork(child());
      runner.announce();
      co_await join();
    };
    try {
      executor.run(root(), source.get_token());
      report("the cancellation was lost");
    } catch (const stealing::cancelled&) {
      over = true;
    }
  });
  watch(over, runner, "the join waits for a child that never began");
  caller.join();
}

}  // namespace handoff::fork_join_tests
