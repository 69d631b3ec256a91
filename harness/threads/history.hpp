// Every push and every pop of a run on threads: when it began and when it ended.
//
// A moment is the next number of one counter, taken before an operation is called and again after it has
// returned. The counter's numbers are in one order, and each step both releases and acquires: if an operation
// ended at a smaller moment than another began at, it had returned before the other was called, for the
// memory model too. harness/overtaken.hpp says what the order demands of such a history.
//
// The counter costs as much as a fast queue's item, so such a run enters no figure.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/item.hpp"
#include "harness/overtaken.hpp"
#include "queues/support/hardware.hpp"

namespace handoff::harness::threads {

class history {
 public:
  using moment = std::uint64_t;

  /// `share`: the most that each producer pushes.
  history(unsigned producers, unsigned consumers, std::uint64_t share);

  /// Any thread. Counts from 1.
  [[nodiscard]] moment now() noexcept {
    return next_.fetch_add(1, std::memory_order_acq_rel);  // (1) partner: itself
  }

  /// A producer's next item is inside; `began`: when its push began. Called by one thread per producer.
  void pushed(unsigned producer, moment began) noexcept {
    producers_[producer].pushes.push_back({.began = began, .ended = now()});  // there is room
  }
  /// Called by one thread per consumer; returns how many items it has. Items beyond those pushed are only
  /// counted.
  std::uint64_t popped(unsigned consumer, moment began, item_key key, bool intact) noexcept;

  // Called after the job, or by a thread that knows from the producers that they are done.
  [[nodiscard]] std::uint64_t pushes() const noexcept;
  /// Empty if everything that went in came out, first in, first out.
  [[nodiscard]] std::string verdict() const;

 private:
  struct pop {
    item_key key;
    interval when;
  };
  struct alignas(support::separation) producer_side {
    std::vector<interval> pushes;
  };
  struct alignas(support::separation) consumer_side {
    std::vector<pop> pops;
    std::uint64_t torn = 0;
    std::uint64_t beyond = 0;
  };

  [[nodiscard]] interval push_of(item_key key) const noexcept;

  const std::uint64_t room_;
  std::vector<producer_side> producers_;
  std::vector<consumer_side> consumers_;
  alignas(support::separation) std::atomic<moment> next_{1};
};

}  // namespace handoff::harness::threads
