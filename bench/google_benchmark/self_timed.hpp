// Benchmarks that time themselves: one iteration, however often the library would like to repeat it.
#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <utility>

namespace handoff::bench {

/// Registers `run`, which takes one measurement and sets the iteration time. `warm_up_s`: how long the
/// library would warm it up before the first. It repeats the call until the times that are set add up to
/// that, which times of nanoseconds never do. A benchmark that times itself has warmed itself up, so the
/// first call, which is that warm-up, returns without measuring.
template <class Run>
benchmark::internal::Benchmark* register_self_timed(const std::string& name, double warm_up_s, Run run) {
  auto once = [warm_up_s, run = std::move(run), pending = warm_up_s > 0](benchmark::State& state) mutable {
    if (!std::exchange(pending, false)) return run(state);
    for ([[maybe_unused]] auto _ : state) state.SetIterationTime(warm_up_s);
  };
  return benchmark::RegisterBenchmark(name.c_str(), std::move(once))->UseManualTime()->Iterations(1);
}

}  // namespace handoff::bench
