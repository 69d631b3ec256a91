// A matrix expanded: every cell that it asks for, and whether it can run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/contenders/catalog.hpp"
#include "bench/matrix/matrix.hpp"
#include "bench/rows/planned_cell.hpp"
#include "harness/cell.hpp"
#include "harness/session.hpp"

namespace handoff::bench {

/// The options with which a matrix opens a cell.
harness::session_options session_options_of(const harness::cell& cell, const matrix& matrix,
                                            std::uint64_t seed);

/// Which part of a matrix is wanted; empty: all.
struct selection {
  std::vector<std::string> backends;  ///< resolved names
  std::vector<harness::scenario> scenarios;
};

/// All cells in the order of the file, each once. Each comparison group gets one control twin of its
/// reference contender. `cores`: how many workers can run at a time.
std::vector<planned_cell> plan_cells(const matrix& matrix, const backend_catalog& catalog,
                                     const selection& wanted, unsigned cores);

/// The one cell of that name, without planning the others: each process of a run looks up its own. The
/// control twin of any cell is found as well: which cell has one in a plan depends on the selection.
std::optional<planned_cell> plan_one_cell(const matrix& matrix, const backend_catalog& catalog,
                                          const selection& wanted, unsigned cores, std::string_view name);

}  // namespace handoff::bench
