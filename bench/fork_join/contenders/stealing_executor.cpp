// The executor's two ways to fork: a pair of functions, and any number of coroutines.
#include "bench/fork_join/contenders/children.hpp"
#include "bench/fork_join/contenders/list.hpp"
#include "queues/stealing/executor.hpp"
#include "queues/stealing/task.hpp"

namespace handoff::bench {

namespace {

struct executor_join {
  template <class Counts, class A, class B>
  static Counts both(A a, B b) {
    const auto [x, y] = stealing::join(a, b);
    return x + y;
  }
};

struct executor_forks {
  explicit executor_forks(unsigned threads) : executor(threads) {}

  template <class Counts, class Rule>
  Counts visit(const Rule& rule) {
    return executor.run([&] { return visit_by_halves<executor_join, Counts>(rule, rule.root()); });
  }

  stealing_executor executor;
};

/// The last child is called rather than forked, as in tbb_task_group.cpp.
template <class Counts, class Rule>
stealing::task<Counts> visit_in_task(const Rule& rule, typename Rule::state at) {
  const std::uint32_t children = rule.children(at);
  if (children == 0) co_return Counts::leaf();
  child_counts<Counts> counts(children);
  for (std::uint32_t i = 0; i + 1 < children; ++i)
    co_await stealing::fork(counts[i], visit_in_task<Counts>(rule, rule.child(at, i)));
  counts[children - 1] = co_await visit_in_task<Counts>(rule, rule.child(at, children - 1));
  co_await stealing::join();
  co_return counts.sum().above();
}

struct executor_tasks {
  explicit executor_tasks(unsigned threads) : executor(threads) {}

  template <class Counts, class Rule>
  Counts visit(const Rule& rule) {
    return executor.run(visit_in_task<Counts>(rule, rule.root()));
  }

  stealing_executor executor;
};

}  // namespace

contender stealing_executor_join() {
  return {.name = "stealing_executor", .open = open_walker<executor_forks>};
}
contender stealing_executor_task() { return {.name = "stealing_task", .open = open_walker<executor_tasks>}; }

}  // namespace handoff::bench
