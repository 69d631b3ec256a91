// Every way out of a wait, met at the worst moment: the gates are inside the attempts (hooked_ring.hpp), so
// that each schedule is the same in every run.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <latch>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

#include "queues/support/layered.hpp"
#include "tests/queues/hooked_ring.hpp"
#include "tests/queues/turn_ring.hpp"
#include "tests/support/guarded.hpp"
#include "tests/support/presence.hpp"

namespace handoff::queue_tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using support::wait_limits;
using testing_support::presence;
using enum op_status;

template <class Wait>
using hooked = support::layered<hooked_ring<int>, Wait>;

/// A wait for an item of an empty queue, and what ends it.
struct for_an_item {
  template <class Queue>
  static op_status wait(Queue& queue, const wait_limits& limits) {
    auto consumer = queue.consumer();
    int item = 0;
    if (limits.token != nullptr) return consumer.pop(item, *limits.token);
    return limits.deadline != nullptr ? consumer.pop_until(item, *limits.deadline) : consumer.pop(item);
  }
  template <class Queue>
  static void prepare(Queue&) {}
  template <class Queue>
  static void relieve(Queue& queue) {
    EXPECT_EQ(queue.producer().try_push(1), success);
  }
};

/// A wait for a place in a full queue, and what ends it.
struct for_a_place {
  template <class Queue>
  static op_status wait(Queue& queue, const wait_limits& limits) {
    auto producer = queue.producer();
    if (limits.token != nullptr) return producer.push(2, *limits.token);
    return limits.deadline != nullptr ? producer.push_until(2, *limits.deadline) : producer.push(2);
  }
  template <class Queue>
  static void prepare(Queue& queue) {
    EXPECT_EQ(queue.producer().try_push(1), success);
  }
  template <class Queue>
  static void relieve(Queue& queue) {
    int item = 0;
    EXPECT_EQ(queue.consumer().try_pop(item), success);
  }
};

constexpr std::int64_t beyond_any_yields = 2'000'000;  // nanoseconds, of whoever does not sleep

class EndOfWait : public testing_support::guarded {};

/// One waiter's deadline passes and its last look finds nothing; before it goes, what it waited for arrives.
/// False when the deadline passed too early for that: before the waiter had registered.
template <class Wait, class What>
bool relief_comes_after_the_last_look(unsigned last_look) {
  hooked<Wait> queue(1);
  What::prepare(queue);
  std::latch registered(1);
  std::latch at_the_gate(1);
  std::latch gate(1);
  bool met = false;
  op_status hasty = success;
  std::thread first([&] {
    unsigned looks = 0;
    my_hooks.after_failed_attempt = [&] {
      if (++looks == last_look - 1) registered.count_down();
      if (looks != last_look) return;
      met = true;
      at_the_gate.count_down();
      gate.wait();
    };
    const deadline_t deadline = steady_clock::now() + milliseconds{100};
    hasty = What::wait(queue, {.deadline = &deadline});
    if (met) return;
    if (looks < last_look - 1) registered.count_down();
    at_the_gate.count_down();
  });
  registered.wait();
  presence where;
  std::thread second([&] {
    where.announce();
    EXPECT_EQ(What::wait(queue, {}), success);
  });
  where.wait_until_blocked();
  at_the_gate.wait();
  What::relieve(queue);
  gate.count_down();
  first.join();
  second.join();  // forever, if the one that timed out has swallowed the wake-up
  EXPECT_EQ(hasty, timed_out);
  return met;
}

template <class What>
void nobody_sleeps_beside_what_it_waits_for() {
  while (!relief_comes_after_the_last_look<support::basic_park<0>, What>(3)) {
  }
  while (!relief_comes_after_the_last_look<support::park, What>(19)) {
  }
}

TEST_F(EndOfWait, an_item_that_comes_after_the_last_look_of_a_timed_out_pop_wakes_the_next) {
  nobody_sleeps_beside_what_it_waits_for<for_an_item>();
}

TEST_F(EndOfWait, a_place_that_comes_after_the_last_look_of_a_timed_out_push_wakes_the_next) {
  nobody_sleeps_beside_what_it_waits_for<for_a_place>();
}

/// After its failed attempt number `attempt` the waiter loses its core; `meanwhile` happens, then the limit.
/// A deadline that passes before that, `length` from the start, is tried again at twice the distance.
template <class Wait, class What>
op_status wait_while(unsigned attempt, bool by_token, const std::function<void(hooked<Wait>&)>& meanwhile,
                     milliseconds length = milliseconds{20}) {
  hooked<Wait> queue(1);
  What::prepare(queue);
  std::stop_source source;
  const std::stop_token token = source.get_token();
  const deadline_t deadline = steady_clock::now() + length;
  unsigned failed = 0;
  bool in_time = false;
  my_hooks.after_failed_attempt = [&] {
    if (++failed != attempt) return;
    in_time = by_token || steady_clock::now() < deadline;
    meanwhile(queue);
    source.request_stop();
    while (!by_token && steady_clock::now() < deadline) std::this_thread::yield();
  };
  const op_status status =
      What::wait(queue, {.token = by_token ? &token : nullptr, .deadline = by_token ? nullptr : &deadline});
  my_hooks = {};
  return in_time ? status : wait_while<Wait, What>(attempt, by_token, meanwhile, 2 * length);
}

/// After each of the looks that are made while no limit is reached; the eighteenth of a sleeper is the one
/// after it has registered.
template <class Wait, class What>
void what_came_before_the_limit_wins() {
  for (unsigned attempt = 1; attempt <= (Wait::parks ? 18U : 3U); ++attempt) {
    for (const bool by_token : {true, false}) {
      SCOPED_TRACE(testing::Message() << "attempt " << attempt << (by_token ? ", token" : ", deadline"));
      EXPECT_EQ((wait_while<Wait, What>(attempt, by_token, [](auto& queue) { What::relieve(queue); })),
                success);
      EXPECT_EQ((wait_while<Wait, What>(attempt, by_token, [](auto& queue) { queue.close(); })), closed);
    }
  }
}

TEST_F(EndOfWait, what_arrives_before_the_limit_is_the_answer_of_a_spinner) {
  what_came_before_the_limit_wins<support::spin, for_an_item>();
  what_came_before_the_limit_wins<support::spin, for_a_place>();
}

TEST_F(EndOfWait, what_arrives_before_the_limit_is_the_answer_of_a_yielder) {
  what_came_before_the_limit_wins<support::yield, for_an_item>();
  what_came_before_the_limit_wins<support::yield, for_a_place>();
}

TEST_F(EndOfWait, what_arrives_before_the_limit_is_the_answer_of_a_sleeper) {
  what_came_before_the_limit_wins<support::park, for_an_item>();
  what_came_before_the_limit_wins<support::park, for_a_place>();
}

/// A push is in the middle when the queue is closed, and its thread gets no further.
template <class Wait>
void a_stalled_push_holds_no_pop_up() {
  hooked<Wait> queue(4);
  std::latch inside(1);
  std::latch gate(1);
  std::thread stalled([&] {
    my_hooks.before_insertion = [&] {
      inside.count_down();
      gate.wait();
    };
    EXPECT_EQ(queue.producer().try_push(7), success) << "it was let in before the queue was closed";
  });
  inside.wait();
  queue.close();
  auto consumer = queue.consumer();
  int item = 0;
  EXPECT_EQ(consumer.try_pop(item), empty) << "whether that is the end is not certain yet";
  EXPECT_EQ(consumer.pop_until(item, steady_clock::now()), timed_out);
  EXPECT_EQ(consumer.pop_until(item, steady_clock::now() + milliseconds{2}), timed_out);
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(consumer.pop(item, source.get_token()), cancelled);
  gate.count_down();
  EXPECT_EQ(consumer.pop(item), success);
  EXPECT_EQ(item, 7);
  EXPECT_EQ(consumer.pop(item), closed);
  EXPECT_EQ(consumer.try_pop(item), closed);
  stalled.join();
}

TEST_F(EndOfWait, a_push_stalled_in_a_closed_queue_delays_no_answer) {
  a_stalled_push_holds_no_pop_up<support::spin>();
  a_stalled_push_holds_no_pop_up<support::yield>();
  a_stalled_push_holds_no_pop_up<support::park>();
  a_stalled_push_holds_no_pop_up<support::basic_park<0>>();
}

/// The push that was under way when the queue was closed fails: nobody is told, and yet the pop ends.
TEST_F(EndOfWait, a_push_that_fails_after_the_close_ends_the_wait_of_a_pop) {
  hooked<support::basic_park<0>> queue(1);
  std::latch inside(1);
  std::latch gate(1);
  std::thread failing([&] {
    my_hooks.before_insertion = [&] {
      inside.count_down();
      gate.wait();
      throw std::runtime_error("gives up");
    };
    EXPECT_THROW(queue.producer().try_push(7), std::runtime_error);
  });
  inside.wait();
  presence where;
  std::thread popping([&] {
    auto consumer = queue.consumer();
    int item = 0;
    where.announce();
    EXPECT_EQ(consumer.pop(item), closed);
  });
  where.wait_until_blocked();
  queue.close();
  gate.count_down();
  failing.join();
  popping.join();
}

/// The second place is free while the pop of the first stands still: a producer that is woken for it finds
/// the ring full, and its wake-up is the only one for that place.
template <class Wait>
void a_place_behind_a_stalled_pop_finds_its_producer() {
  support::layered<turn_ring<int>, Wait> queue(2);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(queue.producer().try_push(int{i}), success);
  std::array<presence, 2> where;
  std::vector<std::thread> pushing;
  for (presence& mine : where) {
    pushing.emplace_back([&queue, &mine] {
      mine.announce();
      EXPECT_EQ(queue.producer().push(2), success);
    });
    mine.wait_until_blocked(beyond_any_yields);
  }
  std::latch inside(1);
  std::latch gate(1);
  std::thread stalled([&] {
    turn_ring<int>::before_the_place_is_free = [&] {
      inside.count_down();
      gate.wait();
    };
    int item = 0;
    EXPECT_EQ(queue.consumer().try_pop(item), success);
  });
  inside.wait();
  int item = 0;
  EXPECT_EQ(queue.consumer().try_pop(item), success);
  for (const presence& one : where) one.wait_until_blocked(beyond_any_yields);  // again, if one was woken
  gate.count_down();
  stalled.join();
  for (std::thread& one : pushing) one.join();  // forever, if one sleeps beside the second place
}

TEST_F(EndOfWait, a_producer_that_finds_full_beside_a_free_place_passes_its_wake_up_on) {
  a_place_behind_a_stalled_pop_finds_its_producer<support::basic_park<0>>();
  a_place_behind_a_stalled_pop_finds_its_producer<support::park>();
}

}  // namespace
}  // namespace handoff::queue_tests
