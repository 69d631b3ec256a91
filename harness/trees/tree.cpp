#include "harness/trees/tree.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

#include "harness/busy_work.hpp"

namespace handoff::harness {

namespace {

constexpr std::uint64_t fibonacci(unsigned n) noexcept {
  std::uint64_t before = 0, last = 1;
  for (; n > 0; --n) {
    const std::uint64_t sum = before + last;
    before = last;
    last = sum;
  }
  return before;
}

/// Of fib(n) for n > 0: a call with an argument below 2 is a leaf, and all others have two children.
constexpr tree_facts fib_facts(unsigned n) noexcept {
  const std::uint64_t leaves = fibonacci(n + 1);
  return {.nodes = 2 * leaves - 1, .leaves = leaves, .depth = n - 1};
}

constexpr tree_facts skynet_facts(unsigned depth) noexcept {
  std::uint64_t leaves = 1;
  for (unsigned level = 0; level < depth; ++level) leaves *= 10;
  return {.nodes = (leaves * 10 - 1) / 9, .leaves = leaves, .depth = depth};
}

/// In the order of the enum. UTS: sample_trees.sh of the authors' distribution; the small one is T1 down to
/// depth 5.
constexpr tree_facts known[]{
    fib_facts(16),
    fib_facts(30),
    skynet_facts(3),
    skynet_facts(6),
    {.nodes = 2'057, .leaves = 736, .depth = 8},
    {.nodes = 856'189, .leaves = 314'730, .depth = 12},
    {.nodes = 3'987, .leaves = 3'232, .depth = 5},
    {.nodes = 4'130'071, .leaves = 3'305'118, .depth = 10},
    {.nodes = 4'117'769, .leaves = 2'342'762, .depth = 81},
    {.nodes = 4'112'897, .leaves = 3'599'034, .depth = 1572},
    {.nodes = 4'147'582, .leaves = 2'181'318, .depth = 20},
    {.nodes = 102'181'082, .leaves = 81'746'377, .depth = 13},
};
static_assert(std::size(known) == tree_name_words.values().size());

std::string unequal(std::string_view what, std::uint64_t visited, std::uint64_t expected) {
  return fmt::format("{} {} were visited of a tree that has {}", visited, what, expected);
}

}  // namespace

const tree_facts& facts_of(tree_name name) noexcept { return known[static_cast<std::size_t>(name)]; }

tree::rule tree::rule_of(tree_name name) {
  using shape = uts_rule::shape;
  switch (name) {
    case tree_name::fib_16: return fib_rule{16};
    case tree_name::fib_30: return fib_rule{30};
    case tree_name::skynet_3: return skynet_rule{3};
    case tree_name::skynet_6: return skynet_rule{6};
    case tree_name::nqueens_8: return nqueens_rule{8};
    case tree_name::nqueens_12: return nqueens_rule{12};
    case tree_name::uts_small: return uts_rule::geometric(shape::fixed, 5, 4, 19);
    case tree_name::uts_t1: return uts_rule::geometric(shape::fixed, 10, 4, 19);
    case tree_name::uts_t2: return uts_rule::geometric(shape::cyclic, 16, 6, 502);
    case tree_name::uts_t3: return uts_rule::binomial(2000, 8, 0.124875, 42);
    case tree_name::uts_t5: return uts_rule::geometric(shape::linear, 20, 4, 34);
    case tree_name::uts_t1l: return uts_rule::geometric(shape::fixed, 13, 4, 29);
  }
  return fib_rule{0};
}

tree::tree(tree_name name) : rule_(rule_of(name)) {}

tree_node tree::root() const {
  return std::visit([](const auto& rule) { return root_of(rule); }, rule_);
}

void tree::expand(const tree_node& parent, std::vector<tree_node>& children) const {
  std::visit(
      [&](const auto& rule) {
        children_of(rule, parent, [&](const tree_node& child) { children.push_back(child); });
      },
      rule_);
}

tree_tally tree::walk(std::uint64_t turns) const {
  return std::visit(
      [turns](const auto& rule) {
        tree_tally visited;
        std::vector<tree_node> left{root_of(rule)};
        while (!left.empty()) {
          const tree_node node = left.back();
          left.pop_back();
          work(turns);
          const std::size_t others = left.size();
          children_of(rule, node, [&](const tree_node& child) { left.push_back(child); });
          visited.enter(node, left.size() == others);
        }
        return visited;
      },
      rule_);
}

std::string difference(const tree_tally& visited, const tree_tally& expected) {
  if (visited.nodes != expected.nodes) return unequal("nodes", visited.nodes, expected.nodes);
  if (visited.leaves != expected.leaves) return unequal("leaves", visited.leaves, expected.leaves);
  if (visited.depth != expected.depth) return unequal("levels", visited.depth, expected.depth);
  if (visited.content != expected.content)
    return "as many nodes were visited as the tree has, but not the same ones";
  return {};
}

std::string difference(const tree_tally& visited, const tree_facts& known) {
  return difference(
      visited,
      tree_tally{
          .nodes = known.nodes, .leaves = known.leaves, .depth = known.depth, .content = visited.content});
}

}  // namespace handoff::harness
