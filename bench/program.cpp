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
#include "bench/matrix/stage.hpp"
#include "bench/rows/at_work_file.hpp"
#include "bench/rows/columns.hpp"
#include "bench/rows/recorder.hpp"
#include "bench/text/json_text.hpp"
#include "bench/text/words.hpp"

namespace handoff::bench {

namespace {

using action = command_line::action;

selection selected(const command_line& line, const backend_catalog& catalog) {
  selection wanted;
  if (!line.backends.empty()) {
    std::optional<std::string> unknown;
    wanted.backends = resolve_backends(line.backends, catalog, unknown);
    if (unknown)
      throw usage_error(fmt::format("--backends: unknown backend '{}'; {}", *unknown,
                                    suggestion(*unknown, backend_words(catalog))));
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

std::vector<planned_cell> planned(const command_line& line, const matrix& matrix,
                                  const backend_catalog& catalog, unsigned cores) {
  auto cells = plan_cells(matrix, catalog, selected(line, catalog), cores);
  if (cells.empty())
    throw usage_error(fmt::format(
        "the matrix {} has no cells for this choice of backends and scenarios; leave out --backends or "
        "--scenarios",
        matrix.name));
  return cells;
}

/// The cell of that name, or a usage_error with similar names.
planned_cell find_cell(const command_line& line, const matrix& matrix, const backend_catalog& catalog,
                       unsigned cores, const std::string& name) {
  if (auto found = plan_one_cell(matrix, catalog, selected(line, catalog), cores, name))
    return *std::move(found);
  std::vector<std::string> names;
  for (const auto& cell : planned(line, matrix, catalog, cores)) names.push_back(cell.name);
  const auto close = nearest(name, names, 3);
  throw usage_error(fmt::format(
      "the matrix {} has no cell '{}'; {}", matrix.name, name,
      close.empty() ? "--list-cells prints those that it has" : "the nearest are " + joined(close)));
}

std::string matrix_json(const matrix& matrix) {
  json info{{"name", matrix.name},     {"file", matrix.file.string()}, {"description", matrix.description},
            {"blocks", matrix.blocks}, {"samples", matrix.samples},    {"sample_ms", matrix.sample_ms},
            {"seed", matrix.seed},     {"reference", matrix.reference}};
  info["rounds"] = matrix.rounds ? json(*matrix.rounds) : nullptr;
  info["text"] = matrix.text;
  info["steal_limit"] = matrix.steal_limit ? json(*matrix.steal_limit) : nullptr;
  info["equivalence"] = matrix.equivalence;
  return json_text(info);
}

std::string name_lines(const std::vector<planned_cell>& cells) {
  std::string text;
  for (const auto& cell : cells) text += cell.name + "\n";
  return text;
}

row_origin origin_of(const command_line& line, const matrix& matrix) {
  return {.run = line.run, .block = line.block, .sample = 1, .seed = line.seed.value_or(matrix.seed)};
}

int run_cells(const command_line& line, const matrix& matrix, const backend_catalog& catalog,
              unsigned cores) {
  std::vector<planned_cell> cells;
  for (const auto& name : line.cells) cells.push_back(find_cell(line, matrix, catalog, cores, name));
  std::optional<at_work_file> at_work;
  if (line.at_work) at_work.emplace(*line.at_work);
  recorder records(origin_of(line, matrix), line.samples, recorder::destination::standard_output);
  run_launch(cells, matrix, records, [&](const std::string& name) {
    if (at_work) at_work->write(name);
  });
  return records.failed() ? 1 : 0;
}

int run_with_matrix(const command_line& line, const backend_catalog& catalog, unsigned cores) {
  const matrix matrix = load_matrix(line.matrix, catalog, matrix_folders());
  if (line.chosen == action::matrix_info) {
    print_out(matrix_json(matrix));
    return 0;
  }
  if (line.chosen == action::run_cells) return run_cells(line, matrix, catalog, cores);
  if (line.chosen == action::list_cells_csv) {
    // For programs: an empty list means that the choice leaves nothing.
    print_out(cell_list_csv(plan_cells(matrix, catalog, selected(line, catalog), cores)));
    return 0;
  }
  const auto cells = planned(line, matrix, catalog, cores);
  if (line.chosen == action::list_cells) {
    print_out(name_lines(cells));
    return 0;
  }
  recorder records(origin_of(line, matrix), line.samples, recorder::destination::nowhere);
  const bool well =
      run_benchmarks(line.benchmark_flags, cells, matrix, catalog, selected(line, catalog), records);
  return well ? 0 : 1;
}

}  // namespace

int run_program(const command_line& line, const backend_catalog& catalog, const std::filesystem::path& root) {
  switch (line.chosen) {
    case action::list_backends: print_out(backend_table(catalog)); return 0;
    case action::list_backends_json: print_out(backend_json(catalog)); return 0;
    case action::environment: print_out(environment_json(catalog)); return 0;
    default: return run_with_matrix(line, catalog, threads_at_a_time(root));
  }
}

}  // namespace handoff::bench
