#include <tbb/parallel_invoke.h>

#include "bench/fork_join/contenders/children.hpp"
#include "bench/fork_join/contenders/list.hpp"
#include "bench/fork_join/contenders/tbb_arena.hpp"

namespace handoff::bench {

namespace {

struct invoke_join {
  template <class Counts, class A, class B>
  static Counts both(A a, B b) {
    Counts x, y;
    tbb::parallel_invoke([&] { x = a(); }, [&] { y = b(); });
    return x + y;
  }
};

struct invoke_forks : tbb_arena {
  using tbb_arena::tbb_arena;

  template <class Counts, class Rule>
  Counts visit(const Rule& rule) {
    return arena.execute([&] { return visit_by_halves<invoke_join, Counts>(rule, rule.root()); });
  }
};

}  // namespace

contender tbb_parallel_invoke() { return {.name = "tbb_parallel_invoke", .open = open_walker<invoke_forks>}; }

}  // namespace handoff::bench
