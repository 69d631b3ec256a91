// Items streaming from P producers to C consumers on persistent threads: the run under throughput, paced, and
// the cost of counting.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <semaphore>
#include <string>
#include <vector>

#include "harness/busy_work.hpp"
#include "harness/clock.hpp"
#include "harness/histogram.hpp"
#include "harness/outcome.hpp"
#include "harness/placement.hpp"
#include "harness/resources.hpp"
#include "harness/roles.hpp"
#include "harness/session.hpp"
#include "harness/start_barrier.hpp"
#include "harness/streaming_sessions.hpp"
#include "harness/team.hpp"
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
    const auto queue = make_queue<Queue>(cell_);
    run_state state(cell_, items, interval_ns);
    const resource_meter resources;
    const std::function<void(unsigned)> job = [&](unsigned worker) {
      const role r = role_of(worker, cell_.producers, cell_.consumers);
      if (r.produces)
        run_producer<Kind>(*queue, state, r.index);
      else
        run_consumer<Kind>(*queue, state, r.index);
    };
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

 private:
  struct alignas(separation) producer_slot {
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
    std::optional<std::uint64_t> failed;
  };
  struct alignas(separation) consumer_slot {
    std::int64_t last_ns = 0;  // 0: no item after the producers were done
    std::optional<std::uint64_t> failed;
    histogram latencies;
  };

  static constexpr std::uint64_t never = ~std::uint64_t{0};

  /// What the workers of one run share.
  struct run_state {
    run_state(const cell& c, std::uint64_t items_, double interval_ns_)
        : items(items_),
          share(items_ / c.producers),
          interval_ns(interval_ns_),
          barrier(c.producers + c.consumers),
          clock_from(c.consumers > 1 ? never : items_),
          running_producers(c.producers),
          producers(c.producers),
          consumers(c.consumers),
          published(c.consumers),
          books(c.consumers, ledger(c.producers, promises_producer_order(Queue::traits.order))) {}

    /// The intended send time of an item: producers take turns on one schedule.
    [[nodiscard]] std::int64_t intended_ns(unsigned producer, std::uint64_t sequence) const noexcept {
      const auto position = static_cast<double>(sequence * producers.size() + producer);
      return schedule_start.load(std::memory_order_relaxed) +
             static_cast<std::int64_t>(position * interval_ns);
    }

    /// The first producer past the barrier sets the start of the schedule for all. The queue carries it to
    /// consumers.
    void begin_schedule() noexcept {
      std::int64_t unset = 0;
      schedule_start.compare_exchange_strong(unset, now_ns(), std::memory_order_relaxed);
    }

    void producer_done() noexcept {
      if (running_producers.fetch_sub(1, std::memory_order_relaxed) != 1)
        return;  // the semaphore orders the rest
      if (consumers.size() > 1) clock_from.store(0, std::memory_order_relaxed);
      producers_done.release();
    }

    void conclude(stream_outcome& result) const {
      std::vector<std::int64_t> starts, ends;
      std::vector<double> producer_shares, consumer_shares;
      for (const producer_slot& p : producers) {
        starts.push_back(p.start_ns);
        ends.push_back(p.end_ns);
        producer_shares.push_back(1 / static_cast<double>(std::max<std::int64_t>(p.end_ns - p.start_ns, 1)));
        add(result.push_failed, p.failed);
      }
      std::int64_t last = 0;
      for (const consumer_slot& c : consumers) {
        last = std::max(last, c.last_ns);
        add(result.pop_failed, c.failed);
        result.latencies.merge(c.latencies);
      }
      // No consumer got an item after the producers were done: then the last push is the last event there
      // was.
      if (last == 0) last = *std::max_element(ends.begin(), ends.end());
      for (const ledger& book : books) consumer_shares.push_back(static_cast<double>(book.count()));
      result.items = items;
      result.seconds = static_cast<double>(last - *std::min_element(starts.begin(), starts.end())) * 1e-9;
      result.wrong = verdict(books, std::vector<std::uint64_t>(producers.size(), share));
      result.fairness_producers = smallest_to_largest(producer_shares);
      result.fairness_consumers = smallest_to_largest(consumer_shares);
    }

    const std::uint64_t items;
    const std::uint64_t share;
    const double interval_ns;
    start_barrier barrier;
    alignas(separation) std::atomic<std::int64_t> schedule_start{0};
    /// A consumer whose count has reached this reads the clock after each item: a single consumer at the last
    /// item, several from the moment on in which the producers are done. Written once, read after every item.
    alignas(separation) std::atomic<std::uint64_t> clock_from;
    alignas(separation) std::atomic<unsigned> running_producers;
    std::binary_semaphore producers_done{0};
    std::vector<producer_slot> producers;
    std::vector<consumer_slot> consumers;
    std::vector<published_count> published;
    std::vector<ledger> books;
  };

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
  void run_producer(Queue& queue, run_state& state, unsigned index) {
    {
      auto&& handle = queue.producer();
      producer_slot& slot = state.producers[index];
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
  void run_consumer(Queue& queue, run_state& state, unsigned index) {
    auto&& handle = queue.consumer();
    consumer_slot& slot = state.consumers[index];
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
          if (count >= state.clock_from.load(std::memory_order_relaxed)) [[unlikely]]
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
