// Google Benchmark 1.7 knows errors only. This reporter shows a cell that is skipped, unavailable or
// unsustained, or whose good sample has no headline, as what it is.
#pragma once

#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

namespace handoff::bench {

/// Stands before the console reporter that the flags ask for; passes every other format through unchanged.
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

}  // namespace handoff::bench
