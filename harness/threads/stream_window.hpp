// The window of a streaming run on threads: where it ends, and what was true at that moment.
//
// A lone consumer counts to its last item and closes the window there. Several do not know which item is the
// last, and to read a clock after each would cost a fast queue more than an item does. So they look now and
// then: once the producers are done, each consumer adds up every `stride` items what all have received.
// Whoever finds at most `tail` missing closes the window: it reads the clock, what the process has spent, and
// everybody's failed attempts, once. The rest is consumed, and verified, outside.
//
// Whoever looks last, among the consumers and the last producer, sees what every other one had received at
// its own look, and so all but the fewer than `stride` items that each took after that: it finds at most
// `tail` missing. So somebody closes, and the coordinator need not.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/resources.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::harness::threads {

/// One consumer's side of the window, on lines of its own.
struct alignas(support::separation) consumer_count {
  std::atomic<std::uint64_t> items{0};  // received; written by the consumer, a number and nothing behind it
  /// How the closer reads the consumer's failed attempts, set before the workers start. Empty where its
  /// handle does not count them.
  std::uint64_t (*failed_attempts)(const void* handle) = nullptr;
  const void* handle = nullptr;

  // Relaxed: who reads the count reads nothing through it.
  void publish(std::uint64_t count) noexcept { items.store(count, std::memory_order_relaxed); }
};

class stream_window {
 public:
  using clock = std::int64_t (*)() noexcept;

  /// `publishes_each`: consumers publish every item; else a lone one does so now and then.
  stream_window(std::uint64_t items, unsigned consumers, bool publishes_each, clock now);

  [[nodiscard]] bool publishes_each() const noexcept { return publishes_each_; }

  /// By the last worker to arrive at the start.
  void open() { meter_.begin(); }

  /// The count at which a consumer looks first.
  [[nodiscard]] std::uint64_t first_look() const noexcept { return next_look(0); }
  /// A consumer's look, at a count that is due: publishes it, and closes the window where it ends. Returns
  /// the count at which to look next.
  std::uint64_t look(unsigned consumer, std::uint64_t count) noexcept {
    if (counts_.size() == 1)
      look_alone(count);
    else
      look_among_others(consumer, count);
    return next_look(count);
  }

  /// By the last producer, when it is done.
  void producers_done() noexcept;
  /// By the coordinator, when everything is received and before it sends markers.
  void conclude();
  /// By a consumer that leaves, before its handle goes: who closes the window reads from it. No wait but in a
  /// queue that hands out markers of its own.
  void await_closed() const noexcept;

  [[nodiscard]] std::vector<consumer_count>& counts() noexcept { return counts_; }
  [[nodiscard]] const std::vector<consumer_count>& counts() const noexcept { return counts_; }

  // What was true when it was closed; once it is.
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
  // Written by who closes.
  std::int64_t end_ns_ = 0;
  std::uint64_t received_ = 0;
  std::optional<std::uint64_t> pop_failed_;
  resource_meter meter_;
  resource_usage spent_;  // by the coordinator
};

}  // namespace handoff::harness::threads
