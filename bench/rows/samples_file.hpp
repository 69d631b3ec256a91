// samples.csv: only whole rows are appended, so that an interrupted run keeps every finished row.
#pragma once

#include <filesystem>
#include <string_view>

namespace handoff::bench {

/// An open samples file, or a pipe or device in its place. Throws unwritten_row if it cannot be written,
/// run_error if it is another kind of file.
class samples_file {
 public:
  /// Opens the file, or creates it. The header is written with the first row of an empty file, and with the
  /// first row into a pipe.
  explicit samples_file(std::filesystem::path path);
  samples_file(const samples_file&) = delete;
  samples_file& operator=(const samples_file&) = delete;
  ~samples_file();

  /// Appends a whole line. A line that does not fit is removed again.
  void append(std::string_view row);

 private:
  void check_existing() const;
  [[noreturn]] void fail(int error) const;

  std::filesystem::path path_;
  int descriptor_ = -1;
  bool is_stream_ = false;  ///< a pipe or a device: it has no size and cannot be read again
  bool begun_ = false;
};

}  // namespace handoff::bench
