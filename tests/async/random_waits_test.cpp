// Random trees of waits: groups, timeouts, wait_for, shields, gathers, locks, in each other. A request to
// cancel, in whatever pass it comes, ends the task; without one nothing cancels it, and nobody sleeps an hour
// whom a time limit or the error of a sibling should have woken.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "queues/async/condition.hpp"
#include "queues/async/gather.hpp"
#include "queues/async/lock.hpp"
#include "queues/async/semaphore.hpp"
#include "queues/async/shield.hpp"
#include "queues/async/task_group.hpp"
#include "queues/async/timeout.hpp"
#include "queues/async/wait.hpp"
#include "tests/async/virtual_time.hpp"
#include "tests/support/sanitizers.hpp"
#include "tests/support/seed.hpp"

namespace handoff::async_tests {
namespace {

using testing_support::random_source;

enum class sort : unsigned char {
  // leaves
  sleep,
  yield,
  an_hour,
  fail,
  obey_slowly,
  survive,
  // one part
  timeout,
  scope,
  wait_for,
  shield,
  join,
  lock,
  semaphore,
  condition,
  // several
  sequence,
  group,
  gather,
  gather_all,
  wait,
};

struct tree {
  sort what;
  nanoseconds time;
  std::vector<tree> parts;
};

/// Where a tree stands.
struct surroundings {
  bool limited = false;   // something ends it: it may sleep an hour
  bool may_live = false;  // who awaits it minds that it may not obey
};

/// Times that often fall together.
nanoseconds draw_time(random_source& random) {
  constexpr std::array times{0ms, 0ms, 1ms, 1ms, 2ms, 3ms, 5ms, 10ms};
  return times[random.below(times.size())];
}

tree draw(random_source& random, int depth, surroundings in);

tree draw_leaf(random_source& random, surroundings in) {
  const auto what = static_cast<sort>(random.below(6));
  const bool allowed = (what != sort::an_hour || in.limited) && (what != sort::survive || in.may_live);
  return {allowed ? what : sort::sleep, draw_time(random), {}};
}

/// The body comes first; one whose sibling is sure to fail may sleep an hour.
tree draw_group(random_source& random, int depth, surroundings in) {
  const bool fails = random.below(3) != 0;
  in.limited |= fails;
  tree made{sort::group, 0ms, {draw(random, depth, {in.limited, false})}};
  for (std::uint64_t left = 1 + random.below(3); left != 0; --left)
    made.parts.push_back(draw(random, depth, {in.limited, true}));
  if (fails) made.parts.push_back({sort::fail, draw_time(random), {}});
  return made;
}

tree draw(random_source& random, int depth, surroundings in) {
  if (depth == 0) return draw_leaf(random, in);
  depth -= 1 + (depth > 1 ? static_cast<int>(random.below(2)) : 0);
  if (random.below(5) == 0) return draw_group(random, depth, in);
  const auto what = static_cast<sort>(6 + random.below(13));
  tree made{what, draw_time(random), {}};
  std::size_t count = 1;
  in.may_live = false;
  switch (what) {
    case sort::group: return draw_group(random, depth, in);
    case sort::timeout:
    case sort::scope: in.limited = true; break;
    case sort::wait_for: in = {true, true}; break;
    case sort::shield: in.limited = false; break;
    case sort::wait: in = {false, true}; [[fallthrough]];
    case sort::sequence:
    case sort::gather:
    case sort::gather_all: count = 1 + random.below(3); break;
    default: break;
  }
  while (made.parts.size() != count) made.parts.push_back(draw(random, depth, in));
  return made;
}

struct world {
  virtual_loop loop;
  async::lock mutex{loop};
  async::condition changed{loop};
  async::semaphore units{loop};
};

task<> perform(world& in, const tree& what);

/// With the errors handled inside, and time limits that are over.
task<> handled(world& in, const tree& what) {
  try {
    task<> work = perform(in, what);
    co_await std::move(work);
  } catch (const std::runtime_error&) {
  }
}

task<> perform_leaf(const tree& what) {
  switch (what.what) {
    case sort::yield: co_await async::yield(); break;
    case sort::an_hour: co_await async::sleep(1h); break;
    case sort::fail: co_await async::sleep(what.time); throw std::runtime_error("failed");
    case sort::obey_slowly:
    case sort::survive: {
      bool cancelled = false;
      try {
        co_await async::sleep(what.time + 1ms);
      } catch (const cancelled_error&) {
        cancelled = what.what == sort::obey_slowly;
      }
      if (!cancelled) break;
      try {
        co_await async::sleep(what.time);
      } catch (const cancelled_error&) {
      }
      throw cancelled_error{};
    }
    default: co_await async::sleep(what.time);
  }
}

std::vector<task_handle<>> begin_all(world& in, const tree& what) {
  std::vector<task_handle<>> all;
  for (const tree& part : what.parts) all.push_back(create_task(handled(in, part)));
  return all;
}

task<> perform_scope(world& in, const tree& what) {
  async::timeout_scope limit(what.time);
  try {
    task<> part = handled(in, what.parts[0]);
    co_await std::move(part);
    limit.leave();
  } catch (const cancelled_error&) {
    if (limit.leave_cancelled()) throw async::timeout_error();
    throw;
  }
}

task<> perform_wait_for(world& in, const tree& what) {
  task<> limited = async::wait_for(perform(in, what.parts[0]), what.time);
  co_await std::move(limited);
}

task<> perform_group(world& in, const tree& what) {
  task<> whole = async::run_group([&in, &what](async::task_group& group) -> task<> {
    for (std::size_t i = 1; i < what.parts.size(); ++i) group.create_task(perform(in, what.parts[i]));
    task<> body = handled(in, what.parts[0]);
    co_await std::move(body);
  });
  co_await std::move(whole);
}

/// Whoever holds the same already gives up: a tree may take it twice.
task<> perform_with_lock(world& in, const tree& what) {
  const async::lock::holder held = co_await async::timeout(20ms, in.mutex.hold());
  task<> part = handled(in, what.parts[0]);
  co_await std::move(part);
}

task<> perform_with_unit(world& in, const tree& what) {
  struct unit {
    ~unit() { of.release(); }
    async::semaphore& of;
  };
  co_await async::timeout(20ms, in.units.acquire());
  const unit held{in.units};
  task<> part = handled(in, what.parts[0]);
  co_await std::move(part);
}

task<> perform_with_condition(world& in, const tree& what) {
  const async::lock::holder held = co_await async::timeout(20ms, in.changed.hold());
  in.changed.notify();
  co_await async::timeout(what.time, in.changed.wait());
}

task<> perform_sequence(world& in, const tree& what) {
  for (const tree& part : what.parts) {
    task<> next = handled(in, part);
    co_await std::move(next);
  }
}

task<> perform_tasks(world& in, const tree& what) {
  std::vector<task_handle<>> all = begin_all(in, what);
  switch (what.what) {
    case sort::shield: co_await async::shield(all[0]); break;
    case sort::join: co_await all[0]; break;
    case sort::gather: co_await async::gather(std::move(all)); break;
    case sort::gather_all: co_await async::gather(std::move(all), async::return_exceptions); break;
    default: co_await async::wait(std::move(all), async::until::first_completed, what.time);
  }
}

task<> perform(world& in, const tree& what) {
  switch (what.what) {
    case sort::timeout: return async::timeout(what.time, handled(in, what.parts[0]));
    case sort::scope: return perform_scope(in, what);
    case sort::wait_for: return perform_wait_for(in, what);
    case sort::group: return perform_group(in, what);
    case sort::lock: return perform_with_lock(in, what);
    case sort::semaphore: return perform_with_unit(in, what);
    case sort::condition: return perform_with_condition(in, what);
    case sort::sequence: return perform_sequence(in, what);
    case sort::shield:
    case sort::join:
    case sort::gather:
    case sort::gather_all:
    case sort::wait: return perform_tasks(in, what);
    default: return perform_leaf(what);
  }
}

/// What a tree is performed in: a task that sleeps ten hours after it.
task<> perform_and_sleep(world& in, const tree& what) {
  task<> whole = handled(in, what);
  co_await std::move(whole);
  co_await async::sleep(10h);
}

struct ending {
  bool cancelled;
  unsigned requests;  // that are left
  nanoseconds after;  // the request; if there was none, the beginning
  int passes;
};

/// Performs the tree, and cancels its task after so many passes, or never.
ending perform_and_cancel(const tree& what, std::optional<int> passes_before) {
  world in;
  const auto top = create_task(in.loop, perform_and_sleep(in, what));
  nanoseconds since{0};
  int passes = 0;
  for (; !top.done(); ++passes) {
    if (passes == passes_before) {
      top.cancel();
      since = in.loop.time();
    }
    if (!in.loop.run_once()) break;
  }
  EXPECT_TRUE(top.done()) << "it waits forever";
  return {top.done() && top.cancelled(), top.cancelling(), in.loop.time() - since, passes};
}

TEST(RandomWaits, lose_no_request_to_cancel_and_invent_none) {
  const std::uint64_t seed = testing_support::test_seed();
  SCOPED_TRACE("HANDOFF_TEST_SEED=" + std::to_string(seed));
  const random_source all(seed);
  for (std::uint64_t round = 0; round != testing_support::scaled(4'000); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    random_source random = all.fork(round);
    const tree drawn = draw(random, 3 + static_cast<int>(random.below(2)), {});
    const ending undisturbed = perform_and_cancel(drawn, std::nullopt);
    EXPECT_FALSE(undisturbed.cancelled);
    EXPECT_EQ(undisturbed.requests, 0U);
    EXPECT_LT(undisturbed.after, 10h + 50min);
    for (int pass = 0; pass < undisturbed.passes && !HasFailure(); ++pass) {
      SCOPED_TRACE("cancelled after " + std::to_string(pass) + " passes");
      const ending end = perform_and_cancel(drawn, pass);
      EXPECT_TRUE(end.cancelled);
      EXPECT_EQ(end.requests, 1U);
      EXPECT_LT(end.after, 50min);
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace handoff::async_tests
