#include "bench/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string_view>

#include "bench/frame/errors.hpp"
#include "bench/frame/frame.hpp"
#include "bench/machine/build_info.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench {

namespace {

using action = command_line::action;

/// The text that CLI11 fills in; converted to a command_line afterwards.
struct raw_words {
  std::string list_backends, list_cells, backends, scenarios, samples, at_work;
  std::uint64_t seed = 0;
  bool matrix_info = false, environment = false;
};

/// A plain whole number: CLI11 would read -1 as the largest number there is, and 010 as 8.
CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
  const auto complaint = [=](const std::string& word) -> std::string {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool whole = error == std::errc() && end == word.data() + word.size();
    const bool plain = whole && (word == "0" || word.front() != '0');
    if (plain && value >= least && value <= most) return {};
    return fmt::format("{} must be a whole number from {} to {}", word, least, most);
  };
  return {complaint, ""};
}

constexpr std::uint64_t most_blocks = 1'000'000'000;
constexpr std::uint64_t most_seed = std::numeric_limits<std::uint64_t>::max();

void declare(CLI::App& app, command_line& line, raw_words& raw) {
  app.footer(
      "Without one of the --list options, --matrix-info, --environment or --cell, the cells of the matrix, "
      "the\n"
      "microbenchmarks and the fidelity checks run as Google Benchmark benchmarks, with that library's "
      "flags:\n"
      "--benchmark_filter=REGEX, --benchmark_list_tests, --benchmark_repetitions=N, --benchmark_format=json, "
      "…");
  app.set_version_flag("--version", fmt::format("handoff-bench {}", project_version));
  app.add_option("--matrix", line.matrix, "A name in bench/matrices, or a TOML file")
      ->type_name("MATRIX")
      ->capture_default_str();
  app.add_option("--backends", raw.backends, "Only these: names, threads, coroutines or peers")
      ->type_name("A,B");
  app.add_option("--scenarios", raw.scenarios, "Only these")->type_name("X,Y");
  app.add_flag("--list-backends{table}", raw.list_backends, "Print the backends; =json for scripts");
  app.add_flag("--list-cells{names}", raw.list_cells, "Print the names of the cells; =csv with all axes");
  app.add_flag("--matrix-info", raw.matrix_info, "Print the settings of the matrix as JSON");
  app.add_flag("--environment", raw.environment, "Print facts about the machine and the build as JSON");
  app.add_option("--cell", line.cells, "Run only this cell of the matrix; several take turns in rounds")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_option("--at-work", raw.at_work, "Keep the name of the cell that is at work in this file")
      ->type_name("FILE");
  app.add_option("--samples", raw.samples, "Append rows to this CSV file")->type_name("FILE");
  app.add_option("--run", line.run, "Name of the run in the rows")->type_name("NAME")->capture_default_str();
  app.add_option("--block", line.block, "Number of the block in the rows")
      ->type_name("N")
      ->check(whole_number(1, most_blocks))
      ->capture_default_str();
  app.add_option("--seed", raw.seed, "Seed (default: the matrix's)")
      ->type_name("N")
      ->check(whole_number(0, most_seed));
}

/// The one thing to do; more than one is an error.
action action_of(const CLI::App& app, const raw_words& raw) {
  const auto value_of = [](std::string_view option, const std::string& value, std::string_view plain,
                           std::string_view other) {
    if (value != plain && value != other)
      throw usage_error(
          fmt::format("{}={} is unknown; write {} or {}={}", option, value, option, option, other));
    return value == other;
  };
  std::vector<std::pair<std::string, action>> wanted;
  if (app.count("--list-backends") > 0)
    wanted.emplace_back("--list-backends", value_of("--list-backends", raw.list_backends, "table", "json")
                                               ? action::list_backends_json
                                               : action::list_backends);
  if (app.count("--list-cells") > 0)
    wanted.emplace_back("--list-cells", value_of("--list-cells", raw.list_cells, "names", "csv")
                                            ? action::list_cells_csv
                                            : action::list_cells);
  if (raw.matrix_info) wanted.emplace_back("--matrix-info", action::matrix_info);
  if (raw.environment) wanted.emplace_back("--environment", action::environment);
  if (app.count("--cell") > 0) wanted.emplace_back("--cell", action::run_cells);
  if (wanted.empty()) return action::benchmark;
  if (wanted.size() > 1)
    throw usage_error(
        fmt::format("{} and {} cannot be combined; give one of them", wanted[0].first, wanted[1].first));
  return wanted.front().second;
}

/// Takes out Google Benchmark's flags first: the library knows them better, and it would take --help for
/// itself.
std::vector<std::string> own_words(int argc, const char* const* argv,
                                   std::vector<std::string>& benchmark_flags) {
  std::vector<std::string> own;
  for (int i = argc - 1; i > 0; --i) {  // CLI11 expects the last word first
    const std::string_view word = argv[i];
    const bool foreign = word.starts_with("--benchmark_") || word.starts_with("--v=");
    (foreign ? benchmark_flags : own).emplace_back(word);
  }
  std::ranges::reverse(benchmark_flags);
  return own;
}

}  // namespace

std::optional<command_line> parse_command_line(int argc, const char* const* argv) {
  CLI::App app{"Measures queues between producers and consumers", "handoff-bench"};
  command_line line;
  raw_words raw;
  declare(app, line, raw);
  try {
    app.parse(own_words(argc, argv, line.benchmark_flags));
  } catch (const CLI::Success& answer) {  // --help, --version
    std::ostringstream text;
    app.exit(answer, text);
    print_out(text.str());
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    throw usage_error(fmt::format("{}; --help lists the options", error.what()));
  }
  line.chosen = action_of(app, raw);
  if (line.chosen != action::benchmark && !line.benchmark_flags.empty())
    throw usage_error(fmt::format("{} belongs to a run of Google Benchmark; leave it out here",
                                  line.benchmark_flags.front()));
  if (app.count("--backends") > 0) line.backends = split_list(raw.backends);
  if (app.count("--scenarios") > 0) line.scenarios = split_list(raw.scenarios);
  if (app.count("--samples") > 0) line.samples = raw.samples;
  if (app.count("--at-work") > 0) line.at_work = raw.at_work;
  if (app.count("--seed") > 0) line.seed = raw.seed;
  return line;
}

}  // namespace handoff::bench
