// A node of a tree as a value: what travels through a queue in the scenario `tree`.
#pragma once

#include <array>
#include <cstdint>

#include "harness/item.hpp"

namespace handoff::harness {

/// 32 bytes, from which a tree's rule derives the children, so that nothing but the queues holds the tree.
struct tree_node {
  item_key place = 0;                    ///< differs for every node of a tree; no tree has the end marker's
  std::uint32_t depth = 0;               ///< of the root: 0
  std::array<std::uint32_t, 5> state{};  ///< what the rule says it is

  /// For priority queues: a deeper node comes first, so that few wait.
  friend bool operator<(const tree_node& a, const tree_node& b) noexcept {
    return a.depth != b.depth ? a.depth > b.depth : a.place < b.place;
  }
};
static_assert(sizeof(tree_node) == 32);

/// The place of a node's child number `index`: a hash of the path that leads there. Its upper bit is 0.
constexpr item_key place_of_child(item_key parent, std::uint32_t index) noexcept {
  item_key hash = (parent + index + 1) * 0x9e3779b97f4a7c15U;
  hash ^= hash >> 29;
  return hash >> 1;
}

/// Of the items that prove a fresh queue, and of end markers; nodes of a tree are made by its rule.
template <>
struct item_codec<tree_node> {
  static tree_node make(item_key key) noexcept { return {.place = key}; }
  static item_key key(const tree_node& node) noexcept { return node.place; }
  static bool intact(const tree_node& node) noexcept {
    return node.depth == 0 && node.state == std::array<std::uint32_t, 5>{};
  }
};

}  // namespace handoff::harness
