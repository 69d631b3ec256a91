// The repetitions of all contenders, and the table of their medians and ratios.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace handoff::bench {

/// Collects what Google Benchmark measures. One thread.
class fork_join_table : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& report) override;

  /// Where the benchmark registered as `name` belongs.
  void expect(std::string name, std::string contender, unsigned threads) {
    places_[std::move(name)] = {std::move(contender), threads};
  }

  /// Medians in ns per call of fib(n), their ratios to the serial call and to the executor on as many
  /// threads. Throws run_error if a measurement failed.
  [[nodiscard]] std::string text(std::int64_t n) const;

 private:
  using place = std::pair<std::string, unsigned>;  // contender, threads

  [[nodiscard]] double median_ns(const place& at, double calls) const;

  std::map<std::string, place> places_;
  std::map<place, std::vector<double>> seconds_;  // one value per repetition
  std::string failure_;
};

}  // namespace handoff::bench
