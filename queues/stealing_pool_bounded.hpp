// A work-stealing pool on bounded deques, of which a thief takes half at once.
//
// When to use   work is spread thinly: a thief that takes half comes back less often
// When not      depth first matters: owners take their oldest item, too, so trees grow breadth first, and
//               what the deques have no room for passes the injector, a list behind a lock
// Ordering      none; a consumer's own items oldest first
// Progress      blocking: `try_push`, and an item that comes from outside or found no room, take a short
//               lock; the rest is lock-free, but for allocations
// Memory        unbounded: 256 words per consumer, a word per item beyond, and a box for each that is not a
//               small trivial type
// close, join   none of its own; the layering adds them
// Reference     Vyukov, Go preemptive scheduler design (2012); tokio's scheduler (Lerche, 2019)
#pragma once

#include <cstddef>

#include "queues/stealing/bounded_deque.hpp"
#include "queues/stealing/pool.hpp"

namespace handoff {

namespace stealing {
template <class T>
using halving = bounded_deque<T>;
}

template <class T>
class stealing_pool_bounded : public stealing::pool<item_type<T>, stealing::halving> {
 public:
  using value_type = item_type<T>;

  static constexpr backend_traits traits = stealing::pool_traits(
      "stealing_pool_bounded", "work-stealing pool, a bounded deque in each consumer, thieves take half",
      "Vyukov, Go preemptive scheduler design (2012); tokio's scheduler (2019)");

  /// `reserve`: a hint. Throws std::length_error if their bytes cannot be counted.
  explicit stealing_pool_bounded(std::size_t reserve)
      : stealing::pool<T, stealing::halving>(traits.name, reserve) {}
};

static_assert(try_queue<stealing_pool_bounded<int>> && knows_size<stealing_pool_bounded<int>> &&
              self_feeding<stealing_pool_bounded<int>> && counts_steals<stealing_pool_bounded<int>>);

}  // namespace handoff
