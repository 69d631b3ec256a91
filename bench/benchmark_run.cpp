#include "bench/benchmark_run.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "bench/cell_benchmarks.hpp"
#include "bench/errors.hpp"
#include "bench/fidelity_run.hpp"
#include "bench/micro/async.hpp"
#include "bench/micro/general.hpp"
#include "bench/skip_reporter.hpp"
#include "harness/abandon.hpp"

namespace handoff::bench {

namespace {

constexpr int capacities[] = {1, 1024};

/// A benchmark of no cell: what it throws is an error of it, and a hang ends the program.
template <class Run>
auto guarded(stage& on, bool& failed, std::string name, Run run) {
  return [&on, &failed, name = std::move(name), run = std::move(run)](benchmark::State& state) {
    on.clear();
    harness::on_abandon([&name](const harness::sample& given_up) {
      fmt::print(stderr, "{}: {}: {}\n", name, to_string(given_up.status), given_up.detail);
    });
    try {
      run(state);
    } catch (const std::exception& error) {
      failed = true;
      state.SkipWithError(error.what());
    }
    harness::on_abandon(nullptr);
  };
}

void register_micro(const std::vector<microbenchmark>& all, stage& on, bool& failed) {
  using kind = microbenchmark::kind;
  for (const auto& each : all) {
    const std::string name = "micro/" + each.name;
    auto* registered = benchmark::RegisterBenchmark(name.c_str(), guarded(on, failed, name, each.run));
    if (each.how == kind::times_itself) registered->UseManualTime()->Iterations(1);
    if (each.how == kind::by_capacity) {
      registered->ArgName("cap");
      for (const int capacity : capacities) registered->Arg(capacity);
    }
  }
}

void register_fidelity(const backend_entry& backend, stage& on, bool& failed) {
  for (const auto& plain : backend.plain_loops) {
    const auto contender = std::ranges::find(backend.contenders, plain.wait, &harness::contender_entry::wait);
    if (contender == backend.contenders.end()) continue;
    const auto name = fmt::format("fidelity/{}/wait:{}", backend.traits.name, to_string(plain.wait));
    benchmark::RegisterBenchmark(name.c_str(),
                                 guarded(on, failed, name,
                                         [&backend, &plain, contender](benchmark::State& state) {
                                           measure_fidelity(state, backend, *contender, plain);
                                         }))
        ->UseManualTime()
        ->Iterations(1);
  }
}

void register_the_rest(const catalog& known, const selection& wanted, stage& on, bool& failed) {
  register_micro(general_microbenchmarks(), on, failed);
  register_micro(async_microbenchmarks(), on, failed);
  for (const auto& who : known) {
    const bool chosen = wanted.backends.empty() || std::ranges::count(wanted.backends, who.name) != 0;
    if (who.entry == nullptr || !chosen) continue;
    register_micro(who.entry->microbenchmarks, on, failed);
    register_fidelity(*who.entry, on, failed);
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
                    const matrix& from, const catalog& known, const selection& wanted, recorder& into) {
  initialize(flags);
  bool failed = false;
  stage on(from, into);
  register_cells(cells, from, on);
  register_the_rest(known, wanted, on, failed);
  skip_reporter display;
  benchmark::RunSpecifiedBenchmarks(&display);
  on.clear();
  benchmark::Shutdown();
  return !failed && !into.failed();
}

}  // namespace handoff::bench
