// Compares items whose move throws with `traits.on_throwing_move`.
#include <atomic>
#include <stdexcept>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/blocked_threads.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/conformance/cases/ends/joiner.hpp"

namespace handoff::conformance {

namespace {

using testing_support::move_failed;
using testing_support::throwing_item;

/// Runs an operation that must succeed, and whose move number `moves` throws; returns whether it threw.
template <class Operation>
bool threw(std::int64_t moves, Operation operation) {
  throwing_item::throw_after(moves);
  bool thrown = false;
  try {
    EXPECT_EQ(operation(), success);
  } catch (const move_failed&) {
    thrown = true;
  }
  throwing_item::throw_never();
  return thrown;
}

void expect_size(const trial& t, const lone_queue& q, std::size_t items) {
  if (!t.can().knows_size) return;
  EXPECT_EQ(q.queue->size(), items) << "size() after a move that may have thrown";
}

// Each of an operation's moves throws in turn, until one round gets through without reaching the throw.

void a_push_that_throws_had_no_effect(const trial& t) {
  bool thrown = true;
  std::int64_t moves = 0;
  for (; thrown; ++moves) {
    lone_queue q(t, 4);
    ASSERT_EQ(q.producer->try_push(1), success);
    thrown = threw(moves, [&] { return q.producer->try_push(2); });
    expect_size(t, q, thrown ? 1 : 2);
    ASSERT_EQ(q.producer->try_push(3), success);
    const std::vector<item_key> expected =
        thrown ? std::vector<item_key>{1, 3} : std::vector<item_key>{1, 2, 3};
    if (t.traits().order == ordering::fifo) {
      EXPECT_EQ(drain(*q.queue, *q.consumer, t), expected);
    } else {
      EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), expected.size());
    }
  }
  EXPECT_GT(moves, 1) << "no push moved the item";
}

void a_pop_that_throws_had_no_effect(const trial& t) {
  bool thrown = true;
  std::int64_t moves = 0;
  for (; thrown; ++moves) {
    lone_queue q(t, 4);
    ASSERT_EQ(q.producer->try_push(1), success);
    ASSERT_EQ(q.producer->try_push(2), success);
    item_key key = 0;
    thrown = threw(moves, [&] { return q.consumer->try_pop(key); });
    expect_size(t, q, thrown ? 2 : 1);
    EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), thrown ? 2U : 1U);
  }
  EXPECT_GT(moves, 1) << "no pop moved the item";
}

void a_throwing_move_leaves_the_bound_as_it_was(const trial& t) {
  for (std::int64_t moves = 0; moves < 3; ++moves) {
    lone_queue q(t, 3);
    const std::size_t bound = q.queue->capacity();
    item_key key = 0;
    for (int i = 0; i < 20; ++i) {
      threw(moves, [&] { return q.producer->try_push(1); });
      if (i % 2 == 0) {
        ASSERT_EQ(q.producer->try_push(2), success);
      }
      threw(moves, [&] {
        take(*q.queue, *q.consumer, t, key);
        return success;
      });
      drain(*q.queue, *q.consumer, t);
      expect_size(t, q, 0);
    }
    EXPECT_EQ(fill(*q.producer, 0), bound);
    EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), bound);
  }
}

/// The item may be lost; the queue continues to work, and the census finds no leak.
void a_throwing_move_leaves_the_queue_usable(const trial& t) {
  random_source random = t.random();
  lone_queue q(t, 8);
  for (int i = 0; i < 500; ++i) {
    item_key key = 0;
    threw(static_cast<std::int64_t>(random.below(3)), [&] { return q.producer->try_push(1); });
    threw(static_cast<std::int64_t>(random.below(3)), [&] {
      take(*q.queue, *q.consumer, t, key);
      return success;
    });
    drain(*q.queue, *q.consumer, t);
    expect_size(t, q, 0);
    ASSERT_EQ(q.producer->try_push(i + 10U), success);
    ASSERT_EQ(take(*q.queue, *q.consumer, t, key), success);
    ASSERT_EQ(key, i + 10U);
  }
}

/// A push that threw was not accepted; an item whose pop threw is still unfinished if it is still inside.
void join_is_not_held_up_by_a_push_that_threw(const trial& t) {
  lone_queue q(t, 4);
  EXPECT_TRUE(threw(0, [&] { return q.producer->try_push(1); }));
  for (item_key key = 0; take(*q.queue, *q.consumer, t, key) == success;) q.consumer->task_done();
  q.queue->join();
}

/// Its item is inside as before: unfinished, and not this handle's to mark.
void a_pop_that_throws_finishes_no_item(const trial& t) {
  for (unsigned form = 0; form < 3; ++form) {
    if ((form == 1 && !t.can().blocks) || (form == 2 && !t.can().timed)) continue;
    bool thrown = true;
    for (std::int64_t moves = 0; thrown; ++moves) {
      lone_queue q(t, 4);
      item_key key = 0;
      ASSERT_EQ(q.producer->try_push(1), success);
      thrown = threw(moves, [&] {
        if (form == 1) return q.consumer->pop(key);
        return form == 2 ? q.consumer->pop_until(key, far_future()) : q.consumer->try_pop(key);
      });
      joiner waiting(*q.queue);
      if (thrown) {
        EXPECT_THROW(q.consumer->task_done(), std::logic_error) << "the pop threw";
        waiting.expect_blocked();
        EXPECT_EQ(q.consumer->try_pop(key), success);
      }
      waiting.expect_blocked();
      q.consumer->task_done();
      waiting.finish();
    }
  }
}

/// Runs an operation that waits and whose first move throws.
template <class Operation>
op_status failing(std::atomic<unsigned>& thrown, Operation operation) {
  throwing_item::throw_after(0);
  try {
    return operation();
  } catch (const move_failed&) {
    ++thrown;
    return empty;  // never returned by an operation that waits
  }
}

// Two threads wait, and there is something for one of them. The one that is woken throws, so the other gets
// it.

void a_pop_that_throws_passes_its_wake_up_on(const trial& t) {
  const auto queue = t.make(4);
  std::atomic<unsigned> thrown{0};
  blocked_threads consumers;
  for (unsigned i = 0; i < 2; ++i)
    consumers.pop(*queue, [&thrown](any_consumer& consumer, item_key& key) {
      return failing(thrown, [&] { return consumer.pop(key); });
    });
  consumers.wait_until_blocked();
  EXPECT_EQ(queue->producer()->try_push(7), success);
  consumers.join();
  EXPECT_EQ(thrown.load(), 2U);
  EXPECT_EQ(drain(*queue, *queue->consumer(), t), std::vector<item_key>{7});
}

void a_push_that_throws_passes_its_wake_up_on(const trial& t) {
  const auto queue = t.make(4);
  const std::size_t bound = fill(*queue->producer(), 0);
  std::atomic<unsigned> thrown{0};
  blocked_threads producers;
  for (unsigned i = 0; i < 2; ++i)
    producers.push(*queue, [&thrown](any_producer& producer) {
      return failing(thrown, [&] { return producer.push(100); });
    });
  producers.wait_until_blocked();
  const auto consumer = queue->consumer();
  item_key key = 0;
  EXPECT_EQ(take(*queue, *consumer, t, key), success);
  producers.join();
  EXPECT_EQ(thrown.load(), 2U);
  EXPECT_EQ(drain(*queue, *consumer, t).size(), bound - 1);
}

}  // namespace

std::span<const test_case> throwing_move_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(a_push_that_throws_had_no_effect, tries | throws_strong, throwing, setting::alone),
      HANDOFF_CASE(a_pop_that_throws_had_no_effect, tries | throws_strong, throwing, setting::alone),
      HANDOFF_CASE(a_throwing_move_leaves_the_bound_as_it_was, tries | bounded | throws_basic, throwing,
                   setting::alone),
      HANDOFF_CASE(a_throwing_move_leaves_the_queue_usable, tries | throws_basic, throwing, setting::alone),
      HANDOFF_CASE(join_is_not_held_up_by_a_push_that_threw, tries | joins | throws_basic, throwing,
                   setting::alone),
      HANDOFF_CASE(a_pop_that_throws_finishes_no_item, tries | joins | throws_strong, throwing),
      HANDOFF_CASE(a_pop_that_throws_passes_its_wake_up_on, tries | blocks | throws_strong | many_consumers,
                   throwing, setting::sleepers),
      HANDOFF_CASE(a_push_that_throws_passes_its_wake_up_on,
                   tries | blocks | throws_strong | bounded | many_producers, throwing, setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
