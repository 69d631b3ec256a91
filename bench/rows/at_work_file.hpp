// Which cell is at work: so that whoever started this process knows whose fault its end was.
#pragma once

#include <filesystem>
#include <string>

namespace handoff::bench {

/// A file with one line, which each name replaces. One thread at a time.
class at_work_file {
 public:
  /// Throws run_error if the file cannot be opened for writing.
  explicit at_work_file(const std::filesystem::path& path);
  at_work_file(const at_work_file&) = delete;
  at_work_file& operator=(const at_work_file&) = delete;
  ~at_work_file();

  /// One system call, so that the end of the process never leaves half of a line before a line feed. A name
  /// that cannot be written is not: it would only be missing after a crash.
  void write(const std::string& name) const noexcept;

 private:
  int descriptor_;
};

}  // namespace handoff::bench
