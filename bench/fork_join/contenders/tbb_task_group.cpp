#include <tbb/task_group.h>

#include "bench/fork_join/contenders/children.hpp"
#include "bench/fork_join/contenders/list.hpp"
#include "bench/fork_join/contenders/tbb_arena.hpp"

namespace handoff::bench {

namespace {

/// The last child runs in place, which spares a task.
template <class Counts, class Rule>
Counts visit_in_group(const Rule& rule, typename Rule::state at) {
  const std::uint32_t children = rule.children(at);
  if (children == 0) return Counts::leaf();
  child_counts<Counts> counts(children);
  const auto child = [&](std::uint32_t i) { counts[i] = visit_in_group<Counts>(rule, rule.child(at, i)); };
  tbb::task_group group;
  for (std::uint32_t i = 0; i + 1 < children; ++i) group.run([&child, i] { child(i); });
  group.run_and_wait([&] { child(children - 1); });
  return counts.sum().above();
}

struct group_forks : tbb_arena {
  using tbb_arena::tbb_arena;

  template <class Counts, class Rule>
  Counts visit(const Rule& rule) {
    return arena.execute([&] { return visit_in_group<Counts>(rule, rule.root()); });
  }
};

}  // namespace

contender tbb_task_group() { return {.name = "tbb_task_group", .open = open_walker<group_forks>}; }

}  // namespace handoff::bench
