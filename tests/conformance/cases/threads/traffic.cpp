// Many threads, many items: each arrives exactly once, in the declared order.
#include "tests/conformance/cases/threads/traffic.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/support/crew.hpp"

namespace handoff::conformance {

namespace {

using testing_support::crew;

constexpr item_key end_marker = ~item_key{0};

std::uint64_t items_of_each(const traffic_plan& plan) { return plan.items / plan.producers + 1; }

void produce(const trial& t, any_queue& queue, const traffic_plan& plan, unsigned me) {
  const auto producer = queue.producer();
  for (std::uint64_t i = 0; i < items_of_each(plan); ++i) {
    op_status status = success;
    if (plan.how != manner::polling) {
      status = producer->push(traffic_key(me, i));
    } else {
      while ((status = producer->try_push(traffic_key(me, i))) == full && t.traits().bounded)
        std::this_thread::yield();
    }
    ASSERT_EQ(status, success);
  }
}

void consume(any_queue& queue, const traffic_plan& plan, const std::atomic<bool>& over,
             std::vector<item_key>& log) {
  const auto consumer = queue.consumer();
  item_key key = 0;
  if (plan.how == manner::polling) {
    for (;;) {
      const bool last_look = over.load(std::memory_order_acquire);  // partner: run_traffic
      if (consumer->try_pop(key) == success)
        log.push_back(key);
      else if (last_look)
        return;
      else
        std::this_thread::yield();
    }
  }
  for (;;) {
    const op_status status = consumer->pop(key);
    if (status == closed && plan.how == manner::blocking_with_close) return;
    ASSERT_EQ(status, success);
    if (key == end_marker) return;
    log.push_back(key);
  }
}

/// Called by the last producer, when it has pushed its last item.
void end_traffic(any_queue& queue, const traffic_plan& plan) {
  if (plan.how == manner::blocking_with_close) queue.close();
  if (plan.how != manner::blocking_with_markers) return;
  const auto producer = queue.producer();
  for (unsigned i = 0; i < plan.consumers; ++i) EXPECT_EQ(producer->push(item_key{end_marker}), success);
}

/// The items that the consumers left inside. (A marker overtakes items if the queue is not strictly FIFO.)
std::vector<item_key> leftovers(const trial& t, any_queue& queue) {
  const auto consumer = queue.consumer();
  std::vector<item_key> keys;
  item_key key = 0;
  while (take(queue, *consumer, t, key) == success)
    if (key != end_marker) keys.push_back(key);
  return keys;
}

}  // namespace

popped_log run_traffic(const trial& t, const traffic_plan& plan) {
  const auto queue = t.make(plan.capacity, plan.first);
  popped_log log(plan.consumers);
  std::atomic<unsigned> producing{plan.producers};
  std::atomic<bool> over{false};
  crew threads(plan.producers + plan.consumers);
  threads.run([&](unsigned me) {
    threads.line_up();
    if (me >= plan.producers) return consume(*queue, plan, over, log[me - plan.producers]);
    produce(t, *queue, plan, me);
    if (--producing > 0) return;
    over.store(true, std::memory_order_release);  // partner: consume
    end_traffic(*queue, plan);
  });
  log.push_back(leftovers(t, *queue));
  if (plan.how == manner::blocking_with_close || t.traits().order == ordering::fifo) {
    EXPECT_EQ(log.back().size(), 0U) << "items were left inside";
  }
  return log;
}

void expect_exactly_once(const popped_log& log, const traffic_plan& plan) {
  const std::uint64_t each = items_of_each(plan);
  std::vector<std::vector<unsigned char>> seen(plan.producers, std::vector<unsigned char>(each, 0));
  std::uint64_t strangers = 0;
  std::uint64_t repeated = 0;
  for (const auto& keys : log) {
    for (const item_key key : keys) {
      if (producer_of(key) >= plan.producers || sequence_of(key) >= each)
        ++strangers;
      else if (seen[producer_of(key)][sequence_of(key)]++ != 0)
        ++repeated;
    }
  }
  std::uint64_t lost = 0;
  for (const auto& marks : seen)
    lost += static_cast<std::uint64_t>(std::count(marks.begin(), marks.end(), 0));
  EXPECT_EQ(strangers, 0U) << "items popped that nobody pushed";
  EXPECT_EQ(repeated, 0U) << "items popped more than once";
  EXPECT_EQ(lost, 0U) << "items lost of " << each * plan.producers;
}

void expect_order_per_producer(const popped_log& log, const traffic_plan& plan) {
  std::uint64_t swapped = 0;
  for (const auto& keys : log) {
    std::vector<std::uint64_t> next(plan.producers, 0);
    for (const item_key key : keys) {
      if (producer_of(key) >= plan.producers) continue;
      if (sequence_of(key) < next[producer_of(key)]) ++swapped;
      next[producer_of(key)] = sequence_of(key) + 1;
    }
  }
  EXPECT_EQ(swapped, 0U) << "items popped before an older one of the same producer";
}

namespace {

void expect_delivery(const trial& t, const traffic_plan& plan) {
  const popped_log log = run_traffic(t, plan);
  expect_exactly_once(log, plan);
  const ordering order = t.traits().order;
  if (order == ordering::fifo || order == ordering::per_producer_fifo) expect_order_per_producer(log, plan);
}

void mixed_shapes(const trial& t, manner how) {
  random_source random = t.random();
  constexpr std::size_t capacities[] = {1, 2, 3, 7, 64, 1000};
  constexpr unsigned shapes[][2] = {{1, 1}, {2, 2}, {3, 1}, {1, 3}, {2, 3}};
  for (const auto& shape : shapes) {
    traffic_plan plan{.producers = t.producers(shape[0]), .consumers = t.consumers(shape[1]), .how = how};
    plan.capacity = capacities[random.below(std::size(capacities))];
    plan.items = t.volume(30'000, plan.producers + plan.consumers, plan.capacity);
    SCOPED_TRACE(std::to_string(plan.producers) + " producers, " + std::to_string(plan.consumers) +
                 " consumers, capacity " + std::to_string(plan.capacity));
    expect_delivery(t, plan);
    if (::testing::Test::HasFailure()) return;
  }
}

void every_item_arrives_exactly_once(const trial& t) { mixed_shapes(t, manner::blocking_with_markers); }
void every_item_arrives_exactly_once_by_polling(const trial& t) { mixed_shapes(t, manner::polling); }
void every_item_arrives_exactly_once_before_closed(const trial& t) {
  mixed_shapes(t, manner::blocking_with_close);
}

void every_item_arrives_exactly_once_with_eight_threads(const trial& t) {
  traffic_plan plan{.producers = t.producers(4), .consumers = t.consumers(4)};
  for (const std::size_t capacity : {8U, 128U}) {
    plan.capacity = capacity;
    plan.items = t.volume(60'000, 8, capacity);
    expect_delivery(t, plan);
  }
}

/// One producer and one consumer: everything comes out in the order in which it went in, nothing is missing;
/// often enough to find one item lost in a million.
void one_to_one_keeps_the_order_over_a_million_items(const trial& t) {
  traffic_plan plan{.capacity = 1024, .items = t.volume(1'100'000, 2, 1024)};
  const popped_log log = run_traffic(t, plan);
  expect_exactly_once(log, plan);
  if (t.traits().order == ordering::fifo || t.traits().order == ordering::per_producer_fifo) {
    const auto early = std::is_sorted_until(log[0].begin(), log[0].end());
    EXPECT_TRUE(early == log[0].end()) << "out of order: the pop " << early - log[0].begin() + 1 << " of "
                                       << log[0].size() << " answered an item that went in before the last";
  }
}

/// Two threads that wait for each other through one place each, item by item.
void two_threads_hand_one_item_back_and_forth(const trial& t) {
  const auto there = t.make(1);
  const auto back = t.make(1);
  crew partners(2);
  partners.run([&](unsigned me) {
    const auto producer = (me == 0 ? there : back)->producer();
    const auto consumer = (me == 0 ? back : there)->consumer();
    item_key key = 0;
    if (me == 0) {
      for (trial::rounds round(t, 10'000, 2); round.next();) {
        ASSERT_EQ(producer->push(round.index() + 1), success);
        ASSERT_EQ(consumer->pop(key), success);
        ASSERT_EQ(key, round.index() + 1);
      }
      ASSERT_EQ(producer->push(item_key{end_marker}), success);
    } else {
      while (consumer->pop(key) == success && key != end_marker)
        ASSERT_EQ(producer->push(item_key{key}), success);
      EXPECT_EQ(key, end_marker);
    }
  });
}

}  // namespace

std::span<const test_case> traffic_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(every_item_arrives_exactly_once, blocks, words | blocks_of_64 | tracked,
                   setting::sleepers),
      HANDOFF_CASE(every_item_arrives_exactly_once_by_polling, tries, words | blocks_of_64 | tracked),
      HANDOFF_CASE(every_item_arrives_exactly_once_before_closed, blocks | closes, tracked,
                   setting::sleepers),
      HANDOFF_CASE(every_item_arrives_exactly_once_with_eight_threads, blocks, words | tracked,
                   setting::sleepers),
      HANDOFF_CASE(one_to_one_keeps_the_order_over_a_million_items, blocks, words),
      HANDOFF_CASE(two_threads_hand_one_item_back_and_forth, blocks, tracked, setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
