#include "bench/micro/general.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>

#include "bench/micro/bare_coroutine_queue.hpp"
#include "harness/clock.hpp"
#include "harness/histogram.hpp"

namespace handoff::bench {

namespace {

void clock_read(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(harness::now_ns());
}

/// Values spread over microseconds, as latencies are: a histogram that stays on one bucket would look too
/// fast.
void histogram_record(benchmark::State& state) {
  harness::histogram latencies;
  std::uint64_t random = 1;
  for ([[maybe_unused]] auto _ : state) {
    random = random * 6364136223846793005U + 1442695040888963407U;  // Knuth's MMIX generator
    latencies.record(static_cast<std::int64_t>(random >> 50));
  }
  benchmark::DoNotOptimize(latencies.count());
}

using bare_queue = bare_coroutine_queue<std::uint64_t>;

bare_task bare_producer(bare_queue& queue, std::uint64_t items) {
  for (std::uint64_t item = 0; item < items; ++item) co_await queue.put(item);
}

bare_task bare_consumer(bare_queue& queue, benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    const std::uint64_t item = co_await queue.get();
    benchmark::DoNotOptimize(item);
  }
}

void bare_coroutine_stream(benchmark::State& state) {
  bare_loop loop;
  bare_queue queue(loop, static_cast<std::size_t>(state.range(0)));
  bare_task producer = bare_producer(queue, state.max_iterations);
  bare_task consumer = bare_consumer(queue, state);
  producer.start(loop);
  consumer.start(loop);
  loop.run();
  state.SetItemsProcessed(state.iterations());
}

}  // namespace

std::vector<microbenchmark> general_microbenchmarks() {
  using kind = microbenchmark::kind;
  return {{"clock_read", &clock_read, kind::loop},
          {"histogram_record", &histogram_record, kind::loop},
          {"bare_coroutine_queue", &bare_coroutine_stream, kind::by_capacity}};
}

}  // namespace handoff::bench
