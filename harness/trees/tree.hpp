// The trees of the scenario `tree`: how each grows, and what is known of it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "harness/cell.hpp"
#include "harness/ledger.hpp"
#include "harness/trees/node.hpp"
#include "harness/trees/rules.hpp"

namespace handoff::harness {

/// What a walk over a tree has visited.
struct tree_tally {
  std::uint64_t nodes = 0;
  std::uint64_t leaves = 0;
  std::uint64_t depth = 0;    ///< of the deepest node
  std::uint64_t content = 0;  ///< the sum of the nodes' fingerprints, in whatever order they were visited

  void enter(const tree_node& node, bool is_leaf) noexcept {
    ++nodes;
    leaves += static_cast<std::uint64_t>(is_leaf);
    if (node.depth > depth) depth = node.depth;
    content += fingerprint(node.place ^ node.state[0] ^ (item_key{node.state[4]} << 32U));
  }

  /// What was visited since an earlier tally of the same walk; the depth is that of all.
  [[nodiscard]] tree_tally since(const tree_tally& earlier) const noexcept {
    return {.nodes = nodes - earlier.nodes,
            .leaves = leaves - earlier.leaves,
            .depth = depth,
            .content = content - earlier.content};
  }

  bool operator==(const tree_tally&) const = default;
};

/// The published counts of a tree.
struct tree_facts {
  std::uint64_t nodes, leaves, depth;
};
const tree_facts& facts_of(tree_name name) noexcept;

/// A tree that nobody holds: its nodes are made as they are expanded. Any number of threads may use one.
class tree {
 public:
  explicit tree(tree_name name);

  [[nodiscard]] tree_node root() const;

  /// Appends the node's children. Throws std::bad_alloc.
  void expand(const tree_node& parent, std::vector<tree_node>& children) const;

  /// Visits every node in this thread, with a stack on the heap, however deep the tree; before each it works
  /// for so many turns (busy_work.hpp). The fastest way to do so without a queue: the baseline of speed-ups.
  [[nodiscard]] tree_tally walk(std::uint64_t turns) const;

  /// Calls `f(rule)` with the rule by which the tree grows, one of rules.hpp, and returns its result.
  template <class F>
  decltype(auto) with_rule(F&& f) const {
    return std::visit(std::forward<F>(f), rule_);
  }

 private:
  using rule = std::variant<fib_rule, skynet_rule, nqueens_rule, uts_rule>;
  static rule rule_of(tree_name name);

  rule rule_;
};

/// Empty if the visited nodes are those of the tree; otherwise one sentence about the first difference.
std::string difference(const tree_tally& visited, const tree_tally& expected);

/// As above, of the walk that the others are compared with: whether its counts are the published ones.
std::string difference(const tree_tally& visited, const tree_facts& known);

}  // namespace handoff::harness
