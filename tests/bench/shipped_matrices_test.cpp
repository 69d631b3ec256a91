// The matrices that come with the program, against the backends of this build.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "bench/contenders/catalog.hpp"
#include "bench/contenders/registry.hpp"
#include "bench/matrix/matrix.hpp"
#include "bench/matrix/plan.hpp"

namespace handoff::bench {
namespace {

constexpr unsigned two_cores = 2;

struct shipped {
  explicit shipped(const std::string& name)
      : settings(load_matrix(name, known, matrix_folders())),
        cells(plan_cells(settings, known, {}, two_cores)) {}

  /// Whether trees alone measure it.
  bool leaves_out(const std::string& backend) const {
    return std::ranges::count(settings.without, backend) != 0;
  }

  /// Of all blocks over the project's own backends, without what the scripts need between two processes: a
  /// backend that somebody adds takes its own time.
  double expected_seconds() const {
    selection own;
    for (const auto& who : known)
      if (shipped_names.contains(who.name)) own.backends.push_back(who.name);
    double sum = 0;
    for (const auto& cell : plan_cells(settings, known, own, two_cores)) sum += cell.estimate_s;
    return sum * settings.blocks;
  }

  static inline const std::set<std::string> shipped_names{
      "asio_channel", "asio_channel_tuned",  "coroutine",     "coroutine_lifo", "coroutine_priority",
      "moodycamel",   "moodycamel_blocking", "mutex_condvar", "stealing_pool",  "stealing_pool_bounded",
      "tbb_bounded",  "python_asyncio",      "coroutine_pool"};

  backend_catalog known = registry();
  matrix settings;
  std::vector<planned_cell> cells;
};

class every_shipped_matrix : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(, every_shipped_matrix, ::testing::Values("smoke", "quick", "standard", "full"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(every_shipped_matrix, covers_every_scenario_and_every_contender) {
  const shipped matrix(GetParam());
  std::set<std::string> covered, wanted;
  for (const auto& cell : matrix.cells)
    if (cell.cell.wait)
      covered.insert(std::string(to_string(cell.cell.scenario)) + " " + cell.cell.backend + " " +
                     std::string(to_string(*cell.cell.wait)));
  for (const auto scenario : harness::scenario_words.values())
    for (const auto& who : matrix.known)
      for (const auto& with : who.contenders)
        if (who.available() && (scenario == harness::scenario::tree || !matrix.leaves_out(who.name)))
          wanted.insert(std::string(to_string(scenario)) + " " + who.name + " " +
                        std::string(to_string(with.wait)));
  EXPECT_EQ(covered, wanted);
}

TEST_P(every_shipped_matrix, names_each_cell_once) {
  const shipped matrix(GetParam());
  std::set<std::string> names;
  for (const auto& cell : matrix.cells) EXPECT_TRUE(names.insert(cell.name).second) << cell.name;
}

TEST_P(every_shipped_matrix, says_what_it_is_for) {
  EXPECT_FALSE(shipped(GetParam()).settings.description.empty());
}

TEST(quick_matrix, fits_into_150_seconds_with_enough_blocks_for_an_interval) {
  const shipped quick("quick");
  EXPECT_GE(quick.settings.blocks, 10U) << "so many carry verdicts that hold together in its tables";
  EXPECT_TRUE(quick.settings.rounds.has_value());
  EXPECT_LE(quick.expected_seconds(), 120);  // the rest is for starting processes and the summary
}

TEST(quick_matrix, measures_throughput_at_three_shapes_and_one_slot_queues_on_one_thread) {
  const shipped quick("quick");
  const auto has = [&](const std::string& name) {
    return std::ranges::find(quick.cells, name, &planned_cell::name) != quick.cells.end();
  };
  for (const auto* shape : {"p:1/c:1", "p:2/c:2", "p:4/c:4"}) {
    const std::string at = std::string("/") + shape + "/cap:";
    EXPECT_TRUE(has("throughput/mutex_condvar" + at + "1024/bytes:8/wait:native/pin:compact")) << shape;
    EXPECT_TRUE(has("throughput/coroutine" + at + "1024/bytes:8/wait:loop/pin:compact")) << shape;
    EXPECT_TRUE(has("throughput/coroutine" + at + "1/bytes:8/wait:loop/pin:compact")) << shape;
    EXPECT_FALSE(has("throughput/mutex_condvar" + at + "1/bytes:8/wait:native/pin:compact")) << shape;
    EXPECT_FALSE(has("throughput/mutex_condvar" + at + "1/bytes:8/wait:native")) << shape;
  }
}

TEST(smoke_matrix, takes_seconds) { EXPECT_LE(shipped("smoke").expected_seconds(), 10); }

TEST(standard_matrix, has_eleven_blocks_and_takes_a_quarter_of_an_hour_at_most) {
  const shipped standard("standard");
  EXPECT_GE(standard.settings.blocks, 11U);
  EXPECT_GE(standard.settings.sample_ms, 50U);
  EXPECT_LE(standard.expected_seconds(), 15 * 60);
}

TEST(full_matrix, takes_a_night_at_most) { EXPECT_LE(shipped("full").expected_seconds(), 10 * 3600); }

TEST(stealing_matrix, grows_trees_with_every_contender_that_joins) {
  const shipped stealing("stealing");
  std::set<std::string> grown, can;
  for (const auto& cell : stealing.cells) {
    if (cell.cell.scenario == harness::scenario::throughput) continue;
    EXPECT_EQ(cell.cell.scenario, harness::scenario::tree) << cell.name;
    if (cell.runs != nullptr) grown.insert(cell.cell.backend);
  }
  harness::cell asked;
  asked.scenario = harness::scenario::tree;
  asked.item = harness::item_kind::node;
  asked.tree = harness::tree_name::fib_16;
  for (const auto& who : stealing.known)
    for (const auto& with : who.contenders)
      if (who.available() && !with.why_not(asked)) can.insert(who.name);
  EXPECT_EQ(grown, can);
  EXPECT_GE(can.size(), 5U);
  EXPECT_GE(stealing.settings.blocks, 7U);
  EXPECT_LE(stealing.expected_seconds(), 30 * 60);
}

TEST(stealing_matrix, sets_a_crowd_of_coroutines_on_threads_beside_asios_channel) {
  std::set<std::string> names;
  for (const auto& cell : shipped("stealing").cells) names.insert(cell.name);
  for (const std::string backend : {"coroutine_pool", "asio_channel"})
    EXPECT_EQ(names.count("throughput/" + backend + "/p:100/c:100/cap:64/bytes:8/wait:loop"), 1U) << backend;
}

TEST(async_matrix, sets_the_queues_of_one_thread_beside_both_peers_at_one_slot_and_at_1024) {
  const shipped async("async");
  std::set<std::string> names;
  for (const auto& cell : async.cells) names.insert(cell.name);
  for (const std::string shape : {"p:1/c:1", "p:2/c:2"})
    for (const std::string capacity : {"1", "1024"})
      for (const auto& who : async.known) {
        const bool one_thread = std::ranges::any_of(
            who.contenders, [](const auto& with) { return with.wait == wait_kind::loop; });
        if (!who.available() || !one_thread) continue;
        EXPECT_EQ(names.count("throughput/" + who.name + "/" + shape + "/cap:" + capacity +
                              "/bytes:8/wait:loop/pin:compact"),
                  1U)
            << who.name;
      }
  EXPECT_GE(async.settings.blocks, 11U);
}

}  // namespace
}  // namespace handoff::bench
