#include "harness/threads/order_proof.hpp"

#include <cstdint>
#include <functional>

#include "harness/abandon.hpp"
#include "harness/placement.hpp"
#include "harness/threads/proof_state.hpp"
#include "harness/threads/roles.hpp"
#include "harness/threads/team.hpp"
#include "harness/threads/workers.hpp"
#include "harness/watchdog.hpp"

namespace handoff::harness::threads {

namespace {

void run_producer(any_queue& queue, proof_state& state, unsigned index) {
  {
    const auto handle = queue.producer();
    state.barrier.arrive_and_wait([&] { state.begin(); });
    for (std::uint64_t sequence = 0;; ++sequence) {
      state.pushing.await(index);
      if (!state.goes_on(sequence)) break;
      handle->prepare(make_key(index, sequence));
      const history::moment began = state.record.now();
      expect_success(handle->push_prepared(), "push");
      state.record.pushed(index, began);
      state.pushing.pass(index);
    }
    state.pushing.pass(index);
  }
  state.producer_done();  // after the handle is gone: the coordinator's markers come from its own
}

void run_consumer(any_queue& queue, proof_state& state, unsigned index) {
  const auto handle = queue.consumer();
  state.barrier.arrive_and_wait([&] { state.begin(); });
  // Once time is up, the consumer whose turn it is takes the rest: a turn can cost a thread switch.
  for (bool keeps_turn = false;;) {
    if (!keeps_turn) state.popping.await(index);
    const history::moment began = state.record.now();
    const popped out = handle->pop();
    expect_success(out.status, "pop");
    if (out.key == marker_key) break;
    state.received[index].publish(state.record.popped(index, began, out.key, out.intact));
    keeps_turn = state.out_of_time();
    if (!keeps_turn) state.popping.pass(index);
  }
  state.popping.pass(index);
}

class order_proof {
 public:
  order_proof(const cell& c, const session_options& options, queue_maker make)
      : cell_(c), options_(options), make_(make), where_(c.pin), team_(c.producers + c.consumers, where_) {}

  std::string run(manner how) {
    const auto queue = make_(cell_);
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
      await_consumed(
          *queue, team_, [&] { return sum_of(state.received); }, state.record.pushes(), options_.stall_limit);
      push_markers(*queue, cell_.consumers);
    });
    team_.wait();
    return state.record.verdict();
  }

 private:
  const cell& cell_;
  const session_options& options_;
  const queue_maker make_;
  const placement where_;
  team team_;
};

}  // namespace

std::string prove_order(const cell& c, const session_options& options, queue_maker make) {
  order_proof proof(c, options, make);
  const watchdog hung(options.step_limit, "the proof of order of " + name_of(c));
  for (const manner how : {manner::at_will, manner::in_turns})
    if (const std::string wrong = proof.run(how); !wrong.empty()) return "in the proof of order, " + wrong;
  return {};
}

}  // namespace handoff::harness::threads
