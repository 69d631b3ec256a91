#include "bench/fork_join/contenders/halves.hpp"
#include "bench/fork_join/contenders/list.hpp"
#include "queues/stealing/executor.hpp"

namespace handoff::bench {

namespace {

struct executor_join {
  template <class A, class B>
  static node_count both(A a, B b) {
    const auto [x, y] = stealing::join(a, b);
    return x + y;
  }
};

struct executor_forks {
  explicit executor_forks(unsigned threads) : executor(threads) {}

  template <class Rule>
  node_count operator()(const Rule& rule) {
    return executor.run([&] { return visit_by_halves<executor_join>(rule, rule.root()); });
  }

  stealing_executor executor;
};

}  // namespace

contender stealing_executor_join() {
  return {.name = "stealing_executor", .open = open_walker<executor_forks>};
}

}  // namespace handoff::bench
