// Where samples go: rows of a file or of stdout, and whether the program ends well.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "bench/rows/columns.hpp"
#include "bench/rows/planned_cell.hpp"
#include "bench/rows/samples_file.hpp"
#include "harness/sample.hpp"

namespace handoff::bench {

/// One thread at a time; only the row of an abandoned cell may come from another thread.
class recorder {
 public:
  enum class destination : unsigned char { nowhere, standard_output };

  /// `file`: where rows are appended. Without one they go to `otherwise`.
  recorder(row_origin origin, const std::optional<std::filesystem::path>& file, destination otherwise);
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;
  ~recorder();

  /// Writes the row of the cell's next sample.
  void record(const planned_cell& cell, const harness::sample& measured);

  /// From now on, a cell that hangs is recorded as this one before the process ends.
  void watch(const planned_cell& cell);

  /// Whether a row was corrupt, or its cell crashed or hung.
  bool failed() const noexcept { return failed_; }

  std::uint64_t seed() const noexcept { return origin_.seed; }

 private:
  row_origin origin_;
  std::map<std::string, std::uint64_t> taken_;  ///< samples per cell: cells may take turns
  std::optional<samples_file> file_;
  destination otherwise_;
  bool header_printed_ = false;
  bool failed_ = false;
};

/// Whether such a sample makes the program fail: corrupt, crashed, or hung.
bool is_failure(harness::sample_status status) noexcept;

/// The sample of a cell that, by the plan, cannot run.
harness::sample not_run(const planned_cell& cell);

}  // namespace handoff::bench
