// The worker loops of threads, shared by all scenarios: what happens before a push and after a pop is a
// parameter.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/abandon.hpp"
#include "harness/cell.hpp"
#include "harness/first_items.hpp"
#include "harness/item.hpp"
#include "harness/threads/receipts.hpp"
#include "harness/timeline.hpp"
#include "harness/workers.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::harness::threads {

/// A consumer's count for the coordinator: one writer, on its own cache line.
struct alignas(support::separation) published_count {
  std::atomic<std::uint64_t> items{0};

  // relaxed: it only tells the coordinator when to continue; what was counted is read after the end of the
  // job
  void publish(std::uint64_t count) noexcept { items.store(count, std::memory_order_relaxed); }
};

/// Pushes the items `first` … `first + count - 1` of one producer. `before_push(sequence)` is its work, and
/// `pen` notes the item's place in time: see harness/timeline.hpp.
template <class Queue, class Handle, class BeforePush>
void produce(Handle& handle, unsigned producer, std::uint64_t first, std::uint64_t count,
             BeforePush before_push, timeline::writer pen = {}) {
  using codec = item_codec<typename Queue::value_type>;
  const item_key end = make_key(producer, first + count);
  for (item_key key = make_key(producer, first); key != end; ++key) {
    before_push(sequence_of(key));
    pen.before_push(sequence_of(key));
    expect_success(handle.push(codec::make(key)), "push");
    pen.after_push(sequence_of(key));
  }
}

/// Pops until a marker arrives or `pop(item)` returns anything but success; returns that status.
/// `after_pop(key, count)` is the work and the measurement of one item, the `count`th of this consumer.
template <class Queue, class Pop, class AfterPop>
op_status consume(Pop pop, receipts& received, AfterPop after_pop) {
  using codec = item_codec<typename Queue::value_type>;
  typename Queue::value_type item{};
  receipts own = received;  // a local copy can live in registers
  op_status status{};
  while ((status = pop(item)) == op_status::success) {
    const item_key key = codec::key(item);
    if (key == marker_key) [[unlikely]]
      break;
    own.enter(key, codec::intact(item));
    after_pop(key, own.count());
  }
  received = own;
  return status;
}

// Code that no sample measures is `cold`: the compiler need not optimise it for each of dozens of queues.

/// One end marker per consumer.
template <class Queue>
[[gnu::cold]] void push_markers(Queue& queue, unsigned consumers) {
  auto&& handle = queue.producer();
  for (unsigned i = 0; i < consumers; ++i)
    expect_success(handle.push(item_codec<typename Queue::value_type>::make(marker_key)), "push of a marker");
}

/// Makes a fresh queue, touches its memory and proves its order.
template <class Queue>
[[gnu::cold]] std::unique_ptr<Queue> make_queue(const cell& c) {
  using codec = item_codec<typename Queue::value_type>;
  auto queue = std::make_unique<Queue>(capacity_of(c));
  std::deque<kept_handle<producer_handle<Queue>>> producers;
  std::deque<kept_handle<consumer_handle<Queue>>> consumers;
  for (unsigned i = 0; i < c.producers; ++i)
    producers.emplace_back([&]() -> decltype(auto) { return queue->producer(); });
  for (unsigned i = 0; i < c.consumers; ++i)
    consumers.emplace_back([&]() -> decltype(auto) { return queue->consumer(); });
  typename Queue::value_type item{};
  for (first_items proof(c, Queue::traits.order); proof.next_batch(); proof.judge()) {
    for (std::size_t i = 0; i < proof.size(); ++i)
      expect_success(producers[proof.producer(i)].handle.push(codec::make(proof.key(i))), "push");
    auto& consumer = consumers[proof.consumer()].handle;
    for (std::size_t i = 0; i < proof.size(); ++i) {
      expect_success(consumer.pop(item), "pop");
      proof.received(codec::key(item), codec::intact(item));
      if constexpr (counts_done<Queue>) consumer.task_done();
    }
  }
  return queue;
}

/// What to say of a queue whose consumers get no more items although some are missing: if an item is still
/// inside, they sleep through it; otherwise it is lost.
template <class Queue>
[[noreturn, gnu::cold]] void give_up_stalled(Queue& queue, std::uint64_t received, std::uint64_t expected) {
  if constexpr (try_queue<Queue>) {
    constexpr int attempts = 1000;  // if `empty` may be false, one proves nothing
    auto&& handle = queue.consumer();
    typename Queue::value_type item{};
    for (int i = 0; i < attempts; ++i) {
      if (handle.try_pop(item) == op_status::success)
        abandon(sample_status::timeout,
                fmt::format("consumers slept at {} of {} items while some were inside", received, expected));
      std::this_thread::yield();
    }
    abandon(sample_status::corrupt, fmt::format("{} of {} items were lost", expected - received, expected));
  }
  abandon(sample_status::timeout, fmt::format("stalled at {} of {} items", received, expected));
}

/// Sleeps until the consumers' published counts reach `expected`. Gives the cell up if they stand still for
/// `stall_limit`.
template <class Queue, class Count>
[[gnu::cold]] void await_consumed(Queue& queue, const std::vector<Count>& published, std::uint64_t expected,
                                  std::chrono::nanoseconds stall_limit) {
  constexpr auto between_looks = std::chrono::milliseconds{1};  // each look takes a core from a worker
  std::uint64_t last = 0;
  auto moved = std::chrono::steady_clock::now();
  for (;;) {
    std::uint64_t received = 0;  // relaxed below: see published_count
    for (const Count& count : published) received += count.items.load(std::memory_order_relaxed);
    if (received >= expected) return;
    const auto now = std::chrono::steady_clock::now();
    if (received != last) {
      last = received;
      moved = now;
    } else if (now - moved > stall_limit) {
      give_up_stalled(queue, received, expected);
    }
    std::this_thread::sleep_for(between_looks);
  }
}

}  // namespace handoff::harness::threads
