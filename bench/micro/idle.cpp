#include "bench/micro/idle.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "harness/clock.hpp"
#include "harness/resources.hpp"
#include "queues/stealing/executor.hpp"
#include "queues/stealing/loops.hpp"
#include "queues/stealing_pool.hpp"
#include "queues/support/layered.hpp"
#include "queues/support/wait_policy.hpp"

namespace handoff::bench {

namespace {

using std::chrono::milliseconds;

constexpr unsigned sleepers = 8;

/// This thread sleeps as well, so that all that is used is used by the sleepers.
void measure_idleness(benchmark::State& state) {
  std::this_thread::sleep_for(milliseconds(100));
  harness::resource_meter meter;
  const std::int64_t began_ns = harness::now_ns();
  meter.begin();
  std::this_thread::sleep_for(milliseconds(500));
  meter.end();
  const double seconds = static_cast<double>(harness::now_ns() - began_ns) * 1e-9;
  const harness::resource_usage used = meter.since();
  for ([[maybe_unused]] auto _ : state) state.SetIterationTime(seconds);
  state.counters["core_share"] = (used.cpu_user_s + used.cpu_system_s) / seconds;
}

void idle_pool(benchmark::State& state) {
  support::layered<stealing_pool<std::uint64_t>, support::park> queue(0);
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < sleepers; ++i)
    threads.emplace_back([&queue] {
      auto consumer = queue.consumer();
      std::uint64_t item = 0;
      while (consumer.pop(item) == op_status::success) consumer.task_done();
    });
  {
    auto producer = queue.producer();
    for (std::uint64_t i = 0; i < 1000; ++i) producer.push(std::uint64_t{i});
    queue.join();
  }
  measure_idleness(state);
  queue.close();
}

void idle_executor(benchmark::State& state) {
  stealing_executor executor(sleepers);
  std::vector<std::uint64_t> numbers(100'000, 1);
  executor.run([&] { stealing::for_each(numbers.begin(), numbers.end(), [](std::uint64_t& n) { ++n; }); });
  measure_idleness(state);
}

}  // namespace

std::vector<microbenchmark> idle_microbenchmarks() {
  return {{"idle/stealing_pool", &idle_pool, microbenchmark::kind::times_itself},
          {"idle/stealing_executor", &idle_executor, microbenchmark::kind::times_itself}};
}

}  // namespace handoff::bench
