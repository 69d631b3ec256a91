// samples.csv: rows are only ever appended, each with one write, so that an interrupted run keeps every
// finished row.
#pragma once

#include <filesystem>
#include <string_view>

namespace handoff::bench {

/// An open samples file. Throws run_error where it cannot be written or is not such a file.
class samples_file {
 public:
  /// Opens the file, or creates it. The header is written with the first row of a file that is empty.
  explicit samples_file(std::filesystem::path path);
  samples_file(const samples_file&) = delete;
  samples_file& operator=(const samples_file&) = delete;
  ~samples_file();

  /// Appends a whole line. A line that does not fit is taken back.
  void append(std::string_view row);

 private:
  void check_existing() const;
  [[noreturn]] void fail(int error) const;

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace handoff::bench
