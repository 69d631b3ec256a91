#include "bench/google_benchmark/reporters.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "bench/google_benchmark/cell_benchmarks.hpp"

namespace handoff::bench {
namespace {

using harness::sample;
using harness::sample_status;

sample with(sample_status status, std::string detail) {
  sample s;
  s.status = status;
  s.detail = std::move(detail);
  return s;
}

/// What the terminal shows of a cell that ended without a time.
std::string shown(const sample& s) {
  benchmark::BenchmarkReporter::Run run;
  run.run_name.function_name = "the/cell";
  run.error_occurred = true;
  run.error_message = instead_of_a_figure(s);
  std::ostringstream out;
  static skip_reporter
      reporter;  // the library has one display reporter, and every skip_reporter would delete it
  reporter.SetOutputStream(&out);
  reporter.ReportRuns({run});
  return out.str();
}

TEST(skip_reporter, says_of_each_cell_without_a_figure_what_it_is) {
  EXPECT_EQ(shown(with(sample_status::skipped, "not closable")), "the/cell skipped: not closable\n");
  EXPECT_EQ(shown(with(sample_status::unsustained, "kept 9 %")), "the/cell unsustained: kept 9 %\n");
}

TEST(skip_reporter, a_good_sample_without_a_headline_is_not_called_unsustained) {
  EXPECT_EQ(shown(sample{}),
            "the/cell no figure: too few items for the one that this scenario is compared by\n");
}

}  // namespace
}  // namespace handoff::bench
