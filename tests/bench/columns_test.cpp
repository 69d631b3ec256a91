#include "bench/rows/columns.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "bench/text/csv.hpp"
#include "harness/axes.hpp"
#include "tests/bench/csv_reader.hpp"
#include "tests/bench/fake_catalog.hpp"

namespace handoff::bench {
namespace {

using namespace testing;
using harness::sample;
using json = nlohmann::ordered_json;

/// Fields by the names of their columns.
using row = std::map<std::string, std::string>;

std::vector<row> rows_of(const std::string& text) {
  const auto lines = parse_csv(text);
  std::vector<row> rows;
  for (std::size_t line = 1; line < lines.size(); ++line)
    for (std::size_t field = 0; field < lines[0].size(); ++field) {
      if (field == 0) rows.emplace_back();
      rows.back()[lines[0][field]] = lines.at(line).at(field);
    }
  return rows;
}

/// The list of columns that the scripts read, too.
std::vector<row> documented() {
  for (const auto& folder : matrix_folders()) {
    std::ifstream file(folder.parent_path().parent_path() / "docs" / "columns.csv");
    if (file) return rows_of({std::istreambuf_iterator<char>(file), {}});
  }
  return {};
}

std::vector<std::string> documented(const std::set<std::string>& parts) {
  std::vector<std::string> names;
  for (auto& column : documented())
    if (parts.contains(column["part"])) names.push_back(column["name"]);
  return names;
}

row fields(const row_origin& origin, const planned_cell& cell, const sample& measured) {
  return rows_of(samples_header() + sample_row(origin, cell, measured)).at(0);
}

::testing::AssertionResult has(const row& fields, const row& expected) {
  for (const auto& [name, value] : expected)
    if (const auto found = fields.find(name); found == fields.end() || found->second != value)
      return ::testing::AssertionFailure()
             << name << " is '" << (found == fields.end() ? "nowhere" : found->second) << "' and should be '"
             << value << "'";
  return ::testing::AssertionSuccess();
}

planned_cell cell_of(const std::string& table) {
  return plan_of("[[cells]]\n" + table, fake_catalog()).front();
}

TEST(columns, they_are_those_of_the_documentation) {
  EXPECT_EQ(samples_header(), csv_line(documented({"origin", "cell", "measured"})));
  auto listed = documented({"cell"});
  listed.insert(listed.end(), {"status", "detail"});
  for (auto& name : documented({"plan"})) listed.push_back(name);
  EXPECT_EQ(cell_list_csv({}), csv_line(listed));
}

TEST(columns, those_that_can_be_read_are_the_measured_ones) {
  for (auto& column : documented()) {
    sample s;
    const bool measured = column["part"] == "measured";
    EXPECT_EQ(read_measured(column["name"], nullptr, s) == column["name"] + " is null", measured)
        << column["name"];
  }
}

template <class Table>
std::set<std::string> words_in_cpp(const Table& table) {
  return {table.words().begin(), table.words().end()};
}

std::set<std::string> listed_words(const std::string& listed) {
  std::istringstream words(listed);
  return {std::istream_iterator<std::string>(words), {}};
}

TEST(columns, their_words_are_those_of_the_documentation) {
  std::map<std::string, std::set<std::string>> in_documentation;
  for (auto& column : documented())
    if (!column["words"].empty()) in_documentation[column["name"]] = listed_words(column["words"]);
  const std::map<std::string, std::set<std::string>> expected{
      {"scenario", words_in_cpp(harness::scenario_words)},
      {"status", words_in_cpp(harness::sample_status_words)},
      {"ordering", words_in_cpp(ordering_words)},
      {"wait", words_in_cpp(wait_kind_words)},
      {"stop", words_in_cpp(harness::stop_protocol_words)},
      {"tree", words_in_cpp(harness::tree_name_words)},
      {"pinning", words_in_cpp(harness::pinning_words)},
      {"item", {"trivial", "move_only"}}};
  EXPECT_EQ(in_documentation, expected);
}

TEST(columns, cells_are_named_as_the_documentation_says) {
  std::map<std::string, std::string> in_documentation, in_cpp;
  for (auto& column : documented())
    if (!column["key"].empty())
      in_documentation[column["name"]] = column["key"] + (column["unsaid"].empty() ? ", always" : "");
  for (const auto& axis : harness::axes())
    in_cpp[std::string(axis.key)] = std::string(axis.label) + (axis.always_named ? ", always" : "");
  EXPECT_EQ(in_documentation, in_cpp);
}

TEST(columns, those_of_some_scenarios_are_the_figures_of_their_rows) {
  // A queue need not count its failed attempts, nor steal, so no sample must have them.
  const std::set<std::string> at_will{"push_failed",  "pop_failed",  "steals",
                                      "steals_empty", "steals_lost", "search_share"};
  for (auto& column : documented()) {
    if (column["part"] != "measured" || column["type"] == "text" || at_will.contains(column["name"]))
      continue;
    sample s;
    ASSERT_EQ(read_measured(column["name"], 1U, s), "");
    std::set<std::string> owners;
    for (const auto& facts : harness::scenario_rows)
      if (std::ranges::any_of(facts.figures, [&](const auto check) { return check(s); }))
        owners.emplace(facts.word);
    EXPECT_EQ(owners, listed_words(column["scenarios"])) << column["name"];
  }
}

TEST(columns, those_of_one_scenario_are_the_axes_that_it_owns) {
  std::map<std::string, std::string> in_documentation, in_cpp;
  for (auto& column : documented())
    if (column["part"] == "cell" && !column["scenarios"].empty())
      in_documentation[column["name"]] = column["scenarios"];
  for (const auto& axis : harness::axes())
    if (axis.owner) in_cpp[std::string(axis.key)] = to_string(*axis.owner);
  EXPECT_EQ(in_documentation, in_cpp);
}

/// A sample with every value.
sample full_sample() {
  sample s;
  s.items = 1000;
  s.seconds = 0.05;
  s.items_per_second = 20000;
  s.rate_items_per_second = 20000.5;
  s.push_failed = 1;
  s.pop_failed = 2;
  s.latency = {.count = 1000, .p50 = 50, .p90 = 90.5, .p99 = 99, .p999 = std::nullopt, .max = 2e6};
  s.join_ns = 10;
  s.task_done_ns = 0.5;
  s.shutdown_ns = 20;
  s.threads_joined_ns = 30;
  s.node_ns = 40;
  s.serial_node_ns = 60;
  s.speed_up = 1.5;
  s.idle_share = 0.25;
  s.kept_share = 0.125;
  s.steals = 5;
  s.steals_empty = 6;
  s.steals_lost = 9;
  s.search_share = 0.0625;
  s.clock_ns = 23.3125;
  s.resources = {.cpu_user_s = 0.25,
                 .cpu_system_s = 0,
                 .switches_voluntary = 7,
                 .switches_involuntary = 8,
                 .steal_s = 0.01,
                 .peak_rss_bytes = 4096};
  s.fairness_producers = 0.9;
  s.fairness_consumers = 1;
  return s;
}

const row full_row{
    {"schema", "2"},
    {"run", "r1"},
    {"block", "3"},
    {"sample", "2"},
    {"seed", "42"},
    {"cell", "paced/tickets/p:3/c:4/cap:16/bytes:64/wait:park/rate:0.8/work:100-200/pin:compact"},
    {"scenario", "paced"},
    {"backend", "tickets"},
    {"control", "0"},
    {"ordering", "fifo"},
    {"wait", "park"},
    {"stop", ""},
    {"producers", "3"},
    {"consumers", "4"},
    {"capacity", "16"},
    {"item_bytes", "64"},
    {"work_producer_ns", "100"},
    {"work_consumer_ns", "200"},
    {"rate", "0.8"},
    {"tree", ""},
    {"rate_items_per_second", "20000.5"},
    {"pinning", "compact"},
    {"oversubscribed", "1"},
    {"items", "1000"},
    {"status", "ok"},
    {"detail", ""},
    {"seconds", "0.05"},
    {"items_per_second", "20000"},
    {"push_failed", "1"},
    {"pop_failed", "2"},
    {"latency_count", "1000"},
    {"latency_p50_ns", "50"},
    {"latency_p90_ns", "90.5"},
    {"latency_p99_ns", "99"},
    {"latency_p999_ns", ""},
    {"latency_max_ns", "2000000"},
    {"join_ns", "10"},
    {"task_done_ns", "0.5"},
    {"shutdown_ns", "20"},
    {"threads_joined_ns", "30"},
    {"node_ns", "40"},
    {"serial_node_ns", "60"},
    {"speed_up", "1.5"},
    {"idle_share", "0.25"},
    {"kept_share", "0.125"},
    {"steals", "5"},
    {"steals_empty", "6"},
    {"steals_lost", "9"},
    {"search_share", "0.0625"},
    {"clock_ns", "23.3125"},
    {"cpu_user_s", "0.25"},
    {"cpu_system_s", "0"},
    {"switches_voluntary", "7"},
    {"switches_involuntary", "8"},
    {"steal_s", "0.01"},
    {"fairness_producers", "0.9"},
    {"fairness_consumers", "1"},
    {"peak_rss_bytes", "4096"},
    {"item", "trivial"}};

TEST(columns, a_full_row_has_every_value_in_its_place) {
  const auto cell = cell_of(
      "scenario = \"paced\"\nbackends = \"tickets\"\nwaits = \"park\"\nshapes = [[3, 4]]\ncapacity = 16\n"
      "item_bytes = 64\nwork_producer_ns = 100\nwork_consumer_ns = 200\nrate = 0.8\npinning = \"compact\"\n");
  EXPECT_TRUE(has(fields({.run = "r1", .block = 3, .sample = 2, .seed = 42}, cell, full_sample()), full_row));
}

TEST(columns, what_does_not_apply_is_empty_and_never_zero) {
  auto cell = cell_of(
      "scenario = \"shutdown\"\nbackends = \"endless\"\nitem_bytes = \"move_only\"\nstop = \"relay\"\n");
  cell.cell.control = true;
  sample s;
  s.status = harness::sample_status::crashed;
  s.detail = "it said \"no\", and left";
  row applies{{"schema", "2"},
              {"run", "a,b"},
              {"block", "1"},
              {"sample", "1"},
              {"seed", "0"},
              {"cell", "shutdown/endless/p:1/c:1/cap:-/bytes:move_only/wait:spin/stop:relay"},
              {"scenario", "shutdown"},
              {"backend", "endless"},
              {"control", "1"},
              {"ordering", "per_producer_fifo"},
              {"wait", "spin"},
              {"stop", "relay"},
              {"producers", "1"},
              {"consumers", "1"},
              {"item_bytes", "8"},
              {"work_producer_ns", "0"},
              {"work_consumer_ns", "0"},
              {"pinning", "none"},
              {"oversubscribed", "0"},
              {"status", "crashed"},
              {"detail", "it said \"no\", and left"},
              {"item", "move_only"}};
  const std::set<std::string> parts{"origin", "cell", "measured"};
  for (auto& column : documented())  // an axis that applies to every scenario has its usual value
    if (parts.contains(column["part"]))
      applies.try_emplace(column["name"], column["scenarios"].empty() ? column["unsaid"] : "");
  EXPECT_EQ(fields({.run = "a,b"}, cell, s), applies);
}

TEST(columns, a_row_has_as_many_fields_as_the_header) {
  const auto header = parse_csv(samples_header()).front();
  const auto cell = cell_of("scenario = \"throughput\"\n");
  EXPECT_EQ(parse_csv(sample_row({}, cell, {})).front().size(), header.size());
}

TEST(columns, the_list_of_cells_has_the_identity_columns_and_what_becomes_of_them) {
  const auto cells =
      plan_of("[[cells]]\nscenario = \"join\"\nbackends = [\"tickets\", \"missing\"]\nwaits = \"native\"\n",
              fake_catalog());
  const auto listed = rows_of(cell_list_csv(cells));
  ASSERT_EQ(listed.size(), 2U);
  const row of_both{{"scenario", "join"}, {"control", "0"},          {"stop", ""},
                    {"producers", "1"},   {"consumers", "1"},        {"capacity", "1024"},
                    {"item_bytes", "8"},  {"work_producer_ns", "0"}, {"work_consumer_ns", "0"},
                    {"rate", ""},         {"pinning", "none"},       {"oversubscribed", "0"},
                    {"item", "trivial"},  {"estimate_s", "0"},       {"timeout_s", "0"}};
  EXPECT_TRUE(has(listed[0], of_both));
  EXPECT_TRUE(has(listed[0], {{"cell", "join/tickets/p:1/c:1/cap:1024/bytes:8/wait:native"},
                              {"backend", "tickets"},
                              {"ordering", "fifo"},
                              {"wait", "native"},
                              {"status", "skipped"},
                              {"detail", "not joinable"}}));
  EXPECT_TRUE(has(listed[1], of_both));
  EXPECT_TRUE(has(listed[1], {{"cell", "join/missing/p:1/c:1/cap:1024/bytes:8/wait:-"},
                              {"backend", "missing"},
                              {"ordering", ""},
                              {"wait", ""},
                              {"status", "unavailable"},
                              {"detail", "needs libmissing-dev"}}));
}

TEST(columns, measured_values_are_read_from_json) {
  sample s;
  EXPECT_EQ(read_measured("items", 12U, s), "");
  EXPECT_EQ(read_measured("seconds", 0.25, s), "");
  EXPECT_EQ(read_measured("clock_ns", 23, s), "");
  EXPECT_EQ(read_measured("latency_count", 7U, s), "");
  EXPECT_EQ(read_measured("latency_p99_ns", 99.5, s), "");
  EXPECT_EQ(read_measured("cpu_user_s", 0.5, s), "");
  EXPECT_EQ(read_measured("status", "unsustained", s), "");
  EXPECT_EQ(read_measured("detail", "kept 90 %", s), "");
  EXPECT_EQ(s.items, 12U);
  EXPECT_EQ(s.seconds, 0.25);
  EXPECT_EQ(s.clock_ns, 23);
  EXPECT_EQ(s.latency.value().count, 7U);
  EXPECT_EQ(s.latency.value().p99, 99.5);
  EXPECT_EQ(s.resources.value().cpu_user_s, 0.5);
  EXPECT_EQ(s.status, harness::sample_status::unsustained);
  EXPECT_EQ(s.detail, "kept 90 %");
}

TEST(columns, only_a_difference_may_be_negative) {
  sample s;
  EXPECT_EQ(read_measured("task_done_ns", -2.5, s), "");
  EXPECT_EQ(s.task_done_ns, -2.5);
  EXPECT_EQ(read_measured("task_done_ns", std::numeric_limits<double>::infinity(), s),
            "task_done_ns is null");
  EXPECT_EQ(read_measured("join_ns", -5, s), "join_ns is -5");
}

TEST(columns, a_measured_value_of_another_type_is_refused) {
  sample s;
  EXPECT_EQ(read_measured("items", "many", s), "items is \"many\"");
  EXPECT_EQ(read_measured("items", "12", s), "items is \"12\"");
  EXPECT_EQ(read_measured("items", 1.5, s), "items is 1.5");
  EXPECT_EQ(read_measured("items", 1.0, s), "items is 1.0");
  EXPECT_EQ(read_measured("items", -1, s), "items is -1");
  EXPECT_EQ(read_measured("items", nullptr, s), "items is null");
  EXPECT_EQ(read_measured("seconds", "0.1", s), "seconds is \"0.1\"");
  EXPECT_EQ(read_measured("seconds", true, s), "seconds is true");
  EXPECT_EQ(read_measured("latency_p50_ns", json::array({1}), s), "latency_p50_ns is [1]");
  EXPECT_EQ(read_measured("steal_s", nullptr, s), "steal_s is null");
  EXPECT_EQ(read_measured("status", "fine", s), "status is \"fine\"");
  EXPECT_EQ(read_measured("status", 1, s), "status is 1");
  EXPECT_EQ(read_measured("detail", 1, s), "detail is 1");
}

TEST(columns, a_wrong_value_of_any_length_makes_a_short_sentence) {
  sample s;
  EXPECT_EQ(read_measured("items", std::string(1000, 'x'), s),
            "items is \"" + std::string(59, 'x') + "\u2026");
}

TEST(columns, only_measured_columns_are_a_peers_business) {
  sample s;
  EXPECT_EQ(read_measured("itms", 1, s), "'itms' is not a measured column (did you mean 'items'?)");
  EXPECT_NE(read_measured("backend", "x", s), "");
}

}  // namespace
}  // namespace handoff::bench
