// The microbenchmarks that belong to no backend.
#pragma once

#include <vector>

#include "bench/contenders/backend.hpp"

namespace handoff::bench {

/// micro/clock_read, micro/histogram_record, micro/bare_coroutine_queue.
std::vector<microbenchmark> general_microbenchmarks();

}  // namespace handoff::bench
