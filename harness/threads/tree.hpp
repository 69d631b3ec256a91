// tree on threads: see harness/scenarios/tree.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>

#include "harness/cell.hpp"
#include "harness/session.hpp"
#include "harness/threads/erased_queue.hpp"
#include "harness/threads/tree_base.hpp"
#include "harness/trees/expansion.hpp"

namespace handoff::harness::threads {

template <class Queue>
class tree_rounds final : public tree_base {
 public:
  tree_rounds(const cell& c, const session_options& options) : tree_base(c, options, &make_queue<Queue>) {}

 private:
  class own_source final : public node_source {
   public:
    explicit own_source(Queue& queue) : handle_(queue.producer()) {}
    void push(const tree_node& node) override { expect_success(handle_.push(tree_node(node)), "push"); }

   private:
    producer_handle<Queue> handle_;
  };

  std::unique_ptr<node_source> source(any_queue& inside) override {
    return std::make_unique<own_source>(erased_queue<Queue>::inside(inside));
  }

  std::optional<steal_counts> steals(any_queue& inside) override {
    if constexpr (counts_steals<Queue>)
      return erased_queue<Queue>::inside(inside).steals();
    else
      return std::nullopt;
  }

  void work(any_queue& inside, tree_state& state, unsigned index) override {
    Queue& queue = erased_queue<Queue>::inside(inside);
    auto&& consumer = queue.consumer();
    if constexpr (self_feeding<Queue>) {
      spawner<std::remove_reference_t<decltype(consumer)>> own{consumer};
      expand_all(consumer, own, state, index);
    } else {
      auto&& producer = queue.producer();
      expand_all(consumer, producer, state, index);
    }
  }

  /// Until the marker comes: pops a node, pushes its children, and then marks it as done.
  template <class Consumer, class Producer>
  static void expand_all(Consumer& consumer, Producer& producer, tree_state& state, unsigned index) {
    published_tally& published = state.tallies[index];
    tree_worker worker(state.job.grown, state.job.turns);
    tree_node node;
    state.barrier.arrive_and_wait();
    for (;;) {
      expect_success(consumer.pop(node), "pop");
      if (node.place == marker_key) [[unlikely]]
        break;
      worker.expand<Queue>(node, producer, [&](std::uint64_t nodes) { published.show_progress(nodes); });
      published.publish(worker);
      consumer.task_done();
    }
    consumer.task_done();  // the marker
  }
};

}  // namespace handoff::harness::threads
