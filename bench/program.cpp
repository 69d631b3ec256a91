#include "bench/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "bench/backend_list.hpp"
#include "bench/benchmark_run.hpp"
#include "bench/columns.hpp"
#include "bench/environment.hpp"
#include "bench/errors.hpp"
#include "bench/matrix.hpp"
#include "bench/plan.hpp"
#include "bench/recorder.hpp"
#include "bench/words.hpp"
#include "harness/placement.hpp"

namespace handoff::bench {

namespace {

using action = command_line::action;

selection selected(const command_line& line, const catalog& known) {
  selection wanted;
  if (!line.backends.empty()) {
    std::optional<std::string> unknown;
    wanted.backends = resolve_backends(line.backends, known, unknown);
    if (unknown)
      throw usage_error(fmt::format("--backends: unknown backend '{}'; {}", *unknown,
                                    suggestion(*unknown, backend_words(known))));
  }
  for (const auto& word : line.scenarios) {
    const auto scenario = from_word(word, harness::all_scenarios);
    if (!scenario)
      throw usage_error(fmt::format("--scenarios: unknown scenario '{}'; {}", word,
                                    suggestion(word, words_of(harness::all_scenarios))));
    wanted.scenarios.push_back(*scenario);
  }
  return wanted;
}

std::vector<planned_cell> planned(const command_line& line, const matrix& from, const catalog& known) {
  auto cells = plan_cells(from, known, selected(line, known), harness::usable_cores());
  if (cells.empty())
    throw usage_error(fmt::format(
        "the matrix {} has no cells for this choice of backends and scenarios; leave out --backends or "
        "--scenarios",
        from.name));
  return cells;
}

/// The cell of that name. The control twin of any cell is one too: which cell has a twin depends on the
/// selection.
planned_cell find_cell(const std::vector<planned_cell>& cells, const std::string& name, const matrix& from) {
  constexpr std::string_view control = "/control:1";
  if (const auto found = std::ranges::find(cells, name, &planned_cell::name); found != cells.end())
    return *found;
  if (name.ends_with(control)) {
    const auto original = std::string_view(name).substr(0, name.size() - control.size());
    if (const auto found = std::ranges::find(cells, original, &planned_cell::name); found != cells.end()) {
      planned_cell twin = *found;
      twin.what.control = true;
      twin.name = name;
      return twin;
    }
  }
  std::vector<std::string> names;
  for (const auto& cell : cells) names.push_back(cell.name);
  const auto close = nearest(name, names, 3);
  throw usage_error(fmt::format(
      "the matrix {} has no cell '{}'; {}", from.name, name,
      close.empty() ? "--list-cells prints those that it has" : "the nearest are " + joined(close)));
}

std::string matrix_json(const matrix& from) {
  nlohmann::ordered_json info{
      {"name", from.name},     {"file", from.file.string()}, {"description", from.description},
      {"blocks", from.blocks}, {"samples", from.samples},    {"sample_ms", from.sample_ms},
      {"seed", from.seed},     {"reference", from.reference}};
  info["steal_limit"] = from.steal_limit ? nlohmann::ordered_json(*from.steal_limit) : nullptr;
  return info.dump(2) + "\n";
}

std::string name_lines(const std::vector<planned_cell>& cells) {
  std::string text;
  for (const auto& cell : cells) text += cell.name + "\n";
  return text;
}

row_origin origin_of(const command_line& line, const matrix& from) {
  return {.run = line.run, .block = line.block, .sample = 1, .seed = line.seed.value_or(from.seed)};
}

int run_one(const command_line& line, const matrix& from, const std::vector<planned_cell>& cells) {
  const planned_cell cell = find_cell(cells, line.cell, from);
  recorder records(origin_of(line, from), line.samples, recorder::destination::standard_output);
  run_cell(cell, from, records);
  return records.failed() ? 1 : 0;
}

int run_with_matrix(const command_line& line, const catalog& known) {
  const matrix from = load_matrix(line.matrix, known, matrix_folders());
  if (line.what == action::matrix_info) {
    fmt::print("{}", matrix_json(from));
    return 0;
  }
  const auto cells = planned(line, from, known);
  switch (line.what) {
    case action::list_cells: fmt::print("{}", name_lines(cells)); return 0;
    case action::list_cells_csv: fmt::print("{}", cell_list_csv(cells)); return 0;
    case action::run_cell: return run_one(line, from, cells);
    default: break;
  }
  recorder records(origin_of(line, from), line.samples, recorder::destination::nowhere);
  const bool well = run_benchmarks(line.benchmark_flags, cells, from, known, selected(line, known), records);
  return well ? 0 : 1;
}

}  // namespace

int run_program(const command_line& line, const catalog& known) {
  switch (line.what) {
    case action::list_backends: fmt::print("{}", backend_table(known)); return 0;
    case action::list_backends_json: fmt::print("{}", backend_json(known)); return 0;
    case action::environment: fmt::print("{}", environment_json()); return 0;
    default: return run_with_matrix(line, known);
  }
}

}  // namespace handoff::bench
