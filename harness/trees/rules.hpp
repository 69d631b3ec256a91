// How each kind of tree grows. A rule knows of a node what it needs alone, the node's `state`: the root's,
// how many children a node has, and the state of each; and how a state travels in a tree_node.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "harness/trees/node.hpp"
#include "harness/trees/splittable_random.hpp"

namespace handoff::harness {

using state_words = std::array<std::uint32_t, 5>;

template <class Rule>
tree_node root_of(const Rule& rule) noexcept {
  return {.state = Rule::words_of(rule.root())};
}

/// Calls `emit` with each child of `parent`, in their order.
template <class Rule, class Emit>
void children_of(const Rule& rule, const tree_node& parent, Emit emit) {
  const typename Rule::state state = Rule::state_of(parent);
  const std::uint32_t count = rule.children(state);
  for (std::uint32_t i = 0; i < count; ++i)
    emit(tree_node{.place = place_of_child(parent.place, i),
                   .depth = parent.depth + 1,
                   .state = Rule::words_of(rule.child(state, i))});
}

/// The calls of fib(n): two children of unequal size per call.
struct fib_rule {
  using state = std::uint32_t;  ///< the argument of the call

  std::uint32_t n;

  [[nodiscard]] state root() const noexcept { return n; }
  [[nodiscard]] static std::uint32_t children(state of) noexcept { return of < 2 ? 0 : 2; }
  [[nodiscard]] static state child(state of, std::uint32_t index) noexcept { return of - 1 - index; }

  static state state_of(const tree_node& node) noexcept { return node.state[0]; }
  static state_words words_of(state of) noexcept { return {of}; }
};

/// Ten children per node, down to a depth.
struct skynet_rule {
  using state = std::uint32_t;  ///< the depth of the node

  std::uint32_t depth;

  [[nodiscard]] static state root() noexcept { return 0; }
  [[nodiscard]] std::uint32_t children(state at) const noexcept { return at == depth ? 0 : 10; }
  [[nodiscard]] static state child(state at, std::uint32_t) noexcept { return at + 1; }

  static state state_of(const tree_node& node) noexcept { return node.depth; }
  static state_words words_of(state) noexcept { return {}; }
};

/// The placements of queens in the first rows of a board of n × n of which none attacks another.
struct nqueens_rule {
  /// The columns of the next row that are taken, and those attacked along either diagonal.
  struct state {
    std::uint32_t taken = 0, left = 0, right = 0, row = 0;
  };

  std::uint32_t n;

  [[nodiscard]] static state root() noexcept { return {}; }
  [[nodiscard]] std::uint32_t children(const state& at) const noexcept {
    return static_cast<std::uint32_t>(std::popcount(free(at)));
  }
  [[nodiscard]] state child(const state& at, std::uint32_t index) const noexcept {
    std::uint32_t left = free(at);
    for (; index > 0; --index) left &= left - 1;
    const std::uint32_t queen = left & (~left + 1);
    return {at.taken | queen, ((at.left | queen) << 1U) & all(), (at.right | queen) >> 1U, at.row + 1};
  }

  static state state_of(const tree_node& node) noexcept {
    return {node.state[0], node.state[1], node.state[2], node.depth};
  }
  static state_words words_of(const state& at) noexcept { return {at.taken, at.left, at.right}; }

 private:
  [[nodiscard]] std::uint32_t all() const noexcept { return (std::uint32_t{1} << n) - 1; }
  [[nodiscard]] std::uint32_t free(const state& at) const noexcept {
    return at.row == n ? 0 : all() & ~(at.taken | at.left | at.right);
  }
};

/// A tree of Unbalanced Tree Search (Olivier et al., "UTS: An Unbalanced Tree Search Benchmark", LCPC 2006):
/// how many children a node has is drawn from its random numbers.
class uts_rule {
 public:
  struct state {
    random_state random;
    std::uint32_t depth;
  };

  /// The expected number of children in a geometric tree, by depth. `fixed`: the root's, down to the depth;
  /// `linear`: falls from the root's to 0 at the depth; `cyclic`: rises and falls with that period, five
  /// times.
  enum class shape : unsigned char { fixed, linear, cyclic };

  /// `branching`: the expected number of the root's children.
  static uts_rule geometric(shape form, std::uint32_t depth, double branching, std::uint32_t seed);
  /// The root has `branching` children; any other node has `children` with probability `probability`.
  static uts_rule binomial(std::uint32_t branching, std::uint32_t children, double probability,
                           std::uint32_t seed);

  [[nodiscard]] state root() const noexcept { return {random_root(seed_), 0}; }
  [[nodiscard]] std::uint32_t children(const state& of) const noexcept {
    if (log_failure_.empty()) {
      if (of.depth == 0) return root_children_;
      return uniform(of.random) < probability_ ? children_ : 0;
    }
    constexpr double most = 100;
    if (of.depth >= log_failure_.size()) return 0;
    const double drawn = std::floor(std::log(1 - uniform(of.random)) / log_failure_[of.depth]);
    return static_cast<std::uint32_t>(std::min(drawn, most));
  }
  [[nodiscard]] static state child(const state& of, std::uint32_t index) noexcept {
    return {random_child(of.random, index), of.depth + 1};
  }

  static state state_of(const tree_node& node) noexcept { return {node.state, node.depth}; }
  static state_words words_of(const state& of) noexcept { return of.random; }

 private:
  std::uint32_t seed_ = 0;
  std::vector<double> log_failure_;  // geometric: by depth, the logarithm of the chance of one child more
  std::uint32_t root_children_ = 0;  // binomial, as what follows
  std::uint32_t children_ = 0;
  double probability_ = 0;
};

}  // namespace handoff::harness
