// The columns of samples.csv, schema version 2 (docs/results-schema.md).
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bench/rows/planned_cell.hpp"
#include "harness/sample.hpp"

namespace handoff::bench {

inline constexpr int schema_version = 2;

/// Which run a row belongs to.
struct row_origin {
  std::string run;
  std::uint64_t block = 1;   ///< from 1
  std::uint64_t sample = 1;  ///< within the process, from 1
  std::uint64_t seed = 0;
};

/// The header of samples.csv, with its line feed.
std::string samples_header();

/// One row of samples.csv, with its line feed.
std::string sample_row(const row_origin& origin, const planned_cell& cell, const harness::sample& measured);

/// All cells as CSV: the columns that identify a cell, then status, detail, estimate_s and timeout_s.
std::string cell_list_csv(const std::vector<planned_cell>& cells);

/// Reads the value of a measured column, as a peer reports it, into a sample. Returns what is wrong with it,
/// or an empty text.
std::string read_measured(std::string_view column, const nlohmann::ordered_json& value,
                          harness::sample& measured);

}  // namespace handoff::bench
