// How each kind of tree grows: a rule makes the root, and the children of any node.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "harness/trees/node.hpp"
#include "harness/trees/splittable_random.hpp"

namespace handoff::harness {

/// The calls of fib(n): two children of unequal size per call.
struct fib_rule {
  std::uint32_t n;

  [[nodiscard]] tree_node root() const noexcept { return {.state = {n}}; }
  template <class Emit>
  void children(const tree_node& parent, Emit emit) const {
    const std::uint32_t of = parent.state[0];
    if (of < 2) return;
    for (std::uint32_t i = 0; i < 2; ++i)
      emit(tree_node{
          .place = place_of_child(parent.place, i), .depth = parent.depth + 1, .state = {of - 1 - i}});
  }
};

/// Ten children per node, down to a depth.
struct skynet_rule {
  std::uint32_t depth;

  [[nodiscard]] static tree_node root() noexcept { return {}; }
  template <class Emit>
  void children(const tree_node& parent, Emit emit) const {
    constexpr std::uint32_t width = 10;
    if (parent.depth == depth) return;
    for (std::uint32_t i = 0; i < width; ++i)
      emit(tree_node{.place = place_of_child(parent.place, i), .depth = parent.depth + 1});
  }
};

/// The placements of queens in the first rows of a board of n × n of which none attacks another.
struct nqueens_rule {
  std::uint32_t n;

  /// The state: the columns of the next row that are taken, and those attacked along either diagonal.
  [[nodiscard]] static tree_node root() noexcept { return {}; }
  template <class Emit>
  void children(const tree_node& parent, Emit emit) const {
    if (parent.depth == n) return;
    const std::uint32_t all = (std::uint32_t{1} << n) - 1;
    const auto [taken, left, right, unused, unused_too] = parent.state;
    std::uint32_t index = 0;
    for (std::uint32_t free = all & ~(taken | left | right); free != 0; free &= free - 1) {
      const std::uint32_t queen = free & (~free + 1);
      emit(tree_node{.place = place_of_child(parent.place, index++),
                     .depth = parent.depth + 1,
                     .state = {taken | queen, ((left | queen) << 1U) & all, (right | queen) >> 1U}});
    }
  }
};

/// A tree of Unbalanced Tree Search (Olivier et al., "UTS: An Unbalanced Tree Search Benchmark", LCPC 2006):
/// how many children a node has is drawn from its random numbers.
class uts_rule {
 public:
  /// The expected number of children in a geometric tree, by depth. `fixed`: the root's, down to the depth;
  /// `linear`: falls from the root's to 0 at the depth; `cyclic`: rises and falls with that period, five
  /// times.
  enum class shape : unsigned char { fixed, linear, cyclic };

  /// `branching`: the expected number of the root's children.
  static uts_rule geometric(shape form, std::uint32_t depth, double branching, std::uint32_t seed);
  /// The root has `branching` children; any other node has `children` with probability `probability`.
  static uts_rule binomial(std::uint32_t branching, std::uint32_t children, double probability,
                           std::uint32_t seed);

  [[nodiscard]] tree_node root() const noexcept { return {.state = random_root(seed_)}; }
  template <class Emit>
  void children(const tree_node& parent, Emit emit) const {
    const std::uint32_t count = number_of_children(parent);
    for (std::uint32_t i = 0; i < count; ++i)
      emit(tree_node{.place = place_of_child(parent.place, i),
                     .depth = parent.depth + 1,
                     .state = random_child(parent.state, i)});
  }

 private:
  [[nodiscard]] std::uint32_t number_of_children(const tree_node& parent) const noexcept {
    if (log_failure_.empty()) {
      if (parent.depth == 0) return root_children_;
      return uniform(parent.state) < probability_ ? children_ : 0;
    }
    constexpr double most = 100;
    if (parent.depth >= log_failure_.size()) return 0;
    const double drawn = std::floor(std::log(1 - uniform(parent.state)) / log_failure_[parent.depth]);
    return static_cast<std::uint32_t>(std::min(drawn, most));
  }

  std::uint32_t seed_ = 0;
  std::vector<double> log_failure_;  // geometric: by depth, the logarithm of the chance of one child more
  std::uint32_t root_children_ = 0;  // binomial, as what follows
  std::uint32_t children_ = 0;
  double probability_ = 0;
};

}  // namespace handoff::harness
