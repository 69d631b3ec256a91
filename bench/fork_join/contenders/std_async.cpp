#include <future>
#include <vector>

#include "bench/fork_join/contenders/list.hpp"

namespace handoff::bench {

namespace {

/// The last child runs in place, which spares a thread.
template <class Counts, class Rule>
Counts visit_in_threads(const Rule& rule, typename Rule::state at) {
  const std::uint32_t children = rule.children(at);
  if (children == 0) return Counts::leaf();
  const auto child = [&](std::uint32_t i) { return visit_in_threads<Counts>(rule, rule.child(at, i)); };
  std::vector<std::future<Counts>> others;
  others.reserve(children - 1);
  for (std::uint32_t i = 0; i + 1 < children; ++i) others.push_back(std::async(std::launch::async, child, i));
  Counts visited = child(children - 1);
  for (std::future<Counts>& other : others) visited = visited + other.get();
  return visited.above();
}

struct async_forks {
  explicit async_forks(unsigned) {}

  template <class Counts, class Rule>
  Counts visit(const Rule& rule) const {
    return visit_in_threads<Counts>(rule, rule.root());
  }
};

}  // namespace

contender std_async() {
  return {.name = "std_async",
          .open = open_walker<async_forks>,
          .threads = crew::its_own,
          .most_nodes = 5000,
          .why_not = "a thread per fork: only trees of up to 5000 nodes"};
}

}  // namespace handoff::bench
