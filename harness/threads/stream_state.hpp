// What the workers of one streaming run share on threads, whatever the queue is.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <semaphore>
#include <vector>

#include "harness/cell.hpp"
#include "harness/clock.hpp"
#include "harness/hardware.hpp"
#include "harness/histogram.hpp"
#include "harness/ledger.hpp"
#include "harness/outcome.hpp"
#include "harness/start_barrier.hpp"
#include "harness/threads/workers.hpp"

namespace handoff::harness::threads {

struct stream_state {
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

  /// `ordered`: the queue promises each producer's order.
  stream_state(const cell& c, bool ordered, std::uint64_t items_, double interval_ns_);

  /// The intended send time of an item: producers take turns on one schedule.
  [[nodiscard]] std::int64_t intended_ns(unsigned producer, std::uint64_t sequence) const noexcept {
    const auto position = static_cast<double>(sequence * producers.size() + producer);
    // relaxed: a producer has set or seen it in begin_schedule, and the queue carries it to consumers
    return schedule_start.load(std::memory_order_relaxed) + static_cast<std::int64_t>(position * interval_ns);
  }

  /// The first producer past the barrier sets the start of the schedule for all.
  void begin_schedule() noexcept {
    std::int64_t unset = 0;
    // relaxed: a number, nothing behind it; all agree on the one that was first
    schedule_start.compare_exchange_strong(unset, now_ns(), std::memory_order_relaxed);
  }

  void producer_done() noexcept {
    // (1) release: partner itself, acquire: whoever is last passes on, through the semaphore, what all have
    // done
    if (running_producers.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    // relaxed: consumers that read it late look at the clock late; nothing lies behind it
    if (consumers.size() > 1) clock_from.store(0, std::memory_order_relaxed);
    producers_done.release();
  }

  /// After the run: its figures and its verdict.
  void conclude(stream_outcome& result) const;

  static constexpr std::uint64_t never = ~std::uint64_t{0};

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

}  // namespace handoff::harness::threads
