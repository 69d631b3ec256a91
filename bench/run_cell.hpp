// One cell in this process.
#pragma once

#include "bench/matrix/plan.hpp"
#include "bench/rows/recorder.hpp"

namespace handoff::bench {

/// Runs a cell in this process: opens it and takes `samples` samples. What it throws becomes a `crashed` row.
void run_cell(const planned_cell& cell, const matrix& from, recorder& into);

}  // namespace handoff::bench
