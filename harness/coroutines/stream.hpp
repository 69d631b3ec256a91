// Streams items from P producers to C consumers on one loop: the run behind throughput, paced and the cost of
// counting.
#pragma once

#include <cstdint>
#include <stdexcept>

#include "harness/busy_work.hpp"
#include "harness/clock.hpp"
#include "harness/coroutines/stream_state.hpp"
#include "harness/coroutines/workers.hpp"
#include "harness/outcome.hpp"
#include "harness/placement.hpp"
#include "harness/resources.hpp"
#include "harness/scenarios/streams.hpp"
#include "harness/session.hpp"

namespace handoff::harness::coroutines {

/// `Clock::now_ns()` is read when the window begins and ends and when a producer does; in a paced stream, at
/// every item.
template <class Queue, class Clock = steady>
class stream final : public any_stream {
 public:
  /// If the cell pins, binds the calling thread, which is the loop's, for the lifetime of this object.
  stream(const cell& c, const session_options&)
      : here_(placement(c.pin), 0),
        cell_(c),
        log_(c.producers, c.consumers, Queue::traits.order),
        turns_producer_(turns_for(c.work_producer_ns)),
        turns_consumer_(turns_for(c.work_consumer_ns)) {}

  /// As `run_as`.
  template <stream_kind Kind>
  stream_outcome run(std::uint64_t items, double interval_ns = 0) {
    return run_with(items, interval_ns, &stream::spawn_workers<Kind>);
  }

  stream_outcome run_as(stream_kind kind, std::uint64_t items, double interval_ns) override {
    switch (kind) {
      case stream_kind::plain: return run<stream_kind::plain>(items, interval_ns);
      case stream_kind::paced: return run<stream_kind::paced>(items, interval_ns);
      case stream_kind::counting:
        if constexpr (async_joinable<Queue>) return run<stream_kind::counting>(items, interval_ns);
    }
    throw std::logic_error("a stream over this queue cannot count what is done");
  }

 private:
  using loop_type = typename Queue::runtime_type;
  using worker_spawner = void (stream::*)(loop_type&, Queue&, stream_state&);

  stream_outcome run_with(std::uint64_t items, double interval_ns, worker_spawner spawn) {
    loop_type loop;
    Queue queue(loop, capacity_of(cell_));
    loop.spawn(touch(queue, cell_));
    stream_state state(cell_, log_, items, interval_ns);
    state.loop_said = run_to_end(loop);
    (this->*spawn)(loop, queue, state);
    if (state.loop_said.empty()) state.loop_said = run_to_end(loop);
    stream_outcome result;
    state.conclude(result);
    return result;
  }

  template <stream_kind Kind>
  void spawn_workers(loop_type& loop, Queue& queue, stream_state& state) {
    for (unsigned i = 0; i < cell_.consumers; ++i)
      loop.spawn(consume<Queue>(loop, queue, log_, i, meter<Kind>{state, loop, queue, turns_consumer_}));
    for (unsigned i = 0; i < cell_.producers; ++i)
      loop.spawn(produce<Queue>(loop, queue, log_, i, 0, state.items / cell_.producers,
                                pace<Kind>{state, loop, queue, i, turns_producer_}));
  }

  template <stream_kind Kind>
  struct pace {
    stream_state& state;
    loop_type& loop;
    Queue& queue;
    unsigned index;
    std::uint64_t turns;

    void arrive() const noexcept { ++state.arrived; }
    [[nodiscard]] bool all_here() const noexcept {
      return state.arrived == state.producers + state.consumers;
    }
    void begin() {
      if (state.start_ns == 0) state.open(&Clock::now_ns);
      state.push_ns[index] = Clock::now_ns();
    }
    [[nodiscard]] bool too_early(std::uint64_t sequence) const {
      if constexpr (Kind == stream_kind::paced) return Clock::now_ns() < state.intended_ns(index, sequence);
      return false;
    }
    void before_push() const noexcept { work(turns); }
    void end() {
      const std::int64_t now_ns = Clock::now_ns();
      state.push_ns[index] = now_ns - state.push_ns[index];
      if (--state.running_producers > 0 || !state.count_down()) return;
      state.close(now_ns);
      loop.spawn(push_markers(queue, state.consumers));
    }
  };

  template <stream_kind Kind>
  struct meter {
    stream_state& state;
    loop_type& loop;
    Queue& queue;
    std::uint64_t turns;

    void arrive() const noexcept { ++state.arrived; }
    static constexpr bool must_wait() noexcept { return false; }

    template <class Handle>
    void after_pop(Handle& handle, item_key key) {
      if constexpr (Kind == stream_kind::paced) {
        state.latencies.record(Clock::now_ns() - state.intended_ns(producer_of(key), sequence_of(key)));
        work(turns);
      } else {
        work(turns);
        if constexpr (Kind == stream_kind::counting) handle.task_done();
      }
      if (state.running_producers == 0 && --state.missing == 0) [[unlikely]] {
        state.close(Clock::now_ns());
        loop.spawn(push_markers(queue, state.consumers));
      }
    }

    template <class Handle>
    static void left(Handle&, op_status status) {
      expect_success(status, "async_pop");
    }
  };

  const temporary_place here_;
  const cell cell_;
  run_log log_;
  const std::uint64_t turns_producer_;
  const std::uint64_t turns_consumer_;
};

}  // namespace handoff::harness::coroutines
