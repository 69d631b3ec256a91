// Histories: every operation is stamped before and after, and the results must fit some order of operations
// that happened between their stamps. The patterns of violation are those of Henzinger, Sezgin and Vafeiadis,
// "Aspect-oriented linearizability proofs" (CONCUR 2013); that nothing is lost or doubled is tested
// elsewhere.
#include <algorithm>
#include <atomic>
#include <limits>
#include <thread>
#include <vector>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/support/crew.hpp"

namespace handoff::conformance {

namespace {

using testing_support::crew;
using testing_support::take_turns;
using stamp = std::uint64_t;
constexpr stamp never = std::numeric_limits<stamp>::max();

/// From just before a call to just after it.
struct interval {
  stamp begin = never;
  stamp end = never;
};

/// The life of one item.
struct life {
  interval push;
  interval pop;  // `never` if no consumer got it
};

class stamped_run {
 public:
  stamped_run(const trial& t, unsigned producers, unsigned consumers, std::size_t capacity,
              std::uint64_t each)
      : t_(t), queue_(t.make(capacity)), each_(each), lives_(producers * each), empties_(consumers) {
    crew threads(producers + consumers);
    std::atomic<unsigned> pushing{producers};
    threads.run([&](unsigned me) {
      threads.line_up();
      random_source mine = t.random(me);
      if (me >= producers) return consume(me - producers, mine);
      produce(me, mine);
      if (--pushing == 0) over_.store(true, std::memory_order_release);  // (1) partner: (2)
    });
  }

  [[nodiscard]] const std::vector<life>& lives() const { return lives_; }
  [[nodiscard]] std::vector<interval> empties() const {
    std::vector<interval> all;
    for (const auto& part : empties_) all.insert(all.end(), part.begin(), part.end());
    return all;
  }

 private:
  stamp now() noexcept { return clock_.fetch_add(1); }  // seq_cst: the order of all stamps is the point

  void produce(unsigned me, random_source& random) {
    const auto producer = queue_->producer();
    for (std::uint64_t i = me * each_; i < (me + 1) * each_; ++i) {
      op_status status = full;
      while (status == full) {
        lives_[i].push.begin = now();
        status = producer->try_push(item_key{i});
        lives_[i].push.end = now();
        if (status == full) std::this_thread::yield();
      }
      ASSERT_EQ(status, success);
      take_turns(random);
    }
  }

  void consume(unsigned me, random_source& random) {
    const auto consumer = queue_->consumer();
    item_key key = 0;
    for (;;) {
      const bool over = over_.load(std::memory_order_acquire);  // (2) partner: (1)
      interval call{.begin = now()};
      const op_status status = consumer->try_pop(key);
      call.end = now();
      if (status == success) {
        ASSERT_LT(key, lives_.size());
        lives_[key].pop = call;
        take_turns(random);
        continue;
      }
      ASSERT_EQ(status, empty);
      empties_[me].push_back(call);
      if (over && (t_.traits().exact_empty || queue_->size() == 0)) return;
      std::this_thread::yield();
    }
  }

  const trial& t_;
  std::unique_ptr<any_queue> queue_;
  const std::uint64_t each_;
  std::vector<life> lives_;  // each entry is written by its producer, then by its consumer
  std::vector<std::vector<interval>> empties_;
  std::atomic<stamp> clock_{0};
  std::atomic<bool> over_{false};  // every push has ended
};

/// How many times b was pushed after a, but popped before it: push(a) ended before push(b) began, and pop(b)
/// ended before pop(a) began.
std::uint64_t overtakings(const std::vector<life>& lives) {
  std::vector<const life*> by_end;
  std::vector<const life*> by_begin;
  for (const life& l : lives) by_end.push_back(&l);
  by_begin = by_end;
  std::sort(by_end.begin(), by_end.end(), [](auto* a, auto* b) { return a->push.end < b->push.end; });
  std::sort(by_begin.begin(), by_begin.end(), [](auto* a, auto* b) { return a->push.begin < b->push.begin; });
  std::uint64_t found = 0;
  std::size_t older = 0;
  stamp latest_pop = 0;  // of those certainly pushed: when the last of them began to be popped
  for (const life* b : by_begin) {
    for (; older < by_end.size() && by_end[older]->push.end < b->push.begin; ++older)
      latest_pop = std::max(latest_pop, by_end[older]->pop.begin);
    if (latest_pop > b->pop.end) ++found;
  }
  return found;
}

/// How many times the status was `empty` while some item was inside from before the call until after it.
std::uint64_t false_empties(const std::vector<life>& lives, std::vector<interval> empties) {
  std::vector<const life*> by_end;
  for (const life& l : lives) by_end.push_back(&l);
  std::sort(by_end.begin(), by_end.end(), [](auto* a, auto* b) { return a->push.end < b->push.end; });
  std::sort(empties.begin(), empties.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  std::uint64_t found = 0;
  std::size_t older = 0;
  stamp latest_pop = 0;
  for (const interval& call : empties) {
    for (; older < by_end.size() && by_end[older]->push.end < call.begin; ++older)
      latest_pop = std::max(latest_pop, by_end[older]->pop.begin);
    if (latest_pop > call.end) ++found;
  }
  return found;
}

template <class Judge>
void judge_histories(const trial& t, Judge judge) {
  random_source random = t.random();
  for (const unsigned side : {1U, 2U, 4U}) {
    for (const std::size_t capacity : {1 + random.below(8), 32 + random.below(8)}) {
      const unsigned producers = t.producers(side);
      const std::uint64_t each = t.volume(10'000, 2 * side, 64) / producers + 1;
      judge(stamped_run(t, producers, t.consumers(side), capacity, each));
    }
  }
}

void no_item_overtakes_an_older_one(const trial& t) {
  judge_histories(t, [](const stamped_run& run) {
    const std::uint64_t found = overtakings(run.lives());
    EXPECT_EQ(found, 0U) << found
                         << " overtakings: an item was popped, its pop was over, and only then began the "
                         << "pop of one whose push had ended before its own push began";
  });
}

void empty_is_answered_only_while_nothing_is_inside(const trial& t) {
  judge_histories(t, [](const stamped_run& run) {
    const std::uint64_t found = false_empties(run.lives(), run.empties());
    EXPECT_EQ(found, 0U)
        << "try_pop answered `empty` " << found << " times while an item was inside from before "
        << "the call until after it: mend that, or declare `.exact_empty = false` in the traits";
  });
}

/// As many items as threads circulate, so a thread that holds none finds one.
void a_pop_finds_the_item_that_must_be_inside(const trial& t) {
  const unsigned threads = std::min(t.producers(4), t.consumers(4));
  const auto queue = t.make(threads);
  {
    const auto producer = queue->producer();
    for (unsigned i = 0; i < threads; ++i) ASSERT_EQ(producer->try_push(item_key{i}), success);
  }
  std::atomic<std::uint64_t> misses{0};
  crew runners(threads);
  runners.run([&, laps = t.volume(100'000, threads, 64)](unsigned) {
    const auto producer = queue->producer();
    const auto consumer = queue->consumer();
    item_key key = 0;
    runners.line_up();
    for (std::uint64_t lap = 0; lap < laps; ++lap) {
      while (consumer->try_pop(key) != success)
        if (++misses > 1000) return;
      while (producer->try_push(item_key{key}) != success) std::this_thread::yield();
      if (lap % 64 == 0) std::this_thread::yield();
    }
  });
  EXPECT_EQ(misses.load(), 0U) << "an item was inside and try_pop answered empty";
}

}  // namespace

std::span<const test_case> history_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(no_item_overtakes_an_older_one, tries | global_fifo, words | tracked),
      HANDOFF_CASE(empty_is_answered_only_while_nothing_is_inside, tries | exact_empty, words | tracked),
      HANDOFF_CASE(a_pop_finds_the_item_that_must_be_inside, tries | exact_empty, words | tracked),
  };
  return cases;
}

}  // namespace handoff::conformance
