// How long the parts of a cell take, and when they count as hung.
#pragma once

#include <chrono>

#include "harness/cell.hpp"

namespace handoff::bench {

struct backend;
struct matrix;
struct planned_cell;

/// A step of a cell (its warm-up, one sample, or both of a peer's first) that takes longer is hung.
std::chrono::milliseconds step_limit(const harness::cell& cell, std::chrono::nanoseconds sample_length);

/// Fills `estimate_s` and `timeout_s`. A cell that cannot run costs nothing: no process is started for it.
void estimate(planned_cell& planned, const matrix& matrix, const bench::backend& backend);

}  // namespace handoff::bench
