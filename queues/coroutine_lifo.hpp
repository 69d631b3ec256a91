// asyncio.LifoQueue in C++20 coroutines on one thread.
//
// When to use   what was pushed last should come out first: it is freshest in the caches, or most likely
//               still wanted
// When not      every item must come out in bounded time: old items may wait forever
// Ordering      LIFO
// Progress      single-threaded; everything belongs to the runtime's thread
// Memory        an array that grows up to the capacity; a waiter lives in its coroutine's frame
// close, join   as coroutine.hpp
// Reference     CPython's asyncio.LifoQueue
#pragma once

#include <cstddef>

#include "queues/async/backend.hpp"
#include "queues/async/queue.hpp"
#include "queues/async/runtime.hpp"
#include "queues/contract/concepts.hpp"
#include "queues/contract/traits.hpp"

namespace handoff {

template <class T>
class coroutine_lifo : public async::backend_of<async::lifo_queue<T>> {
 public:
  static constexpr backend_traits traits =
      traits_on_a_loop("coroutine_lifo", "asyncio.LifoQueue in C++20 coroutines on one thread; newest first",
                       "CPython's asyncio.LifoQueue", ordering::lifo, throwing_move::strong);

  /// Throws as the contract says of capacities.
  coroutine_lifo(async::runtime& runtime, std::size_t capacity)
      : async::backend_of<async::lifo_queue<T>>(runtime, traits.name, capacity) {}
};

static_assert(async_queue<coroutine_lifo<int>> && async_joinable<coroutine_lifo<int>>);
static_assert(try_queue<coroutine_lifo<int>>);
static_assert(closable<coroutine_lifo<int>>);
static_assert(knows_capacity<coroutine_lifo<int>>);
static_assert(knows_size<coroutine_lifo<int>>);

}  // namespace handoff
