// fidelity/<contender>: how much of a plain loop's throughput the harness shows.
#pragma once

#include "bench/contenders/backend.hpp"

namespace benchmark {
class State;
}

namespace handoff::bench {

/// Alternates 1P1C throughput samples of the harness with runs of the plain loop: capacity 1024, 8-byte
/// items, both pinned alike. Counter `ratio`: the median of harness ÷ plain, in items per second.
void measure_fidelity(benchmark::State& state, const backend& measured, const harness::contender& contender,
                      const plain_loop& plain);

}  // namespace handoff::bench
