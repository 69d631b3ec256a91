#include "bench/matrix/plan.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "bench/matrix/estimate.hpp"

namespace handoff::bench {

namespace {

using harness::cell;
using harness::sample_status;

/// Threads that a cell keeps busy.
unsigned workers_of(const cell& c) {
  const auto& facts = harness::facts_of(c.scenario);
  if (!facts.grows) return c.producers + c.consumers + facts.extra_workers;
  const bool joiner_polls = c.wait == wait_kind::spin || c.wait == wait_kind::yield;
  return c.consumers + (joiner_polls ? 1 : 0);
}

/// Expands the tables, one cell after another, without repeating one.
class planner {
 public:
  /// `only`: the name of the one cell that is wanted, which is not a control twin; empty: all.
  planner(const matrix& matrix, const backend_catalog& catalog, const selection& wanted, unsigned cores,
          std::string_view only = {})
      : matrix_(matrix), catalog_(catalog), wanted_(wanted), cores_(cores), only_(only) {}

  std::vector<planned_cell> take() {
    for (const auto& table : matrix_.tables) add_table(table);
    if (only_.empty()) add_controls();
    return std::move(planned_);
  }

 private:
  void add_table(const cell_table& table) {
    for (const auto scenario : table.scenarios) {
      if (!wanted_.scenarios.empty() && std::ranges::count(wanted_.scenarios, scenario) == 0) continue;
      if (!only_.empty() && !only_.starts_with(to_string(scenario))) continue;  // a name begins with it
      for (const auto& [producers, consumers] : table.shapes) {
        cell c;
        c.scenario = scenario;
        c.producers = producers;
        c.consumers = consumers;
        add_values(table, c, 0);
      }
    }
  }

  /// Every combination of the values of the table's axes from that one on.
  void add_values(const cell_table& table, cell& c, std::size_t next) {
    if (next == table.axes.size()) return add_contenders(table, c);
    const auto& [axis, values] = table.axes[next];
    if (axis->owner && axis->owner != c.scenario) return add_values(table, c, next + 1);
    if (harness::facts_of(c.scenario).grows && axis->in_a_tree != harness::axis_value()) {
      axis->set(c, axis->in_a_tree);
      return add_values(table, c, next + 1);
    }
    for (const auto& value : values) {
      axis->set(c, value);
      add_values(table, c, next + 1);
    }
  }

  void add_contenders(const cell_table& table, const cell& asked) {
    for (const auto& name : table.backends) {
      if (!wanted_.backends.empty() && std::ranges::count(wanted_.backends, name) == 0) continue;
      if (!only_.empty() && only_.find(name) == std::string_view::npos) continue;
      const backend& who = *find_backend(catalog_, name);
      cell c = asked;
      c.backend = name;
      if (!who.traits.bounded)
        for (const auto& axis : harness::axes())
          if (axis.bounded_only) axis.set(c, {});
      if (!who.available()) add(c, who, nullptr);
      for (const auto& with : who.contenders)
        if (who.available() && (!table.waits || std::ranges::count(*table.waits, with.wait) != 0))
          add(c, who, &with);
    }
  }

  void add(cell c, const backend& who, const harness::contender* with) {
    c.wait = with != nullptr ? std::optional(with->wait) : std::nullopt;
    planned_cell made;
    made.name = harness::name_of(c);
    if (!only_.empty() && made.name != only_) return;
    if (!names_.insert(made.name).second) return;
    made.cell = std::move(c);
    if (with == nullptr) {
      made.status = sample_status::unavailable;
      made.detail = "needs " + who.needs;
    } else {
      made.ordering = to_string(who.traits.order);
      const bool threads = who.traits.runs_on == execution::threads;
      made.oversubscribed = threads && workers_of(made.cell) > cores_;
      if (auto reason = with->why_not(made.cell)) {
        made.status = sample_status::skipped;
        made.detail = *reason;
      } else {
        made.runs = with;
      }
    }
    estimate(made, matrix_, who);
    planned_.push_back(std::move(made));
  }

  /// All axes but backend, wait and capacity, which an unbounded contender does not have.
  static cell group_of(const cell& c) {
    cell key = c;
    key.backend.clear();
    key.wait.reset();
    key.capacity.reset();
    return key;
  }

  void add_controls() {
    std::map<std::string, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < planned_.size(); ++i)
      groups[harness::name_of(group_of(planned_[i].cell))].push_back(i);
    std::set<std::size_t> twins;
    for (const auto& [key, members] : groups) {
      std::set<std::optional<std::size_t>> capacities;
      for (const auto i : members) capacities.insert(planned_[i].cell.capacity);
      if (capacities.size() > 1) capacities.erase(std::nullopt);
      for (const auto& capacity : capacities)
        if (const auto reference = reference_of(members, capacity)) twins.insert(*reference);
    }
    append_twins(twins);
  }

  /// The contender with which the others of a comparison group are compared.
  std::optional<std::size_t> reference_of(const std::vector<std::size_t>& members,
                                          std::optional<std::size_t> capacity) const {
    std::optional<std::size_t> first, fallback;
    for (const auto i : members) {
      const auto& candidate = planned_[i];
      if (candidate.runs == nullptr) continue;
      if (candidate.cell.capacity && candidate.cell.capacity != capacity) continue;
      if (candidate.cell.backend == matrix_.reference) return i;
      if (!fallback && candidate.cell.backend == "coroutine") fallback = i;
      if (!first) first = i;
    }
    return fallback ? fallback : first;
  }

  /// Each twin follows its original.
  void append_twins(const std::set<std::size_t>& twins) {
    std::vector<planned_cell> all;
    all.reserve(planned_.size() + twins.size());
    for (std::size_t i = 0; i < planned_.size(); ++i) {
      all.push_back(planned_[i]);
      if (!twins.contains(i)) continue;
      planned_cell twin = planned_[i];
      twin.cell.control = true;
      twin.name = harness::name_of(twin.cell);
      all.push_back(std::move(twin));
    }
    planned_ = std::move(all);
  }

  const bench::matrix& matrix_;
  const backend_catalog& catalog_;
  const selection& wanted_;
  unsigned cores_;
  std::string_view only_;
  std::vector<planned_cell> planned_;
  std::set<std::string> names_;
};

}  // namespace

harness::session_options session_options_of(const cell& cell, const matrix& matrix, std::uint64_t seed) {
  const std::chrono::milliseconds length(matrix.sample_ms);
  return {.sample_length = length, .seed = seed, .step_limit = step_limit(cell, length)};
}

std::vector<planned_cell> plan_cells(const matrix& matrix, const backend_catalog& catalog,
                                     const selection& wanted, unsigned cores) {
  return planner(matrix, catalog, wanted, cores).take();
}

std::optional<planned_cell> plan_one_cell(const matrix& matrix, const backend_catalog& catalog,
                                          const selection& wanted, unsigned cores, std::string_view name) {
  constexpr std::string_view control = "/control:1";
  const bool is_twin = name.ends_with(control);
  if (is_twin) name.remove_suffix(control.size());
  auto cells =
      name.empty() ? std::vector<planned_cell>() : planner(matrix, catalog, wanted, cores, name).take();
  if (cells.empty()) return std::nullopt;
  planned_cell& found = cells.front();
  found.cell.control = is_twin;
  found.name = harness::name_of(found.cell);
  return std::move(found);
}

}  // namespace handoff::bench
