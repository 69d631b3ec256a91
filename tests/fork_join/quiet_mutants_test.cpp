// As mutants_test.cpp, for the end of a run that no tree joins: it is over when all threads are idle and
// nothing is listed.
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <utility>

#include "queues/stealing/detail/hub.hpp"
#include "queues/stealing/detail/hub_steps.hpp"
#include "queues/stealing/detail/record.hpp"
#include "queues/stealing/detail/run_state.hpp"
#include "queues/stealing/executor.hpp"
#include "queues/support/eventcount.hpp"
#include "queues/support/intrusive_list.hpp"
#include "tests/fork_join/awaiting.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/planted.hpp"
#include "tests/support/presence.hpp"

namespace handoff::fork_join_tests {
namespace {

using stealing::detail::record;
using stealing::detail::run_state;
using stealing::detail::steps;
using stealing::detail::worker;
using support::eventcount;
using testing_support::report;
using testing_support::watch;

/// What a run has to do: called once.
class job : public record {
 public:
  explicit job(std::function<void()> what) : record(&job::call), what_(std::move(what)) {}

 private:
  static bool call(record& self) noexcept {
    static_cast<job&>(self).what_();
    return false;
  }
  std::function<void()> what_;
};

/// An executor of two threads, of which one sleeps: it does one of two jobs, the thread that runs them the
/// other.
template <class Steps>
class pair {
 public:
  pair() {
    while (!executor.has_sleeping_threads()) std::this_thread::yield();
  }

  /// Returns when nothing is left. `here` is called on the calling thread once `there` has begun, and `after`
  /// before anything goes that a mutant's threads may still need.
  void run(
      const std::function<void()>& here, const std::function<void()>& there,
      const std::function<void()>& after = [] {}) {
    const auto caller = std::this_thread::get_id();
    std::atomic<bool> begun{false};
    const std::function<void()> either = [&] {
      if (std::this_thread::get_id() != caller) {
        begun = true;
        return there();
      }
      await(begun);
      here();
    };
    job one(either), other(either);
    support::intrusive_list<record> both;
    both.push_back(one);
    both.push_back(other);
    executor.run_until_quiet(state_, both);
    after();
  }

  basic_stealing_executor<Steps> executor{2};

 private:
  run_state state_{nullptr};
};

template <class Steps>
void a_run_is_not_over_before_its_threads_have_made_their_last_job() {
  pair<Steps> s;
  std::atomic<bool> done{false};
  job last([&] { done = true; });
  const auto make_last = [&] {
    await_idle(s.executor, 1);  // the run waits
    worker<Steps>& me = *worker<Steps>::current();
    last.state = me.state;
    me.make_ready(last);
  };
  s.run([] {}, make_last,
        [&] {
          if (!done) report("the run ended before a thread had made its last job");
        });
}

/// The steps, but once it is closed, a thread that is about to enlist as a sleeper waits at a gate of its
/// own.
template <class Steps>
struct gate_each : Steps {
  static inline std::atomic<bool> closed{false};
  static inline std::atomic<unsigned> waiting{0};
  static inline std::thread::id caller;
  static inline std::atomic<bool> caller_may_pass{false}, other_may_pass{false};

  static void close_for(std::thread::id which) {
    waiting = 0;
    caller = which;
    caller_may_pass = other_may_pass = false;
    closed = true;
  }
  static void about_to_enlist() {
    if (!closed) return;
    ++waiting;
    await(std::this_thread::get_id() == caller ? caller_may_pass : other_may_pass);
  }
};

/// Both threads were idle and nothing was listed, but before the run looks, another thread lists a job.
template <class Steps>
void a_run_is_not_over_while_a_job_is_listed() {
  using gate = gate_each<Steps>;
  gate::closed = false;
  pair<gate> s;
  std::atomic<worker<gate>*> runs{nullptr};
  std::atomic<bool> done{false};
  job from_outside([&] {
    done = true;
    gate::closed = false;
    gate::other_may_pass = true;
  });
  std::thread outside([&] {
    while (runs == nullptr) std::this_thread::yield();
    await_count(gate::waiting, 2);
    from_outside.state = runs.load()->state;
    runs.load()->shared.post(from_outside);
    gate::caller_may_pass = true;
  });
  gate::close_for(std::this_thread::get_id());
  s.run([&] { runs = worker<gate>::current(); },
        [&] { await_count(gate::waiting, 1); },  // the run is about to sleep
        [&] {
          if (!done) report("the run ended although a job was listed");
        });
  outside.join();
}

template <class Steps>
void the_last_thread_that_goes_idle_ends_the_run() {
  pair<Steps> s;
  testing_support::presence runner;
  std::atomic<bool> sleeps{false}, over{false};
  std::thread caller([&] {
    s.run([&] { runner.announce(); },
          [&] {
            while (!s.executor.has_sleeping_threads()) std::this_thread::yield();
            runner.wait_until_blocked(INT64_MAX);
            sleeps = true;
          });
    over = true;
  });
  await(sleeps);
  while (!over && s.executor.idle_threads() != 2) std::this_thread::yield();  // the other is through
  watch(over, runner, "the end of the run was missed");
  caller.join();
}

struct calls_it_quiet_while_a_thread_works : steps {
  static bool is_quiet(std::size_t idle, std::size_t all, std::size_t listed) noexcept {
    return idle + 1 >= all && listed == 0;
  }
};
struct calls_it_quiet_when_nothing_is_listed : steps {
  static bool is_quiet(std::size_t, std::size_t, std::size_t listed) noexcept { return listed == 0; }
};
struct calls_it_quiet_when_all_are_idle : steps {
  static bool is_quiet(std::size_t idle, std::size_t all, std::size_t) noexcept { return idle == all; }
};
struct never_calls_it_quiet : steps {
  static bool is_quiet(std::size_t, std::size_t, std::size_t) noexcept { return false; }
};
struct counts_one_thread_too_many : steps {
  static bool is_quiet(std::size_t idle, std::size_t all, std::size_t listed) noexcept {
    return idle == all + 1 && listed == 0;
  }
};
struct does_not_tell_the_run : steps {
  static void wake_joiner(eventcount::waiter&) noexcept {}
};

class QuietSchedules : public testing_support::guarded {};

TEST_F(QuietSchedules, end_well_with_the_shipped_steps) {
  for (int i = 0; i < 20; ++i) {
    a_run_is_not_over_before_its_threads_have_made_their_last_job<steps>();
    a_run_is_not_over_while_a_job_is_listed<steps>();
    the_last_thread_that_goes_idle_ends_the_run<steps>();
  }
}

class QuietMutants : public testing_support::planted {};

TEST_F(QuietMutants, one_that_calls_it_quiet_while_a_thread_works_is_found) {
  EXPECT_FOUND(
      &a_run_is_not_over_before_its_threads_have_made_their_last_job<calls_it_quiet_while_a_thread_works>,
      "before a thread had made");
}
TEST_F(QuietMutants, one_that_calls_it_quiet_when_nothing_is_listed_is_found) {
  EXPECT_FOUND(
      &a_run_is_not_over_before_its_threads_have_made_their_last_job<calls_it_quiet_when_nothing_is_listed>,
      "before a thread had made");
}
TEST_F(QuietMutants, one_that_calls_it_quiet_when_all_are_idle_is_found) {
  EXPECT_FOUND(&a_run_is_not_over_while_a_job_is_listed<calls_it_quiet_when_all_are_idle>,
               "although a job was listed");
}
TEST_F(QuietMutants, one_that_never_calls_it_quiet_is_found) {
  EXPECT_FOUND(&the_last_thread_that_goes_idle_ends_the_run<never_calls_it_quiet>, "was missed");
}
TEST_F(QuietMutants, one_that_counts_one_thread_too_many_is_found) {
  EXPECT_FOUND(&the_last_thread_that_goes_idle_ends_the_run<counts_one_thread_too_many>, "was missed");
}
TEST_F(QuietMutants, one_that_does_not_tell_the_run_is_found) {
  EXPECT_FOUND(&the_last_thread_that_goes_idle_ends_the_run<does_not_tell_the_run>, "was missed");
}

}  // namespace
}  // namespace handoff::fork_join_tests
