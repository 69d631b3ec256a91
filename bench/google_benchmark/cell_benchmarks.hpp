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

/// The open cell: the repetitions of a benchmark take their samples from one session.
class stage {
 public:
  stage(const matrix& matrix, recorder& recorder) : matrix_(matrix), recorder_(recorder) {}

  /// The next sample of the cell, which is opened first if another one is open.
  harness::sample take(const planned_cell& cell);

  /// Closes the open cell, which ends its workers.
  void clear();

  recorder& records() noexcept { return recorder_; }

 private:
  const bench::matrix& matrix_;
  bench::recorder& recorder_;
  const planned_cell* open_ = nullptr;
  std::unique_ptr<harness::cell_session> session_;
};

/// Registers each cell under its name: manual time, one iteration per sample. The time is the scenario's
/// headline figure; rates and the rest are counters. `warm_up_s`: see register_self_timed. All arguments must
/// outlive the run.
void register_cells(const std::vector<planned_cell>& cells, const matrix& matrix, stage& stage,
                    double warm_up_s = 0);

/// Shown in place of a figure if a sample is not ok or has no headline: a word, a colon, and the reason.
std::string instead_of_a_figure(const harness::sample& measured);

}  // namespace handoff::bench
