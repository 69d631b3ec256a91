// handoff-instructions: one loop, so and so often, for scripts/instructions, which counts its instructions.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/contenders/registry.hpp"
#include "bench/frame/errors.hpp"
#include "bench/frame/frame.hpp"
#include "bench/frame/options.hpp"
#include "bench/instructions/counted_loops.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench {

namespace {

struct arguments {
  bool list = false;
  std::string loop;
  std::uint64_t items = 1024;
};

/// False if only help was wanted, which has been printed.
bool parse(arguments& line, int argc, char** argv) {
  CLI::App app(
      "Runs one loop by one thread, again and again: an item in and out of a queue, a switch between two\n"
      "coroutines, a fork and its join. Prints how many there were. It measures nothing: run it under a "
      "tool\n"
      "that counts, as scripts/instructions does.",
      "handoff-instructions");
  app.add_flag("--list", line.list, "Print the names of the loops");
  app.add_option("--loop", line.loop, "The loop to run")->type_name("NAME");
  app.add_option("--items", line.items, "How many items, switches or tasks, at least")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40U))
      ->capture_default_str();
  return read_options(app, argc, argv);
}

std::vector<std::string> names_of(const std::vector<counted_loop>& loops) {
  std::vector<std::string> names;
  for (const counted_loop& one : loops) names.push_back(one.name);
  return names;
}

int run_loop(const arguments& line, const std::vector<counted_loop>& loops) {
  const auto found = std::ranges::find(loops, line.loop, &counted_loop::name);
  if (found == loops.end())
    throw usage_error(
        fmt::format("--loop: there is no '{}'; {}", line.loop, suggestion(line.loop, names_of(loops))));
  print_out(fmt::format("{}\n", found->run(line.items)));
  return 0;
}

int answer(const arguments& line) {
  const std::vector<counted_loop> loops = counted_loops(registry());
  if (line.list == !line.loop.empty()) throw usage_error("give either --list or --loop NAME");
  if (!line.list) return run_loop(line, loops);
  for (const std::string& name : names_of(loops)) print_out(name + "\n");
  return 0;
}

}  // namespace

}  // namespace handoff::bench

int main(int argc, char** argv) {
  using namespace handoff::bench;
  return run_framed("handoff-instructions", [&] {
    arguments line;
    return parse(line, argc, argv) ? answer(line) : 0;
  });
}
