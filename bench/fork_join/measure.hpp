// One sample of a contender, in a process of its own.
#pragma once

#include <cstdint>

#include "bench/fork_join/contender.hpp"

namespace handoff::bench {

struct walk_sample {
  double node_ns = 0;  ///< of the whole time, divided by the nodes
  std::uint64_t peak_rss_bytes = 0;
};

/// Visits the tree once to warm up and then again and again for `seconds`; a first visit that lasts longer
/// than that is the sample itself. Forks a process for it, so that neither the threads nor the memory of one
/// contender meet another one: the calling process must have one thread. Throws run_error if the visit
/// counts another number of nodes than the tree has, throws, or ends the process.
walk_sample measure_in_child(const contender& what, harness::tree_name tree, unsigned threads,
                             double seconds);

}  // namespace handoff::bench
