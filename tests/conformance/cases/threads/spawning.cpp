// Consumers that push what they make of an item: it comes out once, wakes who waits, and is waited for.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <stop_token>
#include <thread>
#include <vector>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/blocked_threads.hpp"
#include "tests/conformance/cases/common.hpp"
#include "tests/conformance/cases/ends/joiner.hpp"
#include "tests/support/crew.hpp"

namespace handoff::conformance {

namespace {

using testing_support::crew;

std::vector<item_key> keys_up_to(item_key count) {
  std::vector<item_key> keys(count);
  for (item_key key = 0; key < count; ++key) keys[key] = key;
  return keys;
}

std::vector<item_key> sorted(std::vector<item_key> keys) {
  std::sort(keys.begin(), keys.end());
  return keys;
}

void what_a_consumer_spawns_comes_out_once(const trial& t) {
  constexpr item_key count = 1'000;
  lone_queue q(t, 2);
  const auto other = q.queue->consumer();
  for (item_key key = 0; key < count; ++key) EXPECT_EQ(q.consumer->spawn(key), success);
  if (t.can().knows_size) {
    EXPECT_EQ(q.queue->size(), count);
  }
  std::vector<item_key> keys;
  item_key key = 0;
  for (item_key i = 0; i < count / 2; ++i)
    if (take(*q.queue, *q.consumer, t, key) == success) keys.push_back(key);
  for (const item_key rest : drain(*q.queue, *other, t)) keys.push_back(rest);
  EXPECT_EQ(sorted(keys), keys_up_to(count));
}

void what_a_handle_spawned_outlives_it(const trial& t) {
  constexpr item_key count = 100;
  const auto queue = t.make(2);
  for (item_key key = 0; key < count; ++key) EXPECT_EQ(queue->consumer()->spawn(key), success);
  EXPECT_EQ(sorted(drain(*queue, *queue->consumer(), t)), keys_up_to(count));
}

void what_is_spawned_and_left_is_destroyed_with_the_queue(const trial& t) {
  const auto queue = t.make(2);
  const auto consumer = queue->consumer();
  for (item_key key = 0; key < 100; ++key) EXPECT_EQ(consumer->spawn(key), success);
}

void spawn_after_close_is_refused(const trial& t) {
  lone_queue q(t, 2);
  EXPECT_EQ(q.consumer->spawn(1), success);
  q.queue->close();
  EXPECT_EQ(q.consumer->spawn(2), closed);
  EXPECT_EQ(drain(*q.queue, *q.consumer, t), std::vector<item_key>{1});
}

void a_spawned_item_wakes_a_consumer(const trial& t) {
  const auto queue = t.make(2);
  const auto busy = queue->consumer();
  blocked_threads waiting;
  waiting.pop(*queue, [](any_consumer& consumer, item_key& key) { return consumer.pop(key); });
  waiting.wait_until_blocked();
  EXPECT_EQ(busy->spawn(7), success);
  waiting.join();  // the watchdog's, if nobody woke it
  EXPECT_EQ(waiting.answer(0), success);
  EXPECT_EQ(waiting.key(0), 7);
}

void join_waits_for_what_was_spawned(const trial& t) {
  lone_queue q(t, 2);
  item_key key = 0;
  EXPECT_EQ(q.producer->push(1), success);
  EXPECT_EQ(take(*q.queue, *q.consumer, t, key), success);
  EXPECT_EQ(q.consumer->spawn(2), success);
  q.consumer->task_done();
  joiner waiting(*q.queue);
  waiting.expect_blocked();
  EXPECT_EQ(take(*q.queue, *q.consumer, t, key), success);
  waiting.expect_blocked();
  q.consumer->task_done();
  waiting.finish();
}

void a_spawn_that_is_refused_is_not_waited_for(const trial& t) {
  lone_queue q(t, 2);
  q.queue->close();
  EXPECT_EQ(q.consumer->spawn(1), closed);
  q.queue->join();  // the watchdog's, if it waits
}

/// A binary tree of tasks: an item's key is its number in the heap's order.
class heap_of_tasks {
 public:
  heap_of_tasks(any_queue& queue, item_key size) : queue_(&queue), size_(size), done_(size) {}

  /// Works until the queue closes. Every third task or so lets others in between its steps.
  void work(random_source random) {
    const auto consumer = queue_->consumer();
    item_key key = 0;
    while (consumer->pop(key) == success) {
      for (const item_key child : {2 * key + 1, 2 * key + 2})
        if (child < size_ && consumer->spawn(child) != success) return;  // seen as a task that is not done
      if (random.below(3) == 0) std::this_thread::yield();
      done_[key].fetch_add(1);
      consumer->task_done();
    }
  }

  /// How many tasks were not done exactly once.
  [[nodiscard]] std::uint64_t wrong() const {
    return static_cast<std::uint64_t>(
        std::count_if(done_.begin(), done_.end(), [](const auto& times) { return times.load() != 1; }));
  }

 private:
  any_queue* queue_;
  const item_key size_;
  std::vector<std::atomic<unsigned>> done_;
};

void one_join_ends_a_tree_of_tasks(const trial& t) {
  constexpr unsigned workers = 3;
  crew threads(workers);
  for (trial::rounds round(t, 200, workers + 1); round.next();) {
    const auto queue = t.make(2);
    heap_of_tasks tasks(*queue, 1 + t.random(round.index()).below(300));
    threads.start([&](unsigned me) { tasks.work(t.random(round.index()).fork(me)); });
    EXPECT_EQ(queue->producer()->push(0), success);
    queue->join();
    EXPECT_EQ(tasks.wrong(), 0) << "tasks were not done exactly once when join() returned";
    queue->close();
    threads.finish();
  }
}

}  // namespace

std::span<const test_case> spawning_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(what_a_consumer_spawns_comes_out_once, tries | spawns, words | tracked, setting::alone),
      HANDOFF_CASE(what_a_handle_spawned_outlives_it, tries | spawns, tracked, setting::alone),
      HANDOFF_CASE(what_is_spawned_and_left_is_destroyed_with_the_queue, spawns, tracked, setting::alone),
      HANDOFF_CASE(spawn_after_close_is_refused, tries | closes | spawns, tracked, setting::alone),
      HANDOFF_CASE(a_spawned_item_wakes_a_consumer, blocks | spawns, tracked, setting::sleepers),
      HANDOFF_CASE(join_waits_for_what_was_spawned, tries | blocks | joins | spawns),
      HANDOFF_CASE(a_spawn_that_is_refused_is_not_waited_for, closes | joins | spawns),
      HANDOFF_CASE(one_join_ends_a_tree_of_tasks, blocks | closes | joins | spawns | many_consumers,
                   words | tracked, setting::sleepers),
  };
  return cases;
}

}  // namespace handoff::conformance
