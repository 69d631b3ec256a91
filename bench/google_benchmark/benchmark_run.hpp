// The run as a Google Benchmark program.
#pragma once

#include <string>
#include <vector>

#include "bench/contenders/catalog.hpp"
#include "bench/matrix/matrix.hpp"
#include "bench/matrix/plan.hpp"
#include "bench/rows/recorder.hpp"

namespace handoff::bench {

/// Registers the cells, the microbenchmarks and the fidelity checks of the selected backends, and hands over
/// to Google Benchmark with its flags. stdout belongs to it. Returns whether all went well. Throws
/// usage_error for an unknown flag.
bool run_benchmarks(const std::vector<std::string>& flags, const std::vector<planned_cell>& cells,
                    const matrix& matrix, const backend_catalog& catalog, const selection& wanted,
                    recorder& recorder);

}  // namespace handoff::bench
