// What trees over all queues for threads have in common: a run, but for the loops of its workers.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <vector>

#include "harness/cell.hpp"
#include "harness/placement.hpp"
#include "harness/scenarios/tree.hpp"
#include "harness/session.hpp"
#include "harness/threads/any_queue.hpp"
#include "harness/threads/start_barrier.hpp"
#include "harness/threads/team.hpp"
#include "harness/trees/published_tally.hpp"
#include "queues/contract/concepts.hpp"

namespace handoff::harness::threads {

/// A run: all rounds through one queue.
struct tree_state {
  tree_state(const tree_job& job_, unsigned workers) : job(job_), tallies(workers), barrier(workers + 1) {}

  /// All that was visited and published.
  [[nodiscard]] tree_tally visited() const noexcept;

  [[nodiscard]] std::uint64_t progress() const noexcept {
    std::uint64_t nodes = 0;
    for (const published_tally& each : tallies) nodes += each.progress();
    return nodes;
  }

  const tree_job job;
  std::vector<published_tally> tallies;
  start_barrier barrier;
  std::atomic<std::uint64_t> rounds{0};  // that have ended; relaxed: only the watch reads it meanwhile
  std::binary_semaphore over{0};
  tree_tally before;  // the round that is under way; the joining thread's, as what follows
  tree_outcome outcome;
};

/// A producer of the thread that joins.
class node_source {
 public:
  node_source() = default;
  node_source(const node_source&) = delete;
  node_source& operator=(const node_source&) = delete;
  virtual ~node_source() = default;

  virtual void push(const tree_node& node) = 0;
};

class tree_base : public tree_driver {
 public:
  tree_outcome run(const tree_job& job) final;
  [[nodiscard]] unsigned cores() const final;

 protected:
  tree_base(const cell& c, const session_options& options, queue_maker make);

  /// The job of one worker, until an end marker arrives. `queue` is one that `make` has made.
  virtual void work(any_queue& queue, tree_state& state, unsigned worker) = 0;

  virtual std::unique_ptr<node_source> source(any_queue& queue) = 0;

  /// So far; nothing if the queue's consumers do not steal.
  virtual std::optional<steal_counts> steals(any_queue& queue) = 0;

 private:
  void join_rounds(any_queue& queue, tree_state& state);
  static std::string round_is_over(tree_state& state);
  void watch(any_queue& queue, tree_state& state) const;

  const cell cell_;
  const session_options options_;
  const queue_maker make_;
  const placement where_;
  team team_;
};

}  // namespace handoff::harness::threads
