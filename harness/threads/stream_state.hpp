// State shared by the workers of one streaming run on threads, for any queue.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <semaphore>
#include <vector>

#include "harness/cell.hpp"
#include "harness/histogram.hpp"
#include "harness/outcome.hpp"
#include "harness/threads/receipts.hpp"
#include "harness/threads/start_barrier.hpp"
#include "harness/threads/stream_window.hpp"
#include "harness/timeline.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::harness::threads {

struct stream_state {
  struct alignas(support::separation) producer_slot {
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
    std::optional<std::uint64_t> failed;
  };
  struct alignas(support::separation) consumer_slot {
    histogram latencies;
  };

  /// `promised`: the queue's order. `pages`: the session's. `publishes_each`: see stream_window.
  stream_state(const cell& c, ordering promised, receipt_pages& pages, std::uint64_t items_,
               double interval_ns_, bool publishes_each, stream_window::clock now);

  /// The intended send time of an item: producers take turns on one schedule.
  [[nodiscard]] std::int64_t intended_ns(unsigned producer, std::uint64_t sequence) const noexcept {
    const auto position = static_cast<double>(sequence * producers.size() + producer);
    // relaxed: a producer has set or seen it in begin_schedule, and the queue carries it to consumers
    return schedule_start.load(std::memory_order_relaxed) + static_cast<std::int64_t>(position * interval_ns);
  }

  /// The first producer past the barrier sets the start of the schedule for all.
  void begin_schedule(std::int64_t now_ns) noexcept {
    std::int64_t unset = 0;
    // relaxed: only a number; all agree on the one that was first
    schedule_start.compare_exchange_strong(unset, now_ns, std::memory_order_relaxed);
  }

  void producer_done() noexcept {
    // (1) release: partner itself, acquire: the last one passes on, through the semaphore, what all have done
    if (running_producers.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    window.producers_done();
    producers_done.release();
  }

  /// After the run: fills in its figures and its verdict.
  void conclude(stream_outcome& result);

  const std::uint64_t items;
  const std::uint64_t share;
  const double interval_ns;
  start_barrier barrier;
  alignas(support::separation) std::atomic<std::int64_t> schedule_start{0};
  alignas(support::separation) std::atomic<unsigned> running_producers;
  std::binary_semaphore producers_done{0};
  stream_window window;
  timeline line;
  std::vector<producer_slot> producers;
  std::vector<consumer_slot> consumers;
  receipt_book received;
};

}  // namespace handoff::harness::threads
