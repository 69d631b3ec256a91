// Items streaming from P producers to C consumers on persistent threads: the run under throughput, paced, and
// the cost of counting.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <type_traits>

#include "harness/busy_work.hpp"
#include "harness/clock.hpp"
#include "harness/outcome.hpp"
#include "harness/placement.hpp"
#include "harness/resources.hpp"
#include "harness/roles.hpp"
#include "harness/session.hpp"
#include "harness/streaming_sessions.hpp"
#include "harness/team.hpp"
#include "harness/threads/stream_state.hpp"
#include "harness/threads/workers.hpp"

namespace handoff::harness::threads {

template <class Queue>
class stream {
 public:
  stream(const cell& c, const session_options& options)
      : cell_(c),
        options_(options),
        where_(c.pin),
        team_(c.producers + c.consumers, where_),
        turns_producer_(turns_for(c.work_producer_ns)),
        turns_consumer_(turns_for(c.work_consumer_ns)),
        unpublished_(c.consumers == 1 && turns_producer_ == 0 && turns_consumer_ == 0 ? 1023 : 0) {}

  /// Streams `items`, a multiple of the number of producers, through a fresh queue. `interval_ns`: between
  /// intended send times of a paced stream.
  template <stream_kind Kind>
  stream_outcome run(std::uint64_t items, double interval_ns = 0) {
    return run_with(items, interval_ns, &stream::work_as<Kind>);
  }

 private:
  using worker_loop = void (stream::*)(Queue&, stream_state&, unsigned worker);

  stream_outcome run_with(std::uint64_t items, double interval_ns, worker_loop loop) {
    const auto queue = make_queue<Queue>(cell_);
    stream_state state(cell_, promises_producer_order(Queue::traits.order), items, interval_ns);
    const resource_meter resources;
    const std::function<void(unsigned)> job = [&](unsigned worker) { (this->*loop)(*queue, state, worker); };
    team_.start(job);
    stream_outcome result;
    or_abandon("the coordinator", [&] {
      state.producers_done.acquire();
      await_consumed(*queue, state.published, items, options_.stall_limit);
      result.resources = resources.since();
      push_markers(*queue, cell_.consumers);
    });
    team_.wait();
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

  /// A paced stream waits for the clock at every item: there a loop of its own for "no work" is not worth its
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
      state.barrier.arrive_and_wait();
      if constexpr (Kind == stream_kind::paced) state.begin_schedule();
      slot.start_ns = now_ns();
      with_work_of<Kind>(turns_producer_, [&](auto item_work) {
        produce<Queue>(handle, index, 0, state.share, [&](std::uint64_t sequence) {
          if constexpr (Kind == stream_kind::paced)
            while (now_ns() < state.intended_ns(index, sequence)) relax();
          item_work();
        });
      });
      slot.end_ns = now_ns();
      if constexpr (counts_failures<std::remove_reference_t<decltype(handle)>>)
        slot.failed = handle.failed_attempts();
    }
    state.producer_done();  // after the handle: the coordinator's markers come from a handle of its own
  }

  template <stream_kind Kind>
  void run_consumer(Queue& queue, stream_state& state, unsigned index) {
    auto&& handle = queue.consumer();
    stream_state::consumer_slot& slot = state.consumers[index];
    const std::uint64_t unpublished = Kind == stream_kind::paced ? 0 : unpublished_;
    const std::uint64_t each_from = state.items - std::min(state.items, unpublished);
    std::int64_t last_ns = 0;
    std::uint64_t next_look = std::min(unpublished, each_from);  // at whether the count is one that matters
    state.barrier.arrive_and_wait();
    with_work_of<Kind>(turns_consumer_, [&](auto item_work) {
      const auto after_pop = [&](item_key key, std::uint64_t count) {
        if constexpr (Kind == stream_kind::paced) {
          last_ns = now_ns();
          slot.latencies.record(last_ns - state.intended_ns(producer_of(key), sequence_of(key)));
          item_work();
        } else {
          item_work();
          if constexpr (Kind == stream_kind::counting) handle.task_done();
          if (count < next_look) return;
          if (count >= state.clock_from.load(std::memory_order_relaxed)) [[unlikely]]  // see producer_done
            last_ns = now_ns();
        }
        if ((count & unpublished) == 0 || count >= each_from) state.published[index].publish(count);
        if (count < each_from) next_look = std::min((count | unpublished) + 1, each_from);
      };
      expect_success(
          consume<Queue>([&](auto& item) { return handle.pop(item); }, state.books[index], after_pop), "pop");
    });
    slot.last_ns = last_ns;
    if constexpr (counts_failures<std::remove_reference_t<decltype(handle)>>)
      slot.failed = handle.failed_attempts();
  }

  const cell cell_;
  const session_options options_;
  const placement where_;
  team team_;
  const std::uint64_t turns_producer_;
  const std::uint64_t turns_consumer_;
  /// How many items a consumer may count before it publishes: a store an item is a thirtieth of a fast
  /// queue's time. Several consumers do not know which item is their last, and with work items come slowly;
  /// else the last ones alone are published one by one, so that what says "lost" counts exactly up to this
  /// many.
  const std::uint64_t unpublished_;
};

}  // namespace handoff::harness::threads
