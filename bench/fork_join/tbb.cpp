#include <tbb/global_control.h>
#include <tbb/parallel_invoke.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include "bench/fork_join/contenders.hpp"

namespace handoff::bench {

namespace {

std::int64_t invoke_fib(std::int64_t n) {
  if (n < 2) return n;
  std::int64_t x, y;
  tbb::parallel_invoke([&x, n] { x = invoke_fib(n - 1); }, [&y, n] { y = invoke_fib(n - 2); });
  return x + y;
}

/// The last child runs in place, which spares a task.
std::int64_t group_fib(std::int64_t n) {
  if (n < 2) return n;
  std::int64_t x, y;
  tbb::task_group group;
  group.run([&x, n] { x = group_fib(n - 1); });
  group.run_and_wait([&y, n] { y = group_fib(n - 2); });
  return x + y;
}

void measure_in_arena(benchmark::State& state, std::int64_t (*fib)(std::int64_t)) {
  const auto threads = static_cast<int>(state.range(0));
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(threads));
  tbb::task_arena arena(threads);
  measure_fib(state, [&](std::int64_t n) { return arena.execute([=] { return fib(n); }); });
}

}  // namespace

void measure_tbb_parallel_invoke(benchmark::State& state) { measure_in_arena(state, invoke_fib); }
void measure_tbb_task_group(benchmark::State& state) { measure_in_arena(state, group_fib); }

}  // namespace handoff::bench
