#include <future>
#include <vector>

#include "bench/fork_join/contenders/list.hpp"

namespace handoff::bench {

namespace {

/// The last child runs in place, which spares a thread.
template <class Rule>
node_count visit_in_threads(const Rule& rule, typename Rule::state at) {
  const std::uint32_t children = rule.children(at);
  if (children == 0) return 1;
  const auto child = [&](std::uint32_t i) { return visit_in_threads(rule, rule.child(at, i)); };
  std::vector<std::future<node_count>> others;
  others.reserve(children - 1);
  for (std::uint32_t i = 0; i + 1 < children; ++i) others.push_back(std::async(std::launch::async, child, i));
  node_count visited = 1 + child(children - 1);
  for (std::future<node_count>& other : others) visited += other.get();
  return visited;
}

struct async_forks {
  explicit async_forks(unsigned) {}

  template <class Rule>
  node_count operator()(const Rule& rule) const {
    return visit_in_threads(rule, rule.root());
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
