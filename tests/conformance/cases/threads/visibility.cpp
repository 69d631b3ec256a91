// What was written before an operation is seen after the one that answers it, and the queue alone ensures
// that: the threads here use only relaxed flags to tell each other when to continue. If an ordering is too
// weak, ThreadSanitizer reports it on every run, because the schedules are forced. (Without it these cases
// say little on a processor that orders stores by itself.)
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/support/crew.hpp"
#include "tests/support/presence.hpp"

namespace handoff::conformance {

namespace {

using testing_support::crew;
using testing_support::presence;

/// Which thread's turn it is. Relaxed throughout: it orders nothing, which is the point.
class turns {
 public:
  void await(std::uint64_t turn) const noexcept {
    while (now_.load(std::memory_order_relaxed) != turn) std::this_thread::yield();
  }
  void end(std::uint64_t turn) noexcept { now_.store(turn + 1, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> now_{0};
};

/// Written before an item is pushed, read after it is popped: deliberately not atomic.
using letters = std::vector<std::uint64_t>;
constexpr std::uint64_t letter_of(item_key key) noexcept { return testing_support::fingerprint(key, 0); }

op_status push_by(const trial& t, std::uint64_t form, any_producer& producer, item_key key) {
  if (form % 4 == 1 && t.can().blocks) return producer.push(key);
  if (form % 4 == 2 && t.can().timed) return producer.push_until(key, far_future());
  if (form % 4 == 3 && t.can().cancellable) return producer.push(key, std::stop_token{});
  return producer.try_push(key);
}

op_status pop_by(const trial& t, std::uint64_t form, any_consumer& consumer, item_key& key) {
  if (form % 4 == 1 && t.can().blocks) return consumer.pop(key);
  if (form % 4 == 2 && t.can().timed) return consumer.pop_until(key, far_future());
  if (form % 4 == 3 && t.can().cancellable) return consumer.pop(key, std::stop_token{});
  return consumer.try_pop(key);
}

/// Whether the contender has the waiting form of that number.
bool waits_by(const trial& t, std::uint64_t form) {
  if (form % 4 == 2) return t.can().timed;
  if (form % 4 == 3) return t.can().cancellable;
  return form % 4 == 1 && t.can().blocks;
}

/// Producers and consumers take turns: as many pushes as there are places, then as many pops, each by the
/// next thread in the next form, so that every place passes from every thread to every other.
void threads_that_take_turns_see_what_was_pushed(const trial& t) {
  const unsigned producers = t.producers(2);
  const unsigned consumers = t.consumers(2);
  constexpr std::uint64_t places = 3;
  constexpr std::uint64_t turns_in_all = 40 * 2 * places;
  const auto queue = t.make(places);
  letters sent(turns_in_all, 0);
  turns order;
  crew threads(producers + consumers);
  threads.run([&](unsigned me) {
    const auto producer = me < producers ? queue->producer() : nullptr;
    const auto consumer = me < producers ? nullptr : queue->consumer();
    for (std::uint64_t turn = 0; turn < turns_in_all; ++turn) {
      const bool pushing = turn / places % 2 == 0;
      const std::uint64_t form = turn / (2 * places);
      if (me != (pushing ? turn % producers : producers + turn % consumers)) continue;
      order.await(turn);
      if (pushing) {
        sent[turn] = letter_of(turn);
        EXPECT_EQ(push_by(t, form, *producer, item_key{turn}), success);
      } else {
        item_key key = 0;
        op_status status = empty;
        while ((status = pop_by(t, form, *consumer, key)) == empty && !t.traits().exact_empty) {
        }
        EXPECT_EQ(status, success);
        EXPECT_EQ(sent.at(key), letter_of(key));
      }
      order.end(turn);
    }
  });
}

/// As above, but the consumer waits already. One round per form.
void a_consumer_that_waited_sees_what_was_pushed(const trial& t) {
  for (std::uint64_t form = 0; form < 16; ++form) {
    if (!waits_by(t, form)) continue;
    const auto queue = t.make(2);
    letters sent(1, 0);
    presence where;
    std::thread consumer([&] {
      const auto handle = queue->consumer();
      item_key key = 0;
      where.announce();
      EXPECT_EQ(pop_by(t, form, *handle, key), success);
      EXPECT_EQ(sent.at(key), letter_of(key));
    });
    std::thread producer([&] {
      const auto handle = queue->producer();
      where.wait_until_blocked();
      sent[0] = letter_of(0);
      EXPECT_EQ(push_by(t, form / 4, *handle, 0), success);
    });
    producer.join();
    consumer.join();
  }
}

/// A consumer writes what it made of its items, and marks them; a thread that returns from join() reads it.
void whoever_joins_sees_what_was_done(const trial& t) {
  const unsigned consumers = t.consumers(3);
  for (const bool early : {true, false}) {
    const auto queue = t.make(consumers);
    {
      const auto producer = queue->producer();
      for (unsigned i = 0; i < consumers; ++i) ASSERT_EQ(producer->try_push(item_key{i}), success);
    }
    letters done(consumers, 0);
    turns order;  // turn 0: the joiner, if it is early; then the consumers; then the joiner, if it is not
    presence where;
    crew threads(consumers + 1);
    threads.run([&](unsigned me) {
      if (me == consumers) {
        order.await(early ? 0 : 1 + consumers);
        where.announce();
        if (early) order.end(0);
        queue->join();
        for (unsigned i = 0; i < consumers; ++i) EXPECT_EQ(done[i], letter_of(i));
        return;
      }
      if (!early && me == 0) order.end(0);
      const auto consumer = queue->consumer();
      item_key key = 0;
      order.await(1 + me);
      if (early && me + 1 == consumers) where.wait_until_blocked();
      while (consumer->try_pop(key) != success) std::this_thread::yield();
      done[key] = letter_of(key);
      consumer->task_done();
      order.end(1 + me);
    });
  }
}

/// A consumer that learns that the queue is closed sees what its closer wrote before.
void a_consumer_that_is_told_closed_sees_what_was_before(const trial& t) {
  for (std::uint64_t form = 0; form < 8; ++form) {
    const bool waits = form >= 4;
    if (waits && !waits_by(t, form)) continue;
    const auto queue = t.make(2);
    std::uint64_t last_words = 0;
    turns order;
    presence where;
    std::thread consumer([&] {
      const auto handle = queue->consumer();
      item_key key = 0;
      where.announce();
      if (!waits) order.await(1);
      EXPECT_EQ(pop_by(t, form, *handle, key), closed);
      EXPECT_EQ(last_words, letter_of(1));
    });
    std::thread closer([&] {
      if (waits) where.wait_until_blocked();
      last_words = letter_of(1);
      queue->close();
      order.end(0);
    });
    closer.join();
    consumer.join();
  }
}

}  // namespace

std::span<const test_case> visibility_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(threads_that_take_turns_see_what_was_pushed, tries, words | blocks_of_64 | tracked,
                   setting::sleepers),
      HANDOFF_CASE(a_consumer_that_waited_sees_what_was_pushed, tries | blocks, tracked, setting::sleepers),
      HANDOFF_CASE(whoever_joins_sees_what_was_done, tries | joins, tracked, setting::sleepers),
      HANDOFF_CASE(a_consumer_that_is_told_closed_sees_what_was_before, tries | closes, tracked,
                   setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
