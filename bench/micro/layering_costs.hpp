// micro/layering: what closing and counting add to a push and a pop of a layered queue, yield waiting, 1P1C
// on two threads. Counter `ratio`: time per item with the protocol ÷ without any, the median of alternating
// pairs. The same on a lone thread, where only the instructions count.
#pragma once

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include "bench/contenders/backend.hpp"
#include "bench/fidelity/plain_run.hpp"
#include "bench/micro/paired.hpp"
#include "bench/micro/push_pop.hpp"
#include "harness/sizing.hpp"
#include "harness/watchdog.hpp"
#include "queues/support/layered.hpp"

namespace handoff::bench {

/// Seconds per item, through a fresh queue. If the queue counts, every item is marked as done.
template <class Queue>
double layered_item_seconds(harness::team& workers, std::uint64_t items) {
  const auto owner = std::make_unique<Queue>(micro_capacity);
  Queue& queue = *owner;
  const plain_run run = run_plain(
      workers, items,
      [&](auto& begin) {
        auto producer = queue.producer();
        begin();
        for (plain_item item = 0; item < items; ++item) producer.push(plain_item{item});
      },
      [&](auto& begin, plain_check& check) {
        auto consumer = queue.consumer();
        plain_item item{};
        begin();
        for (std::uint64_t i = 0; i < items; ++i) {
          consumer.pop(item);
          check.enter(item);
          if constexpr (counts_done<Queue>) consumer.task_done();
        }
      });
  if (!run.verified) throw std::runtime_error("the items that came out are not those that went in");
  return run.seconds / static_cast<double>(items);
}

template <class With, class Without>
void layering_ratio(benchmark::State& state) {
  constexpr std::size_t pairs = 41;
  constexpr auto length = std::chrono::milliseconds(10);
  const harness::placement where(harness::pinning::compact);
  harness::team workers(2, where);
  const harness::watchdog hung(std::chrono::seconds(60), "a microbenchmark of the layering");
  for ([[maybe_unused]] auto _ : state) {
    const auto items = harness::find_items(length, 1, [&](std::uint64_t n) {
      return static_cast<double>(n) * layered_item_seconds<Without>(workers, n);
    });
    double with_seconds = 0;
    const auto result = measure_pairs(
        pairs, [&] { return with_seconds = layered_item_seconds<With>(workers, items); },
        [&] { return layered_item_seconds<Without>(workers, items); });
    state.SetIterationTime(with_seconds);
    state.counters["ratio"] = result.median;
    state.counters["lowest"] = result.lowest;
    state.counters["highest"] = result.highest;
    state.counters["pairs"] = static_cast<double>(result.pairs);
  }
}

template <template <class> class Backend>
void add_layering_costs(std::vector<microbenchmark>& microbenchmarks) {
  using inner = Backend<plain_item>;
  if constexpr (inner::traits.waits.contains(wait_kind::yield)) {
    using support::announced_close, support::counted_completion, support::layered, support::no_close,
        support::no_completion, support::yield;
    using bare = layered<inner, yield, no_close, no_completion>;
    using closing = layered<inner, yield, announced_close, no_completion>;
    using counting = layered<inner, yield, no_close, counted_completion<yield>>;
    using whole = layered<inner, yield>;
    const auto name = [](const char* what) {
      return fmt::format("layering/{}/{}/wait:yield", what, inner::traits.name);
    };
    microbenchmarks.push_back(
        {name("close"), &layering_ratio<closing, bare>, microbenchmark::kind::times_itself});
    microbenchmarks.push_back(
        {name("completion"), &layering_ratio<counting, bare>, microbenchmark::kind::times_itself});
    // They share the counters of pushes and pops: both together cost less than the sum of each alone.
    microbenchmarks.push_back(
        {name("close_and_completion"), &layering_ratio<whole, bare>, microbenchmark::kind::times_itself});
    microbenchmarks.push_back({name("alone/bare"), &push_pop_alone<bare>});
    microbenchmarks.push_back({name("alone/close"), &push_pop_alone<closing>});
    microbenchmarks.push_back({name("alone/completion"), &push_pop_alone<counting>});
  }
}

}  // namespace handoff::bench
