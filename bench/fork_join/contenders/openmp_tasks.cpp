#include "bench/fork_join/contenders/children.hpp"
#include "bench/fork_join/contenders/list.hpp"

namespace handoff::bench {

namespace {

/// The last child runs in place: a task of its own would only be waited for.
template <class Counts, class Rule>
Counts visit_in_tasks(const Rule& rule, typename Rule::state at) {
  const std::uint32_t children = rule.children(at);
  if (children == 0) return Counts::leaf();
  child_counts<Counts> counts(children);
  for (std::uint32_t i = 0; i + 1 < children; ++i) {
#pragma omp task shared(rule, at, counts) firstprivate(i)
    counts[i] = visit_in_tasks<Counts>(rule, rule.child(at, i));
  }
  counts[children - 1] = visit_in_tasks<Counts>(rule, rule.child(at, children - 1));
#pragma omp taskwait
  return counts.sum().above();
}

struct openmp_forks {
  explicit openmp_forks(unsigned wanted) : threads(static_cast<int>(wanted)) {}

  template <class Counts, class Rule>
  Counts visit(const Rule& rule) const {
    Counts visited;
#pragma omp parallel num_threads(threads)
#pragma omp single
    visited = visit_in_tasks<Counts>(rule, rule.root());
    return visited;
  }

  int threads;
};

}  // namespace

contender openmp_tasks() { return {.name = "openmp_tasks", .open = open_walker<openmp_forks>}; }

}  // namespace handoff::bench
