// The microbenchmarks of the deques that other threads steal from: what an operation costs while no other
// thread is there.
#pragma once

#include <vector>

#include "bench/contenders/backend.hpp"

namespace handoff::bench {

/// micro/deque/push_pop/NAME and micro/deque/push_steal/NAME.
std::vector<microbenchmark> deque_microbenchmarks();

}  // namespace handoff::bench
