// Plain recursion, without a fork: what the others are compared with.
#include "bench/fork_join/contenders/list.hpp"

namespace handoff::bench {

namespace {

template <class Rule>
node_count visit_serially(const Rule& rule, typename Rule::state at) {
  const std::uint32_t children = rule.children(at);
  if (children == 0) return 1;
  // The compiler turns the most frequent number into better code than a loop, as it does with fib(n) itself.
  if (children == 2)
    return 1 + visit_serially(rule, rule.child(at, 0)) + visit_serially(rule, rule.child(at, 1));
  node_count visited = 1;
  for (std::uint32_t i = 0; i < children; ++i) {
    asm volatile("");  // keeps the compiler from visiting one of ten equal children for all
    visited += visit_serially(rule, rule.child(at, i));
  }
  return visited;
}

struct serial_forks {
  explicit serial_forks(unsigned) {}

  template <class Rule>
  node_count operator()(const Rule& rule) const {
    return visit_serially(rule, rule.root());
  }
};

}  // namespace

contender serial() {
  return {.name = "serial", .open = open_walker<serial_forks>, .threads = crew::caller_alone};
}

}  // namespace handoff::bench
