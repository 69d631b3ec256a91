// The sums at rest, after contention: size() is exact while no thread is in the middle of an operation.
#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/support/crew.hpp"

namespace handoff::conformance {

namespace {

using testing_support::crew;

/// What went in and what came out, in one round.
struct sums {
  std::atomic<std::uint64_t> pushed{0};
  std::atomic<std::uint64_t> popped{0};
};

void push_and_pop_at_random(any_queue& queue, sums& s, random_source random, std::uint64_t steps) {
  const auto producer = queue.producer();
  const auto consumer = queue.consumer();
  item_key key = 0;
  for (std::uint64_t i = 0; i < steps; ++i) {
    if (random.below(2) == 0)
      s.pushed += producer->try_push(item_key{i}) == success ? 1 : 0;
    else
      s.popped += consumer->try_pop(key) == success ? 1 : 0;
    if (random.below(64) == 0) std::this_thread::yield();
  }
}

/// On one queue, so that any drift adds up.
void size_is_exact_at_rest_after_contention(const trial& t) {
  const unsigned threads = std::min(t.producers(4), t.consumers(4));
  const auto queue = t.make(4);
  const auto consumer = queue->consumer();
  crew runners(threads);
  std::uint64_t inside = 0;
  for (trial::rounds round(t, 40, threads); round.next();) {
    const random_source random = t.random(round.index());
    sums s;
    runners.run([&, steps = t.volume(2'000, threads, 64)](unsigned me) {
      runners.line_up();
      push_and_pop_at_random(*queue, s, random.fork(me), steps);
    });
    inside += s.pushed - s.popped;
    ASSERT_EQ(queue->size(), inside) << "size() at rest, in round " << round.index();
    if (t.traits().bounded) continue;
    ASSERT_EQ(drain(*queue, *consumer, t).size(), inside);
    ASSERT_EQ(queue->size(), inside = 0) << "size() of a drained queue";
  }
  EXPECT_EQ(drain(*queue, *consumer, t).size(), inside);
  EXPECT_EQ(queue->size(), 0U) << "size() of a drained queue";
}

}  // namespace

std::span<const test_case> account_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(size_is_exact_at_rest_after_contention, tries | sized, words),
  };
  return cases;
}

}  // namespace handoff::conformance
