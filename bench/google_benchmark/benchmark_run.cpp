#include "bench/google_benchmark/benchmark_run.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <sstream>

#include "bench/frame/errors.hpp"
#include "bench/frame/frame.hpp"
#include "bench/google_benchmark/benchmark_flags.hpp"
#include "bench/google_benchmark/cell_benchmarks.hpp"
#include "bench/google_benchmark/fidelity_run.hpp"
#include "bench/google_benchmark/reporters.hpp"
#include "bench/google_benchmark/self_timed.hpp"
#include "bench/micro/async.hpp"
#include "bench/micro/general.hpp"
#include "harness/abandon.hpp"

namespace handoff::bench {

namespace {

constexpr int capacities[] = {1, 1024};

/// Shared by the benchmarks that measure no cell.
struct surroundings {
  stage& on;
  bool& failed;
  double warm_up_s;  ///< the library's own; 0: none
};

/// A benchmark that measures no cell: an exception becomes its error, and a hang ends the program.
template <class Run>
auto guarded(surroundings with, std::string name, Run run) {
  return [with, name = std::move(name), run = std::move(run)](benchmark::State& state) {
    with.on.clear();
    harness::on_abandon([&name](const harness::sample& given_up) {
      tell(name, fmt::format("{}: {}", to_string(given_up.status), given_up.detail));
    });
    try {
      run(state);
    } catch (const std::exception& error) {
      with.failed = true;
      state.SkipWithError(error.what());
    }
    harness::on_abandon(nullptr);
  };
}

void register_micro(const std::vector<microbenchmark>& all, surroundings with) {
  using kind = microbenchmark::kind;
  for (const auto& each : all) {
    const std::string name = "micro/" + each.name;
    auto run = guarded(with, name, each.run);
    if (each.how == kind::times_itself) {
      register_self_timed(name, with.warm_up_s, std::move(run));
      continue;
    }
    auto* registered = benchmark::RegisterBenchmark(name.c_str(), std::move(run));
    if (each.how == kind::by_capacity) {
      registered->ArgName("cap");
      for (const int capacity : capacities) registered->Arg(capacity);
    }
  }
}

void register_fidelity(const backend& measured, surroundings with) {
  for (const auto& plain : measured.plain_loops) {
    const auto contender = std::ranges::find(measured.contenders, plain.wait, &harness::contender::wait);
    if (contender == measured.contenders.end()) continue;
    const auto name = fmt::format("fidelity/{}/wait:{}", measured.traits.name, to_string(plain.wait));
    register_self_timed(name, with.warm_up_s,
                        guarded(with, name, [&measured, &plain, contender](benchmark::State& state) {
                          measure_fidelity(state, measured, *contender, plain);
                        }));
  }
}

void register_the_rest(const backend_catalog& known, const selection& wanted, surroundings with) {
  register_micro(general_microbenchmarks(), with);
  register_micro(async_microbenchmarks(), with);
  for (const auto& who : known) {
    const bool chosen = wanted.backends.empty() || std::ranges::count(wanted.backends, who.name) != 0;
    if (!chosen) continue;
    register_micro(who.microbenchmarks, with);
    register_fidelity(who, with);
  }
}

void initialize(const std::vector<std::string>& flags) {
  static std::string program = "handoff-bench";
  static std::vector<std::string> words = flags;  // Google Benchmark keeps pointers into them
  std::vector<char*> argv{program.data()};
  for (auto& word : words) argv.push_back(word.data());
  int argc = static_cast<int>(argv.size());
  argv.push_back(nullptr);
  benchmark::Initialize(&argc, argv.data());
  if (argc > 1)
    throw usage_error(
        fmt::format("Google Benchmark does not know {}; its flags are in its user guide", argv[1]));
}

}  // namespace

bool run_benchmarks(const std::vector<std::string>& flags, const std::vector<planned_cell>& cells,
                    const matrix& from, const backend_catalog& known, const selection& wanted,
                    recorder& into) {
  check_benchmark_flags(flags);
  initialize(flags);
  bool failed = false;
  stage on(from, into);
  const double warm_up_s = benchmark_warm_up(flags);
  register_cells(cells, from, on, warm_up_s);
  register_the_rest(known, wanted, {.on = on, .failed = failed, .warm_up_s = warm_up_s});
  const auto display = display_reporter(flags);
  std::ostringstream complaint;  // if nothing matches; everything else is reported elsewhere
  display->SetErrorStream(&complaint);
  const file_report file(flags);
  const std::size_t matched = benchmark::RunSpecifiedBenchmarks(display.get(), file.reporter());
  on.clear();
  benchmark::Shutdown();
  if (matched == 0)
    throw usage_error(fmt::format(
        "--benchmark_filter={}: no benchmark matches it; --benchmark_list_tests prints their names",
        benchmark_flag(flags, "filter")));
  file.check();
  return !failed && !into.failed();
}

}  // namespace handoff::bench
