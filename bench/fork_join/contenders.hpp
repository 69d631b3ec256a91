// The ways to compute fib by fork and join, as functions of Google Benchmark.
//
// All compute the same tree of calls, without a cut-off: the whole cost of a fork is what is measured. Each
// is written as its library's own documentation would write it.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace handoff::bench {

struct fork_join_contender {
  std::string_view name;
  void (*measure)(benchmark::State&);  ///< range(0): threads, range(1): n. Null: this build lacks it
  bool one_thread_only = false;
};

/// In the order of the table: the serial call, the executor, the peers.
const std::vector<fork_join_contender>& fork_join_contenders();

/// How many calls fib(n) consists of: 2 fib(n + 1) - 1.
constexpr std::int64_t fib_calls(std::int64_t n) noexcept {
  std::int64_t here = 0, next = 1;
  for (std::int64_t i = 0; i <= n; ++i) {
    const std::int64_t sum = here + next;
    here = next;
    next = sum;
  }
  return 2 * here - 1;
}

/// fib(n), by addition: what every contender must answer.
constexpr std::int64_t fib_expected(std::int64_t n) noexcept { return (fib_calls(n - 1) + 1) / 2; }

/// Calls `fib(n)` once to warm up, and then as often as the library asks.
template <class Fib>
void measure_fib(benchmark::State& state, Fib fib) {
  const std::int64_t n = state.range(1);
  bool right = fib(n) == fib_expected(n);
  for ([[maybe_unused]] auto _ : state) right = fib(n) == fib_expected(n) && right;
  if (!right) state.SkipWithError("the result is wrong");
}

void measure_serial(benchmark::State& state);
void measure_stealing_executor(benchmark::State& state);
#if defined(HANDOFF_HAS_TBB)
void measure_tbb_parallel_invoke(benchmark::State& state);
void measure_tbb_task_group(benchmark::State& state);
#endif
#if defined(HANDOFF_HAS_OPENMP)
void measure_openmp_tasks(benchmark::State& state);
#endif

}  // namespace handoff::bench
