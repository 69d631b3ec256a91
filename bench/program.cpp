#include "bench/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bench/contenders/backend_list.hpp"
#include "bench/environment.hpp"
#include "bench/frame/errors.hpp"
#include "bench/frame/frame.hpp"
#include "bench/google_benchmark/benchmark_run.hpp"
#include "bench/machine/cpu_quota.hpp"
#include "bench/matrix/matrix.hpp"
#include "bench/matrix/plan.hpp"
#include "bench/rows/columns.hpp"
#include "bench/rows/recorder.hpp"
#include "bench/run_cell.hpp"
#include "bench/text/json_text.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench {

namespace {

using action = command_line::action;

selection selected(const command_line& line, const backend_catalog& known) {
  selection wanted;
  if (!line.backends.empty()) {
    std::optional<std::string> unknown;
    wanted.backends = resolve_backends(line.backends, known, unknown);
    if (unknown)
      throw usage_error(fmt::format("--backends: unknown backend '{}'; {}", *unknown,
                                    suggestion(*unknown, backend_words(known))));
  }
  for (const auto& word : line.scenarios) {
    const auto scenario = harness::scenario_words.value_of(word);
    if (!scenario)
      throw usage_error(fmt::format("--scenarios: unknown scenario '{}'; {}", word,
                                    suggestion(word, words_of(harness::scenario_words))));
    wanted.scenarios.push_back(*scenario);
  }
  return wanted;
}

std::vector<planned_cell> planned(const command_line& line, const matrix& from, const backend_catalog& known,
                                  unsigned cores) {
  auto cells = plan_cells(from, known, selected(line, known), cores);
  if (cells.empty())
    throw usage_error(fmt::format(
        "the matrix {} has no cells for this choice of backends and scenarios; leave out --backends or "
        "--scenarios",
        from.name));
  return cells;
}

/// The cell of that name, or a usage_error with similar names.
planned_cell find_cell(const command_line& line, const matrix& from, const backend_catalog& known,
                       unsigned cores) {
  if (auto found = plan_one_cell(from, known, selected(line, known), cores, line.cell))
    return *std::move(found);
  std::vector<std::string> names;
  for (const auto& cell : planned(line, from, known, cores)) names.push_back(cell.name);
  const auto close = nearest(line.cell, names, 3);
  throw usage_error(fmt::format(
      "the matrix {} has no cell '{}'; {}", from.name, line.cell,
      close.empty() ? "--list-cells prints those that it has" : "the nearest are " + joined(close)));
}

std::string matrix_json(const matrix& from) {
  nlohmann::ordered_json info{
      {"name", from.name},     {"file", from.file.string()}, {"description", from.description},
      {"blocks", from.blocks}, {"samples", from.samples},    {"sample_ms", from.sample_ms},
      {"seed", from.seed},     {"reference", from.reference}};
  info["text"] = from.text;
  info["steal_limit"] = from.steal_limit ? nlohmann::ordered_json(*from.steal_limit) : nullptr;
  return json_text(info);
}

std::string name_lines(const std::vector<planned_cell>& cells) {
  std::string text;
  for (const auto& cell : cells) text += cell.name + "\n";
  return text;
}

row_origin origin_of(const command_line& line, const matrix& from) {
  return {.run = line.run, .block = line.block, .sample = 1, .seed = line.seed.value_or(from.seed)};
}

int run_one(const command_line& line, const matrix& from, const backend_catalog& known, unsigned cores) {
  const planned_cell cell = find_cell(line, from, known, cores);
  recorder records(origin_of(line, from), line.samples, recorder::destination::standard_output);
  run_cell(cell, from, records);
  return records.failed() ? 1 : 0;
}

int run_with_matrix(const command_line& line, const backend_catalog& known, unsigned cores) {
  const matrix from = load_matrix(line.matrix, known, matrix_folders());
  if (line.what == action::matrix_info) {
    print_out(matrix_json(from));
    return 0;
  }
  if (line.what == action::run_cell) return run_one(line, from, known, cores);
  if (line.what == action::list_cells_csv) {
    // For programs, which an empty list tells that the choice leaves nothing.
    print_out(cell_list_csv(plan_cells(from, known, selected(line, known), cores)));
    return 0;
  }
  const auto cells = planned(line, from, known, cores);
  if (line.what == action::list_cells) {
    print_out(name_lines(cells));
    return 0;
  }
  recorder records(origin_of(line, from), line.samples, recorder::destination::nowhere);
  const bool well = run_benchmarks(line.benchmark_flags, cells, from, known, selected(line, known), records);
  return well ? 0 : 1;
}

}  // namespace

int run_program(const command_line& line, const backend_catalog& known, const std::filesystem::path& root) {
  switch (line.what) {
    case action::list_backends: print_out(backend_table(known)); return 0;
    case action::list_backends_json: print_out(backend_json(known)); return 0;
    case action::environment: print_out(environment_json(known)); return 0;
    default: return run_with_matrix(line, known, threads_at_a_time(root));
  }
}

}  // namespace handoff::bench
