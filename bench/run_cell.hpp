// Runs one cell in this process.
#pragma once

#include "bench/matrix/plan.hpp"
#include "bench/rows/recorder.hpp"

namespace handoff::bench {

/// Opens the cell and takes its `samples` samples. An exception becomes a `crashed` row.
void run_cell(const planned_cell& planned, const matrix& matrix, recorder& recorder);

}  // namespace handoff::bench
