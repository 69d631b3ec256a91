#include "bench/fork_join/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "bench/frame/blocks.hpp"
#include "bench/frame/failed_rows.hpp"
#include "harness/outcome.hpp"
#include "harness/trees/tree.hpp"

namespace handoff::bench {

namespace {

bool is_available(const contender& what, harness::tree_name tree) {
  return what.open != nullptr && harness::facts_of(tree).nodes <= what.most_nodes;
}

std::vector<unsigned> thread_counts(const contender& what, const fork_join_run& run) {
  if (what.threads == crew::caller_alone) return {1};
  if (what.threads == crew::its_own || !is_available(what, run.tree)) return {0};
  return run.threads;
}

bool has_figures(const fork_join_row& row) {
  return !row.samples.empty() && failures_of(row.samples).empty();
}

double median_node_ns(const fork_join_row& row) {
  std::vector<double> values;
  for (const child_sample& sample : row.samples) values.push_back(sample.figures.at(0));
  return harness::median(std::move(values));
}

double peak_mib(const fork_join_row& row) {
  constexpr double mib = 1024.0 * 1024.0;
  double most = 0;
  for (const child_sample& sample : row.samples) most = std::max(most, sample.figures.at(1));
  return most / mib;
}

/// The row of the reference on as many threads, or null.
const fork_join_row* same_threads(const std::vector<fork_join_row>& rows, const contender* reference,
                                  unsigned threads) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const fork_join_row& row) {
    return row.what == reference && row.threads == threads && has_figures(row);
  });
  return found == rows.end() ? nullptr : &*found;
}

std::string threads_of(const fork_join_row& row) {
  return row.threads == 0 ? "-" : std::to_string(row.threads);
}

std::string speed_up(const fork_join_row& serial, double ns) {
  return has_figures(serial) ? fmt::format("{:.3f}", median_node_ns(serial) / ns) : "-";
}

}  // namespace

std::vector<fork_join_row> measure_blocks(const fork_join_run& run, const std::vector<contender>& all) {
  std::vector<fork_join_row> rows;
  std::vector<std::size_t> available;
  for (const contender& what : all)
    for (const unsigned threads : thread_counts(what, run)) {
      if (is_available(what, run.tree)) available.push_back(rows.size());
      rows.push_back({&what, threads, {}});
    }
  measure_in_blocks(available, run.blocks, run.seed, [&](std::size_t i) {
    rows[i].samples.push_back(
        measure_in_child(*rows[i].what, run.tree, std::max(1U, rows[i].threads), run.time));
  });
  return rows;
}

std::string table_of(const fork_join_run& run, const std::vector<fork_join_row>& rows) {
  const fork_join_row& serial = rows.front();
  const contender* const reference = rows.size() > 1 ? rows[1].what : nullptr;
  std::string table = fmt::format(
      "{}: {} nodes, {} blocks\n{:<20} {:>7} {:>9} {:>9} {:>19} {:>9}\n", harness::to_string(run.tree),
      harness::facts_of(run.tree).nodes, run.blocks, "contender", "threads", "ns/node", "speed-up",
      reference != nullptr ? fmt::format("/ {}", reference->name) : "", "peak MiB");
  for (const fork_join_row& row : rows) {
    if (row.samples.empty()) {
      table += fmt::format("{:<20} unavailable: {}\n", row.what->name, row.what->why_not);
    } else if (const std::string failures = failures_of(row.samples); !failures.empty()) {
      table += fmt::format("{:<20} {:>7} {}\n", row.what->name, threads_of(row), failures);
    } else {
      const double ns = median_node_ns(row);
      const fork_join_row* const ours = same_threads(rows, reference, row.threads);
      table += fmt::format("{:<20} {:>7} {:>9.2f} {:>9} {:>19} {:>9.1f}\n", row.what->name, threads_of(row),
                           ns, speed_up(serial, ns),
                           ours != nullptr ? fmt::format("{:.2f}", ns / median_node_ns(*ours)) : "-",
                           peak_mib(row));
    }
  }
  return table;
}

std::vector<std::string> failed_rows(const std::vector<fork_join_row>& rows) {
  std::vector<std::string> failed;
  for (const fork_join_row& row : rows)
    if (!failures_of(row.samples).empty())
      failed.push_back(row.threads == 0 ? std::string(row.what->name)
                                        : row_name(row.what->name, row.threads));
  return failed;
}

}  // namespace handoff::bench
