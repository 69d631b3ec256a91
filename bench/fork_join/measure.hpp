// One sample of a contender, in a process of its own.
#pragma once

#include <chrono>

#include "bench/children/sample_in_child.hpp"
#include "bench/fork_join/contender.hpp"

namespace handoff::bench {

/// How long a sample takes.
struct walk_time {
  double seconds;                   ///< what is timed takes this long, or one visit
  std::chrono::milliseconds limit;  ///< after which a process is given up
};

/// Visits the tree once to warm up, and then again and again. The figures of an `ok` sample are the time per
/// node in ns, of all timed visits together, and the peak memory of the process in bytes. It is `corrupt` if
/// the first visit did not count the nodes, the leaves and the depth of the tree, or a later one not the
/// nodes and the leaves; for `crashed` and `timeout`, see sample_in_child.
child_sample measure_in_child(const contender& what, harness::tree_name tree, unsigned threads,
                              const walk_time& time);

}  // namespace handoff::bench
