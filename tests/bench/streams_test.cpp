// The real programs among streams that are closed or full, and signals that their parent ignores.
#include <gtest/gtest.h>

#include <algorithm>

#include "bench/rows/columns.hpp"
#include "tests/bench/bench_program.hpp"
#include "tests/bench/csv_reader.hpp"

namespace handoff::bench {
namespace {

using namespace testing;

/// What each program prints without a cell: the words after its name.
const std::vector<std::string> outputs{
    "--list-backends",
    "--list-backends=json",
    "--matrix $1 --list-cells",
    "--matrix $1 --list-cells=csv",
    "--matrix $1 --matrix-info",
    "--environment",
    "--help",
    "--version",
    "--matrix $1 --benchmark_list_tests",
    "--matrix $1 --benchmark_filter=throughput/coroutine/",
    "--matrix $1 --benchmark_filter=throughput/coroutine/ --benchmark_format=json",
    "--matrix $1 --benchmark_filter=throughput/coroutine/ --benchmark_format=csv",
};

void expect_refusal(const subprocess_result& result) {
  EXPECT_EQ(result.how, ending::exited);
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("handoff-bench: standard output cannot be written"), std::string::npos)
      << result.err;
}

TEST(streams, a_full_standard_output_ends_with_1_and_one_sentence) {
  const tiny_run tiny;
  for (const auto& words : outputs) {
    SCOPED_TRACE(words);
    expect_refusal(run_line("exec \"$bench\" " + words + " > /dev/full", {tiny.matrix}));
  }
}

TEST(streams, a_closed_standard_output_ends_with_1_and_one_sentence) {
  const tiny_run tiny;
  for (const auto& words : outputs) {
    SCOPED_TRACE(words);
    expect_refusal(run_line("exec \"$bench\" " + words + " >&-", {tiny.matrix}));
  }
}

TEST(streams, the_row_of_a_cell_is_missed_too) {
  const tiny_run tiny;
  const auto result =
      run_line("exec \"$bench\" --matrix \"$1\" --cell \"$2\" > /dev/full", {tiny.matrix, tiny_cell});
  expect_refusal(result);
}

TEST(streams, the_other_programs_miss_their_output_as_well) {
  const auto patterns = program("examples/handoff-patterns"), trace = program("tests/handoff-trace");
  for (const auto* redirection : {" > /dev/full", " >&-"}) {
    SCOPED_TRACE(redirection);
    for (const auto& line :
         {"exec " + patterns + " --list", "exec " + patterns + " --help",
          "exec " + patterns + " simple --virtual-time --trace",
          "echo '{\"objects\": [], \"tasks\": [{\"name\": \"t\", \"ops\": []}]}' | " + trace}) {
      SCOPED_TRACE(line);
      const auto result = run_line(line + redirection);
      EXPECT_EQ(result.code, 1) << result.err;
      EXPECT_NE(result.err.find(": standard output cannot be written: "), std::string::npos) << result.err;
      EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
    }
  }
}

/// The table of Google Benchmark is missed; the file beside it gets rows and nothing else.
TEST(streams, no_text_for_a_closed_stream_lands_in_the_samples_file) {
  const tiny_run tiny;
  for (const auto* closed : {" >&-", " 2>&-", " <&-", " <&- >&- 2>&-"}) {
    SCOPED_TRACE(closed);
    std::filesystem::remove(tiny.samples);
    run_line(std::string("exec \"$bench\" --matrix \"$1\" --samples \"$2\" "
                         "--benchmark_filter=throughput/coroutine/") +
                 closed,
             {tiny.matrix, tiny.samples});
    const auto text = read_file(tiny.samples);
    EXPECT_TRUE(text.starts_with(samples_header())) << text;
    EXPECT_EQ(parse_csv(text).size(), 2U) << text;
  }
}

TEST(streams, a_failure_keeps_its_status_where_nobody_can_be_told) {
  for (const auto* line :
       {"exec \"$bench\" --matrix no_such 2>&-", "exec \"$bench\" --matrix no_such 2>/dev/full"})
    EXPECT_EQ(run_line(line).code, 2) << line;
}

/// A parent that ignores SIGCHLD hands this on through exec; the kernel would forget how a peer ended.
TEST(streams, a_peer_is_waited_for_whatever_signals_the_parent_ignores) {
  const temporary_folder folder;
  const auto matrix = folder.write("peer.toml",
                                   "sample_ms = 1\n[[cells]]\nscenario = \"throughput\"\n"
                                   "backends = \"python_asyncio\"\n");
  const auto result = run_line(
      "exec env --ignore-signal=CHLD \"$bench\" --matrix \"$1\" --cell "
      "throughput/python_asyncio/p:1/c:1/cap:1024/bytes:8/wait:loop",
      {matrix.string()});
  EXPECT_EQ(result.code, 0) << result.out << result.err;
}

}  // namespace
}  // namespace handoff::bench
