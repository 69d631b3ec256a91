#include "bench/rows/samples_file.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "bench/frame/errors.hpp"
#include "bench/rows/columns.hpp"
#include "tests/bench/temporary_folder.hpp"

namespace handoff::bench {
namespace {

using namespace testing;

std::string error_of(const std::filesystem::path& path) {
  try {
    samples_file(path).append("2,row\n");
  } catch (const unwritten_row& error) {
    return fmt::format("unwritten: {}", error.what());
  } catch (const run_error& error) {
    return error.what();
  }
  return "no error";
}

TEST(samples_file, the_header_is_written_once_however_often_it_is_opened) {
  const temporary_folder folder;
  const auto path = folder / "samples.csv";
  samples_file(path).append("2,first\n");
  {
    samples_file again(path);
    again.append("second\n");
    again.append("third\n");
  }
  EXPECT_EQ(read_file(path), samples_header() + "2,first\nsecond\nthird\n");
}

TEST(samples_file, an_empty_file_gets_the_header) {
  const temporary_folder folder;
  const auto path = folder.write("samples.csv", "");
  samples_file(path).append("2,row\n");
  EXPECT_EQ(read_file(path), samples_header() + "2,row\n");
}

TEST(samples_file, a_pipe_gets_the_header_once) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  {
    samples_file opened(fmt::format("/dev/fd/{}", ends[1]));
    opened.append("2,first\n");
    opened.append("second\n");
  }
  std::string got(8192, '\0');
  got.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(ends[0], got.data(), got.size()), 0)));
  for (const int end : ends) ::close(end);
  EXPECT_EQ(got, samples_header() + "2,first\nsecond\n");
}

TEST(samples_file, opening_alone_writes_nothing) {
  const temporary_folder folder;
  { const samples_file opened(folder / "samples.csv"); }
  EXPECT_EQ(read_file(folder / "samples.csv"), "");
}

TEST(samples_file, another_file_is_refused_and_left_alone) {
  const temporary_folder folder;
  const auto path = folder.write("letter.txt", "Dear reader,\n");
  EXPECT_EQ(error_of(path), path.string() + ":1: this is not a samples file of schema 2; name a new file");
  EXPECT_EQ(read_file(path), "Dear reader,\n");
}

TEST(samples_file, a_file_of_another_schema_is_refused) {
  const temporary_folder folder;
  auto header = samples_header();
  header.replace(header.find("seconds"), 7, "minutes");
  const auto path = folder.write("samples.csv", header + "a row\n");
  EXPECT_EQ(error_of(path), path.string() + ":1: this is not a samples file of schema 2; name a new file");
}

/// Its header is the same.
TEST(samples_file, rows_of_another_schema_are_not_added_to) {
  const temporary_folder folder;
  const auto path = folder.write("samples.csv", samples_header() + "1,run,1\n");
  EXPECT_EQ(error_of(path), path.string() + ":2: this is not a samples file of schema 2; name a new file");
  EXPECT_EQ(read_file(path), samples_header() + "1,run,1\n");
}

TEST(samples_file, a_header_alone_is_added_to) {
  const temporary_folder folder;
  const auto path = folder.write("samples.csv", samples_header());
  EXPECT_EQ(error_of(path), "no error");
}

TEST(samples_file, a_truncated_last_line_is_refused) {
  const temporary_folder folder;
  const auto path = folder.write("samples.csv", samples_header() + "2,run,0");
  EXPECT_EQ(error_of(path), path.string() +
                                ": the last line is not complete; delete it, or resume the run, which "
                                "repairs it");
}

TEST(samples_file, a_full_disk_is_one_sentence) {
  EXPECT_EQ(error_of("/dev/full"), "unwritten: cannot write samples to /dev/full: No space left on device");
}

TEST(samples_file, a_folder_that_is_not_there_is_one_sentence) {
  EXPECT_EQ(error_of("/nowhere/samples.csv"),
            "unwritten: cannot write samples to /nowhere/samples.csv: No such file or directory");
}

}  // namespace
}  // namespace handoff::bench
