// Is a queue for threads first in, first out, whichever threads push and pop? Two proof runs before a cell's
// samples, which enter no figure, answer that completely for their own items.
//
// A sample cannot: to find out which of two producers' pushes came first costs more than a fast queue's item,
// so it is asked only now and then (harness/timeline.hpp); about two consumers' pops it is not asked at all.
// A proof run keeps the whole history (harness/threads/history.hpp). In the first run, operations overlap as
// in a sample; but nothing can be demanded of two that overlap, and on a busy queue, where producers wait for
// each other inside it, most do. So in the second run each side takes turns: there every exchange of two
// items is seen.
//
// Which cells need it: needs_order_proof (harness/sizing.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "harness/outcome.hpp"
#include "harness/placement.hpp"
#include "harness/session.hpp"
#include "harness/threads/proof_state.hpp"
#include "harness/threads/roles.hpp"
#include "harness/threads/team.hpp"
#include "harness/threads/workers.hpp"
#include "harness/watchdog.hpp"

namespace handoff::harness::threads {

template <class Queue>
class order_proof {
 public:
  order_proof(const cell& c, const session_options& options)
      : cell_(c), options_(options), where_(c.pin), team_(c.producers + c.consumers, where_) {}

  /// Empty, or what is wrong.
  [[gnu::cold]] std::string run() {
    const watchdog hung(options_.step_limit, "the proof of order of " + name_of(cell_));
    for (const manner how : {manner::at_will, manner::in_turns})
      if (const std::string wrong = run(how); !wrong.empty()) return "in the proof of order, " + wrong;
    return {};
  }

 private:
  using codec = item_codec<typename Queue::value_type>;

  [[gnu::cold]] std::string run(manner how) {
    const auto queue = make_queue<Queue>(cell_);
    proof_state state(cell_, how, options_.proof_limit);
    const std::function<void(unsigned)> job = [&](unsigned worker) {
      const role r = role_of(worker, cell_.producers, cell_.consumers);
      if (r.produces)
        run_producer(*queue, state, r.index);
      else
        run_consumer(*queue, state, r.index);
    };
    team_.start(job);
    or_abandon("the coordinator", [&] {
      state.producers_done.acquire();
      await_consumed(*queue, state.received, state.record.pushes(), options_.stall_limit);
      push_markers(*queue, cell_.consumers);
    });
    team_.wait();
    return state.record.verdict();
  }

  [[gnu::cold]] static void run_producer(Queue& queue, proof_state& state, unsigned index) {
    {
      auto&& handle = queue.producer();
      state.barrier.arrive_and_wait([&] { state.begin(); });
      for (std::uint64_t sequence = 0;; ++sequence) {
        state.pushing.await(index);
        if (!state.goes_on(sequence)) break;
        auto item = codec::make(make_key(index, sequence));
        const history::moment began = state.record.now();
        expect_success(handle.push(std::move(item)), "push");
        state.record.pushed(index, began);
        state.pushing.pass(index);
      }
      state.pushing.pass(index);
    }
    state.producer_done();  // after the handle is gone: the coordinator's markers come from its own
  }

  [[gnu::cold]] static void run_consumer(Queue& queue, proof_state& state, unsigned index) {
    auto&& handle = queue.consumer();
    typename Queue::value_type item{};
    state.barrier.arrive_and_wait([&] { state.begin(); });
    // Once time is up, the consumer whose turn it is takes the rest: a turn can cost a thread switch.
    for (bool keeps_turn = false;;) {
      if (!keeps_turn) state.popping.await(index);
      const history::moment began = state.record.now();
      expect_success(handle.pop(item), "pop");
      const item_key key = codec::key(item);
      if (key == marker_key) break;
      state.received[index].publish(state.record.popped(index, began, key, codec::intact(item)));
      keeps_turn = state.out_of_time();
      if (!keeps_turn) state.popping.pass(index);
    }
    state.popping.pass(index);
  }

  const cell cell_;
  const session_options options_;
  const placement where_;
  team team_;
};

/// A cell whose order is disproved: every sample says so.
class disproved_session final : public cell_session {
 public:
  explicit disproved_session(std::string wrong) : wrong_(std::move(wrong)) {}
  sample take() override { return corrupt_sample(wrong_); }

 private:
  const std::string wrong_;
};

}  // namespace handoff::harness::threads
