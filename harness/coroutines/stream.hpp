// Items streaming from P producers to C consumers on one loop: the run under throughput, paced, and the cost
// of counting.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/busy_work.hpp"
#include "harness/clock.hpp"
#include "harness/coroutines/workers.hpp"
#include "harness/outcome.hpp"
#include "harness/placement.hpp"
#include "harness/resources.hpp"
#include "harness/session.hpp"
#include "harness/streaming_sessions.hpp"

namespace handoff::harness::coroutines {

template <class Queue>
class stream {
 public:
  /// Binds the calling thread, which is the loop's, where the cell pins, until this is gone.
  stream(const cell& c, const session_options&)
      : here_(placement(c.pin), 0),
        cell_(c),
        turns_producer_(turns_for(c.work_producer_ns)),
        turns_consumer_(turns_for(c.work_consumer_ns)) {}

  /// Streams `items`, a multiple of the number of producers, through a fresh queue. `interval_ns`: between
  /// intended send times of a paced stream.
  template <stream_kind Kind>
  stream_outcome run(std::uint64_t items, double interval_ns = 0) {
    typename Queue::runtime_type loop;
    Queue queue(loop, capacity_of(cell_));
    loop.spawn(touch(queue, cell_));
    run_state state(cell_, items, interval_ns);
    state.loop_said = run_to_end(loop);

    const resource_meter resources;
    for (unsigned i = 0; i < cell_.consumers; ++i)
      loop.spawn(
          consume<Queue>(loop, queue, state.books[i], meter<Kind>{state, loop, queue, turns_consumer_}));
    for (unsigned i = 0; i < cell_.producers; ++i)
      loop.spawn(produce<Queue>(loop, queue, i, 0, items / cell_.producers,
                                pace<Kind>{state, loop, queue, i, turns_producer_}));
    if (state.loop_said.empty()) state.loop_said = run_to_end(loop);
    stream_outcome result;
    result.resources = resources.since();
    state.conclude(result);
    return result;
  }

 private:
  /// What the workers of one run share: one thread, plain data.
  struct run_state {
    run_state(const cell& c, std::uint64_t items_, double interval_ns_)
        : producers(c.producers),
          consumers(c.consumers),
          items(items_),
          interval_ns(interval_ns_),
          running_producers(c.producers),
          push_ns(c.producers, 1),
          books(c.consumers, ledger(c.producers, promises_producer_order(Queue::traits.order))) {}

    [[nodiscard]] std::int64_t intended_ns(unsigned producer, std::uint64_t sequence) const noexcept {
      const auto position = static_cast<double>(sequence * producers + producer);
      return start_ns + static_cast<std::int64_t>(position * interval_ns);
    }

    /// The last producer has ended: from here on arrivals are counted down. True when none is missing.
    bool count_down() noexcept {
      missing = items;
      for (const ledger& book : books) missing -= book.count();
      return missing == 0;
    }

    void conclude(stream_outcome& result) {
      std::vector<double> producer_shares, consumer_shares;
      for (const std::int64_t ns : push_ns)
        producer_shares.push_back(1 / static_cast<double>(std::max<std::int64_t>(ns, 1)));
      for (const ledger& book : books) consumer_shares.push_back(static_cast<double>(book.count()));
      // No item after the producers were done: then the last push is the last event there was.
      const std::int64_t end_ns = last_ns != 0 ? last_ns : producers_end_ns;
      result.items = items;
      result.seconds = static_cast<double>(end_ns - start_ns) * 1e-9;
      result.wrong = verdict_or(loop_said, books, std::vector<std::uint64_t>(producers, items / producers));
      result.fairness_producers = smallest_to_largest(producer_shares);
      result.fairness_consumers = smallest_to_largest(consumer_shares);
      result.latencies.merge(latencies);
    }

    const unsigned producers;
    const unsigned consumers;
    const std::uint64_t items;
    const double interval_ns;
    unsigned running_producers;
    std::uint64_t missing = 0;  // once the producers have ended
    std::int64_t start_ns = 0;  // the first producer's first step
    std::int64_t producers_end_ns = 0;
    std::int64_t last_ns = 0;           // the last item after the producers were done
    std::vector<std::int64_t> push_ns;  // per producer: from its start to its end
    std::vector<ledger> books;
    histogram latencies;
    std::string loop_said;
  };

  template <stream_kind Kind>
  struct pace {
    run_state& state;
    typename Queue::runtime_type& loop;
    Queue& queue;
    unsigned index;
    std::uint64_t turns;

    void begin() {
      const std::int64_t now = now_ns();
      if (state.start_ns == 0) state.start_ns = now;
      state.push_ns[index] = now;
    }
    [[nodiscard]] bool too_early(std::uint64_t sequence) const {
      if constexpr (Kind == stream_kind::paced) return now_ns() < state.intended_ns(index, sequence);
      return false;
    }
    void before_push() const noexcept { work(turns); }
    void end() {
      state.producers_end_ns = now_ns();
      state.push_ns[index] = state.producers_end_ns - state.push_ns[index];
      if (--state.running_producers == 0 && state.count_down())
        loop.spawn(push_markers(queue, state.consumers));
    }
  };

  template <stream_kind Kind>
  struct meter {
    run_state& state;
    typename Queue::runtime_type& loop;
    Queue& queue;
    std::uint64_t turns;

    static constexpr bool must_wait() noexcept { return false; }

    template <class Handle>
    void after_pop(Handle& handle, item_key key) {
      if constexpr (Kind == stream_kind::paced) {
        state.last_ns = now_ns();
        state.latencies.record(state.last_ns - state.intended_ns(producer_of(key), sequence_of(key)));
        work(turns);
      } else {
        work(turns);
        if constexpr (Kind == stream_kind::counting) handle.task_done();
      }
      if (state.running_producers == 0) [[unlikely]]
        after_the_producers();
    }

    template <class Handle>
    static void left(Handle&, op_status status) {
      expect_success(status, "async_pop");
    }

    void after_the_producers() {
      if constexpr (Kind != stream_kind::paced) state.last_ns = now_ns();
      if (--state.missing == 0) loop.spawn(push_markers(queue, state.consumers));
    }
  };

  const temporary_place here_;
  const cell cell_;
  const std::uint64_t turns_producer_;
  const std::uint64_t turns_consumer_;
};

}  // namespace handoff::harness::coroutines
