// tree in coroutines: see harness/scenarios/tree.hpp.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "harness/cell.hpp"
#include "harness/clock.hpp"
#include "harness/coroutines/parallel.hpp"
#include "harness/coroutines/workers.hpp"
#include "harness/resources.hpp"
#include "harness/scenarios/tree.hpp"
#include "harness/session.hpp"
#include "harness/trees/expansion.hpp"
#include "harness/trees/published_tally.hpp"

namespace handoff::harness::coroutines {

template <class Queue>
class tree_rounds final : public tree_driver {
 public:
  /// If the cell pins, binds the calling thread for the lifetime of this object.
  tree_rounds(const cell& c, const session_options&) : here_(c.pin, c.consumers), cell_(c) {}

  tree_outcome run(const tree_job& job) override {
    auto loop = here_.runtime<runtime>();
    Queue queue(loop, capacity_of(cell_));
    state s(job, cell_.consumers);
    loop.spawn(touch(queue, cell_));
    s.outcome.wrong = run_to_end(loop);
    for (unsigned i = 0; i < cell_.consumers; ++i)
      loop.spawn(work(queue, s.workers.emplace_back(job.grown, job.turns), s.tallies[i]));
    loop.spawn(join(loop, queue, s));
    std::string loop_said = s.outcome.wrong.empty() ? run_to_end(loop) : std::string();
    for (const tree_worker& each : s.workers) s.outcome.kept += each.kept();
    if (s.outcome.wrong.empty()) s.outcome.wrong = judge(s, loop_said);
    return std::move(s.outcome);
  }

  [[nodiscard]] unsigned cores() const override { return here_.threads<runtime>(); }

 private:
  using runtime = typename Queue::runtime_type;

  struct state {
    state(const tree_job& job_, unsigned consumers) : job(job_), tallies(consumers) {}

    const tree_job& job;
    std::deque<tree_worker> workers;
    std::vector<published_tally> tallies;  // of these; on one thread, nobody needs them
    tree_tally before;                     // the round that is under way
    bool joined = false;                   // no round is
    tree_outcome outcome;

    [[nodiscard]] tree_tally visited() const noexcept {
      tree_tally sum;
      if constexpr (is_parallel<runtime>()) {
        for (const published_tally& each : tallies) each.add_to(sum);
        return sum;
      }
      for (const tree_worker& each : workers) {
        sum.nodes += each.tally().nodes;
        sum.leaves += each.tally().leaves;
        sum.depth = std::max(sum.depth, each.tally().depth);
        sum.content += each.tally().content;
      }
      return sum;
    }
  };

  static task_of<Queue> work(Queue& queue, tree_worker& worker, published_tally& published) {
    auto&& producer = queue.producer();
    auto&& consumer = queue.consumer();
    tree_node node;
    for (;;) {
      const op_status status = co_await consumer.async_pop(node);
      expect_success(status, "async_pop");
      if (node.place == marker_key) [[unlikely]]
        break;
      worker.template expand<Queue>(node, producer, [](std::uint64_t) {});
      if constexpr (is_parallel<runtime>()) published.publish(worker);
      consumer.task_done();
    }
    consumer.task_done();  // the marker
  }

  task_of<Queue> join(runtime& loop, Queue& queue, state& s) const {
    auto&& producer = queue.producer();
    tree_outcome& outcome = s.outcome;
    co_await loop.yield();  // until every worker waits for its first node
    resource_meter resources;
    const std::int64_t until_ns = now_ns() + s.job.length.count();
    std::int64_t joined_ns = 0;
    do {
      tree_node root = s.job.grown.root();
      s.joined = false;
      const std::int64_t start_ns = now_ns();
      const op_status status = co_await producer.async_push(std::move(root));
      expect_success(status, "async_push");
      co_await queue.async_join();
      joined_ns = now_ns();
      s.joined = true;
      outcome.round_ns.push_back(static_cast<double>(joined_ns - start_ns));
      const tree_tally all = s.visited();
      outcome.wrong = difference(all.since(s.before), s.job.expected);
      s.before = all;
    } while (outcome.wrong.empty() && joined_ns < until_ns);
    if (!outcome.wrong.empty()) outcome.wrong = "when join returned, " + outcome.wrong;
    resources.end();
    outcome.resources = resources.since();
    loop.spawn(push_markers(queue, cell_.consumers));
  }

  /// The loop has nothing left to run.
  static std::string judge(const state& s, const std::string& loop_said) {
    const std::uint64_t nodes = s.visited().since(s.before).nodes;
    if (!s.joined && nodes < s.job.expected.nodes)
      return fmt::format("{} of {} nodes never came out, and {}", s.job.expected.nodes - nodes,
                         s.job.expected.nodes, loop_said);
    if (s.joined && nodes != 0) return fmt::format("{} nodes came out after the last join", nodes);
    return loop_said;
  }

  const workplace here_;
  const cell cell_;
};

}  // namespace handoff::harness::coroutines
