// handoff-fork-join: what a node costs if every visit of one forks, on the stealing_executor and on its
// peers.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "bench/fork_join/contender.hpp"
#include "bench/fork_join/table.hpp"
#include "bench/frame/errors.hpp"
#include "bench/frame/failed_rows.hpp"
#include "bench/frame/frame.hpp"
#include "bench/frame/options.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench {

namespace {

struct arguments {
  std::vector<std::string> trees = {"fib_30"};
  std::vector<std::string> names;  ///< of contenders; empty: all
  block_options run;
  double seconds = 0.1;
};

std::vector<std::string> names_of_all() {
  std::vector<std::string> names;
  for (const contender& one : contenders()) names.emplace_back(one.name);
  return names;
}

void add_options(CLI::App& app, arguments& line) {
  app.add_option("--tree", line.trees,
                 "Trees, separated by commas: " + joined(words_of(harness::tree_name_words)))
      ->delimiter(',')
      ->capture_default_str();
  app.add_option(
         "--contenders", line.names,
         "Contenders, separated by commas, to which the serial walk is added; all if none is named: " +
             joined(names_of_all()))
      ->delimiter(',');
  line.run.add_to(app);
  app.add_option("--seconds", line.seconds, "The shortest time that is measured per sample")
      ->check(CLI::Range(0.001, 10.0))
      ->capture_default_str();
}

/// False if only help was wanted, which has been printed.
bool parse(arguments& line, int argc, char** argv) {
  CLI::App app(
      "Visits every node of a tree, with a fork for each, by the stealing_executor and by other libraries.\n"
      "Every block has one sample of each contender, in a random order and in a process of its own.\n"
      "Prints medians over the blocks, the speed-up over a serial walk, and the ratio to the executor. A row "
      "of\n"
      "which a sample crashed, hung or counted wrongly says so, and the exit status is 1 at the end.",
      "handoff-fork-join");
  add_options(app, line);
  return read_options(app, argc, argv);
}

harness::tree_name tree_of(const std::string& word) {
  const auto found = harness::tree_name_words.value_of(word);
  if (!found)
    throw usage_error(fmt::format("--tree: there is no '{}'; {}", word,
                                  suggestion(word, words_of(harness::tree_name_words))));
  return *found;
}

/// In the order of the table, with the serial walk.
std::vector<contender> chosen(const std::vector<std::string>& names) {
  if (names.empty()) return contenders();
  const std::vector<std::string> known = names_of_all();
  for (const std::string& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw usage_error(fmt::format("--contenders: there is no '{}'; {}", name, suggestion(name, known)));
  std::vector<contender> some = {contenders().front()};
  for (std::size_t i = 1; i < known.size(); ++i)
    if (std::find(names.begin(), names.end(), known[i]) != names.end()) some.push_back(contenders()[i]);
  return some;
}

int measure(const arguments& line) {
  std::vector<harness::tree_name> trees;
  for (const std::string& word : line.trees) trees.push_back(tree_of(word));
  const std::vector<contender> some = chosen(line.names);
  std::vector<std::string> failed;
  for (const harness::tree_name tree : trees) {
    const fork_join_run run{
        tree, line.run.threads, line.run.blocks, {line.seconds, line.run.limit()}, line.run.seed};
    const std::vector<fork_join_row> rows = measure_blocks(run, some);
    print_out(table_of(run, rows));
    flush_out();
    for (const std::string& row : failed_rows(rows))
      failed.push_back(fmt::format("{}, {}", harness::to_string(tree), row));
  }
  report_failed(failed);
  return 0;
}

}  // namespace

}  // namespace handoff::bench

int main(int argc, char** argv) {
  using namespace handoff::bench;
  return run_framed("handoff-fork-join", [&] {
    arguments line;
    return parse(line, argc, argv) ? measure(line) : 0;
  });
}
