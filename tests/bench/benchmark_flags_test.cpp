// Google Benchmark's flags and formats, as they meet the cells.
#include "bench/google_benchmark/benchmark_flags.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "bench/frame/errors.hpp"
#include "tests/bench/bench_program.hpp"
#include "tests/bench/csv_reader.hpp"

namespace handoff::bench {
namespace {

using namespace testing;

constexpr auto one_cell = "--benchmark_filter=throughput/coroutine/";

std::vector<strings> fields_of(const std::string& file) {
  auto lines = parse_csv(read_file(file));
  EXPECT_FALSE(lines.empty());
  if (!lines.empty()) lines.erase(lines.begin());
  return lines;
}

TEST(benchmark_flags, the_last_one_counts_and_the_environment_is_the_default) {
  EXPECT_EQ(benchmark_flag({"--benchmark_out=a", "--benchmark_out=b", "--benchmark_out_format=csv"}, "out"),
            "b");
  ::setenv("BENCHMARK_OUT_FORMAT", "json", 1);
  EXPECT_EQ(benchmark_flag({}, "out_format"), "json");
  EXPECT_EQ(benchmark_flag({"--benchmark_out_format=csv"}, "out_format"), "csv");
  ::unsetenv("BENCHMARK_OUT_FORMAT");
  EXPECT_EQ(benchmark_flag({}, "out_format"), "");
}

TEST(benchmark_flags, numbers_that_never_end_or_make_no_sense_are_refused) {
  for (const auto* flag :
       {"--benchmark_repetitions=-1", "--benchmark_repetitions=0", "--benchmark_repetitions=2147483647",
        "--benchmark_repetitions=many", "--benchmark_min_time=-1", "--benchmark_min_time=nan",
        "--benchmark_min_time=inf", "--benchmark_min_time=abc", "--benchmark_min_warmup_time=1e300"})
    EXPECT_THROW(check_benchmark_flags({flag}), usage_error) << flag;
  EXPECT_NO_THROW(check_benchmark_flags({"--benchmark_repetitions=3", "--benchmark_min_time=0.01"}));
}

TEST(benchmark_flags, words_for_which_the_library_would_end_with_0_are_refused) {
  for (const auto* flag : {"--benchmark_format=xml", "--benchmark_format=", "--benchmark_out_format=xml",
                           "--benchmark_time_unit=weeks"})
    EXPECT_THROW(check_benchmark_flags({flag}), usage_error) << flag;
  EXPECT_NO_THROW(check_benchmark_flags({"--benchmark_format=csv", "--benchmark_time_unit=us"}));
  ::setenv("BENCHMARK_FORMAT", "jsn", 1);
  const auto result = run({"--benchmark_filter=micro/clock_read", "--benchmark_list_tests"});
  ::unsetenv("BENCHMARK_FORMAT");
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "handoff-bench: --benchmark_format=jsn: did you mean 'json'?\n");
}

TEST(benchmark_flags, a_wrong_number_ends_the_program_with_2_and_one_sentence) {
  const tiny_run tiny;
  const auto result = run({"--matrix", tiny.matrix, one_cell, "--benchmark_repetitions=-1"});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err,
            "handoff-bench: --benchmark_repetitions=-1: write a whole number from 1 to 1000000\n");
}

TEST(benchmark_flags, a_filter_that_matches_nothing_ends_with_2_and_one_sentence) {
  const tiny_run tiny;
  for (const auto* more : {"--v=0", "--benchmark_format=json", "--benchmark_list_tests"}) {
    const auto result = run({"--matrix", tiny.matrix, "--benchmark_filter=thruput/", more});
    EXPECT_EQ(result.code, 2) << more;
    EXPECT_EQ(result.out, "") << more;
    EXPECT_EQ(result.err,
              "handoff-bench: --benchmark_filter=thruput/: no benchmark matches it; --benchmark_list_tests "
              "prints their names\n");
  }
}

TEST(benchmark_flags, a_results_file_that_cannot_be_written_ends_with_1_and_one_sentence) {
  const tiny_run tiny;
  for (const auto* format : {"json", "csv", "console"}) {
    const auto result = run({"--matrix", tiny.matrix, one_cell, "--benchmark_out=/dev/full",
                             std::string("--benchmark_out_format=") + format});
    EXPECT_EQ(result.code, 1) << format;
    EXPECT_TRUE(
        result.err.ends_with("handoff-bench: cannot write all results to /dev/full: is the disk full?\n"))
        << result.err;
  }
  const auto result = run({"--matrix", tiny.matrix, one_cell, "--benchmark_out=/nowhere/out.json"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err,
            "handoff-bench: cannot write results to /nowhere/out.json: No such file or directory\n");
}

/// The library's reporter of CSV ends the program at the first counter that the first benchmark lacks.
TEST(benchmark_flags, benchmarks_with_different_counters_share_one_csv) {
  const tiny_run tiny;
  const auto file = (tiny.folder / "out.csv").string();
  const auto result =
      run({"--matrix", tiny.matrix, "--benchmark_filter=throughput/coroutine/|micro/timers|shutdown/cor",
           "--benchmark_format=csv", "--benchmark_out=" + file, "--benchmark_out_format=csv"});
  EXPECT_EQ(result.code, 0) << result.err;
  const auto lines = parse_csv(result.out);
  ASSERT_GE(lines.size(), 3U) << result.out;
  for (const auto* column : {"name", "items", "threads_joined_ns"})
    EXPECT_EQ(std::ranges::count(lines.front(), column), 1) << column;
  for (const auto& line : lines) EXPECT_EQ(line.size(), lines.front().size());
  EXPECT_TRUE(read_file(file).ends_with(result.out)) << "behind the library's words about the machine";
}

/// The library calls a benchmark until the times that it sets add up to the warm-up: forever, if they are
/// an item's nanoseconds.
TEST(benchmark_flags, a_cell_warms_itself_up_whatever_the_library_would_do) {
  const tiny_run tiny;
  const auto result = run({"--matrix", tiny.matrix, one_cell, "--benchmark_min_warmup_time=0.1",
                           "--benchmark_repetitions=2", "--samples", tiny.samples});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(fields_of(tiny.samples).size(), 2U) << "one a repetition, none of the warm-up";
}

TEST(benchmark_flags, cells_that_take_turns_number_their_samples) {
  const tiny_run tiny;
  const auto result = run({"--matrix", tiny.matrix, "--benchmark_filter=throughput/",
                           "--benchmark_enable_random_interleaving=true", "--benchmark_repetitions=4",
                           "--samples", tiny.samples});
  EXPECT_EQ(result.code, 0) << result.err;
  const auto rows = fields_of(tiny.samples);
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& row : rows) seen.emplace(row.at(5), row.at(3));
  EXPECT_EQ(rows.size(), 3U * 4U);
  EXPECT_EQ(seen.size(), rows.size()) << "each cell's samples are numbered from 1 to 4";
  EXPECT_EQ(seen.count({tiny_cell, "4"}), 1U);
}

}  // namespace
}  // namespace handoff::bench
