// Streams items from P producers to C consumers on persistent threads: the run behind throughput, paced and
// the cost of counting.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

#include "harness/busy_work.hpp"
#include "harness/clock.hpp"
#include "harness/scenarios/streams.hpp"
#include "harness/session.hpp"
#include "harness/threads/erased_queue.hpp"
#include "harness/threads/roles.hpp"
#include "harness/threads/stream_base.hpp"
#include "harness/threads/stream_state.hpp"
#include "harness/threads/workers.hpp"

namespace handoff::harness::threads {

/// `Clock::now_ns()` is read when the window begins and ends and when a producer does; in a paced stream, at
/// every item.
template <class Queue, class Clock = steady>
class stream final : public stream_base {
 public:
  stream(const cell& c, const session_options& options)
      : stream_base(c, options, &make_queue<Queue>, &Clock::now_ns) {}

 private:
  void work(any_queue& inside, stream_kind kind, stream_state& state, unsigned worker) override {
    Queue& queue = erased_queue<Queue>::inside(inside);
    const role r = role_of(worker, cell_.producers, cell_.consumers);
    const bool paced = kind == stream_kind::paced;
    if (r.produces)
      return paced ? run_producer<true>(queue, state, r.index) : run_producer<false>(queue, state, r.index);
    if (paced) return run_consumer<stream_kind::paced>(queue, state, r.index);
    if constexpr (joinable<Queue>)
      if (kind == stream_kind::counting) return run_consumer<stream_kind::counting>(queue, state, r.index);
    run_consumer<stream_kind::plain>(queue, state, r.index);
  }

  /// A paced stream waits for the clock at every item, so a separate loop for "no work" is not worth its
  /// compilation.
  template <bool Paced, class Loop>
  static void with_work_of(std::uint64_t turns, Loop loop) {
    if constexpr (Paced)
      loop([turns] { harness::work(turns); });
    else
      with_work(turns, loop);
  }

  template <bool Paced>
  void run_producer(Queue& queue, stream_state& state, unsigned index) {
    {
      auto&& handle = queue.producer();
      stream_state::producer_slot& slot = state.producers[index];
      state.barrier.arrive_and_wait([&] { state.window.open(); });
      slot.start_ns = Clock::now_ns();
      if constexpr (Paced) state.begin_schedule(slot.start_ns);
      with_work_of<Paced>(turns_producer_, [&](auto item_work) {
        const auto before_push = [&](std::uint64_t sequence) {
          if constexpr (Paced)
            while (Clock::now_ns() < state.intended_ns(index, sequence)) support::cpu_relax();
          item_work();
        };
        produce<Queue>(handle, index, 0, state.share, before_push, state.line.writer_of(index));
      });
      slot.end_ns = Clock::now_ns();
      if constexpr (counts_failures<std::remove_reference_t<decltype(handle)>>)
        slot.failed = handle.failed_attempts();
    }
    state.producer_done();  // after the handle is gone: the coordinator's markers come from its own
  }

  template <stream_kind Kind>
  void run_consumer(Queue& queue, stream_state& state, unsigned index) {
    auto&& handle = queue.consumer();
    using handle_type = std::remove_reference_t<decltype(handle)>;
    consumer_count& received = state.window.counts()[index];
    if constexpr (counts_failures<handle_type>) {
      received.handle = &handle;
      received.failed_attempts = [](const void* of) -> std::uint64_t {
        return static_cast<const handle_type*>(of)->failed_attempts();
      };
    }
    histogram& latencies = state.consumers[index].latencies;
    const bool publishes_each = state.window.publishes_each();
    std::uint64_t next_look = state.window.first_look();
    state.barrier.arrive_and_wait([&] { state.window.open(); });
    with_work_of<Kind == stream_kind::paced>(turns_consumer_, [&](auto item_work) {
      const auto after_pop = [&](item_key key, std::uint64_t count) {
        if constexpr (Kind == stream_kind::paced)
          latencies.record(Clock::now_ns() - state.intended_ns(producer_of(key), sequence_of(key)));
        item_work();
        if constexpr (Kind == stream_kind::counting) handle.task_done();
        if (count >= next_look) [[unlikely]]
          next_look = state.window.look(index, count);
        else if (publishes_each)
          received.publish(count);
      };
      expect_success(
          consume<Queue>([&](auto& item) { return handle.pop(item); }, state.received.of(index), after_pop),
          "pop");
    });
    state.window.await_closed();
  }
};

}  // namespace handoff::harness::threads
