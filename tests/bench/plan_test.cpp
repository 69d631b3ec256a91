#include "bench/matrix/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "bench/rows/columns.hpp"
#include "tests/bench/fake_catalog.hpp"

namespace handoff::bench {
namespace {

using namespace testing;
using strings = std::vector<std::string>;
using harness::sample_status;

std::vector<planned_cell> without_controls(std::vector<planned_cell> cells) {
  std::erase_if(cells, [](const planned_cell& cell) { return cell.cell.control; });
  return cells;
}

strings controls_of(const std::vector<planned_cell>& cells) {
  strings names;
  for (const auto& cell : cells)
    if (cell.cell.control) names.push_back(cell.name);
  return names;
}

const planned_cell& cell_named(const std::vector<planned_cell>& cells, std::string_view name) {
  const auto found = std::ranges::find(cells, name, &planned_cell::name);
  if (found == cells.end()) throw std::runtime_error("no cell " + std::string(name));
  return *found;
}

TEST(plan, lists_are_crossed_and_each_wait_is_a_contender) {
  const auto cells =
      without_controls(plan_of("[[cells]]\nscenario = \"throughput\"\nbackends = \"tickets\"\nshapes = [[1, "
                               "1], [2, 3]]\ncapacity = [1, 8]\n",
                               fake_catalog()));
  EXPECT_EQ(testing::names_of(cells), (strings{
                                          "throughput/tickets/p:1/c:1/cap:1/bytes:8/wait:native",
                                          "throughput/tickets/p:1/c:1/cap:1/bytes:8/wait:yield",
                                          "throughput/tickets/p:1/c:1/cap:1/bytes:8/wait:park",
                                          "throughput/tickets/p:1/c:1/cap:8/bytes:8/wait:native",
                                          "throughput/tickets/p:1/c:1/cap:8/bytes:8/wait:yield",
                                          "throughput/tickets/p:1/c:1/cap:8/bytes:8/wait:park",
                                          "throughput/tickets/p:2/c:3/cap:1/bytes:8/wait:native",
                                          "throughput/tickets/p:2/c:3/cap:1/bytes:8/wait:yield",
                                          "throughput/tickets/p:2/c:3/cap:1/bytes:8/wait:park",
                                          "throughput/tickets/p:2/c:3/cap:8/bytes:8/wait:native",
                                          "throughput/tickets/p:2/c:3/cap:8/bytes:8/wait:yield",
                                          "throughput/tickets/p:2/c:3/cap:8/bytes:8/wait:park",
                                      }));
}

TEST(plan, waits_that_a_backend_does_not_have_make_no_cells) {
  const auto cells = without_controls(plan_of(
      "[[cells]]\nscenario = \"join\"\nbackends = [\"mutex_condvar\", \"endless\"]\nwaits = \"yield\"\n",
      fake_catalog()));
  EXPECT_EQ(testing::names_of(cells), strings{"join/endless/p:1/c:1/cap:-/bytes:8/wait:yield"});
}

TEST(plan, an_unbounded_contender_has_one_cell_however_long_the_list_of_capacities) {
  const auto cells =
      without_controls(plan_of("[[cells]]\nscenario = \"throughput\"\nbackends = \"endless\"\nwaits = "
                               "\"spin\"\ncapacity = [1, 8, 64]\n",
                               fake_catalog()));
  ASSERT_EQ(testing::names_of(cells), strings{"throughput/endless/p:1/c:1/cap:-/bytes:8/wait:spin"});
  EXPECT_EQ(cells.front().cell.capacity, std::nullopt);
}

TEST(plan, rates_are_for_paced_and_stops_for_shutdown_only) {
  const auto cells = without_controls(
      plan_of("[[cells]]\nscenario = [\"join\", \"paced\", \"shutdown\"]\nbackends = \"coroutine\"\n"
              "rate = [0.1, 0.5]\nstop = [\"relay\", \"close\"]\n",
              fake_catalog()));
  EXPECT_EQ(testing::names_of(cells), (strings{
                                          "join/coroutine/p:1/c:1/cap:1024/bytes:8/wait:loop",
                                          "paced/coroutine/p:1/c:1/cap:1024/bytes:8/wait:loop/rate:0.1",
                                          "paced/coroutine/p:1/c:1/cap:1024/bytes:8/wait:loop/rate:0.5",
                                          "shutdown/coroutine/p:1/c:1/cap:1024/bytes:8/wait:loop/stop:relay",
                                          "shutdown/coroutine/p:1/c:1/cap:1024/bytes:8/wait:loop/stop:close",
                                      }));
}

TEST(plan, a_cell_that_two_tables_ask_for_is_there_once) {
  const std::string table =
      "[[cells]]\nscenario = \"throughput\"\nbackends = \"coroutine\"\ncapacity = [1, 8]\n";
  const auto cells = without_controls(plan_of(table + table, fake_catalog()));
  EXPECT_EQ(cells.size(), 2U);
}

TEST(plan, names_are_as_many_as_cells_whatever_axes_differ) {
  const auto cells = plan_of(R"(
[[cells]]
scenario = ["throughput", "ping_pong", "paced", "join", "shutdown"]
producers = [1, 2, 12]
consumers = [1, 2, 12]
capacity = [1, 12, 112]
item_bytes = [8, 64, "move_only"]
work_producer_ns = [0, 1, 11]
work_consumer_ns = [0, 1, 11]
pinning = ["none", "compact", "spread"]
rate = [0.1, 0.12]
stop = ["sentinel", "relay", "close", "join_cancel"]
)",
                             fake_catalog());
  std::set<std::string> names;
  for (const auto& cell : cells) {
    EXPECT_EQ(harness::name_of(cell.cell), cell.name);
    EXPECT_TRUE(names.insert(cell.name).second) << cell.name;
  }
  EXPECT_GT(names.size(), 10000U);
}

TEST(plan, what_a_contender_cannot_run_is_skipped_with_its_reason) {
  const auto cells = plan_of("[[cells]]\nscenario = \"join\"\nbackends = \"tickets\"\n", fake_catalog());
  const auto& native = cell_named(cells, "join/tickets/p:1/c:1/cap:1024/bytes:8/wait:native");
  EXPECT_EQ(native.status, sample_status::skipped);
  EXPECT_EQ(native.detail, "not joinable");
  EXPECT_EQ(native.runs, nullptr);
  EXPECT_EQ(native.estimate_s, 0);
  EXPECT_EQ(cell_named(cells, "join/tickets/p:1/c:1/cap:1024/bytes:8/wait:park").status, sample_status::ok);
}

TEST(plan, an_unavailable_backend_is_listed_without_a_wait) {
  const auto cells =
      plan_of("[[cells]]\nscenario = \"join\"\nbackends = \"missing\"\nwaits = \"park\"\n", fake_catalog());
  ASSERT_EQ(testing::names_of(cells), strings{"join/missing/p:1/c:1/cap:1024/bytes:8/wait:-"});
  EXPECT_EQ(cells.front().status, sample_status::unavailable);
  EXPECT_EQ(cells.front().detail, "needs libmissing-dev");
  EXPECT_EQ(cells.front().ordering, "");
}

TEST(plan, threads_beyond_the_cores_are_oversubscribed_and_tasks_never) {
  const auto cells = plan_of(
      "[[cells]]\nscenario = \"throughput\"\nbackends = [\"mutex_condvar\", \"coroutine\"]\n"
      "shapes = [[2, 2], [3, 2]]\n",
      fake_catalog());
  EXPECT_FALSE(
      cell_named(cells, "throughput/mutex_condvar/p:2/c:2/cap:1024/bytes:8/wait:native").oversubscribed);
  EXPECT_TRUE(
      cell_named(cells, "throughput/mutex_condvar/p:3/c:2/cap:1024/bytes:8/wait:native").oversubscribed);
  EXPECT_FALSE(cell_named(cells, "throughput/coroutine/p:3/c:2/cap:1024/bytes:8/wait:loop").oversubscribed);
}

TEST(plan, the_thread_that_joins_is_a_worker_too) {
  const auto cells = plan_of(
      "[[cells]]\nscenario = \"join\"\nbackends = [\"mutex_condvar\", \"coroutine\"]\n"
      "shapes = [[1, 2], [2, 2]]\n",
      fake_catalog());
  EXPECT_FALSE(cell_named(cells, "join/mutex_condvar/p:1/c:2/cap:1024/bytes:8/wait:native").oversubscribed);
  EXPECT_TRUE(cell_named(cells, "join/mutex_condvar/p:2/c:2/cap:1024/bytes:8/wait:native").oversubscribed);
  EXPECT_FALSE(cell_named(cells, "join/coroutine/p:2/c:2/cap:1024/bytes:8/wait:loop").oversubscribed);
}

TEST(plan, a_tree_has_nodes_for_items_and_a_worker_for_each_pair_of_sides) {
  const auto cells = plan_of(
      "[[cells]]\nscenario = \"tree\"\nbackends = [\"mutex_condvar\", \"endless\"]\nwaits = [\"native\", "
      "\"spin\"]\nshapes = [[4, 4], [2, 4]]\nitem_bytes = [8, 64]\ntree = [\"uts_t3\"]\n",
      fake_catalog());
  ASSERT_EQ(cells.size(), 6U);  // two contenders in two shapes, and their control twins
  EXPECT_FALSE(cell_named(cells, "tree/mutex_condvar/p:4/c:4/cap:1024/bytes:32/wait:native/tree:uts_t3")
                   .oversubscribed);
  EXPECT_TRUE(cell_named(cells, "tree/endless/p:4/c:4/cap:-/bytes:32/wait:spin/tree:uts_t3").oversubscribed)
      << "the thread that joins polls as well";
}

/// Four million nodes take longer than a sample of 50 ms.
TEST(plan, a_large_tree_is_expected_to_take_its_time) {
  const auto cells = plan_of(
      "[[cells]]\nscenario = \"tree\"\nbackends = \"mutex_condvar\"\ntree = [\"fib_16\", \"uts_t1\"]\n",
      fake_catalog());
  const auto& small =
      cell_named(cells, "tree/mutex_condvar/p:1/c:1/cap:1024/bytes:32/wait:native/tree:fib_16");
  const auto& large =
      cell_named(cells, "tree/mutex_condvar/p:1/c:1/cap:1024/bytes:32/wait:native/tree:uts_t1");
  EXPECT_LT(small.estimate_s, 0.2);
  EXPECT_GT(large.estimate_s, 2);
  EXPECT_GT(large.timeout_s, small.timeout_s + 60);
}

TEST(plan, each_comparison_group_has_one_control_twin_of_the_reference) {
  const auto cells = plan_of(
      "[[cells]]\nscenario = \"throughput\"\nshapes = [[1, 1], [2, 2]]\ncapacity = [1, 8]\n", fake_catalog());
  EXPECT_EQ(controls_of(cells), (strings{
                                    "throughput/mutex_condvar/p:1/c:1/cap:1/bytes:8/wait:native/control:1",
                                    "throughput/mutex_condvar/p:1/c:1/cap:8/bytes:8/wait:native/control:1",
                                    "throughput/mutex_condvar/p:2/c:2/cap:1/bytes:8/wait:native/control:1",
                                    "throughput/mutex_condvar/p:2/c:2/cap:8/bytes:8/wait:native/control:1",
                                }));
}

TEST(plan, a_control_twin_follows_its_original_and_differs_in_nothing_else) {
  const auto cells = plan_of("[[cells]]\nscenario = \"join\"\n", fake_catalog());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i].cell.control) continue;
    ASSERT_GT(i, 0U);
    harness::cell original = cells[i].cell;
    original.control = false;
    EXPECT_EQ(cells[i - 1].cell, original);
    EXPECT_EQ(cells[i].estimate_s, cells[i - 1].estimate_s);
    EXPECT_EQ(cells[i].runs, cells[i - 1].runs);
  }
}

TEST(plan, the_reference_falls_back_to_coroutine_and_then_to_the_first_that_can_run) {
  const auto twins = [](const std::string& table) {
    return controls_of(plan_of("[[cells]]\n" + table, fake_catalog()));
  };
  EXPECT_EQ(twins("scenario = \"throughput\"\nbackends = [\"peers\", \"coroutines\"]\ncapacity = 1\n"),
            strings{"throughput/coroutine/p:1/c:1/cap:1/bytes:8/wait:loop/control:1"});
  EXPECT_EQ(twins("scenario = \"throughput\"\nbackends = [\"endless\", \"coroutine\"]\n"),
            strings{"throughput/coroutine/p:1/c:1/cap:1024/bytes:8/wait:loop/control:1"});
  EXPECT_EQ(twins("scenario = \"join\"\nbackends = [\"missing\", \"tickets\", \"snake\"]\n"),
            strings{"join/tickets/p:1/c:1/cap:1024/bytes:8/wait:yield/control:1"});
  EXPECT_EQ(twins("scenario = \"join\"\nbackends = \"missing\"\n"), strings{});
}

TEST(plan, the_matrix_chooses_the_reference) {
  const auto cells =
      plan_of("reference = \"tickets\"\n[[cells]]\nscenario = \"throughput\"\n", fake_catalog());
  EXPECT_EQ(controls_of(cells), strings{"throughput/tickets/p:1/c:1/cap:1024/bytes:8/wait:native/control:1"});
}

TEST(plan, an_unbounded_reference_joins_every_capacity_with_one_twin) {
  const auto cells = plan_of(
      "reference = \"endless\"\n[[cells]]\nscenario = \"throughput\"\ncapacity = [1, 8]\n", fake_catalog());
  EXPECT_EQ(controls_of(cells), strings{"throughput/endless/p:1/c:1/cap:-/bytes:8/wait:spin/control:1"});
}

TEST(plan, a_selection_leaves_the_rest_out_and_moves_the_reference) {
  const auto cells = plan_of("[[cells]]\nscenario = [\"throughput\", \"join\"]\n", fake_catalog(),
                             {.backends = {"endless", "snake"}, .scenarios = {harness::scenario::join}});
  EXPECT_EQ(testing::names_of(cells), (strings{
                                          "join/endless/p:1/c:1/cap:-/bytes:8/wait:spin",
                                          "join/endless/p:1/c:1/cap:-/bytes:8/wait:spin/control:1",
                                          "join/endless/p:1/c:1/cap:-/bytes:8/wait:yield",
                                          "join/snake/p:1/c:1/cap:1024/bytes:8/wait:loop",
                                      }));
}

TEST(plan, longer_samples_and_more_of_them_are_expected_to_take_longer) {
  const auto seconds = [](const std::string& settings) {
    return plan_of(settings + "[[cells]]\nscenario = \"paced\"\nbackends = \"coroutine\"\n", fake_catalog())
        .front()
        .estimate_s;
  };
  EXPECT_LT(seconds("sample_ms = 20\n"), seconds("sample_ms = 50\n"));
  EXPECT_LT(seconds("sample_ms = 20\n"), seconds("sample_ms = 20\nsamples = 2\n"));
}

/// A matrix may ask for a second of work around an item: such a cell has the time that its fewest items need.
TEST(plan, the_most_work_that_a_matrix_may_ask_for_is_no_reason_to_time_out) {
  matrix from;
  from.sample_ms = 20;
  const auto cells = plan_of(
      "sample_ms = 20\n[[cells]]\nscenario = [\"throughput\", \"paced\", \"join\"]\nrate = 0.5\n"
      "shapes = [[1, 1], [64, 2]]\nwork_producer_ns = 1_000_000_000\nwork_consumer_ns = 1_000_000_000\n",
      fake_catalog());
  for (const auto& cell : cells) {
    if (cell.runs == nullptr) continue;
    const std::chrono::duration<double> limit = session_options_of(cell.cell, from, 1).step_limit;
    const bool joins = cell.cell.scenario == harness::scenario::join;
    const double rounds_s = joins ? 3 * 32 * cell.cell.consumers * 2 : cell.cell.producers * 2;
    EXPECT_GT(limit.count(), rounds_s) << cell.name << ": one sample, on one core";
    EXPECT_GT(cell.timeout_s, limit.count() * 2) << cell.name;
    EXPECT_GT(cell.estimate_s, 1) << cell.name;
    EXPECT_LT(cell.estimate_s, joins ? 2 * rounds_s : 300) << cell.name;
  }
}

constexpr auto every_axis = R"(
[[cells]]
scenario = ["throughput", "join", "shutdown", "paced"]
backends = "all"
capacity = [1, 1024]
shapes = [[1, 1], [2, 3]]
rate = [0.5, 0.9]
stop = ["close", "sentinel"]
)";

TEST(plan, a_cell_that_is_looked_for_alone_is_the_one_of_the_plan) {
  const auto known = fake_catalog();
  const auto from = parsed(every_axis, known);
  const auto cells = plan_cells(from, known, {}, 4);
  EXPECT_GT(cells.size(), 100U);
  for (const auto& cell : cells) {
    const auto alone = plan_one_cell(from, known, {}, 4, cell.name);
    ASSERT_TRUE(alone) << cell.name;
    EXPECT_EQ(cell_list_csv({*alone}), cell_list_csv({cell}));
    EXPECT_EQ(alone->runs, cell.runs);
  }
  for (const auto* name : {"", "/control:1", "throughput", "throughput/nobody/p:1/c:1"})
    EXPECT_FALSE(plan_one_cell(from, known, {}, 4, name)) << name;
}

/// Each process of a run looks for its cell: what it does for all the others, a run does in squares.
TEST(plan, a_cell_is_looked_for_without_planning_the_others) {
  auto known = fake_catalog();
  int asked = 0;
  for (auto& who : known)
    for (auto& with : who.contenders)
      with.why_not = [&asked](const harness::cell&) -> std::optional<std::string> {
        ++asked;
        return std::nullopt;
      };
  const auto from = parsed(every_axis, known);
  EXPECT_TRUE(plan_one_cell(from, known, {}, 4, "join/tickets/p:2/c:3/cap:1024/bytes:8/wait:park/control:1"));
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace handoff::bench
