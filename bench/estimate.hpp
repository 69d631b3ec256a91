// How long one process of a cell is expected to take, and when it must be considered hung.
#pragma once

namespace handoff::bench {

struct matrix;
struct planned_cell;

/// Fills `estimate_s` and `timeout_s`. A cell that cannot run costs nothing: no process is started for it.
void estimate(planned_cell& cell, const matrix& from, bool is_peer);

}  // namespace handoff::bench
