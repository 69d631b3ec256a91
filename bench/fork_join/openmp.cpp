#include "bench/fork_join/contenders.hpp"

namespace handoff::bench {

namespace {

/// The second branch runs in place: a task of its own would only be waited for.
std::int64_t fib(std::int64_t n) {
  if (n < 2) return n;
  std::int64_t x, y;
#pragma omp task shared(x) firstprivate(n)
  x = fib(n - 1);
  y = fib(n - 2);
#pragma omp taskwait
  return x + y;
}

std::int64_t team_fib(int threads, std::int64_t n) {
  std::int64_t result = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
  result = fib(n);
  return result;
}

}  // namespace

void measure_openmp_tasks(benchmark::State& state) {
  const auto threads = static_cast<int>(state.range(0));
  measure_fib(state, [threads](std::int64_t n) { return team_fib(threads, n); });
}

}  // namespace handoff::bench
