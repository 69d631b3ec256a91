// Plain recursion, without a fork: what the others are compared with.
#include "bench/fork_join/contenders/list.hpp"

namespace handoff::bench {

namespace {

template <class Counts, class Rule>
Counts visit_serially(const Rule& rule, typename Rule::state at) {
  const std::uint32_t children = rule.children(at);
  if (children == 0) return Counts::leaf();
  // The compiler turns the most frequent number into better code than a loop, as it does with fib(n) itself.
  if (children == 2)
    return (visit_serially<Counts>(rule, rule.child(at, 0)) + visit_serially<Counts>(rule, rule.child(at, 1)))
        .above();
  Counts visited = visit_serially<Counts>(rule, rule.child(at, 0));
  for (std::uint32_t i = 1; i < children; ++i) {
    asm volatile("");  // keeps the compiler from visiting one of ten equal children for all
    visited = visited + visit_serially<Counts>(rule, rule.child(at, i));
  }
  return visited.above();
}

struct serial_forks {
  explicit serial_forks(unsigned) {}

  template <class Counts, class Rule>
  Counts visit(const Rule& rule) const {
    return visit_serially<Counts>(rule, rule.root());
  }
};

}  // namespace

contender serial() {
  return {.name = "serial", .open = open_walker<serial_forks>, .threads = crew::caller_alone};
}

}  // namespace handoff::bench
