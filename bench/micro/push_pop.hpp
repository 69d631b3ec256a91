// micro/push_pop and micro/try_push_try_pop: one item in and out again, by one thread (or task) alone.
#pragma once

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/contenders/backend.hpp"
#include "harness/item.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/support/with_wait.hpp"

namespace handoff::bench {

inline constexpr std::size_t micro_capacity = 1024;

template <class Queue>
void push_pop_alone(benchmark::State& state) {
  Queue queue(micro_capacity);
  auto&& producer = queue.producer();
  auto&& consumer = queue.consumer();
  harness::item_8 item{};
  for ([[maybe_unused]] auto _ : state) {
    producer.push(harness::item_8{item});
    consumer.pop(item);
    benchmark::DoNotOptimize(item);
  }
  state.SetItemsProcessed(state.iterations());
}

template <class Queue>
void try_push_try_pop_alone(benchmark::State& state) {
  Queue queue(micro_capacity);
  auto&& producer = queue.producer();
  auto&& consumer = queue.consumer();
  harness::item_8 item{};
  std::uint64_t refused = 0;
  for ([[maybe_unused]] auto _ : state) {
    if (producer.try_push(harness::item_8{item}) != op_status::success) ++refused;
    if (consumer.try_pop(item) != op_status::success) ++refused;
    benchmark::DoNotOptimize(item);
  }
  state.SetItemsProcessed(state.iterations());
  if (refused != 0) state.SkipWithError("an attempt failed although nobody else uses the queue");
}

template <class Queue>
typename Queue::runtime_type::task push_pop_task(Queue& queue, benchmark::State& state) {
  auto&& producer = queue.producer();
  auto&& consumer = queue.consumer();
  harness::item_8 item{};
  for ([[maybe_unused]] auto _ : state) {
    co_await producer.async_push(harness::item_8{item});
    co_await consumer.async_pop(item);
    benchmark::DoNotOptimize(item);
  }
}

template <class Queue>
void async_push_pop_alone(benchmark::State& state) {
  typename Queue::runtime_type runtime;
  Queue queue(runtime, micro_capacity);
  runtime.spawn(push_pop_task(queue, state));
  runtime.run();
  state.SetItemsProcessed(state.iterations());
}

/// The two benchmarks of a contender, if it has the operations.
template <template <class> class Backend, wait_kind Wait>
void add_push_pop_of(std::vector<microbenchmark>& microbenchmarks) {
  if constexpr (Backend<harness::item_8>::traits.waits.contains(Wait)) {
    using queue = support::with_wait<Backend, harness::item_8, Wait>;
    const auto contender = fmt::format("{}/wait:{}", queue::traits.name, to_string(Wait));
    if constexpr (Wait == wait_kind::loop) {
      microbenchmarks.push_back({"push_pop/" + contender, &async_push_pop_alone<queue>});
    } else {
      if constexpr (blocking_queue<queue>)
        microbenchmarks.push_back({"push_pop/" + contender, &push_pop_alone<queue>});
      if constexpr (try_queue<queue>)
        microbenchmarks.push_back({"try_push_try_pop/" + contender, &try_push_try_pop_alone<queue>});
    }
  }
}

template <template <class> class Backend>
void add_push_pop(std::vector<microbenchmark>& microbenchmarks) {
  add_push_pop_of<Backend, wait_kind::native>(microbenchmarks);
  add_push_pop_of<Backend, wait_kind::loop>(microbenchmarks);
  add_push_pop_of<Backend, wait_kind::spin>(microbenchmarks);
  add_push_pop_of<Backend, wait_kind::yield>(microbenchmarks);
  add_push_pop_of<Backend, wait_kind::park>(microbenchmarks);
}

}  // namespace handoff::bench
