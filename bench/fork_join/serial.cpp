#include "bench/fork_join/contenders.hpp"

namespace handoff::bench {

namespace {

std::int64_t fib(std::int64_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

}  // namespace

void measure_serial(benchmark::State& state) { measure_fib(state, fib); }

}  // namespace handoff::bench
