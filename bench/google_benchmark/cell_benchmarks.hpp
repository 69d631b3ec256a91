// The cells of a matrix as Google Benchmarks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/matrix/matrix.hpp"
#include "bench/matrix/plan.hpp"
#include "bench/rows/recorder.hpp"
#include "harness/sample.hpp"
#include "harness/session.hpp"

namespace handoff::bench {

/// The cell that is open: repetitions of a benchmark take their samples from one session.
class stage {
 public:
  stage(const matrix& from, recorder& into) : from_(from), into_(into) {}

  /// The next sample of the cell; opens it first where another one is open.
  harness::sample take(const planned_cell& cell);

  /// Closes the open cell: its workers end.
  void clear();

  recorder& records() noexcept { return into_; }

 private:
  const matrix& from_;
  recorder& into_;
  const planned_cell* open_ = nullptr;
  std::unique_ptr<harness::cell_session> session_;
};

/// Registers each cell under its name: manual time, one iteration a sample. The time is the cell's headline
/// figure; rates and the rest are counters. `warm_up_s`: see register_self_timed. All arguments must outlive
/// the run.
void register_cells(const std::vector<planned_cell>& cells, const matrix& from, stage& on,
                    double warm_up_s = 0);

/// What a sample is compared by, in seconds: an item's share of the throughput, half a round trip, the 99th
/// percentile of the paced latency, the join, the shutdown.
std::optional<double> headline_seconds(harness::scenario what, const harness::sample& measured);

/// What is shown of a sample that is not ok, or that has no headline: a word, a colon, and why.
std::string instead_of_a_figure(const harness::sample& measured);

}  // namespace handoff::bench
