// handoff-fork-join: what a call costs if every call forks, on the stealing_executor and on its peers.
//
// Repetitions of all contenders alternate in a random order (Google Benchmark's random interleaving), so that
// what slows the machine down meets all of them; the ratios are those of the medians.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "bench/fork_join/contenders.hpp"
#include "bench/fork_join/table.hpp"
#include "bench/frame/errors.hpp"
#include "bench/frame/frame.hpp"

namespace handoff::bench {

const std::vector<fork_join_contender>& fork_join_contenders() {
  static const std::vector<fork_join_contender> all = {
    {"serial", measure_serial, true},
    {"stealing_executor", measure_stealing_executor},
#if defined(HANDOFF_HAS_TBB)
    {"tbb_parallel_invoke", measure_tbb_parallel_invoke},
    {"tbb_task_group", measure_tbb_task_group},
#else
    {"tbb_parallel_invoke", nullptr},
    {"tbb_task_group", nullptr},
#endif
#if defined(HANDOFF_HAS_OPENMP)
    {"openmp_tasks", measure_openmp_tasks},
#else
    {"openmp_tasks", nullptr},
#endif
  };
  return all;
}

namespace {

struct arguments {
  std::int64_t n = 27;
  std::vector<unsigned> threads = {1, 2};
  int repetitions = 15;
  double seconds = 0.1;
};

/// False if only help was wanted, which has been printed.
bool parse(arguments& line, int argc, char** argv) {
  CLI::App app(
      "Computes fib(N) with a fork in every call, by the stealing_executor, oneTBB and OpenMP, in "
      "alternation.\n"
      "Prints the median time per call, and its ratio to the serial call and to the executor.",
      "handoff-fork-join");
  app.add_option("--n", line.n, "fib of what")->check(CLI::Range(1, 40))->capture_default_str();
  app.add_option("--threads", line.threads, "Numbers of threads, separated by commas")
      ->delimiter(',')
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--repetitions", line.repetitions, "Repetitions of each contender")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seconds", line.seconds, "The shortest time of a repetition")
      ->check(CLI::Range(0.001, 10.0))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print_out(app.help());
    return false;
  } catch (const CLI::ParseError& error) {
    throw usage_error(fmt::format("{}; --help lists the options", error.what()));
  }
  return true;
}

/// Threads of a peer that spin for a while after its last run would slow the next contender down.
void let_spinning_threads_sleep(const benchmark::State&) {
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

void add(fork_join_table& table, const fork_join_contender& contender, unsigned threads,
         const arguments& line) {
  const std::string name = fmt::format("{}:{}", contender.name, threads);
  table.expect(name, std::string(contender.name), threads);
  benchmark::RegisterBenchmark(name.c_str(), contender.measure)
      ->Args({static_cast<std::int64_t>(threads), line.n})
      ->Setup(let_spinning_threads_sleep)
      ->MinTime(line.seconds)
      ->Repetitions(line.repetitions)
      ->UseRealTime();
}

int measure(const arguments& line) {
  std::vector<std::string> words = {"handoff-fork-join", "--benchmark_enable_random_interleaving=true"};
  std::vector<char*> argv = {words[0].data(), words[1].data(), nullptr};
  int argc = 2;
  benchmark::Initialize(&argc, argv.data());
  fork_join_table table;
  std::vector<std::string_view> lacking;
  for (const fork_join_contender& contender : fork_join_contenders()) {
    if (contender.measure == nullptr) {
      lacking.push_back(contender.name);
      continue;
    }
    if (contender.one_thread_only) add(table, contender, 1, line);
    for (const unsigned threads : line.threads)
      if (!contender.one_thread_only) add(table, contender, threads, line);
  }
  benchmark::RunSpecifiedBenchmarks(&table);
  print_out(table.text(line.n));
  if (!lacking.empty()) print_out(fmt::format("not in this build: {}\n", fmt::join(lacking, ", ")));
  return 0;
}

}  // namespace

}  // namespace handoff::bench

int main(int argc, char** argv) {
  using namespace handoff::bench;
  return run_framed("handoff-fork-join", [&] {
    arguments line;
    return parse(line, argc, argv) ? measure(line) : 0;
  });
}
