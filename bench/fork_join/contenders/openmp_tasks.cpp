#include "bench/fork_join/contenders/child_counts.hpp"
#include "bench/fork_join/contenders/list.hpp"

namespace handoff::bench {

namespace {

/// The last child runs in place: a task of its own would only be waited for.
template <class Rule>
node_count visit_in_tasks(const Rule& rule, typename Rule::state at) {
  const std::uint32_t children = rule.children(at);
  if (children == 0) return 1;
  child_counts counts(children);
  for (std::uint32_t i = 0; i + 1 < children; ++i) {
#pragma omp task shared(rule, at, counts) firstprivate(i)
    counts[i] = visit_in_tasks(rule, rule.child(at, i));
  }
  counts[children - 1] = visit_in_tasks(rule, rule.child(at, children - 1));
#pragma omp taskwait
  return 1 + counts.sum();
}

struct openmp_forks {
  explicit openmp_forks(unsigned wanted) : threads(static_cast<int>(wanted)) {}

  template <class Rule>
  node_count operator()(const Rule& rule) const {
    node_count visited = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
    visited = visit_in_tasks(rule, rule.root());
    return visited;
  }

  int threads;
};

}  // namespace

contender openmp_tasks() { return {.name = "openmp_tasks", .open = open_walker<openmp_forks>}; }

}  // namespace handoff::bench
