#include "bench/google_benchmark/cell_benchmarks.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string_view>

#include "bench/google_benchmark/self_timed.hpp"

namespace handoff::bench {

namespace {

using harness::sample;
using harness::sample_status;

/// Only what is never 0 in every repetition: Google Benchmark would divide by a mean of 0 and write NaN,
/// which no JSON parser need accept. The other figures are in the rows that --samples writes.
void add_counters(benchmark::State& state, const sample& measured) {
  const auto add = [&](const char* name, const auto& value) {
    if (value) state.counters[name] = static_cast<double>(*value);
  };
  add("items", measured.items);
  add("items_per_second", measured.items_per_second);
  add("rate_items_per_second", measured.rate_items_per_second);
  add("task_done_ns", measured.task_done_ns);
  add("threads_joined_ns", measured.threads_joined_ns);
  if (measured.latency) {
    add("p50_ns", measured.latency->p50);
    add("p99_ns", measured.latency->p99);
    add("p999_ns", measured.latency->p999);
  }
}

void run_once(benchmark::State& state, const planned_cell& planned, stage& stage) {
  for ([[maybe_unused]] auto _ : state) {
    const sample measured = stage.take(planned);
    const auto headline = harness::facts_of(planned.cell.scenario).headline_seconds(measured);
    if (headline && measured.status == sample_status::ok) {
      state.SetIterationTime(*headline);
      add_counters(state, measured);
    } else {
      state.SkipWithError(instead_of_a_figure(measured).c_str());
    }
  }
}

}  // namespace

std::string instead_of_a_figure(const sample& measured) {
  if (measured.status == sample_status::ok)
    return "no figure: too few items for the one that this scenario is compared by";
  return fmt::format("{}: {}", to_string(measured.status), measured.detail);
}

void register_cells(const std::vector<planned_cell>& cells, const matrix& matrix, stage& stage,
                    double warm_up_s) {
  for (const auto& cell : cells) {
    auto* registered = register_self_timed(
        cell.name, warm_up_s, [&cell, &stage](benchmark::State& state) { run_once(state, cell, stage); });
    if (matrix.samples > 1) registered->Repetitions(static_cast<int>(matrix.samples));
  }
}

}  // namespace handoff::bench
