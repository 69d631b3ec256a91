// Runs of the real program, as scripts and people call it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/subprocess.hpp"
#include "tests/bench/temporary_folder.hpp"

namespace handoff::bench::testing {

using strings = std::vector<std::string>;

/// `name`: from the build folder.
inline std::string program(const std::string& name = "bench/handoff-bench") {
  const auto tests = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  return (tests.parent_path() / name).string();
}

inline subprocess_result run(strings words) {
  words.insert(words.begin(), program());
  auto result = run_subprocess(words, std::chrono::seconds(120));
  EXPECT_EQ(result.how, ending::exited) << "is handoff-bench built?";
  return result;
}

/// Runs the line in a shell, where the word $bench stands for the program and $1, $2, … for `words`.
inline subprocess_result run_line(const std::string& line, strings words = {}) {
  strings command{"/bin/sh", "-c", "bench=$0; " + line, program()};
  command.insert(command.end(), words.begin(), words.end());
  return run_subprocess(command, std::chrono::seconds(120));
}

constexpr auto tiny_matrix = R"(
blocks = 2
sample_ms = 1
[[cells]]
scenario = ["throughput", "shutdown"]
backends = ["mutex_condvar", "coroutine"]
)";
constexpr auto tiny_cell = "throughput/coroutine/p:1/c:1/cap:1024/bytes:8/wait:loop";

struct tiny_run {
  temporary_folder folder;
  std::string matrix = folder.write("tiny.toml", tiny_matrix).string();
  std::string samples = (folder / "samples.csv").string();
};

}  // namespace handoff::bench::testing
