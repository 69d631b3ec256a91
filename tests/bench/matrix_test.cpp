#include "bench/matrix/matrix.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/bench/fake_catalog.hpp"
#include "tests/bench/temporary_folder.hpp"

namespace handoff::bench {
namespace {

using namespace testing;
using strings = std::vector<std::string>;
using values = std::vector<harness::axis_value>;
using namespace std::literals;

values values_of(const cell_table& table, std::string_view key) {
  for (const auto& listed : table.axes)
    if (listed.axis->key == key) return listed.values;
  ADD_FAILURE() << key << " is no axis of the table";
  return {};
}

values wholes(std::initializer_list<std::uint64_t> numbers) { return {numbers.begin(), numbers.end()}; }

TEST(matrix, a_table_with_a_scenario_alone_has_all_defaults) {
  const auto known = fake_catalog();
  const auto made = parsed("[[cells]]\nscenario = \"throughput\"\n", known);
  EXPECT_EQ(made.name, "m");
  EXPECT_EQ(made.reference, "mutex_condvar");
  EXPECT_EQ(made.blocks, 11U);
  EXPECT_EQ(made.samples, 1U);
  EXPECT_EQ(made.sample_ms, 50U);
  EXPECT_EQ(made.equivalence, 0.05);
  ASSERT_EQ(made.tables.size(), 1U);
  const auto& table = made.tables.front();
  EXPECT_EQ(table.backends, bench::names_of(known));
  EXPECT_FALSE(table.waits);
  EXPECT_EQ(table.shapes, (std::vector<std::pair<unsigned, unsigned>>{{1, 1}}));
  EXPECT_EQ(values_of(table, "capacity"), wholes({1024}));
  EXPECT_EQ(values_of(table, "item_bytes"), values{"8"sv});
}

constexpr auto every_key = R"(
description = "all of it"
reference = "tickets"
blocks = 7
samples = 3
sample_ms = 20
seed = 99
steal_limit = 0.25
equivalence = 0.02

[[cells]]
scenario = ["paced", "shutdown"]
backends = ["tickets", "peers"]
waits = ["yield", "loop"]
producers = [1, 4]
consumers = [2, 8]
capacity = [1, 1024]
item_bytes = [8, 64, "move_only"]
work_producer_ns = [0, 100]
work_consumer_ns = 250
pinning = ["none", "spread"]
rate = [0.1, 0.8]
stop = ["close", "relay"]
)";

TEST(matrix, every_key_is_read) {
  const auto known = fake_catalog();
  const auto made = parsed(every_key, known);
  EXPECT_EQ(made.description, "all of it");
  EXPECT_EQ(made.reference, "tickets");
  EXPECT_EQ(made.blocks, 7U);
  EXPECT_EQ(made.samples, 3U);
  EXPECT_EQ(made.sample_ms, 20U);
  EXPECT_EQ(made.seed, 99U);
  EXPECT_EQ(made.steal_limit, 0.25);
  EXPECT_EQ(made.equivalence, 0.02);
  const auto& table = made.tables.front();
  EXPECT_EQ(table.scenarios, (std::vector{harness::scenario::paced, harness::scenario::shutdown}));
  EXPECT_EQ(table.backends, (strings{"tickets", "snake"}));
  EXPECT_EQ(table.waits, (std::vector{wait_kind::yield, wait_kind::loop}));
  EXPECT_EQ(table.shapes, (std::vector<std::pair<unsigned, unsigned>>{{1, 2}, {1, 8}, {4, 2}, {4, 8}}));
  EXPECT_EQ(values_of(table, "capacity"), wholes({1, 1024}));
  EXPECT_EQ(values_of(table, "item_bytes"), (values{"8"sv, "64"sv, "move_only"sv}));
  EXPECT_EQ(values_of(table, "work_producer_ns"), wholes({0, 100}));
  EXPECT_EQ(values_of(table, "work_consumer_ns"), wholes({250}));
  EXPECT_EQ(values_of(table, "pinning"), (values{"none"sv, "spread"sv}));
  EXPECT_EQ(values_of(table, "rate"), (values{0.1, 0.8}));
  EXPECT_EQ(values_of(table, "stop"), (values{"close"sv, "relay"sv}));
}

TEST(matrix, all_scenarios_are_one_word_and_may_list_the_values_of_every_axis) {
  const auto known = fake_catalog();
  const auto made = parsed("[[cells]]\nscenario = \"all\"\nrate = [0.1, 0.8]\nstop = \"relay\"\n", known);
  const auto& table = made.tables.front();
  EXPECT_EQ(table.scenarios,
            (std::vector(harness::scenario_words.values().begin(), harness::scenario_words.values().end())));
  EXPECT_EQ(values_of(table, "rate"), (values{0.1, 0.8}));
  EXPECT_EQ(values_of(table, "stop"), values{"relay"sv});
}

TEST(matrix, who_is_left_out_is_meant_by_name_only) {
  const auto known = fake_catalog();
  const auto backends_of = [&](const std::string& backends) {
    return parsed("without = \"tickets\"\n[[cells]]\nscenario = \"join\"\nbackends = " + backends + "\n",
                  known)
        .tables.front()
        .backends;
  };
  EXPECT_EQ(backends_of("\"threads\""), (strings{"mutex_condvar", "endless", "missing"}));
  EXPECT_EQ(std::ranges::count(backends_of("\"all\""), "tickets"), 0);
  EXPECT_EQ(backends_of("[\"threads\", \"tickets\"]"),
            (strings{"mutex_condvar", "tickets", "endless", "missing"}));
}

TEST(matrix, groups_of_backends_are_resolved_in_the_catalogs_order) {
  const auto known = fake_catalog();
  const auto resolved = [&](const strings& words) {
    std::optional<std::string> unknown;
    auto names = resolve_backends(words, known, unknown);
    EXPECT_FALSE(unknown) << *unknown;
    return names;
  };
  EXPECT_EQ(resolved({"all"}), bench::names_of(known));
  EXPECT_EQ(resolved({"threads"}), (strings{"mutex_condvar", "tickets", "endless", "missing"}));
  EXPECT_EQ(resolved({"coroutines"}), strings{"coroutine"});
  EXPECT_EQ(resolved({"snake", "coroutines", "endless", "snake"}),
            (strings{"endless", "coroutine", "snake"}));
}

TEST(matrix, a_name_is_looked_for_in_the_folders_and_a_path_is_taken_as_it_is) {
  const temporary_folder first, second;
  second.write("mine.toml", "blocks = 9\n[[cells]]\nscenario = \"join\"\n");
  const auto known = fake_catalog();
  const std::vector folders{first / "", second / ""};
  EXPECT_EQ(load_matrix("mine", known, folders).blocks, 9U);
  const auto by_path = load_matrix((second / "mine.toml").string(), known, {});
  EXPECT_EQ(by_path.name, "mine");
  EXPECT_EQ(by_path.file, second / "mine.toml");
}

}  // namespace
}  // namespace handoff::bench
