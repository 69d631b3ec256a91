#include "bench/google_benchmark/cell_benchmarks.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <exception>
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

void run_once(benchmark::State& state, const planned_cell& cell, stage& on) {
  for ([[maybe_unused]] auto _ : state) {
    const sample measured = on.take(cell);
    const auto headline = harness::facts_of(cell.what.what).headline_seconds(measured);
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

sample stage::take(const planned_cell& cell) {
  sample measured;
  try {
    if (open_ != &cell) {
      clear();
      into_.watch(cell);
      if (cell.runs != nullptr)
        session_ = cell.runs->open(cell.what, session_options_of(cell.what, from_, into_.seed()));
      open_ = &cell;
    }
    measured = session_ != nullptr ? session_->take() : not_run(cell);
  } catch (const std::exception& error) {
    clear();
    measured = {};
    measured.status = sample_status::crashed;
    measured.detail = fmt::format("an exception left the cell: {}", error.what());
  }
  into_.record(cell, measured);
  return measured;
}

void stage::clear() {
  open_ = nullptr;
  session_.reset();
}

void register_cells(const std::vector<planned_cell>& cells, const matrix& from, stage& on, double warm_up_s) {
  for (const auto& cell : cells) {
    auto* registered = register_self_timed(
        cell.name, warm_up_s, [&cell, &on](benchmark::State& state) { run_once(state, cell, on); });
    if (from.samples > 1) registered->Repetitions(static_cast<int>(from.samples));
  }
}

}  // namespace handoff::bench
