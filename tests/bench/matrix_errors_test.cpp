// Every error of a matrix file: one sentence with file and line that says what would be right.
#include <gtest/gtest.h>

#include "bench/frame/errors.hpp"
#include "bench/matrix/matrix.hpp"
#include "bench/text/words.hpp"
#include "tests/bench/fake_catalog.hpp"
#include "tests/bench/temporary_folder.hpp"

namespace handoff::bench {
namespace {

using namespace testing;

std::string error_of(const std::string& text) {
  try {
    parsed(text, fake_catalog());
  } catch (const usage_error& error) {
    return error.what();
  }
  return "no error";
}

/// The line goes into a [[cells]] table as its third line.
std::string error_in_cells(const std::string& line) {
  return error_of("[[cells]]\nscenario = \"throughput\"\n" + line + "\n");
}

TEST(matrix_errors, a_mistyped_key_is_named_with_what_was_meant) {
  EXPECT_EQ(error_of("blocks = 7\nsampel_ms = 3\n[[cells]]\nscenario = \"join\"\n"),
            "m.toml:2: unknown key 'sampel_ms'; did you mean 'sample_ms'?");
  EXPECT_EQ(error_in_cells("capcity = [1]"),
            "m.toml:3: unknown key 'capcity' in [[cells]]; did you mean 'capacity'?");
}

TEST(matrix_errors, a_key_like_no_other_gets_the_list) {
  EXPECT_EQ(error_of("zebra = 1\n[[cells]]\nscenario = \"join\"\n"),
            "m.toml:1: unknown key 'zebra'; expected one of blocks, cells, description, equivalence, "
            "reference, rounds, sample_ms, samples, seed, steal_limit, without");
}

TEST(matrix_errors, a_wrong_type_is_named_with_the_right_one) {
  EXPECT_EQ(error_of("blocks = \"seven\"\n"),
            "m.toml:1: blocks is a text; write a whole number from 1 to 10000");
  EXPECT_EQ(error_of("sample_ms = 2.5\n"),
            "m.toml:1: sample_ms is a number with a fraction; write a whole number from 1 to 60000");
  EXPECT_EQ(error_of("steal_limit = true\n"),
            "m.toml:1: steal_limit is true or false; write a number greater than 0 and at most 1");
  EXPECT_EQ(error_of("reference = 3\n"), "m.toml:1: reference is a whole number; write a text in quotes");
  EXPECT_EQ(error_in_cells("capacity = [\"big\"]"),
            "m.toml:3: capacity is a text; write a whole number from 1 to 1073741824");
  EXPECT_EQ(error_in_cells("backends = [1]"), "m.toml:3: backends is a whole number; write a text in quotes");
  EXPECT_EQ(error_in_cells("waits = 2020-02-29"),
            "m.toml:3: waits is a date or time; write a text in quotes");
}

TEST(matrix_errors, a_value_out_of_range_is_named_with_the_range) {
  EXPECT_EQ(error_of("blocks = 0\n"), "m.toml:1: blocks is 0; write a whole number from 1 to 10000");
  EXPECT_EQ(error_of("steal_limit = 1.5\n"),
            "m.toml:1: steal_limit is 1.5; write a number greater than 0 and at most 1");
  EXPECT_EQ(error_of("equivalence = 0\n"),
            "m.toml:1: equivalence is 0; write a number greater than 0 and at most 1");
  EXPECT_EQ(error_in_cells("producers = [1, 0]"),
            "m.toml:3: producers is 0; write a whole number from 1 to 1024");
  EXPECT_EQ(error_in_cells("capacity = -1"),
            "m.toml:3: capacity is -1; write a whole number from 1 to 1073741824");
  EXPECT_EQ(error_in_cells("work_consumer_ns = 9999999999"),
            "m.toml:3: work_consumer_ns is 9999999999; write a whole number from 0 to 1000000000");
  EXPECT_EQ(error_of("[[cells]]\nscenario = \"paced\"\nrate = [\n  0.5,\n  0.0,\n]\n"),
            "m.toml:5: rate is 0; write a number greater than 0 and at most 1");
}

TEST(matrix_errors, an_unknown_word_is_named_with_what_was_meant) {
  EXPECT_EQ(error_of("reference = \"mutex_condvra\"\n"),
            "m.toml:1: unknown backend 'mutex_condvra' as the reference; did you mean 'mutex_condvar'?");
  EXPECT_EQ(error_of("without = [\"tickets\", \"tikets\"]\n"),
            "m.toml:1: unknown backend 'tikets' to leave out; did you mean 'tickets'?");
  EXPECT_EQ(error_of("[[cells]]\nscenario = \"trhoughput\"\n"),
            "m.toml:2: unknown scenario 'trhoughput'; did you mean 'throughput'?");
  EXPECT_EQ(error_in_cells("backends = [\"all\", \"ticket\"]"),
            "m.toml:3: unknown backend 'ticket'; did you mean 'tickets'?");
  EXPECT_EQ(
      error_in_cells("backends = \"rabbit\""),
      "m.toml:3: unknown backend 'rabbit'; expected one of all, threads, coroutines, peers, mutex_condvar, "
      "tickets, "
      "endless, coroutine, missing, snake");
  EXPECT_EQ(error_in_cells("waits = [\"yeild\"]"), "m.toml:3: unknown waits 'yeild'; did you mean 'yield'?");
  EXPECT_EQ(error_in_cells("pinning = \"tight\""),
            "m.toml:3: unknown pinning 'tight'; expected one of none, compact, spread");
  EXPECT_EQ(error_in_cells("item_bytes = [16]"), "m.toml:3: item_bytes must be 8, 64 or \"move_only\"");
  EXPECT_EQ(error_in_cells("item_bytes = [\"64\"]"), "m.toml:3: item_bytes must be 8, 64 or \"move_only\"");
}

TEST(matrix_errors, an_empty_axis_is_named) {
  EXPECT_EQ(error_in_cells("capacity = []"),
            "m.toml:3: capacity is an empty list; name at least one value, or leave the key out");
  EXPECT_EQ(error_in_cells("backends = []"),
            "m.toml:3: backends is an empty list; name at least one value, or leave the key out");
  EXPECT_EQ(error_in_cells("shapes = []"),
            "m.toml:3: shapes is an empty list; name at least one value, or leave the key out");
}

TEST(matrix_errors, shapes_are_pairs_and_stand_alone) {
  constexpr auto pairs =
      "m.toml:3: a shape is a pair of producers and consumers; write shapes = [[1, 1], [2, 2]]";
  EXPECT_EQ(error_in_cells("shapes = [1, 2]"), pairs);
  EXPECT_EQ(error_in_cells("shapes = [[1, 2, 3]]"), pairs);
  EXPECT_EQ(error_in_cells("shapes = [[1, 2]]\nproducers = [3]"),
            "m.toml:3: shapes cannot be combined with producers or consumers; use one or the other");
}

TEST(matrix_errors, an_axis_of_another_scenario_is_refused) {
  EXPECT_EQ(error_in_cells("rate = [0.5]"),
            "m.toml:3: rate belongs to the scenario paced, which this table does not name; leave it out");
  EXPECT_EQ(error_in_cells("stop = \"close\""),
            "m.toml:3: stop belongs to the scenario shutdown, which this table does not name; leave it out");
}

TEST(matrix_errors, a_matrix_needs_cells_and_cells_need_a_scenario) {
  EXPECT_EQ(error_of(""), "m.toml:1: there are no cells to measure; write at least one [[cells]] table");
  EXPECT_EQ(error_of("blocks = 3\ncells = 4\n"),
            "m.toml:2: there are no cells to measure; write at least one [[cells]] table");
  EXPECT_EQ(error_of("cells = []\n"),
            "m.toml:1: there are no cells to measure; write at least one [[cells]] table");
  EXPECT_EQ(error_of("\n[[cells]]\ncapacity = 3\n"),
            "m.toml:2: these [[cells]] name no scenario; write scenario = \"all\", or some of " +
                joined(words_of(harness::scenario_words)));
}

TEST(matrix_errors, what_is_not_toml_is_named_with_its_line) {
  const auto error = error_of("blocks = 3\nthis is not a matrix\n");
  EXPECT_TRUE(error.starts_with("m.toml:2: this is not TOML: ")) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
}

TEST(matrix_errors, a_missing_file_gets_the_names_that_there_are) {
  const temporary_folder folder;
  folder.write("small.toml", "");
  folder.write("large.toml", "");
  folder.write("notes.txt", "");
  const auto error_for = [&](const std::string& wanted) -> std::string {
    try {
      load_matrix(wanted, fake_catalog(), {folder / ""});
    } catch (const usage_error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(
      error_for("smal"),
      "there is no matrix named 'smal'; give the path of a TOML file, or one of the names large, small");
  EXPECT_EQ(error_for("./nowhere.toml"),
            "there is no matrix file './nowhere.toml'; give the path of a TOML file, or one of the names "
            "large, small");
  std::filesystem::remove(folder / "small.toml");
  std::filesystem::remove(folder / "large.toml");
  EXPECT_EQ(error_for("small"), "there is no matrix named 'small'; give the path of a TOML file");
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

/// The parser calls itself once a part: such a key would end it by a stack overflow.
TEST(matrix_errors, a_key_of_very_many_parts_is_refused_before_it_is_parsed) {
  const auto refusal = [](int line) {
    return "m.toml:" + std::to_string(line) + ": a key of more than 16 parts; no key of a matrix has a dot";
  };
  EXPECT_EQ(error_of("a" + repeated(".a", 50'000) + " = 1\n"), refusal(1));
  EXPECT_EQ(error_of("blocks = 1\n[a" + repeated(" . 'b'", 50'000) + "]\n"), refusal(2));
  EXPECT_EQ(error_of("\n\nx = {\"\\\"\"" + repeated(".\"\"", 50'000) + " = 1}\n"), refusal(3));
  EXPECT_EQ(error_of("a" + repeated(".a", 15) + " = 1\n").find("16 parts"), std::string::npos);
  EXPECT_EQ(error_of("description = \"" + repeated("...", 500) + repeated("word. ", 15) +
                     "\"\n[[cells]]\nscenario = \"join\"\n"),
            "no error");
}

TEST(matrix_errors, a_matrix_of_very_many_cells_is_refused_before_it_is_multiplied_out) {
  std::string numbers = "1";
  for (int i = 2; i <= 1000; ++i) numbers += "," + std::to_string(i);
  const auto table = "[[cells]]\nscenario = \"throughput\"\nbackends = \"mutex_condvar\"\n";
  EXPECT_EQ(error_of(std::string(table) + "capacity = [" + numbers + "]\nproducers = [" + numbers +
                     "]\nconsumers = [" + numbers + "]\n"),
            "m.toml:1: up to here the matrix expands to 1000000000 cells; at most 200000 are allowed");
  const auto half = std::string(table) + "capacity = [" + numbers + "]\nproducers = [" +
                    numbers.substr(0, numbers.find(",51")) + "]\n";
  EXPECT_EQ(error_of(half + half), "no error");
  EXPECT_EQ(error_of(half + half + half + half + half),
            "m.toml:21: up to here the matrix expands to 250000 cells; at most 200000 are allowed");
}

}  // namespace
}  // namespace handoff::bench
