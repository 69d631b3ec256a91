// The command line of handoff-bench.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace handoff::bench {

struct command_line {
  enum class action : unsigned char {
    benchmark,
    list_backends,
    list_backends_json,
    list_cells,
    list_cells_csv,
    matrix_info,
    environment,
    run_cells,
  };

  action chosen = action::benchmark;
  std::string matrix = "quick";
  std::vector<std::string> backends;   ///< empty: all in the matrix
  std::vector<std::string> scenarios;  ///< empty: all in the matrix
  std::vector<std::string> cells;      ///< to be run at the same time
  std::optional<std::filesystem::path> at_work;
  std::optional<std::filesystem::path> samples;
  std::string run = "-";
  std::uint64_t block = 1;
  std::optional<std::uint64_t> seed;         ///< none: the matrix's
  std::vector<std::string> benchmark_flags;  ///< Google Benchmark's own, `--benchmark_…` and `--v=`
};

/// Nothing if the answer (help, version) has been printed. Throws usage_error.
std::optional<command_line> parse_command_line(int argc, const char* const* argv);

}  // namespace handoff::bench
