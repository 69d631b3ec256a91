// No wake-up is lost, with any number of threads asleep.
#include <atomic>
#include <thread>
#include <vector>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/support/crew.hpp"
#include "tests/support/lockstep.hpp"
#include "tests/support/presence.hpp"

namespace handoff::conformance {

namespace {

using testing_support::crew;
using testing_support::lockstep;
using testing_support::presence;
using testing_support::stroll;

constexpr unsigned sleepers = 4;

/// In some rounds everybody is asleep before the first item comes; in others, perhaps nobody is yet.
void await_some(std::vector<presence>& where, random_source& random) {
  const std::uint64_t watched = random.below(2 * where.size());
  for (std::size_t i = 0; i < where.size() && i < watched; ++i) where[i].wait_until_blocked();
  stroll(random.below(500));
}

/// As many items as there are sleepers, faster than the first of them wakes.
void a_burst_of_items_wakes_everyone_it_serves(const trial& t) {
  const unsigned threads = t.consumers(sleepers);
  crew consumers(threads);
  for (trial::rounds round(t, 800, 1 + threads); round.next();) {
    random_source random = t.random(round.index());
    const auto queue = t.make(sleepers);
    std::vector<presence> where(threads);
    std::atomic<unsigned> served{0};
    consumers.start([&](unsigned me) {
      const auto consumer = queue->consumer();
      item_key key = 0;
      where[me].announce();
      if (consumer->pop(key) == success) ++served;
    });
    {
      const auto producer = queue->producer();
      await_some(where, random);
      for (unsigned i = 0; i < threads; ++i)
        ASSERT_EQ(random.below(2) == 0 ? producer->push(item_key{i}) : producer->try_push(item_key{i}),
                  success);
    }
    consumers.finish();
    ASSERT_EQ(served.load(), threads);
  }
}

void a_burst_of_places_wakes_everyone_it_serves(const trial& t) {
  const unsigned threads = t.producers(sleepers);
  crew producers(threads);
  for (trial::rounds round(t, 800, 1 + threads); round.next();) {
    random_source random = t.random(round.index());
    const auto queue = t.make(sleepers);
    const std::size_t bound = fill(*queue->producer(), 0);
    std::vector<presence> where(threads);
    std::atomic<unsigned> served{0};
    producers.start([&](unsigned me) {
      const auto producer = queue->producer();
      where[me].announce();
      if (producer->push(100 + me) == success) ++served;
    });
    const auto consumer = queue->consumer();
    await_some(where, random);
    item_key key = 0;
    for (unsigned i = 0; i < threads; ++i)
      ASSERT_EQ(random.below(2) == 0 ? consumer->pop(key) : take(*queue, *consumer, t, key), success);
    producers.finish();
    ASSERT_EQ(served.load(), threads);
    ASSERT_EQ(drain(*queue, *consumer, t).size(), bound);
  }
}

/// The item comes at the moment when the other thread finds nothing and goes to sleep; the place likewise.
/// `wait` and `serve` are each given a function to call before every operation.
template <class Wait, class Serve>
void meet_while_falling_asleep(const trial& t, Wait wait, Serve serve) {
  constexpr std::uint64_t meetings = 50;
  crew pair(2);
  for (trial::rounds round(t, 400, 2); round.next();) {
    random_source random = t.random(round.index());
    const std::uint64_t reach = random.below(3) == 0 ? 20'000 : 400;  // the first: beyond a few yields
    const auto queue = t.make(1);
    lockstep together;
    pair.run([&](unsigned me) {
      random_source mine = random.fork(me);
      const auto meet = [&](std::uint64_t meeting) {
        together.meet(me, meeting);
        stroll(mine.below(me == 0 ? 200 : reach));
      };
      if (me == 0) {
        wait(*queue, meetings, meet);
      } else {
        serve(*queue, meetings, meet);
      }
    });
  }
}

void an_item_that_comes_while_the_consumer_lies_down_wakes_it(const trial& t) {
  meet_while_falling_asleep(
      t,
      [](any_queue& queue, std::uint64_t meetings, auto meet) {
        const auto consumer = queue.consumer();
        item_key key = 0;
        for (std::uint64_t i = 0; i < meetings; ++i) {
          meet(i);
          ASSERT_EQ(consumer->pop(key), success);
          ASSERT_EQ(key, i);
        }
      },
      [](any_queue& queue, std::uint64_t meetings, auto meet) {
        const auto producer = queue.producer();
        for (std::uint64_t i = 0; i < meetings; ++i) {
          meet(i);
          ASSERT_EQ(producer->try_push(item_key{i}), success);
        }
      });
}

void a_place_that_comes_while_the_producer_lies_down_wakes_it(const trial& t) {
  meet_while_falling_asleep(
      t,
      [](any_queue& queue, std::uint64_t meetings, auto meet) {
        const auto producer = queue.producer();
        fill(*producer, 0);
        for (std::uint64_t i = 0; i < meetings; ++i) {
          meet(i);
          ASSERT_EQ(producer->push(100 + i), success);
        }
      },
      [&t](any_queue& queue, std::uint64_t meetings, auto meet) {
        const auto consumer = queue.consumer();
        item_key key = 0;
        for (std::uint64_t i = 0; i < meetings; ++i) {
          meet(i);
          ASSERT_EQ(take(queue, *consumer, t, key), success);
        }
      });
}

/// Several producers and consumers around one place: nearly every operation finds another thread asleep.
void many_threads_around_one_place_all_get_through(const trial& t) {
  const unsigned producers = t.producers(3);
  const unsigned consumers = t.consumers(3);
  const auto queue = t.make(1);
  const std::uint64_t each = t.volume(40'000, 6, 1) / 6 + 1;
  std::atomic<std::uint64_t> to_pop{each * producers};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < producers; ++i) {
    threads.emplace_back([&] {
      const auto producer = queue->producer();
      for (std::uint64_t k = 0; k < each; ++k) ASSERT_EQ(producer->push(item_key{k}), success);
    });
  }
  for (unsigned i = 0; i < consumers; ++i) {
    threads.emplace_back([&] {
      const auto consumer = queue->consumer();
      item_key key = 0;
      for (;;) {  // a pop begins only if an item is due
        std::uint64_t left = to_pop.load();
        while (left > 0 && !to_pop.compare_exchange_weak(left, left - 1)) {
        }
        if (left == 0) return;
        ASSERT_EQ(consumer->pop(key), success);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace

std::span<const test_case> wake_up_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(a_burst_of_items_wakes_everyone_it_serves, tries | blocks, tracked, setting::sleepers),
      HANDOFF_CASE(a_burst_of_places_wakes_everyone_it_serves, tries | blocks | bounded, tracked,
                   setting::sleepers),
      HANDOFF_CASE(an_item_that_comes_while_the_consumer_lies_down_wakes_it, tries | blocks, tracked,
                   setting::sleepers),
      HANDOFF_CASE(a_place_that_comes_while_the_producer_lies_down_wakes_it, tries | blocks | bounded,
                   tracked, setting::sleepers),
      HANDOFF_CASE(many_threads_around_one_place_all_get_through, blocks, tracked, setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
