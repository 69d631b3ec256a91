// The cell that is open in this process: opens it, takes its samples, records them.
#pragma once

#include <memory>

#include "bench/matrix/matrix.hpp"
#include "bench/matrix/plan.hpp"
#include "bench/rows/recorder.hpp"
#include "harness/sample.hpp"
#include "harness/session.hpp"

namespace handoff::bench {

/// One cell at a time: its samples come from one session.
class stage {
 public:
  stage(const matrix& matrix, recorder& recorder) : matrix_(matrix), recorder_(recorder) {}

  /// The next sample of the cell, which is opened first if another one is open. An exception ends the cell
  /// and is a `crashed` sample.
  harness::sample take(const planned_cell& planned);

  /// Whether the cell of the last sample can give another one: it can run, and no exception has ended it.
  bool is_open() const noexcept { return session_ != nullptr; }

  /// Closes the open cell, which ends its workers.
  void clear();

  recorder& records() noexcept { return recorder_; }

 private:
  const bench::matrix& matrix_;
  bench::recorder& recorder_;
  const planned_cell* open_ = nullptr;
  std::unique_ptr<harness::cell_session> session_;
};

/// Takes the `samples` samples of one cell, or the one that says why there are none.
void run_cell(const planned_cell& planned, const matrix& matrix, recorder& recorder);

}  // namespace handoff::bench
