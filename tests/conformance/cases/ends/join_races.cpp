// join() against threads that push, pop and finish items: never early, and it always returns.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/support/crew.hpp"

namespace handoff::conformance {

namespace {

using testing_support::crew;
using testing_support::stroll;

/// What became of the items of one round. An item is done for the test before it is done for the queue, so a
/// thread that returns from join() must find it done.
class records {
 public:
  records(unsigned producers, std::uint64_t each)
      : each_(each), accepted_(producers), done_(producers * each) {}

  void accept(unsigned producer) { accepted_[producer].fetch_add(1); }
  void finish(item_key key) {
    done_[key].store(true);
    finished_.fetch_add(1);
  }
  [[nodiscard]] item_key key(unsigned producer, std::uint64_t i) const { return producer * each_ + i; }
  [[nodiscard]] std::uint64_t each() const { return each_; }
  [[nodiscard]] bool all_finished() const { return finished_.load() == done_.size(); }

  /// Items accepted so far, by producer.
  [[nodiscard]] std::vector<std::uint64_t> accepted() const {
    std::vector<std::uint64_t> counts;
    for (const auto& count : accepted_) counts.push_back(count.load());
    return counts;
  }
  /// How many of those are not done yet.
  [[nodiscard]] std::uint64_t undone_of(const std::vector<std::uint64_t>& accepted) const {
    std::uint64_t undone = 0;
    for (unsigned p = 0; p < accepted.size(); ++p)
      for (std::uint64_t i = 0; i < accepted[p]; ++i) undone += done_[key(p, i)].load() ? 0 : 1;
    return undone;
  }

 private:
  const std::uint64_t each_;
  std::vector<std::atomic<std::uint64_t>> accepted_;
  std::vector<std::atomic<bool>> done_;
  std::atomic<std::uint64_t> finished_{0};
};

void push_all(any_queue& queue, records& seen, unsigned me) {
  const auto producer = queue.producer();
  for (std::uint64_t i = 0; i < seen.each(); ++i) {
    while (producer->try_push(seen.key(me, i)) != success) std::this_thread::yield();
    seen.accept(me);
  }
}

/// Some items take longer, so that younger ones are done first.
void finish_all(any_queue& queue, records& seen, random_source random) {
  const auto consumer = queue.consumer();
  item_key key = 0;
  while (!seen.all_finished()) {
    if (consumer->try_pop(key) != success) {
      std::this_thread::yield();
      continue;
    }
    stroll(random.below(4) == 0 ? random.below(1'000) : 0);
    if (random.below(8) == 0) std::this_thread::yield();
    seen.finish(key);
    consumer->task_done();
  }
}

/// Everything accepted before join() was called is done when it returns: those very items, not just as many.
void join_is_never_early(const trial& t) {
  const unsigned producers = t.producers(2);
  const unsigned consumers = t.consumers(2);
  crew threads(1 + producers + consumers);
  for (trial::rounds round(t, 1'500, 1 + producers + consumers); round.next();) {
    random_source random = t.random(round.index());
    const auto queue = t.make(1 + random.below(8));
    records seen(producers, 1 + random.below(24));
    threads.run([&](unsigned me) {
      threads.line_up();
      if (me == 0) {
        while (!seen.all_finished() && !::testing::Test::HasFailure()) {
          const auto before = seen.accepted();
          queue->join();
          EXPECT_EQ(seen.undone_of(before), 0U) << "join() returned early";
        }
      } else if (me <= producers) {
        push_all(*queue, seen, me - 1);
      } else {
        finish_all(*queue, seen, random.fork(me));
      }
    });
    queue->join();
    ASSERT_TRUE(seen.all_finished());
  }
}

/// Pushes, pops and finishes items, one after another, besides one that it holds: there is never a moment at
/// which nothing is unfinished, however the counts are read.
void an_item_held_undone_holds_join_while_others_come_and_go(const trial& t) {
  const unsigned busy = std::min({2U, t.producers(2), t.consumers(2)});
  crew threads(1 + busy);
  const auto queue = t.make(4);
  {
    const auto producer = queue->producer();
    for (unsigned i = 0; i < busy; ++i) ASSERT_EQ(producer->try_push(item_key{i}), success);
  }
  std::atomic<unsigned> held{busy};
  threads.run([&, turns = t.volume(200'000, 1 + busy, 64)](unsigned me) {
    if (me == busy) {
      threads.line_up();
      queue->join();
      EXPECT_EQ(held.load(), 0U) << "join() returned early";
      return;
    }
    const auto producer = queue->producer();
    const auto consumer = queue->consumer();
    item_key key = 0;
    while (consumer->try_pop(key) != success) std::this_thread::yield();
    threads.line_up();
    for (std::uint64_t i = 0; i < turns; ++i) {
      while (producer->try_push(item_key{i}) != success) std::this_thread::yield();
      while (consumer->try_pop(key) != success) std::this_thread::yield();
      consumer->task_done();
    }
    held.fetch_sub(1);
    consumer->task_done();
  });
}

/// The last two items are finished by two threads at the same moment: one of them must wake the joiner.
void two_last_ones_finishing_together_end_a_join(const trial& t) {
  crew threads(3);
  for (trial::rounds round(t, 4'000, 3); round.next();) {
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

}  // namespace

std::span<const test_case> join_race_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(join_is_never_early, tries | joins, tracked, setting::sleepers),
      HANDOFF_CASE(an_item_held_undone_holds_join_while_others_come_and_go, tries | joins),
      HANDOFF_CASE(two_last_ones_finishing_together_end_a_join, tries | joins | many_consumers, tracked,
                   setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
