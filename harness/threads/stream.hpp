// Streams items from P producers to C consumers on persistent threads: the run behind throughput, paced and
// the cost of counting.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <type_traits>

#include "harness/busy_work.hpp"
#include "harness/clock.hpp"
#include "harness/outcome.hpp"
#include "harness/placement.hpp"
#include "harness/resources.hpp"
#include "harness/scenarios/streams.hpp"
#include "harness/session.hpp"
#include "harness/threads/roles.hpp"
#include "harness/threads/stream_state.hpp"
#include "harness/threads/team.hpp"
#include "harness/threads/workers.hpp"

namespace handoff::harness::threads {

/// `Clock::now_ns()` is read when the window begins and ends and when a producer does; in a paced stream, at
/// every item.
template <class Queue, class Clock = steady>
class stream final : public any_stream {
 public:
  stream(const cell& c, const session_options& options)
      : cell_(c),
        options_(options),
        where_(c.pin),
        team_(c.producers + c.consumers, where_),
        turns_producer_(turns_for(c.work_producer_ns)),
        turns_consumer_(turns_for(c.work_consumer_ns)),
        publishes_each_(c.consumers > 1 || turns_producer_ != 0 || turns_consumer_ != 0) {}

  /// As `run_as`.
  template <stream_kind Kind>
  stream_outcome run(std::uint64_t items, double interval_ns = 0) {
    // A paced consumer reads the clock at every item, so one more store is negligible.
    return run_with(items, interval_ns, &stream::work_as<Kind>,
                    publishes_each_ || Kind == stream_kind::paced);
  }

  stream_outcome run_as(stream_kind kind, std::uint64_t items, double interval_ns) override {
    switch (kind) {
      case stream_kind::plain: return run<stream_kind::plain>(items, interval_ns);
      case stream_kind::paced: return run<stream_kind::paced>(items, interval_ns);
      case stream_kind::counting:
        if constexpr (joinable<Queue>) return run<stream_kind::counting>(items, interval_ns);
    }
    throw std::logic_error("a stream over this queue cannot count what is done");
  }

 private:
  using worker_loop = void (stream::*)(Queue&, stream_state&, unsigned worker);

  stream_outcome run_with(std::uint64_t items, double interval_ns, worker_loop loop, bool publishes_each) {
    const auto queue = make_queue<Queue>(cell_);
    stream_state state(cell_, Queue::traits.order, pages_, items, interval_ns, publishes_each,
                       &Clock::now_ns);
    const std::function<void(unsigned)> job = [&](unsigned worker) { (this->*loop)(*queue, state, worker); };
    team_.start(job);
    or_abandon("the coordinator", [&] {
      state.producers_done.acquire();
      await_consumed(*queue, state.window.counts(), items, options_.stall_limit);
      state.window.conclude();
      push_markers(*queue, cell_.consumers);
    });
    team_.wait();
    stream_outcome result;
    state.conclude(result);
    return result;
  }

  template <stream_kind Kind>
  void work_as(Queue& queue, stream_state& state, unsigned worker) {
    const role r = role_of(worker, cell_.producers, cell_.consumers);
    if (r.produces)
      run_producer<Kind>(queue, state, r.index);
    else
      run_consumer<Kind>(queue, state, r.index);
  }

  /// A paced stream waits for the clock at every item, so a separate loop for "no work" is not worth its
  /// compilation.
  template <stream_kind Kind, class Loop>
  static void with_work_of(std::uint64_t turns, Loop loop) {
    if constexpr (Kind == stream_kind::paced)
      loop([turns] { work(turns); });
    else
      with_work(turns, loop);
  }

  template <stream_kind Kind>
  void run_producer(Queue& queue, stream_state& state, unsigned index) {
    {
      auto&& handle = queue.producer();
      stream_state::producer_slot& slot = state.producers[index];
      state.barrier.arrive_and_wait([&] { state.window.open(); });
      slot.start_ns = Clock::now_ns();
      if constexpr (Kind == stream_kind::paced) state.begin_schedule(slot.start_ns);
      with_work_of<Kind>(turns_producer_, [&](auto item_work) {
        const auto before_push = [&](std::uint64_t sequence) {
          if constexpr (Kind == stream_kind::paced)
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
    with_work_of<Kind>(turns_consumer_, [&](auto item_work) {
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

  const cell cell_;
  const session_options options_;
  const placement where_;
  team team_;
  receipt_pages pages_;
  const std::uint64_t turns_producer_;
  const std::uint64_t turns_consumer_;
  /// Consumers publish their counts at every item. A lone consumer of a fast queue does so now and then: one
  /// store per item is a thirtieth of its time.
  const bool publishes_each_;
};

}  // namespace handoff::harness::threads
