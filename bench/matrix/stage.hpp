// The cells that are open in this process: opens them, takes their samples, records them.
#pragma once

#include <sched.h>

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/matrix/matrix.hpp"
#include "bench/matrix/plan.hpp"
#include "bench/rows/recorder.hpp"
#include "harness/sample.hpp"
#include "harness/session.hpp"

namespace handoff::bench {

/// The samples of a cell come from one session.
class stage {
 public:
  /// How many cells are open: the last one asked for, or each that has been.
  enum class holds : unsigned char { one, all };

  stage(const matrix& matrix, recorder& recorder, holds open = holds::one)
      : matrix_(matrix), recorder_(recorder), holds_(open) {}

  /// Opens the cell, if it can run and is not open. An exception is a `crashed` row of it; returns whether
  /// there was none.
  bool open(const planned_cell& planned);

  /// The next sample of the cell, which is opened first if it is not open. An exception ends the cell and is
  /// a `crashed` sample.
  harness::sample take(const planned_cell& planned);

  /// Whether the cell can give another sample: it can run, and no exception has ended it.
  bool is_open(const planned_cell& planned) const noexcept { return sessions_.contains(&planned); }

  void close(const planned_cell& planned) { sessions_.erase(&planned); }
  /// Closes all cells, which ends their workers.
  void clear() { sessions_.clear(); }

  recorder& records() noexcept { return recorder_; }

 private:
  /// A session may pin the thread that opens it, and rely on that place; the others must not inherit it.
  struct opened {
    std::unique_ptr<harness::cell_session> session;
    cpu_set_t place{};  ///< of this thread, while the session is asked for something
  };

  /// What `attempt` returns, or the sample that says which exception it threw; the cell is then closed.
  harness::sample or_crashed(const planned_cell& planned, const std::function<harness::sample()>& attempt);
  void ensure_open(const planned_cell& planned);

  const bench::matrix& matrix_;
  bench::recorder& recorder_;
  const holds holds_;
  std::unordered_map<const planned_cell*, opened> sessions_;
};

/// Takes the samples of cells that are open at the same time: in rounds, each of which has one sample of
/// every cell, in an order that the recorder's seed decides. There are as many rounds as the matrix says, of
/// a matrix without rounds as many as it wants samples. A cell that fails in one takes part in no further
/// round; one that cannot run has the row that says why.
///
/// `at_work`: called with the name of a cell before it is opened, before each of its samples, and before it
/// is closed, so that somebody else knows whose fault the end of this process was.
void run_launch(const std::vector<planned_cell>& cells, const matrix& matrix, recorder& recorder,
                const std::function<void(const std::string&)>& at_work = {});

}  // namespace handoff::bench
