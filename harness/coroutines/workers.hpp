// The worker loops of coroutines, shared by all scenarios: what happens around an item is a parameter, and so
// is whether it is too early for the next one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "harness/cell.hpp"
#include "harness/first_items.hpp"
#include "harness/item.hpp"
#include "harness/workers.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff::harness::coroutines {

template <class Queue>
using task_of = typename Queue::runtime_type::task;

/// Pushes the items `first` … `first + count - 1` of one producer. `pace.all_here()` says whether every
/// worker has a handle; no producer begins earlier. `pace.too_early(sequence)` holds an item back, pass by
/// pass; `pace.before_push()` is its work.
template <class Queue, class Log, class Pace>
task_of<Queue> produce(typename Queue::runtime_type& loop, Queue& queue, Log& log, unsigned producer,
                       std::uint64_t first, std::uint64_t count, Pace pace) {
  using codec = item_codec<typename Queue::value_type>;
  auto&& handle = queue.producer();
  pace.arrive();
  while (!pace.all_here()) co_await loop.yield();
  pace.begin();
  for (std::uint64_t sequence = first; sequence != first + count; ++sequence) {
    while (pace.too_early(sequence)) co_await loop.yield();
    pace.before_push();
    auto item = codec::make(make_key(producer, sequence));
    const std::size_t began = log.pushes();
    const op_status status = co_await handle.async_push(std::move(item));
    expect_success(status, "async_push");
    log.pushed(producer, began);
  }
  pace.end();
}

/// The pace of a producer that does nothing around its items.
struct no_pace {
  static void arrive() noexcept {}
  static constexpr bool all_here() noexcept { return true; }
  static void begin() noexcept {}
  static constexpr bool too_early(std::uint64_t) noexcept { return false; }
  static void before_push() noexcept {}
  static void end() noexcept {}
};

/// Pops until a marker arrives or the status is not success. `meter.arrive()` is called once the handle
/// exists; `meter.must_wait()` holds an item back, pass by pass; `meter.after_pop(handle, key)` is the work
/// and the measurement; `meter.left(handle, status)` is called at the end. A meter with a `hand_on` is given
/// the marker back: `hand_on` is the handle to push it through, or null.
template <class Queue, class Log, class Meter>
task_of<Queue> consume(typename Queue::runtime_type& loop, Queue& queue, Log& log, unsigned consumer,
                       Meter meter) {
  using codec = item_codec<typename Queue::value_type>;
  auto&& handle = queue.consumer();
  typename Queue::value_type item{};
  meter.arrive();
  for (;;) {
    const std::size_t began = log.pops();
    const op_status status = co_await handle.async_pop(item);
    const item_key key = status == op_status::success ? codec::key(item) : marker_key;
    if (key == marker_key) [[unlikely]] {
      if constexpr (requires { meter.hand_on; })
        if (status == op_status::success && meter.hand_on != nullptr) {
          const op_status pushed = co_await meter.hand_on->async_push(std::move(item));
          expect_success(pushed, "async_push of a marker");
        }
      meter.left(handle, status);
      co_return;
    }
    log.popped(consumer, began, key, codec::intact(item));
    while (meter.must_wait()) co_await loop.yield();
    meter.after_pop(handle, key);
  }
}

/// One end marker per consumer.
template <class Queue>
task_of<Queue> push_markers(Queue& queue, unsigned consumers) {
  auto&& handle = queue.producer();
  for (unsigned i = 0; i < consumers; ++i) {
    auto marker = item_codec<typename Queue::value_type>::make(marker_key);
    const op_status status = co_await handle.async_push(std::move(marker));
    expect_success(status, "async_push of a marker");
  }
}

/// Touches the memory of a fresh queue of the cell, and proves its order.
template <class Queue>
task_of<Queue> touch(Queue& queue, const cell& c) {
  using codec = item_codec<typename Queue::value_type>;
  std::deque<kept_handle<producer_handle<Queue>>> producers;
  std::deque<kept_handle<consumer_handle<Queue>>> consumers;
  for (unsigned i = 0; i < c.producers; ++i)
    producers.emplace_back([&]() -> decltype(auto) { return queue.producer(); });
  for (unsigned i = 0; i < c.consumers; ++i)
    consumers.emplace_back([&]() -> decltype(auto) { return queue.consumer(); });
  typename Queue::value_type item{};
  for (first_items proof(c, Queue::traits.order); proof.next_batch(); proof.judge()) {
    for (std::size_t i = 0; i < proof.size(); ++i) {
      auto fresh = codec::make(proof.key(i));
      const op_status pushed = co_await producers[proof.producer(i)].handle.async_push(std::move(fresh));
      expect_success(pushed, "async_push");
    }
    auto& consumer = consumers[proof.consumer()].handle;
    for (std::size_t i = 0; i < proof.size(); ++i) {
      const op_status popped = co_await consumer.async_pop(item);
      expect_success(popped, "async_pop");
      proof.received(codec::key(item), codec::intact(item));
      if constexpr (counts_done<Queue>) consumer.task_done();
    }
  }
}

/// Runs the loop until every task has ended. Returns in words what the loop throws (tasks wait forever, a
/// worker ended with an exception); empty if all is well.
template <class Runtime>
std::string run_to_end(Runtime& loop) {
  try {
    loop.run();
    return {};
  } catch (const std::exception& e) {
    return e.what();
  }
}

/// What the log shows; if that is nothing, what the loop said.
template <class Log>
std::string verdict_or(const std::string& loop_said, const Log& log,
                       const std::vector<std::uint64_t>& pushed) {
  const std::string found = log.verdict(pushed);
  return found.empty() ? loop_said : found;
}

}  // namespace handoff::harness::coroutines
