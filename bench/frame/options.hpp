// The command lines of the programs that CLI11 reads.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <vector>

#include "bench/frame/errors.hpp"
#include "bench/frame/frame.hpp"

namespace handoff::bench {

/// Reads what `app` declares. False if only help was wanted, which has been printed. Throws usage_error, or
/// run_error if the help was lost.
inline bool read_options(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print_out(app.help());
    return false;
  } catch (const CLI::ParseError& error) {
    throw usage_error(fmt::format("{}; --help lists the options", error.what()));
  }
  return true;
}

/// The options of a program that measures in blocks (blocks.hpp).
struct block_options {
  std::vector<unsigned> threads = {1, 2};
  unsigned blocks = 9;
  double timeout_s = 120;  ///< room for the largest tree at some 500 ns per node, twice
  std::uint64_t seed = 1;

  [[nodiscard]] std::chrono::milliseconds limit() const {
    return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(timeout_s));
  }

  void add_to(CLI::App& app) {
    app.add_option("--threads", threads, "Numbers of threads, separated by commas")
        ->delimiter(',')
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    app.add_option("--blocks", blocks, "Samples of each contender")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--timeout", timeout_s, "Seconds after which a sample is given up")
        ->check(CLI::Range(0.001, 86400.0))
        ->capture_default_str();
    app.add_option("--seed", seed, "Of the order within the blocks")->capture_default_str();
  }
};

}  // namespace handoff::bench
