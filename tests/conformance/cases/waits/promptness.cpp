// No operation waits if there is nothing to wait for, nor much longer than that. No case asserts how long
// something takes: sleeps are counted, or the quickest of many tries is compared with a time that is longer
// by orders of magnitude; even a busy machine does not delay all of them that long.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <stop_token>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/blocked_threads.hpp"
#include "tests/conformance/cases/common.hpp"

namespace handoff::conformance {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How often the calling thread has gone to sleep.
long sleeps() {
  rusage used{};
  ::getrusage(RUSAGE_THREAD, &used);
  return used.ru_nvcsw;
}

/// A try form that has nothing to wait for, run a hundred times.
template <class Attempt>
void expect_no_wait(Attempt attempt) {
  constexpr int attempts = 100;
  const long before = sleeps();
  auto quickest = steady_clock::duration::max();
  for (int i = 0; i < attempts; ++i) {
    const auto began = steady_clock::now();
    attempt();
    quickest = std::min(quickest, steady_clock::now() - began);
  }
  EXPECT_LT(sleeps() - before, attempts / 10) << "sleeps in " << attempts << " attempts that need not wait";
  EXPECT_LT(quickest, milliseconds{1}) << "the quickest of " << attempts << " attempts that need not wait";
}

void a_try_does_not_wait(const trial& t) {
  lone_queue q(t, 2);
  item_key key = 0;
  expect_no_wait([&] { EXPECT_EQ(q.consumer->try_pop(key), empty); });
  expect_no_wait([&] {
    EXPECT_EQ(q.producer->try_push(1), success);
    EXPECT_EQ(take(*q.queue, *q.consumer, t, key), success);
  });
  if (t.traits().bounded) {
    fill(*q.producer, 0);
    expect_no_wait([&] { EXPECT_EQ(q.producer->try_push(1), full); });
    drain(*q.queue, *q.consumer, t);
  }
  if (!t.can().closable) return;
  q.queue->close();
  expect_no_wait([&] { EXPECT_EQ(q.producer->try_push(1), closed); });
  expect_no_wait([&] { EXPECT_EQ(q.consumer->try_pop(key), closed); });
}

void an_operation_whose_limit_is_past_does_not_wait(const trial& t) {
  lone_queue q(t, 2);
  if (t.traits().bounded) fill(*q.producer, 0);
  const auto empty_one = t.make(2);
  const auto consumer = empty_one->consumer();
  std::stop_source source;
  source.request_stop();
  item_key key = 0;
  if (t.can().timed) {
    expect_no_wait([&] { EXPECT_EQ(consumer->pop_until(key, past()), timed_out); });
    if (t.traits().bounded) expect_no_wait([&] { EXPECT_EQ(q.producer->push_until(9, past()), timed_out); });
  }
  if (t.can().cancellable) {
    expect_no_wait([&] { EXPECT_EQ(consumer->pop(key, source.get_token()), cancelled); });
    if (t.traits().bounded)
      expect_no_wait([&] { EXPECT_EQ(q.producer->push(9, source.get_token()), cancelled); });
  }
}

/// What ends a wait ends it soon. `late(round)` is how late it ended; of all rounds, one that is not late by
/// orders of magnitude is enough on a busy machine.
template <class Late>
void expect_soon(Late late) {
  constexpr milliseconds far_too_late{500};
  for (unsigned round = 0; round < 3; ++round)
    if (late() < far_too_late) return;
  ADD_FAILURE() << "three waits ended, each of them half a second or more after what should have ended it";
}

template <class Operation>
auto later_than(deadline_t deadline, Operation operation) {
  EXPECT_EQ(operation(), timed_out);
  return steady_clock::now() - deadline;
}

void a_wait_ends_soon_after_its_deadline(const trial& t) {
  lone_queue q(t, 2);
  item_key key = 0;
  expect_soon([&] {
    const auto deadline = steady_clock::now() + milliseconds{1};
    return later_than(deadline, [&] { return q.consumer->pop_until(key, deadline); });
  });
  if (!t.traits().bounded || ::testing::Test::HasFailure()) return;
  fill(*q.producer, 0);
  expect_soon([&] {
    const auto deadline = steady_clock::now() + milliseconds{1};
    return later_than(deadline, [&] { return q.producer->push_until(9, deadline); });
  });
}

/// How long a blocked consumer takes to return after `end`, which ends its wait.
template <class Wait, class End>
auto time_to_come_back(any_queue& queue, Wait wait, End end) {
  blocked_threads waiting;
  waiting.pop(queue, wait);
  waiting.wait_until_blocked();
  const auto began = steady_clock::now();
  end();
  waiting.join();
  return steady_clock::now() - began;
}

void a_wait_ends_soon_after_its_item_has_come(const trial& t) {
  expect_soon([&] {
    const auto queue = t.make(2);
    const auto producer = queue->producer();
    return time_to_come_back(
        *queue, [](any_consumer& consumer, item_key& key) { return consumer.pop(key); },
        [&] { EXPECT_EQ(producer->try_push(1), success); });
  });
}

void a_wait_ends_soon_after_a_stop(const trial& t) {
  expect_soon([&] {
    const auto queue = t.make(2);
    std::stop_source source;
    return time_to_come_back(
        *queue, [&](any_consumer& consumer, item_key& key) { return consumer.pop(key, source.get_token()); },
        [&] { source.request_stop(); });
  });
}

void a_wait_ends_soon_after_close(const trial& t) {
  expect_soon([&] {
    const auto queue = t.make(2);
    return time_to_come_back(
        *queue, [](any_consumer& consumer, item_key& key) { return consumer.pop(key); },
        [&] { queue->close(); });
  });
}

}  // namespace

std::span<const test_case> promptness_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(a_try_does_not_wait, tries, tracked, setting::alone),
      HANDOFF_CASE(an_operation_whose_limit_is_past_does_not_wait, tries | blocks, tracked,
                   setting::sleepers),
      HANDOFF_CASE(a_wait_ends_soon_after_its_deadline, tries | timed, tracked, setting::sleepers),
      HANDOFF_CASE(a_wait_ends_soon_after_its_item_has_come, tries | blocks, tracked, setting::sleepers),
      HANDOFF_CASE(a_wait_ends_soon_after_a_stop, cancels, tracked, setting::sleepers),
      HANDOFF_CASE(a_wait_ends_soon_after_close, blocks | closes, tracked, setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
