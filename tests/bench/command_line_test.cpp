#include "bench/command_line.hpp"

#include <gtest/gtest.h>

#include "bench/frame/errors.hpp"

namespace handoff::bench {
namespace {

using action = command_line::action;
using strings = std::vector<std::string>;

std::optional<command_line> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "handoff-bench");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

std::string error_of(std::vector<const char*> words) {
  try {
    parse(std::move(words));
  } catch (const usage_error& error) {
    return error.what();
  }
  return "no error";
}

TEST(command_line, nothing_means_the_quick_matrix_as_benchmarks) {
  const auto line = parse({}).value();
  EXPECT_EQ(line.chosen, action::benchmark);
  EXPECT_EQ(line.matrix, "quick");
  EXPECT_EQ(line.seed, std::nullopt);
}

TEST(command_line, every_option_of_a_run_is_understood) {
  const auto line = parse({"--matrix", "full", "--backends", "a, b", "--scenarios=join", "--cell", "join/x",
                           "--cell", "join/y", "--at-work", "w", "--samples", "s.csv", "--run", "r7",
                           "--block", "3", "--seed", "18446744073709551615"})
                        .value();
  EXPECT_EQ(line.chosen, action::run_cells);
  EXPECT_EQ(line.matrix, "full");
  EXPECT_EQ(line.backends, (strings{"a", "b"}));
  EXPECT_EQ(line.scenarios, strings{"join"});
  EXPECT_EQ(line.cells, (strings{"join/x", "join/y"}));
  EXPECT_EQ(line.at_work, "w");
  EXPECT_EQ(line.samples, "s.csv");
  EXPECT_EQ(line.run, "r7");
  EXPECT_EQ(line.block, 3U);
  EXPECT_EQ(line.seed, 18446744073709551615U);
}

TEST(command_line, lists_come_plain_or_for_scripts) {
  EXPECT_EQ(parse({"--list-backends"}).value().chosen, action::list_backends);
  EXPECT_EQ(parse({"--list-backends=json"}).value().chosen, action::list_backends_json);
  EXPECT_EQ(parse({"--list-cells"}).value().chosen, action::list_cells);
  EXPECT_EQ(parse({"--list-cells=csv", "--matrix", "m"}).value().chosen, action::list_cells_csv);
  EXPECT_EQ(parse({"--list-cells", "--matrix", "m"}).value().matrix, "m");
}

TEST(command_line, google_benchmarks_flags_pass_through_in_their_order) {
  const auto line =
      parse({"--benchmark_filter=a", "--matrix", "m", "--benchmark_list_tests", "--v=1"}).value();
  EXPECT_EQ(line.benchmark_flags, (strings{"--benchmark_filter=a", "--benchmark_list_tests", "--v=1"}));
  EXPECT_EQ(line.matrix, "m");
}

TEST(command_line, what_is_wrong_is_one_sentence) {
  EXPECT_EQ(error_of({"--list-cells=xml"}),
            "--list-cells=xml is unknown; write --list-cells or --list-cells=csv");
  EXPECT_EQ(error_of({"--list-cells", "--environment"}),
            "--list-cells and --environment cannot be combined; give one of them");
  EXPECT_EQ(error_of({"--cell", "x", "--benchmark_filter=y"}),
            "--benchmark_filter=y belongs to a run of Google Benchmark; leave it out here");
  for (const auto& words : std::vector<std::vector<const char*>>{{"--nonsense"},
                                                                 {"stray"},
                                                                 {"--block", "minus"},
                                                                 {"--seed", "-1"},
                                                                 {"--block", "-3"},
                                                                 {"--block", "0"},
                                                                 {"--block", "00"},
                                                                 {"--block", "010"},
                                                                 {"--block", "0x10"},
                                                                 {"--block", "+1"},
                                                                 {"--block", " 1"},
                                                                 {"--block", "1.5"},
                                                                 {"--block", "1e300"},
                                                                 {"--block", "1000000001"},
                                                                 {"--block", "99999999999999999999"},
                                                                 {"--seed", "18446744073709551616"},
                                                                 {"--seed", ""},
                                                                 {"--cell"},
                                                                 {"--run"}}) {
    const auto error = error_of(words);
    EXPECT_TRUE(error.ends_with("; --help lists the options")) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

TEST(command_line, help_and_version_answer_by_themselves) {
  for (const auto* word : {"--help", "--version"}) {
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(parse({word}), std::nullopt);
    EXPECT_NE(::testing::internal::GetCapturedStdout().find("handoff-bench"), std::string::npos);
  }
}

}  // namespace
}  // namespace handoff::bench
