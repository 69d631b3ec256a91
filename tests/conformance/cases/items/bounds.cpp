// The bound holds at every moment, whichever threads race for the last places.
#include <atomic>
#include <thread>
#include <vector>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/support/crew.hpp"

namespace handoff::conformance {

namespace {

using testing_support::crew;
using testing_support::stroll;

void producers_racing_for_the_last_places_keep_the_bound(const trial& t) {
  constexpr unsigned racers = 4;
  crew producers(racers);
  for (trial::rounds round(t, 600, racers); round.next();) {
    random_source random = t.random(round.index());
    lone_queue q(t, 1 + random.below(9));
    const std::size_t bound = q.queue->capacity();
    std::atomic<std::size_t> accepted{0};
    producers.run([&](unsigned me) {
      random_source mine = random.fork(me);
      const auto producer = q.queue->producer();
      producers.line_up();
      stroll(mine.below(200));
      for (item_key key = 0; producer->try_push(item_key{key}) == success; ++key) ++accepted;
    });
    ASSERT_LE(accepted.load(), bound);
    accepted += fill(*q.producer, 0);
    ASSERT_EQ(accepted.load(), bound);
    ASSERT_EQ(drain(*q.queue, *q.consumer, t).size(), bound);
  }
}

/// Counted so that the difference is never above what is inside: an item counts as accepted after its push,
/// as taken before its pop.
void the_bound_holds_while_consumers_take(const trial& t) {
  const std::size_t asked = 1 + t.random().below(6);
  const auto queue = t.make(asked);
  const std::int64_t bound = static_cast<std::int64_t>(queue->capacity());
  std::atomic<std::int64_t> accepted{0};
  std::atomic<std::int64_t> taken{0};
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < t.producers(3); ++i) {
    threads.emplace_back([&, pushes = t.volume(300'000, 6, asked)] {
      const auto producer = queue->producer();
      for (std::uint64_t k = 0; k < pushes; ++k) {
        while (producer->try_push(item_key{k}) != success) std::this_thread::yield();
        accepted.fetch_add(1);  // seq_cst here and below: one order of all counts
      }
    });
  }
  std::vector<std::thread> takers;
  for (unsigned i = 0; i < t.consumers(2); ++i) {
    takers.emplace_back([&] {
      const auto consumer = queue->consumer();
      item_key key = 0;
      while (!over.load()) {
        taken.fetch_add(1);
        if (consumer->try_pop(key) != success) {
          taken.fetch_sub(1);
          std::this_thread::yield();
        }
        const std::int64_t before = accepted.load();
        const std::int64_t inside = before - taken.load();
        ASSERT_LE(inside, bound);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  over.store(true);
  for (auto& thread : takers) thread.join();
}

}  // namespace

std::span<const test_case> bound_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(producers_racing_for_the_last_places_keep_the_bound, tries | bounded | many_producers),
      HANDOFF_CASE(the_bound_holds_while_consumers_take, tries | bounded),
  };
  return cases;
}

}  // namespace handoff::conformance
