// The microbenchmarks of workers without work: how much of a core they use.
#pragma once

#include <vector>

#include "bench/contenders/backend.hpp"

namespace handoff::bench {

/// micro/idle/stealing_pool and micro/idle/stealing_executor. Eight workers sleep for 100 ms; then follow
/// 500 ms, in which `core_share` is the share of one core that the whole process used.
std::vector<microbenchmark> idle_microbenchmarks();

}  // namespace handoff::bench
