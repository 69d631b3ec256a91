#include <tbb/parallel_invoke.h>

#include "bench/fork_join/contenders/halves.hpp"
#include "bench/fork_join/contenders/list.hpp"
#include "bench/fork_join/contenders/tbb_arena.hpp"

namespace handoff::bench {

namespace {

struct invoke_join {
  template <class A, class B>
  static node_count both(A a, B b) {
    node_count x, y;
    tbb::parallel_invoke([&] { x = a(); }, [&] { y = b(); });
    return x + y;
  }
};

struct invoke_forks : tbb_arena {
  using tbb_arena::tbb_arena;

  template <class Rule>
  node_count operator()(const Rule& rule) {
    return arena.execute([&] { return visit_by_halves<invoke_join>(rule, rule.root()); });
  }
};

}  // namespace

contender tbb_parallel_invoke() { return {.name = "tbb_parallel_invoke", .open = open_walker<invoke_forks>}; }

}  // namespace handoff::bench
