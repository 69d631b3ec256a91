// A way to fork and join: it visits every node of a tree, forking the visits of a node's children.
//
// All visit the same trees, those of harness/trees, without a cut-off: what a fork costs is what is measured.
// Each is written as its library's own documentation would write it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/fork_join/counts.hpp"
#include "harness/cell.hpp"
#include "harness/trees/tree.hpp"

namespace handoff::bench {

/// A contender with its threads, ready to visit a tree as often as it is asked to.
class walker {
 public:
  walker() = default;
  walker(const walker&) = delete;
  walker& operator=(const walker&) = delete;
  virtual ~walker() = default;

  /// Visits the whole tree, and counts the nodes and the leaves. The calling thread takes part where the
  /// library lets it.
  virtual harness::tree_facts visit() = 0;
  /// The same, and the depth is counted, too.
  virtual harness::tree_facts survey() = 0;
};

/// On how many threads a contender works: as many as it is told; on the caller's alone; or on those that it
/// starts for itself.
enum class crew : unsigned char { as_told, caller_alone, its_own };

struct contender {
  std::string_view name;
  /// Throws what its library throws. Null: this build lacks it.
  std::function<std::unique_ptr<walker>(harness::tree_name tree, unsigned threads)> open;
  crew threads = crew::as_told;
  std::uint64_t most_nodes = std::numeric_limits<std::uint64_t>::max();  ///< larger trees are not measured
  std::string why_not = {};  ///< why it is not in this build, or why it has no larger trees
};

/// A walker whose `Forks(threads)` has a template `Counts visit<Counts>(const Rule& rule)`; for Counts, see
/// counts.hpp.
template <class Forks>
class walker_by final : public walker {
 public:
  walker_by(harness::tree_name name, unsigned threads) : tree_(name), forks_(threads) {}

  harness::tree_facts visit() override { return counted<node_counts>(); }
  harness::tree_facts survey() override { return counted<tree_counts>(); }

 private:
  template <class Counts>
  harness::tree_facts counted() {
    return tree_.with_rule([this](const auto& rule) { return forks_.template visit<Counts>(rule); }).facts();
  }

  const harness::tree tree_;
  Forks forks_;
};

/// For `contender::open`.
template <class Forks>
std::unique_ptr<walker> open_walker(harness::tree_name tree, unsigned threads) {
  return std::make_unique<walker_by<Forks>>(tree, threads);
}

/// In the order of the table: the serial walk, the executor, the peers. One file each in contenders/.
const std::vector<contender>& contenders();

}  // namespace handoff::bench
