// The trees of the scenario `tree`: they are those of which the counts are known, however they are walked.
#include "harness/trees/tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace handoff::harness_tests {

namespace {

using namespace harness;  // NOLINT(google-build-using-namespace): every name here is the harness's

constexpr std::uint64_t most_nodes = 10'000;

std::vector<tree_name> small_trees() {
  std::vector<tree_name> names;
  for (const tree_name name : tree_name_words.values())
    if (facts_of(name).nodes <= most_nodes) names.push_back(name);
  return names;
}

/// Visits every node through `expand`, down to a depth, the first child first.
tree_tally expand_all(
    const tree& grown, const std::function<void(const tree_node&)>& see = [](auto&) {},
    std::uint64_t depth = UINT64_MAX) {
  tree_tally visited;
  std::vector<tree_node> level{grown.root()};
  while (!level.empty()) {
    std::vector<tree_node> next;
    for (const tree_node& node : level) {
      const std::size_t before = next.size();
      if (node.depth < depth) grown.expand(node, next);
      visited.enter(node, next.size() == before);
      see(node);
    }
    level = std::move(next);
  }
  return visited;
}

class small_tree : public testing::TestWithParam<tree_name> {};
INSTANTIATE_TEST_SUITE_P(, small_tree, testing::ValuesIn(small_trees()),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST_P(small_tree, has_the_known_counts) {
  EXPECT_EQ(difference(tree(GetParam()).walk(0), facts_of(GetParam())), "");
}

TEST_P(small_tree, is_the_same_in_any_order) {
  const tree grown(GetParam());
  EXPECT_EQ(difference(expand_all(grown), grown.walk(0)), "");
}

TEST_P(small_tree, has_no_place_twice_and_none_that_ends_a_consumer) {
  std::set<item_key> places;
  expand_all(tree(GetParam()), [&](const tree_node& node) {
    EXPECT_TRUE(places.insert(node.place).second) << node.place;
    EXPECT_NE(node.place, marker_key);
  });
}

TEST_P(small_tree, shows_that_a_leaf_came_twice_and_another_never) {
  const tree grown(GetParam());
  const tree_tally whole = grown.walk(0);
  tree_tally wrong;
  std::vector<tree_node> leaves;
  expand_all(grown, [&](const tree_node& node) {
    std::vector<tree_node> children;
    grown.expand(node, children);
    if (children.empty()) leaves.push_back(node);
    wrong.enter(node, children.empty());
  });
  tree_tally none;
  none.enter(leaves[0], true);
  tree_tally doubled;
  doubled.enter(leaves[1], true);
  wrong.content += doubled.content - none.content;
  EXPECT_NE(difference(wrong, whole), "");
}

/// In a build without optimization or with a sanitizer, each would take several seconds.
#ifdef NDEBUG
TEST(uts, has_the_published_counts) {
  for (const tree_name name : {tree_name::uts_t1, tree_name::uts_t2, tree_name::uts_t3, tree_name::uts_t5})
    EXPECT_EQ(difference(tree(name).walk(0), facts_of(name)), "") << to_string(name);
}
#endif

TEST(uts, small_is_the_top_of_t1) {
  const tree_tally top = expand_all(
      tree(tree_name::uts_t1), [](auto&) {}, facts_of(tree_name::uts_small).depth);
  EXPECT_EQ(difference(tree(tree_name::uts_small).walk(0), top), "");
}

/// hashlib.sha1(bytes(16) + (19).to_bytes(4, "big")), and of that digest + (7).to_bytes(4, "big").
TEST(random_state, is_a_hash_of_the_parents_and_of_the_childs_number) {
  const random_state root = random_root(19);
  EXPECT_EQ(root, (random_state{0xc6988ab7, 0x0cc9559a, 0xe4d6cba2, 0x54e29a84, 0x5a85f86b}));
  EXPECT_EQ(random_child(root, 7),
            (random_state{0x3fff6186, 0xfcc7b5ef, 0xca851db7, 0x4d2bf643, 0xa3910430}));
}

/// Queens in the first rows, by their columns; every placement is tried.
tree_tally count_queens(unsigned n, std::vector<int>& columns) {
  tree_tally counted{.nodes = 1, .depth = columns.size()};
  const auto row = static_cast<int>(columns.size());
  for (int column = 0; column < static_cast<int>(n) && columns.size() < n; ++column) {
    bool attacked = false;
    for (int other = 0; other < row; ++other) {
      const int apart = std::abs(columns[static_cast<std::size_t>(other)] - column);
      attacked = attacked || apart == 0 || apart == row - other;
    }
    if (attacked) continue;
    columns.push_back(column);
    const tree_tally below = count_queens(n, columns);
    columns.pop_back();
    counted.nodes += below.nodes;
    counted.leaves += below.leaves;
    counted.depth = std::max(counted.depth, below.depth);
  }
  if (counted.nodes == 1) counted.leaves = 1;
  return counted;
}

TEST(nqueens, has_a_node_for_each_placement) {
  std::vector<int> columns;
  tree_tally counted = count_queens(8, columns);
  const tree_tally walked = tree(tree_name::nqueens_8).walk(0);
  counted.content = walked.content;
  EXPECT_EQ(difference(walked, counted), "");
}

TEST(nqueens, has_the_known_number_of_solutions) {
  std::uint64_t solutions = 0;
  expand_all(tree(tree_name::nqueens_8), [&](const tree_node& node) { solutions += node.depth == 8; });
  EXPECT_EQ(solutions, 92u);
}

std::uint64_t calls_of_fib(unsigned n) { return n < 2 ? 1 : 1 + calls_of_fib(n - 1) + calls_of_fib(n - 2); }

TEST(fib, has_a_node_for_each_call) { EXPECT_EQ(tree(tree_name::fib_16).walk(0).nodes, calls_of_fib(16)); }

TEST(difference, names_the_first_count_that_differs) {
  const tree_tally whole{.nodes = 5, .leaves = 3, .depth = 2, .content = 9};
  const auto told = [&](auto change) {
    tree_tally wrong = whole;
    change(wrong);
    return difference(wrong, whole);
  };
  EXPECT_EQ(told([](auto&) {}), "");
  EXPECT_EQ(told([](auto& t) { t.nodes = 4; }), "4 nodes were visited of a tree that has 5");
  EXPECT_EQ(told([](auto& t) { t.leaves = 4; }), "4 leaves were visited of a tree that has 3");
  EXPECT_EQ(told([](auto& t) { t.depth = 3; }), "3 levels were visited of a tree that has 2");
  EXPECT_NE(told([](auto& t) { t.content = 8; }).find("not the same ones"), std::string::npos);
}

}  // namespace

}  // namespace handoff::harness_tests
