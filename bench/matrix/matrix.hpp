// A matrix file: which cells to measure, and how often.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/contenders/catalog.hpp"
#include "harness/axes.hpp"
#include "harness/cell.hpp"

namespace handoff::bench {

/// The values of one axis in a table.
struct listed_axis {
  const harness::axis* axis;
  std::vector<harness::axis_value> values;
};

/// One `[[cells]]` table: every combination of its lists.
struct cell_table {
  std::vector<harness::scenario> scenarios;
  std::vector<std::string> backends;            ///< names, with groups resolved, in the catalog's order
  std::optional<std::vector<wait_kind>> waits;  ///< none: all that a backend has
  std::vector<std::pair<unsigned, unsigned>> shapes{{1, 1}};  ///< producers, consumers
  std::vector<listed_axis> axes;  ///< the others, in the order in which cells vary: the last one first
};

struct matrix {
  std::string name;  ///< the file's, without folder and extension
  std::filesystem::path file;
  std::string text;  ///< the whole file
  std::string description;
  std::string reference = "mutex_condvar";
  std::vector<std::string> without;  ///< backends that are not meant by a group, only by their name
  unsigned blocks = 11;
  unsigned samples = 1;  ///< per process
  /// Of each launch: a block has one process for each comparison group, which takes them. None: each cell has
  /// a process of its own.
  std::optional<unsigned> rounds;
  unsigned sample_ms = 50;
  std::uint64_t seed = 1;
  std::optional<double> steal_limit;  ///< share of a window's CPU time; a block above it is left out
  double equivalence = 0.05;          ///< how far from 1 a ratio may lie and still be called the same
  std::vector<cell_table> tables;
};

/// Reads a matrix file. Throws usage_error: one sentence with file and line.
matrix parse_matrix(std::string_view text, const std::filesystem::path& file, const backend_catalog& catalog);

/// The matrix called `name_or_file`: a path if it contains a slash or ends in `.toml`, otherwise a name in
/// one of the folders. Throws usage_error.
matrix load_matrix(const std::string& name_or_file, const backend_catalog& catalog,
                   const std::vector<std::filesystem::path>& folders);

/// The folders of the matrices that come with the program: `bench/matrices` above the program's own file, and
/// above the working directory.
std::vector<std::filesystem::path> matrix_folders();

/// Resolves words that stand for a group (`all threads coroutines peers`) or for one backend into names in
/// the catalog's order. `unknown` receives the first word that is neither. No group holds those of `without`.
std::vector<std::string> resolve_backends(const std::vector<std::string>& words,
                                          const backend_catalog& catalog, std::optional<std::string>& unknown,
                                          const std::vector<std::string>& without = {});

/// The words that `resolve_backends` understands, for suggestions.
std::vector<std::string> backend_words(const backend_catalog& catalog);

}  // namespace handoff::bench
