#include "bench/estimate.hpp"

#include <algorithm>

#include "bench/plan.hpp"

namespace handoff::bench {
void estimate(planned_cell& cell, const matrix& from, bool is_peer) {
  (void)is_peer;
  cell.estimate_s = 0.1 + 4e-3 * from.sample_ms * from.samples;
  cell.timeout_s = std::max(30.0, 40 * cell.estimate_s);
}
}  // namespace handoff::bench
