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
#include "bench/micro/deques.hpp"
#include "bench/micro/general.hpp"
#include "bench/micro/idle.hpp"
#include "harness/abandon.hpp"

namespace handoff::bench {

namespace {

constexpr int capacities[] = {1, 1024};

/// Shared by the benchmarks that measure no cell.
struct surroundings {
  bench::stage& stage;
  bool& failed;
  double warm_up_s;  ///< the library's own; 0: none
};

/// A benchmark that measures no cell: an exception becomes its error, and a hang ends the program.
template <class Run>
auto guarded(surroundings around, std::string name, Run run) {
  return [around, name = std::move(name), run = std::move(run)](benchmark::State& state) {
    around.stage.clear();
    harness::on_abandon([&name](const harness::sample& given_up) {
      tell(name, fmt::format("{}: {}", to_string(given_up.status), given_up.detail));
    });
    try {
      run(state);
    } catch (const std::exception& error) {
      around.failed = true;
      state.SkipWithError(error.what());
    }
    harness::on_abandon(nullptr);
  };
}

void register_micro(const std::vector<microbenchmark>& all, surroundings around) {
  using kind = microbenchmark::kind;
  for (const auto& each : all) {
    const std::string name = "micro/" + each.name;
    auto run = guarded(around, name, each.run);
    if (each.how == kind::times_itself) {
      register_self_timed(name, around.warm_up_s, std::move(run));
      continue;
    }
    auto* registered = benchmark::RegisterBenchmark(name.c_str(), std::move(run));
    if (each.how == kind::by_capacity) {
      registered->ArgName("cap");
      for (const int capacity : capacities) registered->Arg(capacity);
    }
  }
}

void register_fidelity(const backend& measured, surroundings around) {
  for (const auto& plain : measured.plain_loops) {
    const auto contender = std::ranges::find(measured.contenders, plain.wait, &harness::contender::wait);
    if (contender == measured.contenders.end()) continue;
    const auto name = fmt::format("fidelity/{}/wait:{}", measured.traits.name, to_string(plain.wait));
    register_self_timed(name, around.warm_up_s,
                        guarded(around, name, [&measured, &plain, contender](benchmark::State& state) {
                          measure_fidelity(state, measured, *contender, plain);
                        }));
  }
}

void register_the_rest(const backend_catalog& catalog, const selection& wanted, surroundings around) {
  register_micro(general_microbenchmarks(), around);
  register_micro(async_microbenchmarks(), around);
  register_micro(deque_microbenchmarks(), around);
  register_micro(idle_microbenchmarks(), around);
  for (const auto& who : catalog) {
    const bool chosen = wanted.backends.empty() || std::ranges::count(wanted.backends, who.name) != 0;
    if (!chosen) continue;
    register_micro(who.microbenchmarks, around);
    register_fidelity(who, around);
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
                    const matrix& matrix, const backend_catalog& catalog, const selection& wanted,
                    recorder& recorder) {
  check_benchmark_flags(flags);
  initialize(flags);
  bool failed = false;
  stage stage(matrix, recorder);
  const double warm_up_s = benchmark_warm_up(flags);
  register_cells(cells, matrix, stage, warm_up_s);
  register_the_rest(catalog, wanted, {.stage = stage, .failed = failed, .warm_up_s = warm_up_s});
  const auto display = display_reporter(flags);
  std::ostringstream complaint;  // if nothing matches; everything else is reported elsewhere
  display->SetErrorStream(&complaint);
  const file_report file(flags);
  const std::size_t matched = benchmark::RunSpecifiedBenchmarks(display.get(), file.reporter());
  stage.clear();
  benchmark::Shutdown();
  if (matched == 0)
    throw usage_error(fmt::format(
        "--benchmark_filter={}: no benchmark matches it; --benchmark_list_tests prints their names",
        benchmark_flag(flags, "filter")));
  file.check();
  return !failed && !recorder.failed();
}

}  // namespace handoff::bench
