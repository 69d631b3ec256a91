// Handles come and go at any moment in a queue's life.
#include <atomic>
#include <thread>
#include <vector>

#include "tests/conformance/cases.hpp"
#include "tests/conformance/cases/common.hpp"

namespace handoff::conformance {

namespace {

void handles_that_do_nothing_leave_nothing(const trial& t) {
  const auto queue = t.make(4);
  for (int i = 0; i < 100; ++i) {
    queue->producer();
    queue->consumer();
  }
  ASSERT_EQ(queue->producer()->try_push(1), success);
  queue->producer();
  queue->consumer();
  const auto consumer = queue->consumer();
  EXPECT_EQ(drain(*queue, *consumer, t).size(), 1U);
}

void an_item_outlives_the_handle_that_pushed_it(const trial& t) {
  const auto queue = t.make(8);
  for (item_key i = 0; i < 8; ++i) ASSERT_EQ(queue->producer()->try_push(item_key{i}), success);
  std::vector<unsigned> seen(8, 0);
  for (int i = 0; i < 8; ++i) {
    item_key key = 0;
    const auto consumer = queue->consumer();
    ASSERT_EQ(take(*queue, *consumer, t, key), success);
    ASSERT_LT(key, 8U);
    ++seen[key];
  }
  EXPECT_EQ(seen, std::vector<unsigned>(8, 1));
}

struct churn {
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> accepted_sum{0};
  std::atomic<std::uint64_t> popped{0};
  std::atomic<std::uint64_t> popped_sum{0};
  std::atomic<bool> over{false};
};

void push_with_short_lived_handles(any_queue& queue, churn& c, random_source random, std::uint64_t handles) {
  for (std::uint64_t i = 0; i < handles; ++i) {
    const auto producer = queue.producer();
    for (std::uint64_t k = random.below(4); k > 0; --k) {
      const item_key key = random.below(1'000'000);
      op_status status = full;
      while ((status = producer->try_push(item_key{key})) == full) std::this_thread::yield();
      ASSERT_EQ(status, success);
      ++c.accepted;
      c.accepted_sum += key;
    }
  }
}

void pop_with_short_lived_handles(const trial& t, any_queue& queue, churn& c, random_source random) {
  for (;;) {
    const bool last_look = c.over.load(std::memory_order_acquire);  // partner: the store below
    const auto consumer = queue.consumer();
    for (std::uint64_t k = 1 + random.below(4); k > 0; --k) {
      item_key key = 0;
      if (consumer->try_pop(key) != success) {
        if (last_look && (t.traits().exact_empty || queue.size() == 0)) return;
        std::this_thread::yield();
        continue;
      }
      ++c.popped;
      c.popped_sum += key;
      if (t.can().joinable) consumer->task_done();
    }
  }
}

void handles_come_and_go_under_traffic(const trial& t) {
  const unsigned producers = t.producers(3);
  const unsigned consumers = t.consumers(3);
  const auto queue = t.make(4);
  const std::uint64_t handles = t.volume(2'500, producers + consumers, 64);
  churn c;
  std::vector<std::thread> takers;
  std::vector<std::thread> givers;
  for (unsigned i = 0; i < consumers; ++i)
    takers.emplace_back([&, i] { pop_with_short_lived_handles(t, *queue, c, t.random(100 + i)); });
  for (unsigned i = 0; i < producers; ++i)
    givers.emplace_back([&, i] { push_with_short_lived_handles(*queue, c, t.random(i), handles); });
  for (auto& thread : givers) thread.join();
  if (t.can().joinable) {
    queue->join();
    EXPECT_EQ(c.popped.load(), c.accepted.load()) << "join() returned early";
  }
  c.over.store(true, std::memory_order_release);  // partner: the load above
  for (auto& thread : takers) thread.join();
  EXPECT_EQ(c.popped.load(), c.accepted.load());
  EXPECT_EQ(c.popped_sum.load(), c.accepted_sum.load()) << "not the same items";
}

}  // namespace

std::span<const test_case> handle_cases() {
  static constexpr test_case cases[] = {
      HANDOFF_CASE(handles_that_do_nothing_leave_nothing, tries, tracked, setting::alone),
      HANDOFF_CASE(an_item_outlives_the_handle_that_pushed_it, tries, tracked, setting::alone),
      HANDOFF_CASE(handles_come_and_go_under_traffic, tries, words | tracked),
  };
  return cases;
}

}  // namespace handoff::conformance
