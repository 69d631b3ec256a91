// Corrects what Google Benchmark 1.7 prints.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace handoff::bench {

/// Wraps a console reporter. The library knows only errors; this shows a cell that is skipped, unavailable or
/// unsustained, or whose good sample has no headline, as what it is. Passes every other format through
/// unchanged.
class skip_reporter : public benchmark::BenchmarkReporter {
 public:
  skip_reporter() : inner_(benchmark::CreateDefaultDisplayReporter()) {}

  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override { inner_->Finalize(); }

 private:
  std::unique_ptr<benchmark::BenchmarkReporter> inner_;
  std::size_t name_width_ = 0;
};

/// Wraps the library's CSV reporter, which ends the program if a later benchmark has a counter that the first
/// one lacks. Prints when all have run: only then are the columns known.
class csv_reporter : public benchmark::BenchmarkReporter {
 public:
  csv_reporter();
  ~csv_reporter() override;

  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

 private:
  std::unique_ptr<benchmark::BenchmarkReporter> inner_;
  std::vector<Run> all_;
};

/// The reporter for the terminal, in the format that the flags ask for.
std::unique_ptr<benchmark::BenchmarkReporter> display_reporter(const std::vector<std::string>& flags);

/// The reporter for the file `--benchmark_out`, if the flags ask for one, and whether that file took
/// everything.
class file_report {
 public:
  /// Throws run_error if the file cannot be opened.
  explicit file_report(const std::vector<std::string>& flags);

  /// Null if no file is wanted.
  benchmark::BenchmarkReporter* reporter() const noexcept { return reporter_.get(); }

  /// Throws run_error if the file did not take everything that was reported.
  void check() const;

 private:
  std::string path_;
  std::unique_ptr<benchmark::BenchmarkReporter> reporter_;
  bool written_ = true;
};

}  // namespace handoff::bench
