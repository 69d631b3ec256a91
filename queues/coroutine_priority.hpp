// asyncio.PriorityQueue in C++20 coroutines on one thread.
//
// When to use   work with deadlines or ranks
// When not      equal items must come out in their order of arrival; a push or pop of O(log n) is too slow
// Ordering      the least item first, by `<`; equal ones in the order of CPython's heapq
// Progress      single-threaded; everything belongs to the runtime's thread
// Memory        a binary heap in an array that grows up to the capacity; a waiter lives in its coroutine's
//               frame
// close, join   as coroutine.hpp
// Reference     CPython's asyncio.PriorityQueue and heapq
#pragma once

#include <cstddef>

#include "queues/async/backend.hpp"
#include "queues/async/queue.hpp"
#include "queues/async/runtime.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/contract/traits.hpp"

namespace handoff {

template <class T>
class coroutine_priority : public async::backend_of<async::priority_queue<T>> {
 public:
  static constexpr backend_traits traits = traits_on_a_loop(
      "coroutine_priority", "asyncio.PriorityQueue in C++20 coroutines on one thread; least item first",
      "CPython's asyncio.PriorityQueue", ordering::priority, throwing_move::forbidden);

  /// Throws as the contract says of capacities.
  coroutine_priority(async::runtime& runtime, std::size_t capacity)
      : async::backend_of<async::priority_queue<T>>(runtime, traits.name, capacity) {}
};

static_assert(async_queue<coroutine_priority<int>> && async_joinable<coroutine_priority<int>>);
static_assert(try_queue<coroutine_priority<int>>);
static_assert(closable<coroutine_priority<int>>);
static_assert(knows_capacity<coroutine_priority<int>>);
static_assert(knows_size<coroutine_priority<int>>);

}  // namespace handoff
