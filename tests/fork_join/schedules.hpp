// Schedules of a few threads in which one step of the executor's protocol decides what happens next.
//
// Each is a function of the steps (queues/stealing/detail/hub_steps.hpp): with those that are shipped it must
// end well, and with a mutant it must find the fault, in every run. Where two threads could go either way,
// one waits for the other; nothing depends on time.
#pragma once

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

#include "queues/stealing/executor.hpp"
#include "tests/fork_join/awaiting.hpp"
#include "tests/support/planted.hpp"
#include "tests/support/presence.hpp"

namespace handoff::fork_join_tests {

using testing_support::report;
using testing_support::watch;

/// The executor with these steps, and its join.
template <class Steps>
struct subject {
  explicit subject(unsigned threads) : executor(threads) { await_idle(executor, threads - 1); }

  template <class A, class B>
  static auto join(A a, B b) {
    return basic_stealing_executor<Steps>::join(a, b);
  }

  basic_stealing_executor<Steps> executor;
};

/// The steps, but a thread that is about to enlist as a sleeper waits until the gate opens.
template <class Steps>
struct gated : Steps {
  static inline std::atomic<bool> open{true};
  static inline std::atomic<unsigned> arrived{0};
  static inline std::atomic<unsigned> waiting{0};
  static inline testing_support::presence thread;  // the first that came
  static void about_to_enlist() {
    if (open) return;
    if (arrived++ == 0) thread.announce();
    ++waiting;
    await(open);
    --waiting;
  }
};

/// Closes the gate, and returns an executor whose own threads all wait there.
template <class Steps>
struct at_the_gate : subject<gated<Steps>> {
  static unsigned close(unsigned threads) {
    await_count(gated<Steps>::waiting, 0);
    gated<Steps>::arrived = 0;
    gated<Steps>::open = false;
    return threads;
  }
  explicit at_the_gate(unsigned threads) : subject<gated<Steps>>(close(threads)) {
    await_count(gated<Steps>::waiting, threads - 1);
  }
};

template <class Steps>
void a_fork_gives_its_branch_to_an_idle_thread() {
  subject<Steps> s(2);
  s.executor.run([&] {
    s.join(
        [&] {
          if (s.executor.given_away() != 1) report("the request was lost");
        },
        [] {});
  });
}

template <class Steps>
void as_many_branches_are_given_away_as_threads_are_idle() {
  at_the_gate<Steps> s(3);
  s.executor.run([&] {
    const auto look = [&] {
      if (s.executor.given_away() != 2) report("a request was lost");
      gated<Steps>::open = true;
    };
    s.join([&] { s.join(look, [] {}); }, [] {});
  });
}

template <class Steps>
void a_branch_given_away_wakes_a_sleeper() {
  subject<Steps> s(2);
  while (!s.executor.has_sleeping_threads()) std::this_thread::yield();
  std::atomic<bool> looked{false};
  s.executor.run([&] {
    s.join(
        [&] {
          if (s.executor.has_sleeping_threads()) report("the sleeper was missed");
          looked = true;
        },
        [&] { await(looked); });
  });
}

template <class Steps>
void a_stolen_branch_runs_once() {
  subject<Steps> s(2);
  std::atomic<int> begun{0};
  s.executor.run([&] {
    s.join(
        [&] {
          while (begun == 0) std::this_thread::yield();
        },
        [&] {
          if (++begun == 2) report("the branch ran twice");
          await_idle(s.executor, 1);  // the join waits
        });
  });
}

template <class Steps>
void a_join_returns_after_its_stolen_branch() {
  subject<Steps> s(2);
  std::atomic<bool> begun{false};
  std::atomic<bool> returned{false};
  const auto first = [&] { await(begun); };
  const auto stolen = [&] {
    begun = true;
    while (s.executor.idle_threads() != 1)  // the join waits
      if (returned) report("the join returned before its branch was over");
  };
  s.executor.run([&] {
    basic_stealing_executor<Steps>::join(first, stolen);
    returned = true;
    await_idle(s.executor, 1);  // what a mutant's thief still needs stays here until it has reported
  });
}

/// The steps, but the thread `passer` passes a wake-up on only to return when `taken`.
template <class Steps>
struct slow_to_pass_on : Steps {
  static inline std::thread::id passer;
  static inline std::atomic<bool> taken{false};
  static void wake_one(support::eventcount& sleepers) {
    Steps::wake_one(sleepers);
    if (std::this_thread::get_id() == passer) await(taken);
  }
};

/// A join that sleeps longest is woken for a branch of somebody else, while another thread sleeps, too.
template <class Steps>
void a_join_that_is_woken_for_another_branch_waits_on_for_its_own() {
  using slow = slow_to_pass_on<Steps>;
  subject<slow> s(3);
  testing_support::presence joiner, other;
  std::atomic<bool> begun{false}, visited{false}, returned{false};
  slow::taken = false;
  slow::passer = {};
  const auto first = [&] {
    await(begun);
    slow::passer = std::this_thread::get_id();
    joiner.announce();
  };
  const auto visit = [&] {
    other.announce();
    visited = true;
  };
  const auto stolen = [&] {
    begun = true;
    joiner.wait_until_blocked(INT64_MAX);
    s.join([&] { await(visited); }, visit);  // of two sleepers, the third thread has slept longer
    other.wait_until_blocked(INT64_MAX);     // now the join has
    s.join([&] { await(slow::taken); }, [&] { slow::taken = true; });
    while (s.executor.idle_threads() != 2)
      if (returned) report("the join returned for a branch that another thread took");
  };
  s.executor.run([&] {
    basic_stealing_executor<slow>::join(first, stolen);
    returned = true;
    await_idle(s.executor, 2);
  });
}

template <class Steps>
void the_exception_of_a_stolen_branch_comes_out() {
  subject<Steps> s(2);
  std::atomic<bool> begun{false};
  try {
    s.executor.run([&] {
      s.join([&] { await(begun); },
             [&] {
               begun = true;
               throw std::runtime_error("thrown");
             });
    });
  } catch (const std::runtime_error&) {
    return;
  }
  report("the exception was lost");
}

template <class Steps>
void the_end_of_a_stolen_branch_wakes_its_join() {
  subject<Steps> s(2);
  std::atomic<bool> begun{false};
  std::atomic<bool> over{false};
  testing_support::presence joiner;
  std::thread caller([&] {
    s.executor.run([&] {
      s.join(
          [&] {
            await(begun);
            joiner.announce();
          },
          [&] {
            begun = true;
            joiner.wait_until_blocked(INT64_MAX);
          });
    });
    over = true;
  });
  while (!begun) std::this_thread::yield();
  while (!over && s.executor.idle_threads() != 2) std::this_thread::yield();  // the thief is through
  watch(over, joiner, "the join was not woken");
  caller.join();
}

template <class Steps>
void a_thread_that_is_about_to_sleep_sees_what_was_given_away_before() {
  at_the_gate<Steps> s(2);
  std::atomic<bool> begun{false};
  s.executor.run([&] {
    const auto first = [&] {  // the branch is listed, and nobody was there to be woken
      gated<Steps>::open = true;
      watch(begun, gated<Steps>::thread, "the thread sleeps although a branch is there");
    };
    s.join(first, [&] { begun = true; });
  });
}

}  // namespace handoff::fork_join_tests
