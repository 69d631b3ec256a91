#include "bench/instructions/counted_loops.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "bench/micro/deques.hpp"
#include "harness/trees/tree.hpp"

namespace handoff::bench {

namespace {

constexpr int capacities[] = {1, 1024};

/// Prints nothing; keeps the sentence with which a benchmark failed.
class silent_reporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs)
      if (run.error_occurred) failure = run.error_message;
  }

  std::string failure;
};

/// What the benchmark says of its items, or else one per turn.
std::uint64_t items_of(const benchmark::State& state) {
  // The library's name for what SetItemsProcessed() is told, which it divides by the time only afterwards.
  const auto told = state.counters.find("items_per_second");
  if (told == state.counters.end()) return static_cast<std::uint64_t>(state.iterations());
  return static_cast<std::uint64_t>(told->second.value);
}

/// Only the library itself can make a State.
std::uint64_t run_turns(const microbenchmark& one, std::optional<int> capacity, std::uint64_t turns) {
  std::uint64_t items = 0;
  silent_reporter reporter;
  auto* const registered = benchmark::RegisterBenchmark(one.name.c_str(), [&](benchmark::State& state) {
    try {
      one.run(state);
      items = items_of(state);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  });
  registered->Iterations(static_cast<benchmark::IterationCount>(turns))->Repetitions(1);
  if (capacity) registered->Arg(*capacity);
  benchmark::RunSpecifiedBenchmarks(&reporter, nullptr, ".");
  benchmark::ClearRegisteredBenchmarks();
  if (!reporter.failure.empty()) throw std::runtime_error(fmt::format("{}: {}", one.name, reporter.failure));
  return items;
}

std::uint64_t visit_tree(const contender& one, std::uint64_t items) {
  constexpr auto tree = harness::tree_name::fib_16;
  const std::unique_ptr<walker> walks = one.open(tree, 1);
  std::uint64_t nodes = 0;
  while (nodes < items) nodes += walks->visit().nodes;
  if (nodes % harness::facts_of(tree).nodes != 0)
    throw std::runtime_error(
        fmt::format("task/{}: the nodes that it visited are not those of the tree", one.name));
  return nodes;
}

void append(std::vector<counted_loop>& all, std::vector<counted_loop> more) {
  for (counted_loop& loop : more) all.push_back(std::move(loop));
}

}  // namespace

std::vector<counted_loop> loops_of(const microbenchmark& one) {
  const auto loop = [&one](std::string name, std::optional<int> capacity) {
    return counted_loop{std::move(name),
                        [one, capacity](std::uint64_t items) { return run_turns(one, capacity, items); }};
  };
  std::vector<counted_loop> all;
  if (one.how == microbenchmark::kind::loop) all.push_back(loop(one.name, {}));
  if (one.how == microbenchmark::kind::by_capacity)
    for (const int capacity : capacities)
      all.push_back(loop(fmt::format("{}/cap:{}", one.name, capacity), capacity));
  return all;
}

std::vector<counted_loop> loops_of(const contender& one) {
  if (one.open == nullptr || one.threads == crew::its_own) return {};
  return {{fmt::format("task/{}", one.name), [one](std::uint64_t items) { return visit_tree(one, items); }}};
}

std::vector<counted_loop> counted_loops(const backend_catalog& catalog) {
  std::vector<counted_loop> all;
  for (const backend& one : catalog)
    for (const microbenchmark& loop : one.microbenchmarks) append(all, loops_of(loop));
  for (const microbenchmark& loop : deque_microbenchmarks()) append(all, loops_of(loop));
  for (const contender& one : contenders()) append(all, loops_of(one));
  return all;
}

}  // namespace handoff::bench
