#include "bench/matrix/matrix.hpp"

#include <gtest/gtest.h>

#include "tests/bench/fake_catalog.hpp"
#include "tests/bench/temporary_folder.hpp"

namespace handoff::bench {
namespace {

using namespace testing;
using strings = std::vector<std::string>;

TEST(matrix, a_table_with_a_scenario_alone_has_all_defaults) {
  const auto known = fake_catalog();
  const auto made = parsed("[[cells]]\nscenario = \"throughput\"\n", known);
  EXPECT_EQ(made.name, "m");
  EXPECT_EQ(made.reference, "mutex_condvar");
  EXPECT_EQ(made.blocks, 11U);
  EXPECT_EQ(made.samples, 1U);
  EXPECT_EQ(made.sample_ms, 50U);
  ASSERT_EQ(made.tables.size(), 1U);
  const auto& table = made.tables.front();
  EXPECT_EQ(table.backends, bench::names_of(known));
  EXPECT_FALSE(table.waits);
  EXPECT_EQ(table.shapes, (std::vector<std::pair<unsigned, unsigned>>{{1, 1}}));
  EXPECT_EQ(table.capacities, std::vector<std::size_t>{1024});
  EXPECT_EQ(table.items, std::vector{harness::item_kind::bytes_8});
}

TEST(matrix, every_key_is_read) {
  const auto known = fake_catalog();
  const auto made = parsed(R"(
description = "all of it"
reference = "tickets"
blocks = 7
samples = 3
sample_ms = 20
seed = 99
steal_limit = 0.25

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
)",
                           known);
  EXPECT_EQ(made.description, "all of it");
  EXPECT_EQ(made.reference, "tickets");
  EXPECT_EQ(made.blocks, 7U);
  EXPECT_EQ(made.samples, 3U);
  EXPECT_EQ(made.sample_ms, 20U);
  EXPECT_EQ(made.seed, 99U);
  EXPECT_EQ(made.steal_limit, 0.25);
  const auto& table = made.tables.front();
  EXPECT_EQ(table.scenarios, (std::vector{harness::scenario::paced, harness::scenario::shutdown}));
  EXPECT_EQ(table.backends, (strings{"tickets", "snake"}));
  EXPECT_EQ(table.waits, (std::vector{wait_kind::yield, wait_kind::loop}));
  EXPECT_EQ(table.shapes, (std::vector<std::pair<unsigned, unsigned>>{{1, 2}, {1, 8}, {4, 2}, {4, 8}}));
  EXPECT_EQ(table.capacities, (std::vector<std::size_t>{1, 1024}));
  EXPECT_EQ(table.items, (std::vector{harness::item_kind::bytes_8, harness::item_kind::bytes_64,
                                      harness::item_kind::move_only}));
  EXPECT_EQ(table.works_producer, (std::vector<std::uint32_t>{0, 100}));
  EXPECT_EQ(table.works_consumer, (std::vector<std::uint32_t>{250}));
  EXPECT_EQ(table.pins, (std::vector{harness::pinning::none, harness::pinning::spread}));
  EXPECT_EQ(table.rates, (std::vector{0.1, 0.8}));
  EXPECT_EQ(table.stops, (std::vector{harness::stop_protocol::close, harness::stop_protocol::relay}));
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
