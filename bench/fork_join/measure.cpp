#include "bench/fork_join/measure.hpp"

#include <sys/resource.h>

#include <cstdint>
#include <memory>
#include <string>

#include "harness/clock.hpp"
#include "harness/trees/tree.hpp"

namespace handoff::bench {

namespace {

void check(const harness::tree_facts& visited, const harness::tree_facts& known) {
  const std::string wrong = harness::difference(
      harness::tree_tally{
          .nodes = visited.nodes, .leaves = visited.leaves, .depth = visited.depth, .content = 0},
      known);
  if (!wrong.empty()) throw wrong_result(wrong);
}

/// With the depth as known: a timed visit does not count that.
void check_visit(harness::tree_facts visited, const harness::tree_facts& known) {
  visited.depth = known.depth;
  check(visited, known);
}

std::vector<double> measure(const contender& what, harness::tree_name tree, unsigned threads,
                            double seconds) {
  constexpr double ns_per_s = 1e9, bytes_per_kib = 1024;
  const harness::tree_facts& known = harness::facts_of(tree);
  const std::unique_ptr<walker> walks = what.open(tree, threads);
  check(walks->survey(), known);
  std::uint64_t rounds = 0;
  const std::int64_t began_ns = harness::now_ns();
  double elapsed_ns = 0;
  do {
    check_visit(walks->visit(), known);
    elapsed_ns = static_cast<double>(harness::now_ns() - began_ns);
    ++rounds;
  } while (elapsed_ns < seconds * ns_per_s);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return {elapsed_ns / static_cast<double>(rounds * known.nodes),
          bytes_per_kib * static_cast<double>(used.ru_maxrss)};
}

}  // namespace

child_sample measure_in_child(const contender& what, harness::tree_name tree, unsigned threads,
                              const walk_time& time) {
  return sample_in_child([&] { return measure(what, tree, threads, time.seconds); }, time.limit);
}

}  // namespace handoff::bench
