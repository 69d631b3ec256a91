#include "harness/threads/tree_base.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "harness/abandon.hpp"
#include "harness/clock.hpp"
#include "harness/resources.hpp"
#include "harness/stall_watch.hpp"

namespace handoff::harness::threads {

tree_base::tree_base(const cell& c, const session_options& options, queue_maker make)
    : cell_(c), options_(options), make_(make), where_(c.pin), team_(c.consumers + 1, where_) {}

unsigned tree_base::cores() const { return std::min(cell_.consumers, usable_cores()); }

tree_tally tree_state::visited() const noexcept {
  tree_tally sum;
  for (const published_tally& each : tallies) each.add_to(sum);
  return sum;
}

tree_outcome tree_base::run(const tree_job& job) {
  const auto queue = make_(cell_);
  tree_state state(job, cell_.consumers);
  const std::function<void(unsigned)> role = [&](unsigned worker) {
    if (worker == cell_.consumers) return join_rounds(*queue, state);
    work(*queue, state, worker);
  };
  team_.start(role);
  or_abandon("the coordinator", [&] { watch(*queue, state); });
  team_.wait();
  tree_outcome& outcome = state.outcome;
  for (const published_tally& each : state.tallies) outcome.kept += each.kept();
  if (const std::uint64_t more = state.visited().since(state.before).nodes;
      more != 0 && outcome.wrong.empty())
    outcome.wrong = fmt::format("{} nodes came out after the last join", more);
  return std::move(outcome);
}

namespace {

std::optional<steal_counts> since(const std::optional<steal_counts>& before,
                                  std::optional<steal_counts> now) {
  if (!now) return now;
  now->steals -= before->steals;
  now->empty -= before->empty;
  now->lost -= before->lost;
  now->search_ns -= before->search_ns;
  return now;
}

}  // namespace

/// In the last thread of the team: pushes the root and waits until everything is done, again and again.
void tree_base::join_rounds(any_queue& queue, tree_state& state) {
  const auto roots = source(queue);
  const tree_node root = state.job.grown.root();
  tree_outcome& outcome = state.outcome;
  resource_meter resources;
  state.barrier.arrive_and_wait();
  const auto steals_before = steals(queue);
  resources.begin();
  const std::int64_t until_ns = now_ns() + state.job.length.count();
  std::int64_t joined_ns = 0;
  do {
    const std::int64_t start_ns = now_ns();
    roots->push(root);
    queue.join();
    joined_ns = now_ns();
    outcome.round_ns.push_back(static_cast<double>(joined_ns - start_ns));
    outcome.wrong = round_is_over(state);
  } while (outcome.wrong.empty() && joined_ns < until_ns);
  resources.end();
  outcome.resources = resources.since();
  outcome.steals = since(steals_before, steals(queue));
  push_markers(queue, cell_.consumers);
  state.over.release();
}

/// What was wrong with the round.
std::string tree_base::round_is_over(tree_state& state) {
  const tree_tally all = state.visited();
  const std::string wrong = difference(all.since(state.before), state.job.expected);
  state.before = all;
  state.rounds.store(state.outcome.round_ns.size(), std::memory_order_relaxed);  // see its declaration
  return wrong.empty() ? wrong : "when join returned, " + wrong;
}

void tree_base::watch(any_queue& queue, tree_state& state) const {
  stall_watch still(options_.stall_limit);
  while (!state.over.try_acquire_for(still.between_looks())) {
    const std::uint64_t nodes = state.progress();
    if (!still.stands_still(nodes, [this] { return team_.all_sleep(); })) continue;
    const std::uint64_t rounds = state.rounds.load(std::memory_order_relaxed);  // see its declaration
    const std::uint64_t visited = nodes - rounds * state.job.expected.nodes;
    if (visited < state.job.expected.nodes) give_up_stalled(queue, visited, state.job.expected.nodes);
    abandon(sample_status::timeout, "join did not return although the whole tree was visited");
  }
}

}  // namespace handoff::harness::threads
