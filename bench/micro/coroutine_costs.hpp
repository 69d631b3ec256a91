// micro/coroutine_switch: from one task to another on the loop of a coroutine backend.
// micro/coroutine_stream: items from one task to another through its queue; micro/bare_coroutine_queue does
// the same with the least that such a queue can be.
#pragma once

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/contenders/backend.hpp"
#include "harness/item.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff::bench {

/// Yields to the other task until the measuring one is done.
template <class Runtime>
typename Runtime::task switching_partner(Runtime& runtime, const bool& over) {
  while (!over) co_await runtime.yield();
}

template <class Runtime>
typename Runtime::task switching_task(Runtime& runtime, benchmark::State& state, bool& over) {
  for ([[maybe_unused]] auto _ : state) co_await runtime.yield();
  over = true;
}

/// Two tasks that only yield to each other: an iteration is two switches.
template <class Runtime>
void coroutine_switch(benchmark::State& state) {
  Runtime runtime;
  bool over = false;
  runtime.spawn(switching_task(runtime, state, over));
  runtime.spawn(switching_partner(runtime, over));
  runtime.run();
  state.SetItemsProcessed(2 * state.iterations());
}

template <class Queue>
typename Queue::runtime_type::task streaming_producer(Queue& queue, std::uint64_t items) {
  auto&& producer = queue.producer();
  for (harness::item_8 item = 0; item < items; ++item) co_await producer.async_push(harness::item_8{item});
}

template <class Queue>
typename Queue::runtime_type::task streaming_consumer(Queue& queue, benchmark::State& state) {
  auto&& consumer = queue.consumer();
  harness::item_8 item{};
  for ([[maybe_unused]] auto _ : state) {
    co_await consumer.async_pop(item);
    benchmark::DoNotOptimize(item);
  }
}

/// An iteration is one item. `state.range(0)` is the capacity.
template <class Queue>
void coroutine_stream(benchmark::State& state) {
  typename Queue::runtime_type runtime;
  Queue queue(runtime, static_cast<std::size_t>(state.range(0)));
  runtime.spawn(streaming_producer(queue, state.max_iterations));
  runtime.spawn(streaming_consumer(queue, state));
  runtime.run();
  state.SetItemsProcessed(state.iterations());
}

template <template <class> class Backend>
void add_coroutine_costs(std::vector<microbenchmark>& microbenchmarks) {
  using queue = Backend<harness::item_8>;
  static_assert(async_queue<queue>);
  microbenchmarks.push_back({fmt::format("coroutine_switch/{}", queue::traits.name),
                             &coroutine_switch<typename queue::runtime_type>});
  microbenchmarks.push_back({fmt::format("coroutine_stream/{}", queue::traits.name), &coroutine_stream<queue>,
                             microbenchmark::kind::by_capacity});
}

}  // namespace handoff::bench
