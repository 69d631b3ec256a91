// What a worker does with a node, on threads and on a loop: its children go to the queue, and those that find
// it full are expanded where they were made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "harness/busy_work.hpp"
#include "harness/trees/tree.hpp"
#include "harness/workers.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff::harness {

/// Pushes the nodes from `first` on, the last one first, until the queue is full: the others stay. A worker
/// that waited for room would wait for itself.
template <class Queue, class Handle>
void offer(Handle& handle, std::vector<tree_node>& nodes, std::size_t first) {
  static_assert(try_queue<Queue>);
  while (nodes.size() > first) {
    const op_status status = handle.try_push(tree_node(nodes.back()));
    if (status == op_status::full) return;
    expect_success(status, "try_push");
    nodes.pop_back();
  }
}

/// The consumer of a queue whose consumers spawn, in the place of a producer's handle: it pushes where it
/// looks first itself.
template <class Consumer>
struct spawner {
  Consumer& consumer;

  op_status try_push(tree_node&& node) { return consumer.spawn(std::move(node)); }
};

/// The work of one worker: all that follows from the nodes that it pops.
class tree_worker {
 public:
  tree_worker(const tree& grown, std::uint64_t turns) : grown_(grown), turns_(turns) {}

  /// Visits a node that came out of the queue, and those of its descendants that the queue refuses. Children
  /// are offered before this returns, so before the node is done. `visited(count)` is called after every
  /// node.
  template <class Queue, class Handle, class Visited>
  void expand(const tree_node& popped, Handle& handle, Visited visited) {
    --kept_;  // the first of them was not kept
    left_.push_back(popped);
    while (!left_.empty()) {
      const tree_node node = left_.back();
      left_.pop_back();
      work(turns_);
      const std::size_t first = left_.size();
      grown_.expand(node, left_);
      tally_.enter(node, left_.size() == first);
      ++kept_;
      offer<Queue>(handle, left_, first);
      visited(tally_.nodes);
    }
  }

  [[nodiscard]] const tree_tally& tally() const noexcept { return tally_; }
  /// Nodes that were not popped.
  [[nodiscard]] std::uint64_t kept() const noexcept { return kept_; }

 private:
  const tree& grown_;
  const std::uint64_t turns_;
  std::vector<tree_node> left_;
  tree_tally tally_;
  std::uint64_t kept_ = 0;
};

}  // namespace handoff::harness
