// A cell of a run: what its rows say about it, and what runs it.
#pragma once

#include <string>

#include "harness/cell.hpp"
#include "harness/sample.hpp"

namespace handoff::harness {
struct contender;
}

namespace handoff::bench {

/// A cell of the matrix, ready to be listed or run.
struct planned_cell {
  harness::cell cell;
  std::string name;  ///< the cell's id
  std::string ordering;
  bool oversubscribed = false;
  harness::sample_status status = harness::sample_status::ok;  ///< ok, skipped or unavailable
  std::string detail;                                          ///< why it is not ok
  double estimate_s = 0;                                       ///< expected wall time of one of its processes
  double timeout_s = 0;                                        ///< after this time such a process is hung
  const harness::contender* runs = nullptr;                    ///< null if it cannot run
};

}  // namespace handoff::bench
