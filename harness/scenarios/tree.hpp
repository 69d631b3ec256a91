// tree: workers that are producers and consumers at once expand a tree until nothing is left of it, which is
// when join() returns. How long does a node take, and how much faster is that than without a queue?
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/cell.hpp"
#include "harness/sample.hpp"
#include "harness/session.hpp"
#include "harness/trees/tree.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff::harness {

/// What one run of the workers is to do.
struct tree_job {
  const tree& grown;
  tree_tally expected;  ///< of one walk over it
  std::uint64_t turns;  ///< of work per node (busy_work.hpp)
  std::chrono::nanoseconds length;
};

/// The whole tree, once or several times.
struct tree_outcome {
  std::vector<double> round_ns;  ///< from the push of the root until join() has returned
  std::uint64_t kept = 0;        ///< nodes that found the queue full and were expanded where they were made
  std::optional<steal_counts> steals;  ///< meanwhile, of a queue whose consumers steal
  resource_usage resources;            ///< from the first round's start to the last one's end
  std::string wrong;                   ///< empty, or what was wrong
};

/// The workers of a tree, on threads or on a loop, and the one who joins.
class tree_driver {
 public:
  tree_driver() = default;
  tree_driver(const tree_driver&) = delete;
  tree_driver& operator=(const tree_driver&) = delete;
  virtual ~tree_driver() = default;

  /// Expands the tree through a fresh queue, again and again until the length has passed; at least once. The
  /// same workers wait in the queue from one round to the next.
  virtual tree_outcome run(const tree_job& job) = 0;

  /// Cores that the workers keep busy at most.
  [[nodiscard]] virtual unsigned cores() const = 0;
};

std::unique_ptr<cell_session> open_tree(const cell& c, const session_options& options,
                                        std::unique_ptr<tree_driver> driver);

}  // namespace handoff::harness
