// Streams items from P producers to C consumers that are coroutines: the run behind throughput, paced and the
// cost of counting.
//
// On one thread, the window ends when the last item has been processed: the producers' end tells how many are
// missing, and these are counted. On several, such a count would be a cache line that all tasks share at
// every item. There the queue is first in, first out, so end markers may follow the last producer's last item
// at once: the window ends when the last consumer has received its own, and all items have been processed
// then.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "harness/busy_work.hpp"
#include "harness/clock.hpp"
#include "harness/coroutines/parallel.hpp"
#include "harness/coroutines/shared_logs.hpp"
#include "harness/coroutines/stream_state.hpp"
#include "harness/coroutines/workers.hpp"
#include "harness/outcome.hpp"
#include "harness/scenarios/streams.hpp"
#include "harness/session.hpp"

namespace handoff::harness::coroutines {

/// `Clock::now_ns()` is read when the window begins and ends and when a producer does; in a paced stream, at
/// every item.
template <class Queue, class Clock = steady, class Log = log_of<Queue>>
class stream final : public any_stream {
 public:
  /// If the cell pins, binds the calling thread for the lifetime of this object.
  stream(const cell& c, const session_options&)
      : here_(c.pin, c.producers + c.consumers),
        cell_(c),
        log_(c.producers, c.consumers, Queue::traits.order),
        turns_producer_(turns_for(c.work_producer_ns)),
        turns_consumer_(turns_for(c.work_consumer_ns)) {}

  /// As `run_as`.
  template <stream_kind Kind>
  stream_outcome run(std::uint64_t items, double interval_ns = 0) {
    return run_with(Kind, items, interval_ns, &stream::spawn_workers<Kind>);
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
  static constexpr bool parallel = is_parallel<loop_type>();
  static_assert(!parallel || Queue::traits.order == ordering::fifo, "a marker would overtake an item");

  stream_outcome run_with(stream_kind kind, std::uint64_t items, double interval_ns, worker_spawner spawn) {
    auto loop = here_.runtime<loop_type>();
    Queue queue(loop, capacity_of(cell_));
    loop.spawn(touch(queue, cell_));
    stream_state state(cell_, kind, items, interval_ns);
    log_.begin(items);
    state.loop_said = run_to_end(loop);
    (this->*spawn)(loop, queue, state);
    if (state.loop_said.empty()) state.loop_said = run_to_end(loop);
    stream_outcome result;
    state.conclude(result, log_.counts());
    log_.settle();
    result.wrong = verdict_or(state.loop_said, log_,
                              std::vector<std::uint64_t>(cell_.producers, items / cell_.producers));
    return result;
  }

  template <stream_kind Kind>
  void spawn_workers(loop_type& loop, Queue& queue, stream_state& state) {
    for (unsigned i = 0; i < cell_.consumers; ++i)
      loop.spawn(
          consume<Queue>(loop, queue, log_, i, meter<Kind>{state, *this, loop, queue, i, turns_consumer_}));
    for (unsigned i = 0; i < cell_.producers; ++i)
      loop.spawn(produce<Queue>(loop, queue, log_, i, 0, state.items / cell_.producers,
                                pace<Kind>{state, *this, loop, queue, i, turns_producer_}));
  }

  /// The last producer has ended. On one thread, whether nothing is missing any more.
  bool count_down(stream_state& state) const noexcept {
    if constexpr (!parallel) state.missing = state.items - log_.pops();
    return parallel || state.missing == 0;
  }

  template <stream_kind Kind>
  struct pace {
    stream_state& state;
    const stream& of;
    loop_type& loop;
    Queue& queue;
    unsigned index;
    std::uint64_t turns;

    void arrive() const { arrive_at(state); }
    [[nodiscard]] bool all_here() const noexcept { return state.opened.get() != 0; }
    void begin() const { state.push_ns[index] = Clock::now_ns(); }
    [[nodiscard]] bool too_early(std::uint64_t sequence) const {
      if constexpr (Kind == stream_kind::paced) return Clock::now_ns() < state.intended_ns(index, sequence);
      return false;
    }
    void before_push() const noexcept { work(turns); }
    void end() const {
      const std::int64_t now_ns = Clock::now_ns();
      state.push_ns[index] = now_ns - state.push_ns[index];
      if (state.running_producers.down() > 0 || !of.count_down(state)) return;
      if constexpr (!parallel) state.close(now_ns);
      loop.spawn(push_markers(queue, state.consumers));
    }
  };

  static void arrive_at(stream_state& state) {
    if (state.arrived.up() < state.producers + state.consumers) return;
    state.open(&Clock::now_ns);
    state.opened.set(1);
  }

  template <stream_kind Kind>
  struct meter {
    stream_state& state;
    const stream& of;
    loop_type& loop;
    Queue& queue;
    unsigned index;
    std::uint64_t turns;

    void arrive() const { arrive_at(state); }
    static constexpr bool must_wait() noexcept { return false; }

    template <class Handle>
    void after_pop(Handle& handle, item_key key) {
      if constexpr (Kind == stream_kind::paced) {
        const std::int64_t intended_ns = state.intended_ns(producer_of(key), sequence_of(key));
        state.latencies[index].record(Clock::now_ns() - intended_ns);
        work(turns);
      } else {
        work(turns);
        if constexpr (Kind == stream_kind::counting) handle.task_done();
      }
      if constexpr (!parallel)
        if (state.running_producers.get() == 0 && --state.missing == 0) [[unlikely]] {
          state.close(Clock::now_ns());
          loop.spawn(push_markers(queue, state.consumers));
        }
    }

    template <class Handle>
    void left(Handle&, op_status status) const {
      expect_success(status, "async_pop");
      if constexpr (parallel)
        if (state.staying.down() == 0) state.close(Clock::now_ns());
    }
  };

  const workplace here_;
  const cell cell_;
  Log log_;
  const std::uint64_t turns_producer_;
  const std::uint64_t turns_consumer_;
};

}  // namespace handoff::harness::coroutines
