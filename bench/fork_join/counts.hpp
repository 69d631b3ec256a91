// What a visit of a tree brings home. A contender is compiled with either of the two: the timed visits pay
// one addition per node, and the untimed one before them also learns how deep the tree is.
#pragma once

#include <algorithm>
#include <cstdint>

#include "harness/trees/tree.hpp"

namespace handoff::bench {

/// Nodes and leaves of a part of a tree, fewer than 2³² each, in one word.
class node_counts {
 public:
  node_counts() = default;  ///< uninitialised
  static constexpr node_counts leaf() noexcept { return node_counts(one_node | one_leaf); }

  /// Of the node above these children.
  [[nodiscard]] constexpr node_counts above() const noexcept { return node_counts(both_ + one_node); }

  /// The same, that many levels further down.
  [[nodiscard]] constexpr node_counts below(std::uint32_t) const noexcept { return *this; }

  friend constexpr node_counts operator+(node_counts a, node_counts b) noexcept {
    return node_counts(a.both_ + b.both_);
  }

  /// As one number: those of disjoint parts add up.
  [[nodiscard]] constexpr std::uint64_t word() const noexcept { return both_; }
  static constexpr node_counts of_word(std::uint64_t word) noexcept { return node_counts(word); }

  /// Without the depth.
  [[nodiscard]] constexpr harness::tree_facts facts() const noexcept {
    return {.nodes = both_ % one_leaf, .leaves = both_ / one_leaf, .depth = 0};
  }

 private:
  static constexpr std::uint64_t one_node = 1, one_leaf = std::uint64_t{1} << 32U;

  explicit constexpr node_counts(std::uint64_t both) noexcept : both_(both) {}

  std::uint64_t both_;
};

/// These, and the depth.
class tree_counts {
 public:
  tree_counts() = default;  ///< uninitialised
  static constexpr tree_counts leaf() noexcept { return {node_counts::leaf(), 0}; }

  [[nodiscard]] constexpr tree_counts above() const noexcept { return {counts_.above(), depth_ + 1}; }

  [[nodiscard]] constexpr tree_counts below(std::uint32_t levels) const noexcept {
    return {counts_, depth_ + levels};
  }

  friend constexpr tree_counts operator+(tree_counts a, tree_counts b) noexcept {
    return {a.counts_ + b.counts_, std::max(a.depth_, b.depth_)};
  }

  [[nodiscard]] constexpr harness::tree_facts facts() const noexcept {
    harness::tree_facts all = counts_.facts();
    all.depth = depth_;
    return all;
  }

 private:
  constexpr tree_counts(node_counts counts, std::uint64_t depth) noexcept : counts_(counts), depth_(depth) {}

  node_counts counts_;
  std::uint64_t depth_;
};

}  // namespace handoff::bench
