// The children of a node by halves, for libraries that fork two functions at a time.
#pragma once

#include <cstdint>

#include "bench/fork_join/contender.hpp"

namespace handoff::bench {

/// Visits a node and all below it. `Join` has a static `node_count both(a, b)`, which calls two functions,
/// perhaps at the same time, and adds up what they return.
template <class Join, class Rule>
node_count visit_by_halves(const Rule& rule, typename Rule::state at);

/// Visits the children [first, last), one at least, and all below them.
template <class Join, class Rule>
node_count visit_children_by_halves(const Rule& rule, const typename Rule::state& parent, std::uint32_t first,
                                    std::uint32_t last) {
  const auto child = [&](std::uint32_t index) {
    return visit_by_halves<Join>(rule, rule.child(parent, index));
  };
  // Two are the most frequent number: no further call then.
  if (last - first == 2) return Join::both([&] { return child(first); }, [&] { return child(first + 1); });
  if (last - first == 1) return child(first);
  const std::uint32_t middle = first + (last - first) / 2;
  return Join::both([&] { return visit_children_by_halves<Join>(rule, parent, first, middle); },
                    [&] { return visit_children_by_halves<Join>(rule, parent, middle, last); });
}

template <class Join, class Rule>
node_count visit_by_halves(const Rule& rule, typename Rule::state at) {
  const std::uint32_t children = rule.children(at);
  if (children == 0) return 1;
  return 1 + visit_children_by_halves<Join>(rule, at, 0, children);
}

}  // namespace handoff::bench
