// A work-stealing pool on Chase and Lev's deques: every consumer owns one.
//
// When to use   consumers make new items of what they pop (`spawn`): trees, divide and conquer
// When not      items only come from outside: every one passes the injector, a list behind a lock
// Ordering      none; a consumer's own items newest first
// Progress      blocking: `try_push` and the first pop of an item from outside take a short lock; the rest is
//               lock-free, but for allocations
// Memory        unbounded: a word per item, and a box for each that is not a small trivial type
// close, join   none of its own; the layering adds them
// Reference     Chase and Lev, Dynamic circular work-stealing deque (2005)
//
// There is no pool on `block_deque` or `private_deque`. Their thieves need the owner's help: it hands items
// out at its next push or pop. The owner of a handle promises no next one. It may work on an item for long,
// or wait for something else, and would keep what the other consumers wait for.
#pragma once

#include <cstddef>

#include "queues/stealing/chase_lev_deque.hpp"
#include "queues/stealing/pool.hpp"

namespace handoff {

namespace stealing {
template <class T>
using growable = chase_lev_deque<T>;
}

template <class T>
class stealing_pool : public stealing::pool<item_type<T>, stealing::growable> {
 public:
  using value_type = item_type<T>;

  static constexpr backend_traits traits =
      stealing::pool_traits("stealing_pool", "work-stealing pool, a Chase-Lev deque in each consumer",
                            "Chase and Lev, Dynamic circular work-stealing deque (2005)");

  /// `reserve`: a hint. Throws std::length_error if their bytes cannot be counted.
  explicit stealing_pool(std::size_t reserve) : stealing::pool<T, stealing::growable>(traits.name, reserve) {}
};

static_assert(try_queue<stealing_pool<int>> && knows_size<stealing_pool<int>> &&
              self_feeding<stealing_pool<int>> && counts_steals<stealing_pool<int>>);

}  // namespace handoff
