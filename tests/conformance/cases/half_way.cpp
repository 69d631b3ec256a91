// An item whose move stands still in the middle of a push or a pop: what others see then, they see too early.
// The schedules that a torn item, a place filled anew too soon or a hasty count need by luck are certain
// here.
#include "tests/support/half_way.hpp"

#include <atomic>
#include <thread>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/support/presence.hpp"

namespace handoff::conformance {

namespace {

using testing_support::half_way;
using testing_support::presence;

/// A thread whose operation's move number `moves` stands still until `go_on`; unless it has fewer.
class paused_operation {
 public:
  template <class Operation>
  paused_operation(std::uint64_t moves, Operation operation)
      : thread_([this, moves, operation] {
          stop_.arm(moves);
          answer_ = operation();
          half_way::disarm();
          ended_.store(true, std::memory_order_relaxed);  // a sign of the moment: nothing is read through it
        }) {
    while (!stop_.reached() && !ended_.load(std::memory_order_relaxed)) std::this_thread::yield();
  }
  paused_operation(const paused_operation&) = delete;
  paused_operation& operator=(const paused_operation&) = delete;
  ~paused_operation() { finish(); }

  [[nodiscard]] bool stands_still() const noexcept { return stop_.reached(); }
  op_status finish() {
    stop_.go_on();
    if (thread_.joinable()) thread_.join();
    return answer_;
  }

 private:
  half_way stop_;
  std::atomic<bool> ended_{false};
  op_status answer_ = full;
  std::thread thread_;
};

/// Another thread that tries its luck meanwhile, as long as it is let.
class bystander {
 public:
  template <class Operation>
  explicit bystander(Operation operation)
      : thread_([this, operation] {
          where_.announce();
          answer_ = operation();
          back_.store(true, std::memory_order_relaxed);  // as above
        }) {
    where_.wait_until_blocked(beyond_its_first_looks);
  }
  bystander(const bystander&) = delete;
  bystander& operator=(const bystander&) = delete;
  ~bystander() {
    if (thread_.joinable()) thread_.join();
  }

  /// It has not come back, though it had all the time it needs.
  [[nodiscard]] bool waits() const noexcept { return !back_.load(std::memory_order_relaxed); }
  op_status finish() {
    thread_.join();
    return answer_;
  }

 private:
  static constexpr std::int64_t beyond_its_first_looks = 1'000'000;  // nanoseconds, of whoever never sleeps

  presence where_;
  std::atomic<bool> back_{false};
  op_status answer_ = full;
  std::thread thread_;
};

/// The ways to wait for an item or a place; the first polls.
constexpr unsigned ways = 4;
bool has_way(const trial& t, unsigned way) {
  return way == 0 || (way == 1 && t.can().blocks) || (way == 2 && t.can().timed) ||
         (way == 3 && t.can().cancellable);
}

op_status pop_by(unsigned way, any_consumer& consumer, item_key& key) {
  if (way == 1) return consumer.pop(key);
  if (way == 2) return consumer.pop_until(key, far_future());
  if (way == 3) return consumer.pop(key, std::stop_token{});
  op_status status = empty;
  while ((status = consumer.try_pop(key)) == empty) std::this_thread::yield();
  return status;
}

op_status push_by(unsigned way, any_producer& producer, item_key key) {
  if (way == 1) return producer.push(key);
  if (way == 2) return producer.push_until(key, far_future());
  if (way == 3) return producer.push(key, std::stop_token{});
  op_status status = full;
  while ((status = producer.try_push(key)) == full) std::this_thread::yield();
  return status;
}

/// `round(way, moves)`: for each way, and each of the moves in turn, until it answers that there is none.
template <class Round>
void for_each_pause(const trial& t, Round round) {
  for (unsigned way = 0; way < ways; ++way) {
    std::uint64_t moves = 0;
    while (has_way(t, way) && round(way, moves)) {
      ++moves;
      if (::testing::Test::HasFailure()) return;
    }
  }
}

void an_item_comes_out_when_it_is_inside_as_a_whole(const trial& t) {
  for_each_pause(t, [&](unsigned way, std::uint64_t moves) {
    lone_queue q(t, 4);
    paused_operation push(moves,
                          [&] { return way == 0 ? q.producer->try_push(7) : push_by(way, *q.producer, 7); });
    if (!push.stands_still()) return false;
    item_key key = 0;
    bystander pop([&] { return pop_by(way, *q.consumer, key); });
    EXPECT_TRUE(pop.waits()) << "a pop ended while the push of the only item was half-way through its move";
    EXPECT_EQ(push.finish(), success);
    EXPECT_EQ(pop.finish(), success);
    EXPECT_EQ(key, 7U);
    return true;
  });
}

void a_place_is_filled_anew_when_its_item_has_left_as_a_whole(const trial& t) {
  for_each_pause(t, [&](unsigned way, std::uint64_t moves) {
    lone_queue q(t, 1);
    const std::size_t bound = fill(*q.producer, 0);
    item_key first = 0;
    paused_operation pop(
        moves, [&] { return way == 0 ? q.consumer->try_pop(first) : pop_by(way, *q.consumer, first); });
    if (!pop.stands_still()) return false;
    bystander push([&] { return push_by(way, *q.producer, 100); });
    EXPECT_EQ(pop.finish(), success);
    EXPECT_EQ(push.finish(), success);
    auto keys = drain(*q.queue, *q.consumer, t);
    EXPECT_EQ(keys.size(), bound);
    item_key sum = first;
    for (const item_key key : keys) sum += key;
    EXPECT_EQ(sum, bound * (bound - 1) / 2 + 100) << "not the items that were pushed";
    return true;
  });
}

void size_is_not_too_low_while_a_pop_is_under_way(const trial& t) {
  for_each_pause(t, [&](unsigned way, std::uint64_t moves) {
    lone_queue q(t, 4);
    for (item_key i = 0; i < 3; ++i) EXPECT_EQ(q.producer->try_push(item_key{i}), success);
    item_key key = 0;
    paused_operation pop(moves,
                         [&] { return way == 0 ? q.consumer->try_pop(key) : pop_by(way, *q.consumer, key); });
    if (!pop.stands_still()) return false;
    std::size_t answer = 0;
    bystander look([&] {
      answer = q.queue->size();
      return success;
    });
    EXPECT_EQ(pop.finish(), success);
    look.finish();
    EXPECT_TRUE(answer == 2 || answer == 3)
        << "size() was " << answer << " while one of three items was being popped";
    EXPECT_EQ(q.queue->size(), 2U) << "at rest";
    EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), 2U);
    return true;
  });
}

void size_is_not_too_high_while_a_push_is_under_way(const trial& t) {
  for_each_pause(t, [&](unsigned way, std::uint64_t moves) {
    lone_queue q(t, 4);
    for (item_key i = 0; i < 2; ++i) EXPECT_EQ(q.producer->try_push(item_key{i}), success);
    paused_operation push(moves,
                          [&] { return way == 0 ? q.producer->try_push(2) : push_by(way, *q.producer, 2); });
    if (!push.stands_still()) return false;
    std::size_t answer = 0;
    bystander look([&] {
      answer = q.queue->size();
      return success;
    });
    EXPECT_EQ(push.finish(), success);
    look.finish();
    EXPECT_TRUE(answer == 2 || answer == 3)
        << "size() was " << answer << " while a third item was being pushed";
    EXPECT_EQ(q.queue->size(), 3U) << "at rest";
    EXPECT_EQ(drain(*q.queue, *q.consumer, t).size(), 3U);
    return true;
  });
}

constexpr test_case cases[] = {
    HANDOFF_CASE(an_item_comes_out_when_it_is_inside_as_a_whole, tries, tracked, setting::sleepers),
    HANDOFF_CASE(a_place_is_filled_anew_when_its_item_has_left_as_a_whole, tries | bounded, tracked,
                 setting::sleepers),
    HANDOFF_CASE(size_is_not_too_low_while_a_pop_is_under_way, tries | sized),
    HANDOFF_CASE(size_is_not_too_high_while_a_push_is_under_way, tries | sized),
};

}  // namespace

std::span<const test_case> half_way_cases() { return cases; }

}  // namespace handoff::conformance
