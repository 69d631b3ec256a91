#include "queues/stealing/executor.hpp"
#include "bench/fork_join/contenders.hpp"

namespace handoff::bench {

namespace {

std::int64_t fib(std::int64_t n) {
  if (n < 2) return n;
  const auto [x, y] = stealing::join([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
  return x + y;
}

}  // namespace

void measure_stealing_executor(benchmark::State& state) {
  stealing_executor executor(static_cast<unsigned>(state.range(0)));
  measure_fib(state, [&](std::int64_t n) { return executor.run([n] { return fib(n); }); });
}

}  // namespace handoff::bench
