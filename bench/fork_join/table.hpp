// The blocks of a run, and the table of their medians and ratios.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/fork_join/contender.hpp"
#include "bench/fork_join/measure.hpp"

namespace handoff::bench {

struct fork_join_run {
  harness::tree_name tree;
  std::vector<unsigned> threads;
  unsigned blocks;
  walk_time time;
  std::uint64_t seed;  ///< of the order within the blocks
};

/// A row of the table.
struct fork_join_row {
  const contender* what;
  unsigned threads;                   ///< 0: its own
  std::vector<child_sample> samples;  ///< one per block; none: the contender is unavailable here
};

/// Measures each contender on each number of threads once per block.
std::vector<fork_join_row> measure_blocks(const fork_join_run& run, const std::vector<contender>& all);

/// Medians of the blocks, their speed-up over the first contender, the serial walk, and their ratio to the
/// second one on as many threads. A row of which a sample failed says how, and has no figure.
std::string table_of(const fork_join_run& run, const std::vector<fork_join_row>& rows);

/// Those rows of which a sample failed: `stealing_executor on 2 threads`.
std::vector<std::string> failed_rows(const std::vector<fork_join_row>& rows);

}  // namespace handoff::bench
