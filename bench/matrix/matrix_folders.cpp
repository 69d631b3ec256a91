#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <system_error>

#include "bench/frame/errors.hpp"
#include "bench/matrix/matrix.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t most_bytes = 1 << 20;

void add_folders_above(fs::path folder, std::vector<fs::path>& found) {
  for (;; folder = folder.parent_path()) {
    std::error_code ignored;
    const fs::path matrices = folder / "bench" / "matrices";
    if (fs::is_directory(matrices, ignored) && std::ranges::count(found, matrices) == 0)
      found.push_back(matrices);
    if (folder == folder.parent_path()) return;
  }
}

std::vector<std::string> matrix_names(const std::vector<fs::path>& folders) {
  std::vector<std::string> names;
  for (const auto& folder : folders) {
    std::error_code ignored;
    for (const auto& file : fs::directory_iterator(folder, ignored))
      if (file.path().extension() == ".toml") names.push_back(file.path().stem());
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

fs::path find_matrix(const std::string& wanted, const std::vector<fs::path>& folders) {
  std::error_code ignored;
  const bool is_path = wanted.find('/') != std::string::npos || wanted.ends_with(".toml");
  if (is_path) {
    if (fs::is_regular_file(wanted, ignored)) return wanted;
  } else {
    for (const auto& folder : folders)
      if (auto file = folder / (wanted + ".toml"); fs::is_regular_file(file, ignored)) return file;
  }
  const auto names = matrix_names(folders);
  throw usage_error(fmt::format("there is no matrix {} '{}'; give the path of a TOML file{}",
                                is_path ? "file" : "named", wanted,
                                names.empty() ? "" : ", or one of the names " + joined(names)));
}

}  // namespace

std::vector<fs::path> matrix_folders() {
  std::vector<fs::path> found;
  std::error_code failed;
  if (const auto self = fs::read_symlink("/proc/self/exe", failed); !failed)
    add_folders_above(self.parent_path(), found);
  if (const auto here = fs::current_path(failed); !failed) add_folders_above(here, found);
  return found;
}

matrix load_matrix(const std::string& name_or_file, const backend_catalog& catalog,
                   const std::vector<fs::path>& folders) {
  const fs::path file = find_matrix(name_or_file, folders);
  std::error_code unknown;
  if (const auto bytes = fs::file_size(file, unknown); !unknown && bytes > most_bytes)
    throw usage_error(fmt::format("the matrix file {} has {} bytes; at most {} are allowed", file.string(),
                                  bytes, most_bytes));
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad())
    throw usage_error(fmt::format("the matrix file {} cannot be read; check its permissions", file.string()));
  return parse_matrix(text, file, catalog);
}

}  // namespace handoff::bench
