// The cells of a matrix as Google Benchmarks.
#pragma once

#include <string>
#include <vector>

#include "bench/matrix/matrix.hpp"
#include "bench/matrix/stage.hpp"
#include "bench/rows/planned_cell.hpp"
#include "harness/sample.hpp"

namespace handoff::bench {

/// Registers each cell under its name: manual time, one iteration per sample. The time is the scenario's
/// headline figure; rates and the rest are counters. `warm_up_s`: see register_self_timed. All arguments must
/// outlive the run.
void register_cells(const std::vector<planned_cell>& cells, const matrix& matrix, stage& stage,
                    double warm_up_s = 0);

/// Shown in place of a figure if a sample is not ok or has no headline: a word, a colon, and the reason.
std::string instead_of_a_figure(const harness::sample& measured);

}  // namespace handoff::bench
