// join() against threads that push, pop and finish: never early, and it always comes back.
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

/// Pops until `total` items are done by all together.
void finish_items(any_queue& queue, std::uint64_t total, std::atomic<std::uint64_t>& finished) {
  const auto consumer = queue.consumer();
  item_key key = 0;
  while (finished.load() < total) {
    if (consumer->try_pop(key) != success) {
      std::this_thread::yield();
      continue;
    }
    finished.fetch_add(1);  // before task_done: whoever comes back from join() must find it counted
    consumer->task_done();
  }
}

/// Everything accepted before join() was called is finished when it returns.
void join_is_never_early(const trial& t) {
  const unsigned producers = t.producers(2);
  const unsigned consumers = t.consumers(2);
  crew threads(1 + producers + consumers);
  for (trial::rounds round(1'500); round.next();) {
    random_source random = t.random(round.index());
    const auto queue = t.make(1 + random.below(8));
    const std::uint64_t each = 1 + random.below(12);
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> finished{0};
    threads.run([&](unsigned me) {
      random_source mine = random.fork(me);
      threads.line_up();
      stroll(mine.below(1000));
      if (me == 0) {
        for (int i = 0; i < 3; ++i) {
          const std::uint64_t before = accepted.load();
          queue->join();
          EXPECT_GE(finished.load(), before) << "join() returned early";
        }
      } else if (me <= producers) {
        const auto producer = queue->producer();
        for (std::uint64_t i = 0; i < each; ++i) {
          while (producer->try_push(item_key{i}) != success) std::this_thread::yield();
          accepted.fetch_add(1);
        }
      } else {
        finish_items(*queue, each * producers, finished);
      }
    });
    queue->join();
    ASSERT_EQ(finished.load(), each * producers);
  }
}

/// The two last items are finished by two threads at the same moment: one of them must tell the joiner.
void two_last_ones_finishing_together_end_a_join(const trial& t) {
  crew threads(3);
  for (trial::rounds round(4'000); round.next();) {
    random_source random = t.random(round.index());
    const auto queue = t.make(2);
    {
      const auto producer = queue->producer();
      for (item_key i = 0; i < 2; ++i) ASSERT_EQ(producer->try_push(item_key{i}), success);
    }
    std::atomic<unsigned> finished{0};
    threads.run([&](unsigned me) {
      random_source mine = random.fork(me);
      if (me == 0) {
        threads.line_up();
        stroll(mine.below(300));
        queue->join();
        EXPECT_EQ(finished.load(), 2U) << "join() returned early";
        return;
      }
      const auto consumer = queue->consumer();
      item_key key = 0;
      while (consumer->try_pop(key) != success) std::this_thread::yield();
      threads.line_up();
      stroll(mine.below(mine.below(2) == 0 ? 30 : 3000));
      finished.fetch_add(1);
      consumer->task_done();
    });
  }
}

constexpr test_case cases[] = {
    HANDOFF_CASE(join_is_never_early, tries | joins, tracked, true),
    HANDOFF_CASE(two_last_ones_finishing_together_end_a_join, tries | joins | many_consumers, tracked, true),
};

}  // namespace

std::span<const test_case> join_race_cases() { return cases; }

}  // namespace handoff::conformance
