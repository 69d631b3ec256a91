// What the worker of a tree has done, as the one who joins reads it on another thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "harness/trees/expansion.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::harness {

/// What a worker has done so far, for the thread that joins. One writer.
class alignas(support::separation) published_tally {
 public:
  /// Before task_done.
  void publish(const tree_worker& done) noexcept {
    const tree_tally& all = done.tally();
    // relaxed: ordered by (1)
    leaves_.store(all.leaves, std::memory_order_relaxed);
    depth_.store(all.depth, std::memory_order_relaxed);
    content_.store(all.content, std::memory_order_relaxed);
    kept_.store(done.kept(), std::memory_order_relaxed);
    nodes_.store(all.nodes, std::memory_order_release);  // (1) partner: (2)
  }
  void add_to(tree_tally& sum) const noexcept {
    sum.nodes += nodes_.load(std::memory_order_acquire);  // (2) partner: (1)
    // relaxed: ordered by (2)
    sum.leaves += leaves_.load(std::memory_order_relaxed);
    sum.depth = std::max(sum.depth, depth_.load(std::memory_order_relaxed));
    sum.content += content_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t kept() const noexcept {
    return kept_.load(std::memory_order_relaxed);  // ordered by the end of the job
  }

  /// After every node, for the watch over a run that stands still.
  void show_progress(std::uint64_t nodes) noexcept {
    progress_.store(nodes, std::memory_order_relaxed);  // a number and nothing behind it
  }
  [[nodiscard]] std::uint64_t progress() const noexcept {
    return progress_.load(std::memory_order_relaxed);  // as above
  }

 private:
  std::atomic<std::uint64_t> nodes_{0}, leaves_{0}, depth_{0}, content_{0}, kept_{0}, progress_{0};
};

}  // namespace handoff::harness
