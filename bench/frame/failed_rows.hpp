// The rows of a table that have no figure, at the end of a run.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "bench/frame/errors.hpp"

namespace handoff::bench {

/// For `report_failed`.
inline std::string row_name(std::string_view contender, unsigned threads) {
  return fmt::format("{} on {} {}", contender, threads, threads == 1 ? "thread" : "threads");
}

/// At the end of a run: throws run_error if rows have failed.
inline void report_failed(const std::vector<std::string>& rows) {
  if (!rows.empty()) throw run_error(fmt::format("without a figure: {}", fmt::join(rows, "; ")));
}

}  // namespace handoff::bench
