// What handoff-fork-join makes of contenders that count wrongly, throw or end the process, and its table.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/fork_join/measure.hpp"
#include "bench/fork_join/table.hpp"
#include "bench/frame/errors.hpp"

namespace handoff::bench_tests {

namespace {

using bench::contender;
using bench::node_count;
using harness::tree_name;

constexpr auto small = tree_name::skynet_3;
constexpr node_count nodes_of_small = 1111;

class fake_walker : public bench::walker {
 public:
  explicit fake_walker(std::function<node_count()> visit) : visit_(std::move(visit)) {}
  node_count visit() override { return visit_(); }

 private:
  std::function<node_count()> visit_;
};

contender fake(std::function<node_count()> visit) {
  return {.name = "fake",
          .open = [visit](tree_name, unsigned) { return std::make_unique<fake_walker>(visit); }};
}

/// The sentence with which a sample of it fails, or nothing.
std::string failure_of(const contender& what) {
  try {
    bench::measure_in_child(what, small, 3, 0.001);
  } catch (const bench::run_error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST(fork_join_sample, has_the_time_per_node_and_the_memory_of_a_process) {
  const auto sample = bench::measure_in_child(fake([] { return nodes_of_small; }), small, 1, 0.001);
  EXPECT_GT(sample.node_ns, 0);
  EXPECT_GT(sample.peak_rss_bytes, 0);
}

TEST(fork_join_sample, fails_if_a_node_is_missing_from_the_first_visit) {
  EXPECT_EQ(failure_of(fake([] { return nodes_of_small - 1; })),
            "fake on 3 threads, skynet_3: visited 1110 nodes of a tree that has 1111");
}

TEST(fork_join_sample, fails_if_a_node_is_visited_twice_in_a_later_visit) {
  EXPECT_EQ(failure_of(fake([visits = 0]() mutable { return nodes_of_small + (++visits == 3 ? 1 : 0); })),
            "fake on 3 threads, skynet_3: visited 1112 nodes of a tree that has 1111");
}

TEST(fork_join_sample, fails_with_the_sentence_of_an_exception) {
  EXPECT_EQ(failure_of(fake([]() -> node_count { throw std::runtime_error("there are no threads left"); })),
            "fake on 3 threads, skynet_3: there are no threads left");
  EXPECT_EQ(failure_of(fake([]() -> node_count { throw 1; })),
            "fake on 3 threads, skynet_3: threw something that is no std::exception");
}

TEST(fork_join_sample, fails_if_the_process_ends) {
  EXPECT_EQ(failure_of(fake([]() -> node_count {
              raise(SIGKILL);
              return nodes_of_small;
            })),
            "fake on 3 threads, skynet_3: was ended by signal 9");
  EXPECT_EQ(failure_of(fake([]() -> node_count { _exit(0); })), "fake on 3 threads, skynet_3: ended early");
}

TEST(fork_join_contenders, visit_every_node_of_every_small_tree) {
  for (const contender& what : bench::contenders())
    for (const tree_name tree :
         {tree_name::fib_16, tree_name::skynet_3, tree_name::nqueens_8, tree_name::uts_small})
      for (const unsigned threads : {1U, 3U}) {
        if (!what.open) continue;
        EXPECT_NO_THROW(bench::measure_in_child(what, tree, threads, 0.001)) << what.name;
      }
}

TEST(fork_join_blocks, have_one_sample_per_block_and_number_of_threads) {
  std::vector<contender> all(4, fake([] { return nodes_of_small; }));
  all[0].threads = bench::crew::caller_alone;
  all[2].threads = bench::crew::its_own;
  all[3].most_nodes = nodes_of_small - 1;
  const auto rows = bench::measure_blocks(
      {.tree = small, .threads = {1, 2}, .blocks = 3, .seconds = 0.001, .seed = 1}, all);
  const std::vector<std::pair<unsigned, std::size_t>> expected = {{1, 3}, {1, 3}, {2, 3}, {0, 3}, {0, 0}};
  std::vector<std::pair<unsigned, std::size_t>> found;
  for (const auto& row : rows) found.emplace_back(row.threads, row.samples.size());
  EXPECT_EQ(found, expected);
}

TEST(fork_join_table, has_medians_and_their_ratios_on_as_many_threads) {
  std::vector<contender> all(4, fake({}));
  all[0].name = "plain";
  all[1].name = "ours";
  all[2].name = "theirs";
  all[3] = {.name = "absent", .open = nullptr, .why_not = "nobody installed it"};
  constexpr std::uint64_t mib = 1 << 20;
  const std::vector<bench::fork_join_row> rows = {{&all[0], 1, {{2, mib}, {1, mib}, {9, mib}}},
                                                  {&all[1], 1, {{4, mib}}},
                                                  {&all[1], 2, {{2, mib}, {3, 3 * mib}, {1, mib}}},
                                                  {&all[2], 2, {{6, mib}, {8, mib}}},
                                                  {&all[3], 0, {}}};
  EXPECT_EQ(bench::table_of({.tree = small, .threads = {1, 2}, .blocks = 3, .seconds = 1, .seed = 1}, rows),
            "skynet_3: 1111 nodes, 3 blocks\n"
            "contender            threads   ns/node  speed-up              / ours  peak MiB\n"
            "plain                      1      2.00     1.000                0.50       1.0\n"
            "ours                       1      4.00     0.500                1.00       1.0\n"
            "ours                       2      2.00     1.000                1.00       3.0\n"
            "theirs                     2      7.00     0.286                3.50       1.0\n"
            "absent               unavailable: nobody installed it\n");
}

}  // namespace handoff::bench_tests
