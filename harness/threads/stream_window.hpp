// The window of a streaming run on threads: where it ends, and what was true at that moment.
//
// A lone consumer counts to its last item and closes the window there. Several consumers do not know which
// item is the last, and reading a clock after each would cost a fast queue more than an item does. So they
// look now and then: once the producers are done, each consumer adds up, every `stride` items, what all have
// received. The thread that finds at most `tail` missing closes the window: it reads, once, the clock, what
// the process has spent, and all failed attempts. The rest is consumed, and verified, outside.
//
// The thread that looks last, among the consumers and the last producer, sees what every other one had
// received at its own look. Each has taken fewer than `stride` items since, so it finds at most `tail`
// missing. So one of them closes the window, and the coordinator need not.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/resources.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::harness::threads {

/// One consumer's side of the window, on cache lines of its own.
struct alignas(support::separation) consumer_count {
  std::atomic<std::uint64_t> items{0};  // received; written by the consumer; nothing is read through it
  /// How the closing thread reads the consumer's failed attempts, set before the workers start. Null if its
  /// handle does not count them.
  std::uint64_t (*failed_attempts)(const void* handle) = nullptr;
  const void* handle = nullptr;

  // Relaxed: nothing is read through the count.
  void publish(std::uint64_t count) noexcept { items.store(count, std::memory_order_relaxed); }
};

class stream_window {
 public:
  using clock = std::int64_t (*)() noexcept;

  /// `publishes_each`: consumers publish every item; otherwise a lone one does so now and then.
  stream_window(std::uint64_t items, unsigned consumers, bool publishes_each, clock now);

  [[nodiscard]] bool publishes_each() const noexcept { return publishes_each_; }

  /// Called by the last worker to arrive at the start.
  void open() { meter_.begin(); }

  /// The count at which a consumer looks first.
  [[nodiscard]] std::uint64_t first_look() const noexcept { return next_look(0); }
  /// A consumer's look, at a count that is due: publishes it, and closes the window if it ends there. Returns
  /// the count at which to look next.
  std::uint64_t look(unsigned consumer, std::uint64_t count) noexcept {
    if (counts_.size() == 1)
      look_alone(count);
    else
      look_among_others(consumer, count);
    return next_look(count);
  }

  /// Called by the last producer, when it is done.
  void producers_done() noexcept;
  /// Called by the coordinator, when everything is received and before it sends markers.
  void conclude();
  /// Called by a consumer that leaves, before its handle is destroyed: the thread that closes the window
  /// reads from it. Waits only if a queue hands out markers of its own.
  void await_closed() const noexcept;

  [[nodiscard]] std::vector<consumer_count>& counts() noexcept { return counts_; }
  [[nodiscard]] const std::vector<consumer_count>& counts() const noexcept { return counts_; }

  // What was true when the window closed; valid once it has.
  [[nodiscard]] std::int64_t end_ns() const noexcept { return end_ns_; }
  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
  [[nodiscard]] std::optional<std::uint64_t> pop_failed() const noexcept { return pop_failed_; }
  [[nodiscard]] const resource_usage& spent() const noexcept { return spent_; }

 private:
  enum class state : unsigned char { open, closing, closed };
  static constexpr std::uint64_t never = ~std::uint64_t{0};

  [[nodiscard]] std::uint64_t next_look(std::uint64_t count) const noexcept {
    return count < each_from_ ? std::min((count | (stride_ - 1)) + 1, each_from_) : count + 1;
  }
  void look_alone(std::uint64_t count) noexcept;
  void look_among_others(unsigned consumer, std::uint64_t count) noexcept;
  [[nodiscard]] std::uint64_t sum() const noexcept;
  void close(std::uint64_t received) noexcept;

  const std::uint64_t items_;
  const bool publishes_each_;
  const std::uint64_t stride_;     // a power of two
  const std::uint64_t tail_;       // what may be missing
  const std::uint64_t each_from_;  // from this count on a lone consumer looks at every item
  const clock now_;
  std::vector<consumer_count> counts_;
  alignas(support::separation) std::atomic<bool> producers_done_{false};
  alignas(support::separation) std::atomic<state> state_{state::open};
  // Written by the thread that closes.
  std::int64_t end_ns_ = 0;
  std::uint64_t received_ = 0;
  std::optional<std::uint64_t> pop_failed_;
  resource_meter meter_;
  resource_usage spent_;  // written by the coordinator
};

}  // namespace handoff::harness::threads
