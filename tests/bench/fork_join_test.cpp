// What handoff-fork-join makes of contenders that count wrongly, throw, hang or end the process; its table.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/fork_join/measure.hpp"
#include "bench/fork_join/table.hpp"

namespace handoff::bench_tests {

namespace {

using bench::contender;
using harness::sample_status;
using harness::tree_facts;
using harness::tree_name;

constexpr auto small = tree_name::skynet_3;
constexpr tree_facts right{.nodes = 1111, .leaves = 1000, .depth = 3};
constexpr bench::walk_time quick{.seconds = 0.001, .limit = std::chrono::minutes(2)};

/// A visit's answer, from which a timed one drops the depth.
using visit_function = std::function<tree_facts()>;

class fake_walker : public bench::walker {
 public:
  explicit fake_walker(visit_function visit) : visit_(std::move(visit)) {}
  tree_facts visit() override {
    tree_facts found = visit_();
    found.depth = 0;
    return found;
  }
  tree_facts survey() override { return visit_(); }

 private:
  visit_function visit_;
};

contender fake(visit_function visit) {
  return {.name = "fake",
          .open = [visit](tree_name, unsigned) { return std::make_unique<fake_walker>(visit); }};
}

contender crashing() {
  return fake([]() -> tree_facts {
    signal(SIGSEGV, SIG_DFL);  // not a sanitizer's handler
    raise(SIGSEGV);
    return right;
  });
}

/// `corrupt: …`, or nothing if the sample is good.
std::string failure_of(const contender& what, std::chrono::milliseconds limit = quick.limit) {
  const auto taken = bench::measure_in_child(what, small, 3, {.seconds = quick.seconds, .limit = limit});
  return taken.status == sample_status::ok ? ""
                                           : fmt::format("{}: {}", to_string(taken.status), taken.detail);
}

/// Right until the visit of that number, 1 for the first, and wrong from then on.
contender wrong_from(int number, tree_facts wrong) {
  return fake([number, wrong, visits = 0]() mutable { return ++visits < number ? right : wrong; });
}

bench::fork_join_run run_of(std::vector<unsigned> threads, unsigned blocks) {
  return {.tree = small, .threads = std::move(threads), .blocks = blocks, .time = quick, .seed = 1};
}

bench::child_sample sample_of(double node_ns, double mib) {
  return {.figures = {node_ns, mib * 1024 * 1024}};
}

}  // namespace

TEST(fork_join_sample, has_the_time_per_node_and_the_memory_of_a_process) {
  const auto sample = bench::measure_in_child(fake([] { return right; }), small, 1, quick);
  ASSERT_EQ(sample.figures.size(), 2U);
  EXPECT_GT(sample.figures[0], 0);
  EXPECT_GT(sample.figures[1], 0);
}

TEST(fork_join_sample, is_corrupt_if_the_first_visit_counts_wrongly) {
  EXPECT_EQ(failure_of(wrong_from(1, {.nodes = 1110, .leaves = 1000, .depth = 3})),
            "corrupt: 1110 nodes were visited of a tree that has 1111");
  EXPECT_EQ(failure_of(wrong_from(1, {.nodes = 1111, .leaves = 1001, .depth = 3})),
            "corrupt: 1001 leaves were visited of a tree that has 1000");
  EXPECT_EQ(failure_of(wrong_from(1, {.nodes = 1111, .leaves = 1000, .depth = 2})),
            "corrupt: 2 levels were visited of a tree that has 3");
}

TEST(fork_join_sample, is_corrupt_if_a_later_visit_counts_wrongly) {
  EXPECT_EQ(failure_of(wrong_from(3, {.nodes = 1112, .leaves = 1000, .depth = 3})),
            "corrupt: 1112 nodes were visited of a tree that has 1111");
  EXPECT_EQ(failure_of(wrong_from(2, {.nodes = 1111, .leaves = 999, .depth = 3})),
            "corrupt: 999 leaves were visited of a tree that has 1000");
}

TEST(fork_join_sample, is_crashed_by_an_exception) {
  EXPECT_EQ(failure_of(fake([]() -> tree_facts { throw std::runtime_error("there are\nno threads left"); })),
            "crashed: it threw an exception: there are no threads left");
  EXPECT_EQ(failure_of(fake([]() -> tree_facts { throw 1; })),
            "crashed: it threw something that is no std::exception");
}

TEST(fork_join_sample, is_crashed_if_the_process_ends) {
  EXPECT_EQ(failure_of(crashing()), "crashed: it was ended by signal 11 (Segmentation fault)");
  EXPECT_EQ(failure_of(fake([]() -> tree_facts { _exit(0); })), "crashed: it ended instead of answering");
  EXPECT_EQ(failure_of(fake([]() -> tree_facts { _exit(3); })), "crashed: it ended with status 3");
}

TEST(fork_join_sample, is_given_up_at_its_limit) {
  EXPECT_EQ(failure_of(fake([]() -> tree_facts {
                         for (;;) pause();
                       }),
                       std::chrono::milliseconds(50)),
            "timeout: it did not answer within 0.05 s");
}

TEST(fork_join_contenders, visit_every_node_of_every_small_tree) {
  for (const contender& what : bench::contenders())
    for (const tree_name tree :
         {tree_name::fib_16, tree_name::skynet_3, tree_name::nqueens_8, tree_name::uts_small})
      for (const unsigned threads : {1U, 3U}) {
        if (!what.open) continue;
        const auto taken = bench::measure_in_child(what, tree, threads, quick);
        EXPECT_EQ(taken.status, sample_status::ok) << what.name << ": " << taken.detail;
      }
}

TEST(fork_join_blocks, have_one_sample_per_block_and_number_of_threads) {
  std::vector<contender> all(4, fake([] { return right; }));
  all[0].threads = bench::crew::caller_alone;
  all[2].threads = bench::crew::its_own;
  all[3].most_nodes = right.nodes - 1;
  const auto rows = bench::measure_blocks(run_of({1, 2}, 3), all);
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
  const std::vector<bench::fork_join_row> rows = {
      {&all[0], 1, {sample_of(2, 1), sample_of(1, 1), sample_of(9, 1)}},
      {&all[1], 1, {sample_of(4, 1)}},
      {&all[1], 2, {sample_of(2, 1), sample_of(3, 3), sample_of(1, 1)}},
      {&all[2], 2, {sample_of(6, 1), sample_of(8, 1)}},
      {&all[3], 0, {}}};
  EXPECT_EQ(bench::failed_rows(rows), std::vector<std::string>());
  EXPECT_EQ(bench::table_of(run_of({1, 2}, 3), rows),
            "skynet_3: 1111 nodes, 3 blocks\n"
            "contender            threads   ns/node  speed-up              / ours  peak MiB\n"
            "plain                      1      2.00     1.000                0.50       1.0\n"
            "ours                       1      4.00     0.500                1.00       1.0\n"
            "ours                       2      2.00     1.000                1.00       3.0\n"
            "theirs                     2      7.00     0.286                3.50       1.0\n"
            "absent               unavailable: nobody installed it\n");
}

TEST(fork_join_table, keeps_the_row_of_a_contender_that_crashes_and_all_others) {
  std::vector<contender> all = {fake([] { return right; }), crashing(), fake([] { return right; }),
                                wrong_from(1, {})};
  all[0].threads = bench::crew::caller_alone;
  all[3].threads = bench::crew::its_own;
  const bench::fork_join_run run = run_of({2}, 2);
  const auto rows = bench::measure_blocks(run, all);
  const std::string table = bench::table_of(run, rows);
  EXPECT_NE(table.find("\nfake                       2 crashed in 2 of 2 blocks: it was ended by signal 11 "
                       "(Segmentation fault)\n"),
            std::string::npos)
      << table;
  EXPECT_NE(
      table.find("\nfake                       - corrupt in 2 of 2 blocks: 0 nodes were visited of a tree "
                 "that has 1111\n"),
      std::string::npos)
      << table;
  EXPECT_EQ(bench::failed_rows(rows), (std::vector<std::string>{"fake on 2 threads", "fake"}));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 6) << table;
}

TEST(fork_join_table, has_no_ratio_to_a_row_without_figures) {
  std::vector<contender> all(3, fake({}));
  const bench::child_sample hung{.status = sample_status::timeout, .detail = "it did not answer within 1 s"};
  const std::vector<bench::fork_join_row> rows = {{&all[0], 1, {hung, sample_of(1, 1)}},
                                                  {&all[1], 1, {sample_of(1, 1), hung}},
                                                  {&all[2], 1, {sample_of(4, 1), sample_of(2, 1)}}};
  EXPECT_EQ(bench::table_of(run_of({1}, 2), rows),
            "skynet_3: 1111 nodes, 2 blocks\n"
            "contender            threads   ns/node  speed-up              / fake  peak MiB\n"
            "fake                       1 timeout in 1 of 2 blocks: it did not answer within 1 s\n"
            "fake                       1 timeout in 1 of 2 blocks: it did not answer within 1 s\n"
            "fake                       1      3.00         -                   -       1.0\n");
}

}  // namespace handoff::bench_tests
