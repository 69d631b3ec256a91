// close() against everything that moves: what was accepted is popped, what was rejected is not, and nothing
// is accepted once close() has returned.
#include <atomic>
#include <cstdint>
#include <thread>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/support/crew.hpp"

namespace handoff::conformance {

namespace {

using testing_support::crew;
using testing_support::stroll;
using testing_support::take_turns;

/// The totals of a round over all threads. The sums tell a lost or doubled item from a right one.
struct account {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> accepted_sum{0};
  std::atomic<std::uint64_t> popped{0};
  std::atomic<std::uint64_t> popped_sum{0};
  std::atomic<std::uint64_t> late{0};  // accepted although close() had returned before the push began
  std::atomic<bool> close_returned{false};
};

struct race {
  unsigned producers;
  unsigned consumers;
  std::uint64_t pushes;  // by each producer, unless one is rejected earlier
  std::size_t capacity;
  bool blocking;
  std::uint64_t patience;  // the closer's longest stroll
};

void push_until_refused(const race& r, any_queue& queue, account& sums, random_source random,
                        item_key first) {
  const auto producer = queue.producer();
  stroll(random.below(100));
  for (std::uint64_t i = 0; i < r.pushes; ++i) {
    take_turns(random);
    const bool too_late = sums.close_returned.load(std::memory_order_acquire);  // partner: close_it
    const op_status status = r.blocking ? producer->push(first + i) : producer->try_push(first + i);
    if (status == closed) return;
    if (status == full) continue;
    ASSERT_EQ(status, success);
    if (too_late) ++sums.late;
    ++sums.accepted;
    sums.accepted_sum += first + i;
  }
}

void pop_until_closed(const race& r, any_queue& queue, account& sums) {
  const auto consumer = queue.consumer();
  item_key key = 0;
  for (;;) {
    const op_status status = r.blocking ? consumer->pop(key) : consumer->try_pop(key);
    if (status == success) {
      ++sums.popped;
      sums.popped_sum += key;
    } else if (status == closed) {
      break;
    } else {
      ASSERT_EQ(status, empty);
      ASSERT_FALSE(r.blocking);
      std::this_thread::yield();
    }
  }
  EXPECT_EQ(consumer->try_pop(key), closed) << "closed is the last answer";
}

void close_it(any_queue& queue, account& sums) {
  queue.close();
  sums.close_returned.store(true, std::memory_order_release);  // partner: push_until_refused
}

void run_race(const trial& t, const race& r, crew& threads, random_source random) {
  const auto queue = t.make(r.capacity);
  account sums;
  threads.run([&](unsigned me) {
    random_source mine = random.fork(me);
    threads.line_up();
    if (me == 0) {
      stroll(mine.below(r.patience));
      take_turns(mine);
      close_it(*queue, sums);
    } else if (me <= r.producers) {
      push_until_refused(r, *queue, sums, mine, item_key{me} << 32U);
    } else {
      pop_until_closed(r, *queue, sums);
    }
  });
  ASSERT_EQ(sums.late.load(), 0U) << "items accepted after close() had returned";
  ASSERT_EQ(sums.popped.load(), sums.accepted.load()) << "items accepted and popped";
  ASSERT_EQ(sums.popped_sum.load(), sums.accepted_sum.load()) << "not the same items";
}

void run_races(const trial& t, std::uint64_t rounds, unsigned producers, unsigned consumers, bool blocking) {
  producers = t.producers(producers);
  consumers = t.consumers(consumers);
  crew threads(1 + producers + consumers);
  for (trial::rounds round(t, rounds, 1 + producers + consumers); round.next();) {
    random_source random = t.random(round.index());
    // Either a few items, with close() somewhere among them, or as many as it takes until it comes.
    const bool few = random.below(2) == 0;
    const race r{.producers = producers,
                 .consumers = consumers,
                 .pushes = few ? 1 + random.below(3) : 2'000,
                 .capacity = 1 + random.below(8),
                 .blocking = blocking,
                 .patience = few ? 300U : 1 + random.below(4'000)};
    run_race(t, r, threads, random);
  }
}

void nothing_accepted_is_lost_by_a_close(const trial& t) { run_races(t, 4'000, 1, 1, true); }
void nothing_accepted_is_lost_by_a_close_while_polling(const trial& t) { run_races(t, 4'000, 1, 1, false); }
void nothing_accepted_is_lost_by_a_close_among_many(const trial& t) { run_races(t, 1'500, 2, 2, true); }
void nothing_accepted_is_lost_by_a_close_among_many_polling(const trial& t) {
  run_races(t, 1'500, 2, 2, false);
}

}  // namespace

std::span<const test_case> close_race_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(nothing_accepted_is_lost_by_a_close, tries | blocks | closes, words | tracked,
                   setting::sleepers),
      HANDOFF_CASE(nothing_accepted_is_lost_by_a_close_while_polling, tries | closes, words | tracked),
      HANDOFF_CASE(nothing_accepted_is_lost_by_a_close_among_many, tries | blocks | closes, tracked,
                   setting::sleepers),
      HANDOFF_CASE(nothing_accepted_is_lost_by_a_close_among_many_polling, tries | closes),
  };
  return cases;
}

}  // namespace handoff::conformance
